"""The conformance suite itself: what is wrong with a package is found by the check that is there for it."""

import copy
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from operators.package import FolderPackage
from operators.testing import Check, Report, RunStep, check_package, run_check, step_runner
from operators.testing.cases import replaced
from operators.testing.subject import Subject

TEXT = {"en": "Text", "zh": "文本"}
SPEC: dict[str, Any] = {
    "spec_version": 1,
    "id": "acme.table.repeat",
    "version": "1.0.0",
    "title": TEXT,
    "summary": TEXT,
    "category": "table",
    "inputs": [{"name": "table", "type": "table", "title": TEXT, "summary": TEXT}],
    "outputs": [{"name": "picked", "type": "table", "title": TEXT, "summary": TEXT}],
    "parameters": {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "column": {
                "type": "string",
                "title": "Column",
                "description": "Which.",
                "x-i18n": {"zh": {"title": "列", "description": "哪一列。"}},
                "x-options": {"source": "columns", "port": "table"},
            },
            "times": {
                "type": "integer",
                "minimum": 1,
                "default": 2,
                "title": "Times",
                "description": "How often.",
                "x-i18n": {"zh": {"title": "次数", "description": "多少次。"}},
            },
        },
        "required": ["column"],
    },
}
CODE = """
from operators.errors import InputError
from operators.schemas import TableSchema


def configure(schemas, params):
    table = schemas["table"]
    if table is None:
        return {"picked": None}
    return {"picked": TableSchema((table.column(params["column"], "/column"),))}


def run(inputs, params, context):
    import pyarrow as pa

    table = inputs["table"].select([params["column"]])
    if not table.num_rows:
        raise InputError("There are no rows to repeat.")
    return {"picked": pa.concat_tables([table] * params["times"])}
"""
INPUT = {"table": {"table": {"a": [1, 2], "b": ["x", None]}}}
CASES = [
    {
        "title": "twice",
        "params": {"column": "b"},
        "inputs": INPUT,
        "expect": {"picked": {"table": {"b": ["x", None] * 2}}},
    },
    {
        "title": "not there",
        "params": {"column": "c"},
        "inputs": INPUT,
        "refuses": {"pointer": "/column", "contains": "'c'"},
    },
    {
        "title": "no rows",
        "params": {"column": "a"},
        "inputs": {"table": {"table": {"a": []}, "types": {"a": "integer"}}},
        "fails": {"kind": "InputError", "contains": "no rows"},
    },
]
README = """# Repeat

Repeats.

## When to use it

Never but here: from `table` it makes `picked`, `column` repeated `times` times.

## Source

Ours.
"""

Make = Callable[..., FolderPackage]


