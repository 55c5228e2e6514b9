"""Validation: each problem, all of them at once, in both languages; and how quick it is."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from form_specs.messages import catalogue as messages
from form_specs.messages import placeholders
from marketplace.catalogue import Catalogue
from marketplace.pipelines.document import Edge, End, Group, Node, NodeResources, Pipeline, Schedule
from marketplace.pipelines.flow import SchemaFlow
from marketplace.pipelines.problems import Problem
from marketplace.pipelines.validation import check, validate
from operators.configure import ConfigureProcess
from tests.marketplace.packages import catalogue_of, ports, write_package


def node(id: str, operator: str, version: str = "1.0.0", **values: Any) -> Node:
    params = values.pop("params", {})
    return Node(id=id, operator=f"t.{operator}", version=version, params=params, **values)


def edge(source: str, target: str) -> Edge:
    return Edge(End(*source.split(".")), End(*target.split(".")))


def pipeline(*nodes: Node, edges: tuple[str, ...] = (), **values: Any) -> Pipeline:
    """Edges are written 'a.port b.port'."""
    return Pipeline(name="p", nodes=nodes, edges=tuple(edge(*each.split()) for each in edges), **values)


def places(problems: tuple[Problem, ...]) -> list[tuple[str, str | None, str | None, str | None]]:
    for problem in problems:
        for language in ("en", "zh"):
            assert "{" not in problem.text(language)
            assert problem.mend(language)
    return [(problem.code, problem.node, problem.port, problem.parameter) for problem in problems]


SOUND = ("a.table b.table",)


def test_a_sound_pipeline_has_no_problem(catalogue: Catalogue, flow: SchemaFlow) -> None:
    sound = pipeline(
        node("a", "source"),
        node("b", "drop", params={"column": "b"}),
        node("c", "many"),
        node("d", "sum", params={"column": "a"}),
        edges=("a.table b.table", "a.table c.tables", "b.table c.tables", "b.table d.table"),
        schedule=Schedule("0 6 * * *", "Asia/Shanghai"),
        groups=(Group("g", nodes=("a", "b")),),
    )
    assert validate(sound, catalogue, flow) == ()
    assert validate(sound, catalogue) == ()


def test_an_empty_pipeline_has_no_problem(catalogue: Catalogue, flow: SchemaFlow) -> None:
    assert validate(pipeline(), catalogue, flow) == ()


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        (pipeline(node("a", "sorce")), ("unknown_operator_similar", "a", None, None)),
        (pipeline(node("a", "qqqqqqqqqq")), ("unknown_operator", "a", None, None)),
        (pipeline(node("a", "source", "9.0.0")), ("unknown_version", "a", None, None)),
        (pipeline(node("a", "source"), node("a", "source")), ("duplicate_node", "a", None, None)),
        (pipeline(node("a", "old")), ("deprecated", "a", None, None)),
        (pipeline(node("b", "pass")), ("missing_input", "b", "table", None)),
        (
            pipeline(node("a", "source"), node("b", "pass"), edges=("a.table b.table", "a.table b.table")),
            ("several_wires", "b", "table", None),
        ),
        (
            pipeline(node("a", "model"), node("b", "pass"), edges=("a.model b.table",)),
            ("wrong_type", "b", "table", None),
        ),
        (pipeline(node("a", "source"), edges=("a.tabel x.y",)), ("unknown_output", "a", "tabel", None)),
        (pipeline(node("a", "source"), edges=("a.table x.y",)), ("unknown_node", "a", None, None)),
        (pipeline(node("node", "source"), edges=("node.table nod.y",)), ("unknown_node_similar", "node", None, None)),
        (pipeline(node("a", "source"), edges=("x.table a.y",)), ("unknown_input_none", "a", "y", None)),
        (
            pipeline(node("a", "source"), node("b", "maybe"), edges=("a.table b.tabel",)),
            ("unknown_input", "b", "tabel", None),
        ),
        (pipeline(node("a", "sum"), edges=("a.x a.y",)), ("unknown_output_none", "a", "x", None)),
        (pipeline(node("a", "pass"), edges=("a.table a.table",)), ("cycle", "a", None, None)),
        (
            pipeline(node("a", "source"), node("b", "drop"), edges=SOUND),
            ("missing_parameter", "b", None, "/column"),
        ),
        (
            pipeline(node("a", "source"), node("b", "drop", params={"column": 1}), edges=SOUND),
            ("bad_parameter", "b", None, "/column"),
        ),
        (
            pipeline(node("a", "source"), node("b", "drop", params={"column": "c"}), edges=SOUND),
            ("unknown_column", "b", None, "/column"),
        ),
        (
            pipeline(node("a", "source"), node("b", "sum", params={"column": "b"}), edges=SOUND),
            ("wrong_column_type", "b", None, "/column"),
        ),
        (
            pipeline(node("a", "source", params={"columns": {"$param": "x"}})),
            ("unknown_pipeline_parameter", "a", None, "/columns"),
        ),
        (
            pipeline(
                node("a", "source", params={"columns": {"$param": "clumns"}}),
                parameters={"properties": {"columns": {"default": {}}}},
            ),
            ("unknown_pipeline_parameter_similar", "a", None, "/columns"),
        ),
        (
            pipeline(parameters={"properties": {"x": {}}}),
            ("unused_pipeline_parameter", None, None, "/parameters/properties/x"),
        ),
        (
            pipeline(parameters={"properties": {"x": {"type": "nothing"}}}),
            ("bad_parameter_schema", None, None, "/parameters/properties/x/type"),
        ),
        (
            pipeline(parameters={"properties": {"x": {"type": "integer", "default": "one"}}}),
            ("bad_parameter_default", None, None, "/parameters/properties/x/default"),
        ),
        (pipeline(schedule=Schedule("0 25 * * *")), ("bad_cron", None, None, "/schedule/cron")),
        (pipeline(schedule=Schedule("0 2 * * *", "Mars/Base")), ("bad_timezone", None, None, "/schedule/timezone")),
        (pipeline(groups=(Group("g", nodes=("x",)),)), ("group_lacks_nodes", None, None, "/groups/0/nodes")),
        (pipeline(node("a", "source", resources=NodeResources(memory="lots"))), ("bad_size", "a", None, None)),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)
def test_each_problem_is_found_at_its_place(
    catalogue: Catalogue, flow: SchemaFlow, wrong: Pipeline, expected: tuple[str, str | None, str | None, str | None]
) -> None:
    assert expected in places(validate(wrong, catalogue, flow))


def test_messages_name_the_thing_what_was_expected_and_what_to_do(catalogue: Catalogue, flow: SchemaFlow) -> None:
    wrong = pipeline(
        node("a", "source"), node("m", "model"), node("b", "drop", params={"column": "bb"}), node("c", "pass"),
        edges=("a.table b.table", "m.model c.table"),
    )  # fmt: skip
    column, kind = validate(wrong, catalogue, flow)
    assert "“bb”" in column.message
    assert "“b”" in column.message
    assert "没有列“bb”" in column.text("zh")
    assert kind.message == "“c”: the input “table” takes table, but m.model gives model."
    assert kind.mend() == "Wire an output of type table to it, or put an operator between that makes table of model."


def test_a_cycle_is_named_along_its_edges_and_told_once(catalogue: Catalogue, flow: SchemaFlow) -> None:
    ids = ["start", *"dcba", "end"]
    wires = ("start.table a.tables", "a.table b.tables", "b.table c.tables", "c.table a.tables", "c.table d.tables")
    cyclic = pipeline(*(node(id, "many") for id in ids), edges=(*wires, "d.table end.tables"))
    found = [problem for problem in validate(cyclic, catalogue, flow) if problem.code == "cycle"]
    assert [problem.values["path"] for problem in found] == ["c → a → b → c"]


def test_two_cycles_are_both_found_even_where_one_feeds_the_other(catalogue: Catalogue) -> None:
    wires = ("a.table b.tables", "b.table a.tables", "b.table c.tables", "c.table d.tables", "d.table c.tables")
    cyclic = pipeline(*(node(id, "many") for id in "dcba"), edges=(*wires, "d.table d.tables"))
    found = [problem.values["path"] for problem in validate(cyclic, catalogue) if problem.code == "cycle"]
    assert len(found) == 2
    assert "b → a → b" in found


def test_what_hangs_on_a_wrong_node_is_no_problem_of_its_own(catalogue: Catalogue, flow: SchemaFlow) -> None:
    wrong = pipeline(
        node("a", "source"),
        node("b", "drop", params={"column": "nope"}),
        node("c", "drop", params={"column": "a"}),
        node("d", "sum", params={"column": "gone"}),
        edges=("a.table b.table", "b.table c.table", "c.table d.table"),
    )
    assert places(validate(wrong, catalogue, flow)) == [("unknown_column", "b", None, "/column")]


def test_columns_are_followed_through_many_nodes(catalogue: Catalogue, flow: SchemaFlow) -> None:
    chain = [node(f"p{number}", "pass") for number in range(30)]
    wires = ["a.table p0.table", *(f"p{n}.table p{n + 1}.table" for n in range(29)), "p29.table z.table"]
    source = node("a", "source", params={"columns": {"price": "number"}})
    last = node("z", "drop", params={"column": "prise"})
    (problem,) = validate(pipeline(source, *chain, last, edges=tuple(wires)), catalogue, flow)
    assert (problem.code, problem.node) == ("unknown_column", "z")
    assert "price" in problem.message


def test_pipeline_parameters_count_with_their_defaults(catalogue: Catalogue, flow: SchemaFlow) -> None:
    def with_default(**schema: Any) -> Pipeline:
        return pipeline(
            node("a", "source"),
            node("b", "drop", params={"column": {"$param": "which"}}),
            edges=SOUND,
            parameters={"type": "object", "properties": {"which": {"type": "string", **schema}}},
        )

    assert validate(with_default(default="a"), catalogue, flow) == ()
    assert validate(with_default(), catalogue, flow) == ()
    assert places(validate(with_default(default="zz"), catalogue, flow)) == [("unknown_column", "b", None, "/column")]


def test_what_is_switched_off_stops_only_what_needs_it(catalogue: Catalogue, flow: SchemaFlow) -> None:
    off = pipeline(
        node("a", "source"),
        node("off", "drop", params={"column": "nope"}, enabled=False),
        node("needs", "pass"),
        node("after", "pass"),
        node("may", "maybe"),
        node("many", "many"),
        edges=(
            "a.table off.table",
            "off.table needs.table",
            "needs.table after.table",
            "off.table may.table",
            "off.table many.tables",
            "a.table many.tables",
        ),
    )
    problems = validate(off, catalogue, flow)
    assert {problem.severity for problem in problems} == {"warning"}
    assert [(problem.code, problem.node) for problem in problems] == [
        ("unknown_column", "off"),
        ("idle_upstream", "needs"),
        ("idle_upstream", "after"),
        ("idle_optional", "may"),
        ("idle_optional", "many"),
    ]
    places(problems)
    (nothing,) = validate(pipeline(node("a", "source", enabled=False)), catalogue, flow)
    assert nothing.code == "nothing_runs"


def test_what_is_wrong_with_the_graph_stays_wrong_where_a_node_is_off(catalogue: Catalogue) -> None:
    off = pipeline(node("a", "source", enabled=False), node("b", "source"), edges=("a.table x.table",))
    assert [(problem.code, problem.severity) for problem in validate(off, catalogue)] == [("unknown_node", "error")]


def test_without_a_flow_columns_are_not_checked(catalogue: Catalogue) -> None:
    wrong = pipeline(node("a", "source"), node("b", "drop", params={"column": "nope"}), edges=SOUND)
    assert validate(wrong, catalogue) == ()


@pytest.mark.parametrize(
    ("body", "code", "severity"),
    [
        (
            "from operators.errors import ParameterError; raise ParameterError('odd', '/x')",
            "refused_parameter",
            "error",
        ),
        ("from operators.errors import InputError; raise InputError('odd')", "refused_input", "error"),
        (
            "from operators.errors import RequirementMissing; raise RequirementMissing('odd')",
            "missing_requirement",
            "error",
        ),
        ("raise KeyError('odd')", "configure_failed", "warning"),
        ("import os; os._exit(1)", "configure_crashed", "warning"),
        ("import time; time.sleep(60)", "configure_timed_out", "warning"),
    ],
)
def test_what_operators_say_and_do_when_they_are_asked(tmp_path: Path, body: str, code: str, severity: str) -> None:
    package = write_package(
        tmp_path, "t.odd", code=f"def configure(schemas, params):\n    {body}", outputs=ports("table:table")
    )
    process = ConfigureProcess(seconds=1.0, warm=())
    (problem,) = validate(pipeline(node("a", "odd")), catalogue_of(package), SchemaFlow(process))
    process.close()
    assert (problem.code, problem.severity, problem.node) == (code, severity, "a")
    assert problem.parameter == ("/x" if code == "refused_parameter" else None)
    places((problem,))


def test_a_hundred_problems_are_all_told(catalogue: Catalogue, flow: SchemaFlow) -> None:
    wrong = [node(f"n{number}", "drop", params={"column": number}) for number in range(40)]
    wrong += [node(f"u{number}", "nope", "7.0.0") for number in range(40)]
    problems = validate(pipeline(*wrong, edges=("n0.table q.x",)), catalogue, flow)
    found = places(problems)
    assert len(found) == 40 * 2 + 40 + 1
    assert [problem.node for problem in problems if problem.code.startswith("unknown_operator")] == [
        f"u{number}" for number in range(40)
    ]


def test_problems_come_in_the_order_of_the_document(catalogue: Catalogue, flow: SchemaFlow) -> None:
    wrong = pipeline(node("z", "nope"), node("a", "pass"), node("m", "nope"), schedule=Schedule("x"))
    assert [problem.node for problem in validate(wrong, catalogue, flow)] == [None, "z", "a", "m"]


def test_check_gives_the_schemas_too(catalogue: Catalogue, flow: SchemaFlow) -> None:
    problems, found = check(pipeline(node("a", "source")), catalogue, flow)
    assert problems == ()
    assert found is not None
    assert found.schemas["a"]["table"] is not None


def test_every_problem_has_its_texts_with_the_same_facts() -> None:
    codes = {code.rpartition(".")[2] for code in messages() if code.startswith("pipelines.")}
    source = "".join(path.read_text() for path in Path("marketplace/pipelines").glob("*.py"))
    for code in codes:
        for kind in ("problem", "mend"):
            texts = messages()[f"pipelines.{kind}.{code}"]
            assert set(texts) == {"en", "zh"}
            assert placeholders(texts["en"]) == placeholders(texts["zh"]), code
        stem = code.removesuffix("_similar").removesuffix("_none")
        assert f'"{stem}"' in source or stem in ("unknown_input", "unknown_output"), code


def test_five_hundred_nodes_are_checked_quickly(catalogue: Catalogue, flow: SchemaFlow) -> None:
    """Some 0.3 s here, and 0.05 s the second time; the bounds leave room for a busy machine."""
    nodes = [node("a", "source"), *(node(f"n{number}", "pass") for number in range(499))]
    wires = ["a.table n0.table", *(f"n{number}.table n{number + 1}.table" for number in range(498))]
    big = pipeline(*nodes, edges=tuple(wires))
    began = time.perf_counter()
    assert validate(big, catalogue, flow) == ()
    first = time.perf_counter() - began
    assert validate(big, catalogue, flow) == ()
    assert first < 2.0
    assert time.perf_counter() - began - first < 0.5
