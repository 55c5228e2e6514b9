"""The command, as people and scripts call it."""

import json
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.ui.conftest import COMMAND, OPERATORS, Installation, counting, failing
from ui.cli.main import COMMANDS, cli
from ui.cli.run import read_params
from ui.errors import WrongUse


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str) -> None:
    shown = CliRunner().invoke(cli, [command, "--help"])
    assert shown.exit_code == 0
    assert "Usage:" in shown.output


def test_an_unknown_command_is_wrong_use() -> None:
    shown = CliRunner().invoke(cli, ["opreators"])
    assert shown.exit_code == 2
    assert "No such command 'opreators'" in shown.output


def test_the_version_is_printed(installation: Installation) -> None:
    assert installation.opyard("--version").stdout.startswith("opyard 0.")


def test_listing_operators_is_quick_and_imports_nothing_heavy(installation: Installation) -> None:
    code = (
        "import sys; sys.argv = ['opyard', 'operators', 'list']\n"
        "from ui.cli.main import cli\n"
        "cli(standalone_mode=False)\n"
        "heavy = {'sklearn', 'numpy', 'polars', 'pyarrow', 'streamlit', 'sqlalchemy', 'fastapi', 'jsonschema'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)\n"
        "assert not [name for name in sys.modules if name.startswith('opyard_operator_')]\n"
    )
    done = subprocess.run([COMMAND[0], "-c", code], env=installation.environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "tests.slow" in done.stdout


def test_operators_are_listed_with_filters(installation: Installation) -> None:
    listed = installation.json("operators", "list", "slowly")
    assert [card["id"] for card in listed["operators"]] == ["tests.slow"]
    assert listed["broken"] == []
    given = installation.json("operators", "list", "--gives", "model")
    assert all(any(port["type"] in ("model", "any") for port in card["outputs"]) for card in given["operators"])
    assert given["operators"]


def test_operators_are_listed_in_chinese(installation: Installation) -> None:
    shown = installation.opyard("--language", "zh", "operators", "list", "缓慢").stdout
    assert "缓慢计数" in shown


def test_an_operator_is_shown(installation: Installation) -> None:
    shown = installation.opyard("operators", "show", "tests.slow@1.0.0").stdout
    for text in ("Count slowly", "tests.slow@1.0.0", "table", "Rows", "integer 1…1000"):
        assert text in shown
    assert installation.json("operators", "show", "tests.slow")["versions"] == ["1.0.0"]


def test_an_unknown_operator_fails_with_one_message(installation: Installation) -> None:
    done = installation.opyard("operators", "show", "tests.slwo", check=1)
    assert "tests.slow" in done.stderr
    assert "Traceback" not in done.stderr
    assert installation.json("operators", "show", "tests.slwo", check=1)["error"]["kind"] == "OperatorUnknown"


def test_a_package_is_checked(installation: Installation, tmp_path: Path) -> None:
    report = installation.json("operators", "check", OPERATORS / "slow", check=1)
    failed = {check["name"] for check in report["packages"][0]["checks"] if not check["passed"]}
    assert "documentation" in failed
    good = installation.opyard("operators", "check", "opyard.table.select_columns").stdout
    assert "all passed" in good
    nothing = installation.opyard("operators", "check", tmp_path, check=2)
    assert "operator.json" in nothing.stderr


def test_a_pipeline_runs_and_its_results_are_shown(installation: Installation, pipeline_file: Path) -> None:
    ended = installation.json("run", pipeline_file)
    assert (ended["state"], [step["state"] for step in ended["steps"]]) == ("done", ["done"])
    id = ended["id"]
    assert id in [run["id"] for run in installation.json("runs", "list")["runs"]]
    assert "5 × 2" in installation.opyard("runs", "show", id).stdout
    assert "counted 4" in installation.opyard("runs", "logs", id, "count").stdout
    lines = installation.opyard("runs", "logs", id, "--json").stdout.splitlines()
    assert {json.loads(line)["node"] for line in lines} == {"count"}


def test_progress_is_printed_as_lines_where_there_is_no_terminal(
    installation: Installation, pipeline_file: Path
) -> None:
    done = installation.opyard("run", pipeline_file)
    assert "done  count" in done.stderr
    assert "counting is done" in done.stdout
    assert "\x1b[" not in done.stderr


def test_parameters_of_a_pipeline_are_given(installation: Installation, tmp_path: Path) -> None:
    document = counting(rows={"$param": "rows"})
    document["parameters"] = {"type": "object", "properties": {"rows": {"type": "integer", "default": 2}}}
    path = tmp_path / "counting.json"
    path.write_text(json.dumps(document))
    id = installation.json("run", path, "--param", "rows=7")["id"]
    assert installation.json("artifacts", "show", id, "count", "table")["summary"]["rows"] == 7
    refused = installation.opyard("run", path, "--param", "rows=many", check=2)
    assert "rows" in refused.stderr
    assert "NAME=VALUE" in installation.opyard("run", path, "--param", "rows", check=2).stderr


def test_params_are_json_unless_they_are_texts() -> None:
    schema = {"properties": {"name": {"type": "string"}}}
    given = ("name=12", "count=12", "ratio=0.5", "list=[1]", "word=abc", "empty=", "sum=a=b")
    assert read_params(given, schema) == {
        "name": "12", "count": 12, "ratio": 0.5, "list": [1], "word": "abc", "empty": "", "sum": "a=b",
    }  # fmt: skip
    with pytest.raises(WrongUse, match="NAME=VALUE"):
        read_params(("name",), schema)


def test_an_artifact_is_shown_copied_and_written_as_a_page(
    installation: Installation, pipeline_file: Path, tmp_path: Path
) -> None:
    id = installation.json("run", pipeline_file)["id"]
    shown = installation.opyard("artifacts", "show", id, "count", "table").stdout
    assert "number" in shown
    assert "word 2" in shown
    installation.opyard("artifacts", "show", id, "count", "report", "--output", tmp_path / "report.md")
    assert "# All counted" in (tmp_path / "report.md").read_text()
    for port in ("table", "report", "metrics"):
        installation.opyard("artifacts", "show", id, "count", port, "--html", tmp_path / f"{port}.html")
    page = (tmp_path / "table.html").read_text()
    assert "<svg" in page
    assert "&lt;b&gt;word" in page
    assert "<b>word" not in page
    missing = installation.opyard("artifacts", "show", id, "count", "nothing", check=1)
    assert "table" in missing.stderr


def test_a_failed_run_says_why_and_can_be_resumed(installation: Installation, tmp_path: Path) -> None:
    path, unless = tmp_path / "failing.json", tmp_path / "there"
    path.write_text(json.dumps(failing(unless)))
    done = installation.opyard("run", path, check=1)
    assert "ValueError: the file <is> missing" in done.stderr
    assert "in look" in done.stderr
    assert "scheduler" not in done.stderr
    id = installation.json("runs", "list", "--state", "failed", "--limit", "1")["runs"][0]["id"]
    unless.touch()
    assert "done" in installation.opyard("runs", "resume", id).stdout
    assert installation.opyard("runs", "resume", id, check=1).stderr.count("\n") == 1


def test_to_runs_a_part_only(installation: Installation, tmp_path: Path) -> None:
    path = tmp_path / "failing.json"
    path.write_text(json.dumps(failing(tmp_path / "never")))
    ended = installation.json("run", path, "--to", "count")
    assert [step["node"] for step in ended["steps"]] == ["count"]
    assert "nowhere" in installation.opyard("run", path, "--to", "nowhere", check=1).stderr


def test_ctrl_c_cancels_the_run(installation: Installation, tmp_path: Path) -> None:
    path = tmp_path / "slow.json"
    path.write_text(json.dumps(counting(rows=600, pause=0.1)))
    process = subprocess.Popen(
        [*COMMAND, "run", str(path), "--json"], env=installation.environment, stdout=subprocess.PIPE, text=True,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    deadline = time.monotonic() + 30
    while not installation.json("runs", "list", "--state", "running")["runs"]:
        assert time.monotonic() < deadline
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=30)
    assert process.returncode == 1
    assert json.loads(out)["state"] == "cancelled"


def test_a_run_is_cancelled_from_elsewhere(installation: Installation, tmp_path: Path) -> None:
    path = tmp_path / "slow.json"
    path.write_text(json.dumps(counting(rows=600, pause=0.1)))
    process = subprocess.Popen(
        [*COMMAND, "run", str(path)],
        env=installation.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 30
    while not (found := installation.json("runs", "list", "--state", "running")["runs"]):
        assert time.monotonic() < deadline
    installation.opyard("runs", "cancel", found[0]["id"])
    out, _ = process.communicate(timeout=30)
    assert process.returncode == 1
    assert "cancelled" in out


def test_a_good_pipeline_validates_and_is_shown(installation: Installation, pipeline_file: Path) -> None:
    assert "no problems" in installation.opyard("pipeline", "validate", pipeline_file).stdout
    view = installation.json("pipeline", "validate", pipeline_file)
    assert view["valid"]
    assert "tests.slow@1.0.0" in installation.opyard("pipeline", "show", pipeline_file).stdout
    assert installation.json("pipeline", "show", pipeline_file)["name"] == "counting"


def test_every_problem_of_a_pipeline_is_said_at_once(installation: Installation, tmp_path: Path) -> None:
    document = failing(tmp_path / "x")
    document["nodes"][0]["params"]["rows"] = 0
    document["nodes"].append({"id": "odd", "operator": "tests.slwo", "version": "1.0.0"})
    path = tmp_path / "bad.json"
    path.write_text(json.dumps(document))
    view = installation.json("pipeline", "validate", path, check=2)
    assert {"count", "odd"} <= {problem["node"] for problem in view["problems"]}
    shown = installation.opyard("pipeline", "validate", path, check=2).stderr
    assert "tests.slow" in shown
    refused = installation.opyard("run", path, check=2)
    assert "Error odd" in refused.stderr
    assert installation.json("run", path, check=2)["error"]["problems"]


@pytest.mark.parametrize("content", ["", "[]", "{", '{"schema_version": 99, "name": "x"}', '{"schema_version": 1}'])
def test_what_is_no_pipeline_is_wrong_use(installation: Installation, tmp_path: Path, content: str) -> None:
    path = tmp_path / "none.json"
    path.write_text(content)
    done = installation.opyard("run", path, check=2)
    assert str(path) in done.stderr
    assert "Traceback" not in done.stderr


def test_a_file_that_is_not_there_is_wrong_use(installation: Installation) -> None:
    assert "cannot be read" in installation.opyard("run", "/nowhere/x.json", check=2).stderr


def test_an_unknown_run_fails_with_one_message(installation: Installation) -> None:
    for command in (("show",), ("cancel",), ("resume",), ("logs",)):
        done = installation.opyard("runs", *command, "nope", check=1)
        assert "nope" in done.stderr
        assert "Traceback" not in done.stderr


def test_a_wrong_setting_is_wrong_use(installation: Installation) -> None:
    environment = {**installation.environment, "OPYARD_WORKERS": "many"}
    done = subprocess.run([*COMMAND, "operators", "list"], env=environment, capture_output=True, text=True)
    assert done.returncode == 2
    assert "OPYARD_WORKERS" in done.stderr


def test_examples_are_listed_and_copied(installation: Installation, tmp_path: Path) -> None:
    names = [each["name"] for each in installation.json("examples", "list")["examples"]]
    assert names
    installation.opyard("examples", "copy", names[0], tmp_path)
    assert (tmp_path / f"{names[0]}.json").is_file()
    assert "there already" in installation.opyard("examples", "copy", names[0], tmp_path, check=2).stderr
    assert names[0] in installation.opyard("examples", "copy", "nothing", tmp_path, check=1).stderr


def test_bars_are_drawn_on_a_terminal(installation: Installation, tmp_path: Path) -> None:
    import pty

    path = tmp_path / "slow.json"
    path.write_text(json.dumps(counting(rows=10, pause=0.1)))
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [*COMMAND, "run", str(path)], env=installation.environment, stdout=subprocess.DEVNULL, stderr=theirs
    )
    os.close(theirs)
    drawn = b""
    while True:
        try:
            part = os.read(ours, 65536)
        except OSError:
            break
        if not part:
            break
        drawn += part
    os.close(ours)
    assert process.wait(30) == 0
    assert "█".encode() in drawn
    assert b"row 9" in drawn