@pytest.fixture(scope="module")
def run_step() -> Iterator[RunStep]:
    with step_runner() as run:
        yield run


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Writes a package that is right in all but what it is told."""

    def write(spec: Any = SPEC, code: str = CODE, cases: Any = CASES, readme: str = README) -> FolderPackage:
        folder = tmp_path / "package"
        folder.mkdir()
        (folder / "operator.json").write_text(json.dumps(spec))
        (folder / "operator.py").write_text(code)
        (folder / "README.md").write_text(readme)
        if cases is not None:
            (folder / "tests.json").write_text(json.dumps({"cases": cases}))
        return FolderPackage(folder)

    return write


def spec_with(**changes: Any) -> dict[str, Any]:
    return {**copy.deepcopy(SPEC), **changes}


def with_parameter(**schema: Any) -> dict[str, Any]:
    spec = copy.deepcopy(SPEC)
    spec["parameters"]["properties"]["times"] = schema
    return spec


def failed(report: Report) -> dict[str, Check]:
    return {check.name: check for check in report.failures}


def one_check(name: str, package: FolderPackage, run_step: RunStep, tmp_path: Path) -> Check:
    folder = tmp_path / "work"
    folder.mkdir()
    return run_check(name, Subject(package, run_step, folder))


def test_a_good_package_passes(make: Make, run_step: RunStep) -> None:
    told: list[str] = []
    report = check_package(make(), run_step, lambda check: told.append(check.name))
    assert [check.problems for check in report.checks] == [()] * len(report.checks)
    assert report.passed
    assert report.reference == "acme.table.repeat@1.0.0"
    assert told == [check.name for check in report.checks]


def test_a_spec_that_is_wrong_ends_the_checks(make: Make, run_step: RunStep) -> None:
    report = check_package(make(spec_with(version="one")), run_step)
    assert [check.name for check in report.checks] == ["spec"]
    assert "/version" in report.checks[0].message
    assert not report.passed


def test_a_spec_that_is_no_json(tmp_path: Path, run_step: RunStep) -> None:
    (tmp_path / "operator.json").write_text("{")
    report = check_package(FolderPackage(tmp_path), run_step)
    assert "is not JSON" in report.checks[0].message


def test_a_spec_with_a_byte_order_mark_is_read(make: Make, run_step: RunStep) -> None:
    package = make()
    file = Path(package.source, "operator.json")
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes())
    assert check_package(FolderPackage(file.parent), run_step).passed


def test_what_cannot_be_read_is_told_once(make: Make, run_step: RunStep) -> None:
    report = check_package(make(cases=[{"name": "misspelt"}]), run_step)
    (failure,) = report.failures
    assert failure.name == "cases" and "A case has title, params, inputs" in failure.message


def test_a_parameter_that_takes_anything(make: Make, run_step: RunStep, tmp_path: Path) -> None:
    check = one_check("bad parameters", make(with_parameter(title="Times", default=2)), run_step, tmp_path)
    assert "/times takes any value whatever" in check.message


def test_parameters_that_are_not_closed(make: Make, run_step: RunStep, tmp_path: Path) -> None:
    spec = copy.deepcopy(SPEC)
    spec["parameters"]["additionalProperties"] = True
    assert "/no_such_parameter" in one_check("bad parameters", make(spec), run_step, tmp_path).message


@pytest.mark.parametrize(
    ("case", "words"),
    [
        ({"expect": {"picked": {"rows": 3}}}, "expected 3 rows, found 4"),
        ({"expect": {"picked": {"columns": ["c"]}}}, "expected the columns ['c'], found ['b']"),
        ({"expect": {"picked": {"types": {"b": "number"}}}}, "of type number, found string"),
        ({"expect": {"picked": {"table": {"b": ["x", "y", "x", "y"]}}}}, "column 'b'"),
        ({"expect": {"picked": {"absent": True}}}, "expected nothing to come out"),
        ({"expect": {"other": {"rows": 1}}}, "nothing came out"),
        ({"params": {"column": "c"}, "expect": {}}, "KeyError"),
        ({"refuses": {"pointer": "/column"}}, "the parameters are accepted"),
        ({"params": {"column": "c"}, "refuses": {"pointer": "/times"}}, "expected a refusal at '/times'"),
        ({"fails": {"kind": "InputError"}}, "it ran through"),
        ({"inputs": {"tabel": INPUT["table"]}, "expect": {}}, "'tabel'"),
        ({"inputs": {"table": {"tabel": {}}}, "expect": {}}, "found tabel"),
        ({"inputs": {"table": {"model": {"from": "acme.no.such"}}}, "expect": {}}, "acme.no.such"),
    ],
)
def test_a_case_that_does_not_hold(case: Any, words: str, make: Make, run_step: RunStep, tmp_path: Path) -> None:
    package = make(cases=[{"title": "wrong", "params": {"column": "b"}, "inputs": INPUT, **case}])
    assert words in one_check("cases", package, run_step, tmp_path).message


def test_an_error_of_the_author_is_shown_with_its_traceback(make: Make, run_step: RunStep, tmp_path: Path) -> None:
    broken = CODE.replace("table = inputs", "oops = 1 / 0; table = inputs")
    message = one_check("cases", make(code=broken), run_step, tmp_path).message
    assert "ZeroDivisionError" in message
    assert "oops = 1 / 0" in message


@pytest.mark.parametrize(
    ("cases", "words"),
    [
        (None, "has no tests.json"),
        ([], "no case with `expect`"),
        ([{"title": "both", "expect": {}, "fails": {"kind": "E"}}], "exactly one of"),
        ([{"title": "misspelt", "expct": {}}], "expct"),
        ([{"title": "misspelt", "expect": {"picked": {"row": 1}}}], "row"),
    ],
)
def test_test_files_that_are_wrong(cases: Any, words: str, make: Make, run_step: RunStep, tmp_path: Path) -> None:
    assert words in one_check("cases", make(cases=cases), run_step, tmp_path).message


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (
            '(table.column(params["column"], "/column"),)',
            "table.columns",
            "configure says the columns a: integer, b: string",
        ),
        ('"picked": None}', '"reslt": None}', ""),
        ('return {"picked": TableSchema', 'return {"reslt": TableSchema', "'reslt', which is no output"),
        ("if table is None:", "if table == 1:", "AttributeError"),
    ],
)
def test_a_configure_that_is_wrong(
    old: str, new: str, words: str, make: Make, run_step: RunStep, tmp_path: Path
) -> None:
    assert old in CODE
    check = one_check("configure", make(code=CODE.replace(old, new)), run_step, tmp_path)
    assert words in check.message
    assert check.passed == (not words)


def test_output_that_changes_from_run_to_run(make: Make, run_step: RunStep, tmp_path: Path) -> None:
    code = CODE.replace('["table"].select', '["table"].append_column("r", [[__import__("os").urandom(8)] * 2]).select')
    code = code.replace('[params["column"]]', '[params["column"], "r"]')
    check = one_check("same seed", make(code=code), run_step, tmp_path)
    assert "picked: another content in the second run" in check.message


def test_documentation_that_lacks_something(make: Make, run_step: RunStep, tmp_path: Path) -> None:
    spec = spec_with(title="Only English")
    del spec["parameters"]["properties"]["times"]["x-i18n"]
    readme = README.replace("`times` times", "often").replace("## Source", "")
    message = one_check("documentation", make(spec, readme=readme), run_step, tmp_path).message
    assert "does not mention 'times'" in message
    assert "no section that says its source" in message
    assert "/title has no Chinese text" in message
    assert "/times title has no Chinese text" in message


def test_a_default_that_is_refused(make: Make, run_step: RunStep, tmp_path: Path) -> None:
    spec = with_parameter(type="integer", minimum=1, default=0, title="Times")
    assert "/times" in one_check("defaults", make(spec), run_step, tmp_path).message


def test_a_heavy_import_is_advised_against(make: Make, run_step: RunStep, tmp_path: Path) -> None:
    check = one_check("import", make(code="import pyarrow\n" + CODE), run_step, tmp_path)
    assert "pyarrow" in check.message
    assert check.passed


def test_code_that_cannot_be_imported(make: Make, run_step: RunStep) -> None:
    report = check_package(make(code="import no_such_module\n"), run_step)
    assert "no_such_module" in failed(report)["cases"].message


READING = """
import base64, json, sqlite3
from pathlib import Path


