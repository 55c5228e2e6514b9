"""The process that asks operators what comes out of them: it survives whatever they do."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from operators.configure import Answer, ConfigureProcess, Question
from operators.documents import OperatorRef
from operators.package import FolderPackage
from operators.processes import children
from operators.schemas import Column, ImagesSchema, ModelSchema, TableSchema, VectorsSchema

SPEC = """{"spec_version": 1, "id": "%s", "version": "1.0.0", "title": "T", "summary": "", "category": "test",
 "inputs": [{"name": "table", "type": "table", "required": false}, {"name": "all", "type": "any", "many": true,
 "required": false}], "outputs": [{"name": "table", "type": "table"}, {"name": "other", "type": "any"}]}"""

TABLE = TableSchema((Column("a", "integer"), Column("b", "string")))
PASS = "return {'table': schemas['table']}"


@pytest.fixture
def process() -> Iterator[ConfigureProcess]:
    process = ConfigureProcess(seconds=10, warm=())
    yield process
    process.close()


def a_package(folder: Path, name: str, body: str, head: str = "") -> OperatorRef:
    """An operator whose `configure` has that body."""
    place = folder / name
    place.mkdir(exist_ok=True)
    (place / "operator.json").write_text(SPEC % f"t.{name}")
    configure = f"def configure(schemas, params):\n    {body}\n" if body else ""
    (place / "operator.py").write_text(f"{head}\n\ndef run(inputs, params, context):\n    return {{}}\n\n\n{configure}")
    package = FolderPackage(place)
    return OperatorRef(package.spec.id, "1.0.0", package.source, package.code_digest())


def ask(process: ConfigureProcess, *operators: OperatorRef, **known: Any) -> list[Answer]:
    """Ask about nodes n0, n1, …, each fed by the one before, the first one by `source` where that is known."""
    questions = []
    for number, operator in enumerate(operators):
        feeds = [("source", "table")] if number == 0 else [(f"n{number - 1}", "table")]
        questions.append(Question(f"n{number}", operator, {}, {"table": feeds}))
    return process.ask(questions, {"source": {"table": known.get("table", TABLE)}})


def test_schemas_flow_from_node_to_node(process: ConfigureProcess, tmp_path: Path) -> None:
    passing = a_package(tmp_path, "passing", PASS)
    dropping = a_package(tmp_path, "dropping", "return {'table': schemas['table'].without(['a'])}")
    answers = ask(process, passing, dropping, passing)
    assert [answer.id for answer in answers] == ["n0", "n1", "n2"]
    assert answers[0] == Answer("n0", {"table": TABLE, "other": None})
    assert answers[2].schemas["table"] == TableSchema((Column("b", "string"),))


@pytest.mark.parametrize(
    "schema",
    [
        ImagesSchema((Column("c", "date"),)),
        VectorsSchema(3),
        ModelSchema("regression", None, Column("y", "number")),
        None,
    ],
)
def test_every_kind_of_schema_travels_both_ways(process: ConfigureProcess, tmp_path: Path, schema: Any) -> None:
    passing = a_package(tmp_path, "passing", "return {'other': schemas['all'][0]}")
    question = Question("n", passing, {}, {"all": [("source", "out")]})
    (answer,) = process.ask([question], {"source": {"out": schema}})
    assert answer.schemas == {"table": None, "other": schema}


def test_a_table_port_is_told_what_it_will_be_handed(process: ConfigureProcess, tmp_path: Path) -> None:
    (answer,) = ask(process, a_package(tmp_path, "p", PASS), table=ImagesSchema((Column("label", "string"),)))
    assert [column.name for column in answer.schemas["table"].columns] == ["label", "width", "height", "channels"]


def test_many_wires_are_a_list_and_what_is_not_wired_is_absent(process: ConfigureProcess, tmp_path: Path) -> None:
    body = "raise RuntimeError(sorted(schemas), len(schemas['all']))"
    operator = a_package(tmp_path, "p", body)
    feeds = [("source", "table"), ("source", "nothing")]
    (answer,) = process.ask([Question("n", operator, {}, {"all": feeds})], {"source": {"table": TABLE}})
    assert answer.finding is not None
    assert answer.finding.message == "RuntimeError: (['all'], 2)"


def test_an_operator_without_configure_knows_nothing(process: ConfigureProcess, tmp_path: Path) -> None:
    assert ask(process, a_package(tmp_path, "p", "")) == [Answer("n0", {"table": None, "other": None})]


@pytest.mark.parametrize(
    ("body", "kind", "said"),
    [
        ("raise __import__('operators.errors').errors.ParameterError('too small', '/n')", "parameter", "too small"),
        ("schemas['table'].column('c', '/column')", "parameter", "'a', 'b'"),
        ("raise __import__('operators.errors').errors.InputError('empty')", "input", "empty"),
        ("import no_such_module", "requirement", "no_such_module"),
        ("return 1 / 0", "failed", "ZeroDivisionError"),
        ("return None", "failed", "NoneType"),
        ("return {'tble': None}", "failed", "'tble'"),
        ("return {'table': 'a, b'}", "failed", "str"),
        ("import os; os._exit(3)", "crashed", "exit status 3"),
        ("import os; os.kill(os.getpid(), 11)", "crashed", "signal 11"),
        ("import sys; sys.exit('bye')", "failed", "SystemExit: bye"),
    ],
)
def test_whatever_an_operator_does_the_others_are_answered(
    process: ConfigureProcess, tmp_path: Path, body: str, kind: str, said: str
) -> None:
    passing, bad = a_package(tmp_path, "passing", PASS), a_package(tmp_path, "bad", body)
    questions = [
        Question("before", passing, {}, {"table": [("source", "table")]}),
        Question("bad", bad, {}, {"table": [("before", "table")]}),
        Question("after", passing, {}, {"table": [("bad", "table")]}),
        Question("beside", passing, {}, {"table": [("before", "table")]}),
    ]
    before, wrong, after, beside = process.ask(questions, {"source": {"table": TABLE}})
    assert before.schemas["table"] == beside.schemas["table"] == TABLE
    assert after.schemas["table"] is None
    assert wrong.finding is not None
    assert wrong.finding.kind == kind
    assert said in wrong.finding.message


def test_the_place_of_a_refusal_is_told(process: ConfigureProcess, tmp_path: Path) -> None:
    (answer,) = ask(process, a_package(tmp_path, "p", "schemas['table'].column('c', '/columns/0')"))
    assert answer.finding is not None
    assert answer.finding.pointer == "/columns/0"


def test_one_that_hangs_is_left_and_the_others_are_answered(tmp_path: Path) -> None:
    process = ConfigureProcess(seconds=0.3, warm=())
    passing = a_package(tmp_path, "passing", PASS)
    hanging = a_package(tmp_path, "hanging", "import time; time.sleep(60)")
    process.ask([Question("warm", passing)])
    began = time.monotonic()
    answers = ask(process, passing, hanging, passing)
    assert time.monotonic() - began < 5
    assert answers[0].schemas["table"] == TABLE
    assert answers[1].finding is not None
    assert answers[1].finding.kind == "timed_out"
    assert answers[2] == Answer("n2", {"table": None, "other": None})
    process.close()


def test_many_that_hang_take_no_longer_than_all_may(tmp_path: Path) -> None:
    process = ConfigureProcess(seconds=0.3, total_seconds=1.0, warm=())
    hanging = a_package(tmp_path, "hanging", "import time; time.sleep(60)")
    process.start()
    began = time.monotonic()
    answers = process.ask([Question(f"n{number}", hanging) for number in range(50)])
    assert time.monotonic() - began < 5
    assert len(answers) == 50
    assert {answer.finding.kind for answer in answers if answer.finding} == {"timed_out"}
    process.close()


def test_what_operators_print_mixes_with_nothing(process: ConfigureProcess, tmp_path: Path) -> None:
    head = "import os, sys\nprint('hello', flush=True)\nos.write(1, b'raw\\n')\nos.write(2, b'x' * 200000)"
    noisy = a_package(tmp_path, "noisy", "print('x' * 200000); return {'table': schemas['table']}", head)
    assert [answer.schemas["table"] for answer in ask(process, noisy, noisy)] == [TABLE, TABLE]


def test_changed_code_is_what_is_asked(process: ConfigureProcess, tmp_path: Path) -> None:
    assert ask(process, a_package(tmp_path, "p", PASS))[0].schemas["table"] == TABLE
    changed = a_package(tmp_path, "p", "return {'table': None}")
    assert ask(process, changed)[0].schemas["table"] is None
    assert ask(process, changed)[0].finding is None


def test_code_that_cannot_be_imported_is_a_failure(process: ConfigureProcess, tmp_path: Path) -> None:
    (answer,) = ask(process, a_package(tmp_path, "p", PASS, head="def ("))
    assert answer.finding is not None
    assert (answer.finding.kind, "SyntaxError" in answer.finding.message) == ("failed", True)


def test_an_operator_that_is_not_installed(process: ConfigureProcess, tmp_path: Path) -> None:
    (answer,) = process.ask([Question("n", OperatorRef("no.such", "1.0.0", str(tmp_path / "gone"), ""))])
    assert answer.finding is not None
    assert "no.such@1.0.0 is not installed" in answer.finding.message


def test_a_child_that_was_killed_is_replaced(process: ConfigureProcess, tmp_path: Path) -> None:
    import os
    import signal

    passing = a_package(tmp_path, "passing", PASS)
    before = set(children(os.getpid()))
    ask(process, passing)
    (child,) = set(children(os.getpid())) - before
    os.kill(child, signal.SIGKILL)
    time.sleep(0.1)
    assert ask(process, passing)[0].schemas["table"] == TABLE
    process.close()
    assert set(children(os.getpid())) - before == set()
    assert ask(process, passing)[0].schemas["table"] == TABLE


def test_threads_take_turns(process: ConfigureProcess, tmp_path: Path) -> None:
    passing = a_package(tmp_path, "passing", PASS)
    tables = [TableSchema((Column(f"c{number}", "integer"),)) for number in range(8)]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda table: ask(process, *[passing] * 40, table=table)[-1].schemas["table"], tables))
    assert answers == tables


def test_the_child_ends_with_its_parent(tmp_path: Path) -> None:
    import os
    import subprocess
    import sys

    hanging = a_package(
        tmp_path,
        "hanging",
        f"open({str(tmp_path / 'pid')!r}, 'w').write(str(__import__('os').getpid())); __import__('time').sleep(60)",
    )
    code = (
        "from operators.configure import *; from operators.documents import OperatorRef\n"
        f"ConfigureProcess(warm=()).ask([Question('n', OperatorRef({hanging.id!r}, '1.0.0', {hanging.folder!r}, ''))])"
    )
    parent = subprocess.Popen([sys.executable, "-c", code])
    until = time.monotonic() + 10
    while not (tmp_path / "pid").exists() or not (tmp_path / "pid").read_text():
        assert time.monotonic() < until
        time.sleep(0.02)
    child = int((tmp_path / "pid").read_text())
    parent.kill()
    parent.wait()
    while Path(f"/proc/{child}").exists() and "Z" not in Path(f"/proc/{child}/stat").read_text().rpartition(")")[2][:3]:
        assert time.monotonic() < until
        time.sleep(0.02)
    assert os.getpid() != child
