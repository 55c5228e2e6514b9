"""The lint of `operator.json`: what is wrong is told at its place, with a way to mend it."""

import copy
from typing import Any

import pytest

from operators.lint import lint, spec_schema

GOOD: dict[str, Any] = {
    "spec_version": 1,
    "id": "acme.text.count",
    "version": "2.0.0",
    "title": {"en": "Count", "zh": "计数"},
    "summary": {"en": "Counts.", "zh": "计数。"},
    "category": "text",
    "inputs": [
        {"name": "table", "type": "table", "handover": "lazy"},
        {"name": "others", "type": "table", "many": True},
    ],
    "outputs": [{"name": "table", "type": "table"}],
    "parameters": {
        "type": "object",
        "properties": {"column": {"type": "string", "x-options": {"source": "columns", "port": "table"}}},
        "required": ["column"],
        "additionalProperties": False,
    },
    "resources": {"cpu": 0.5, "memory": "1.5GiB"},
    "requirements": ["polars>=1.20"],
    "migrations": [
        {"from": "1.0.0", "to": "2.0.0", "changes": [{"op": "rename", "path": "/col", "to": "/column"}]},
        {"from": "0.9.0", "to": "1.0.0", "changes": [{"op": "rename", "path": "/c", "to": "/col"}]},
    ],
}


def changed(*path: Any, to: Any = None) -> dict[str, Any]:
    """GOOD with the value at `path` set, or taken away where `to` is left out."""
    document = copy.deepcopy(GOOD)
    place: Any = document
    for step in path[:-1]:
        place = place[step]
    if to is None:
        del place[path[-1]]
    elif isinstance(place, list) and path[-1] == len(place):
        place.append(to)
    else:
        place[path[-1]] = to
    return document


def test_a_good_document_has_no_problems() -> None:
    assert lint(GOOD) == ()


@pytest.mark.parametrize(
    ("document", "pointer", "words"),
    [
        ([], "", "object"),
        (changed("id"), "", "'id' is missing"),
        (changed("id", to="Count"), "/id", "Count"),
        (changed("version", to="2"), "/version", "MAJOR.MINOR.PATCH"),
        (changed("version", to="02.0.0"), "/version", "MAJOR.MINOR.PATCH"),
        (changed("spec_version", to=7), "/spec_version", "7"),
        (changed("title", to={"zh": "计数"}), "/title", "'en' is missing"),
        (changed("category", to="Text things"), "/category", "lower case"),
        (changed("outputs", to=[]), "/outputs", "at least one port"),
        (changed("outputs", 0, "type", to="tabel"), "/outputs/0/type", "images"),
        (changed("outputs", 0, "name", to="result"), "/outputs/0/name", "result.json"),
        (changed("outputs", 0, "many", to=True), "/outputs/0/many", "not known"),
        (changed("inptus", to=[]), "/inptus", "Did you mean 'inputs'"),
        (changed("inputs", 1, "name", to="table"), "/inputs/1/name", "Two inputs"),
        (changed("inputs", 0, "name", to="Table"), "/inputs/0/name", "lower case"),
        (changed("inputs", 0, "type", to="model"), "/inputs/0/handover", "Only a table"),
        (changed("resources", "memory", to="2 gigs"), "/resources/memory", "512MiB"),
        (changed("resources", "cpu", to=0), "/resources/cpu", "cores"),
        (changed("requirements", 0, to="polars >>> 1"), "/requirements/0", "pip"),
        (changed("parameters", "type", to="array"), "/parameters/type", "object"),
        (
            changed("parameters", "properties", "column", "type", to="text"),
            "/parameters/properties/column/type",
            "text",
        ),
        (
            changed("parameters", "properties", "column", "x-options", "port", to="left"),
            "/parameters/properties/column/x-options/port",
            "no such input",
        ),
        (changed("parameters", "required", 0, to="colum"), "/parameters/required", "colum"),
        (changed("parameters", "properties", "n", to={"type": "integer", "default": "x"}), None, "default"),
        (changed("parameters", "properties", "n", to={"x-secrt": True}), None, "x-secr"),
        (changed("migrations", 0, "to", to="1.0.0"), "/migrations/0/to", "not newer"),
        (changed("migrations", 0, "to", to="3.0.0"), "/migrations/0/to", "this package is version 2.0.0"),
        (changed("migrations", 1, "from", to="1.0.0"), "/migrations/1/from", "Two migrations"),
        (changed("migrations", 0, "changes", 0, "to"), "/migrations/0/changes/0", "'to' is missing"),
        (
            changed("migrations", 0, "changes", 0, "to", to="/colum"),
            "/migrations/0/changes/0/to",
            "no parameter 'colum'",
        ),
        (changed("migrations", 0, "changes", 0, "path", to="col"), "/migrations/0/changes/0/path", "JSON Pointer"),
    ],
)
def test_a_problem_is_told_at_its_place_with_a_way_to_mend_it(document: Any, pointer: str | None, words: str) -> None:
    problems = lint(document)
    assert [problem for problem in problems if pointer is None or problem.pointer == pointer], problems
    assert any(words in str(problem) for problem in problems)
    assert all(problem.message and problem.mend for problem in problems)


def test_all_problems_are_told_at_once() -> None:
    problems = lint({"spec_version": 2, "id": "x", "version": "1", "outputs": 3})
    assert {problem.pointer for problem in problems} == {"", "/spec_version", "/id", "/version", "/outputs"}


def test_problems_are_told_in_both_languages() -> None:
    for problem in lint(
        {"spec_version": 2, "id": "x", "version": "1", "inputs": [{"name": "a"}], "outputs": [], "x": 1}
    ):
        assert problem.text("zh") not in ("", problem.text("en"))
        assert problem.remedy("zh") not in ("", problem.remedy("en"))


def test_every_way_to_mend_is_there_in_both_languages() -> None:
    def mends(node: Any) -> list[Any]:
        if isinstance(node, list):
            return [found for item in node for found in mends(item)]
        if not isinstance(node, dict):
            return []
        own = [node["x-mend"]] if "x-mend" in node else []
        return own + [found for key, item in node.items() if key != "x-mend" for found in mends(item)]

    found = mends(spec_schema())
    assert len(found) > 30
    assert all(set(mend) == {"en", "zh"} and all(mend.values()) for mend in found)