def run(inputs, params, context):
    import pyarrow.parquet as pq

    folder = Path(params["folder"])
    with sqlite3.connect(folder / "d.sqlite") as connection:
        (total,) = connection.execute("SELECT sum(n) FROM t").fetchone()
    rows = pq.read_table(folder / "p.parquet").num_rows
    return {
        "metrics": {
            "text": Path(params["path"]).read_text(), "bytes": len((folder / "b.bin").read_bytes()), "rows": rows,
            "total": total, "secret": len(context.secret("TOKEN")), "word": inputs["word"], "file": inputs["file"].name,
            "many": len(inputs["many"]), "pictures": len(inputs["pictures"]),
            "vectors": inputs["vectors"].values.shape[1],
            "report": len(inputs["report"]) if isinstance(inputs["report"], str) else len(inputs["report"].parts),
            "figure": inputs["figures"]["f1"], "task": inputs["model"].task,
        }
    }
"""


def test_cases_start_from_files_secrets_and_every_kind_of_input(make: Make, run_step: RunStep, tmp_path: Path) -> None:
    kinds = dict.fromkeys(("word", "file", "pictures", "vectors", "report", "figures", "many", "model"))
    types = ("text", "file", "images", "vectors", "report", "metrics", "table", "model")
    inputs = [{"name": name, "type": kind, "many": name == "many"} for name, kind in zip(kinds, types, strict=True)]
    text = {"type": "string"}
    spec = spec_with(
        inputs=inputs,
        outputs=[{"name": "metrics", "type": "metrics"}],
        parameters={"type": "object", "properties": {"folder": text, "path": text}},
    )
    table = {"table": {"x": [0, 1, 2, 3], "y": [0, 2, 4, 6]}}
    case = {
        "title": "everything",
        "params": {"folder": "{folder}", "path": "{file:a.txt}"},
        "files": {
            "a.txt": "hello",
            "b.bin": {"base64": "AAEC"},
            "p.parquet": {"table": {"a": [1, 2, 3]}},
            "d.sqlite": {"sqlite": {"t": {"n": [1, 2, 4]}}},
        },
        "secrets": {"TOKEN": "1234567"},
        "inputs": {
            "word": {"text": "word"},
            "file": {"file": {"name": "f.txt", "content": "f"}},
            "many": [table, table],
            "pictures": {"images": {"pixels": [[[0, 255]]], "table": {"label": [1]}}},
            "vectors": {"vectors": {"values": [[1, 2, 3]], "table": {"label": [1]}}},
            "report": {"report": "# Title\nText"},
            "figures": {"metrics": {"f1": 0.5}},
            "model": {
                "model": {
                    "from": "opyard.learn.train_regressor",
                    "params": {"target": "y", "folds": 0, "algorithm": {"kind": "linear"}},
                    "inputs": {"table": table},
                }
            },
        },
        "expect": {
            "metrics": {
                "metrics": {
                    "text": "hello",
                    "bytes": 3,
                    "rows": 3,
                    "total": 7,
                    "secret": 7,
                    "word": "word",
                    "many": 2,
                    "pictures": 1,
                    "vectors": 3,
                    "report": {"min": 1},
                    "figure": {"min": 0.4, "max": 0.6},
                    "task": "regression",
                }
            }
        },
    }
    assert one_check("cases", make(spec, READING, [case]), run_step, tmp_path).problems == ()


def test_paths_are_put_into_parameters() -> None:
    given = {"a": ["{file:x.csv}", 1], "b": {"c": "sqlite:///{file:d.db}?x={folder}"}}
    assert replaced(given, "/f") == {"a": ["/f/x.csv", 1], "b": {"c": "sqlite:////f/d.db?x=/f"}}
