"""Schema flow: what it knows, what it keeps, what it asks again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest

from marketplace.catalogue import Catalogue
from marketplace.pipelines.document import Node, Pipeline
from marketplace.pipelines.flow import SchemaFlow, columns_into
from marketplace.pipelines.wiring import wire
from operators.configure import Answer, ConfigureProcess, Question
from operators.schemas import Column, TableSchema
from tests.marketplace.packages import DROP_CODE, PASS_CODE, catalogue_of, ports, write_package
from tests.marketplace.pipelines.test_validation import node, pipeline

CHAIN = ("a.table b.table", "b.table c.table")
AB = TableSchema((Column("a", "integer"), Column("b", "string")))


class Listening(ConfigureProcess):
    """Remembers whom it was asked about."""

    def __init__(self) -> None:
        super().__init__(warm=())
        self.heard: list[str] = []

    def ask(self, questions: Iterable[Question], known: Mapping | None = None) -> list[Answer]:  # type: ignore[type-arg]
        answers = super().ask(questions, known)
        self.heard += [answer.id for answer in answers]
        return answers


@pytest.fixture
def listening() -> Iterable[Listening]:
    process = Listening()
    yield process
    process.close()


def a_chain(column: str = "b", source: dict[str, str] | None = None) -> Pipeline:
    params = {"columns": source} if source else {}
    return pipeline(
        node("a", "source", params=params), node("b", "drop", params={"column": column}), node("c", "pass"), edges=CHAIN
    )


def test_every_output_of_every_known_operator_is_there(catalogue: Catalogue, flow: SchemaFlow) -> None:
    found = flow.run(a_chain(), catalogue)
    assert found.schemas["a"] == {"table": AB}
    assert found.schemas["c"] == {"table": TableSchema((Column("a", "integer"),))}
    assert found.problems == ()
    broken = flow.run(pipeline(node("x", "nope"), node("b", "pass"), edges=("x.table b.table",)), catalogue)
    assert broken.schemas == {"b": {"table": None}}


def test_what_was_said_is_kept_but_for_sources(catalogue: Catalogue, listening: Listening) -> None:
    flow = SchemaFlow(listening)
    first = flow.run(a_chain(), catalogue)
    assert listening.heard == ["a", "b", "c"]
    listening.heard.clear()
    assert flow.run(a_chain(), catalogue) == first
    assert listening.heard == ["a"]


def test_a_change_asks_again_what_it_changes(catalogue: Catalogue, listening: Listening) -> None:
    flow = SchemaFlow(listening)
    flow.run(a_chain(), catalogue)
    listening.heard.clear()
    changed = flow.run(a_chain("a"), catalogue)
    assert changed.schemas["c"] == {"table": TableSchema((Column("b", "string"),))}
    assert listening.heard == ["a", "b", "c"]
    listening.heard.clear()
    other = flow.run(a_chain(source={"b": "date", "z": "date"}), catalogue)
    assert other.schemas["c"] == {"table": TableSchema((Column("z", "date"),))}
    assert listening.heard == ["a", "b", "c"]
    listening.heard.clear()
    flow.run(a_chain(), catalogue)
    assert listening.heard == ["a"]


def test_changed_code_is_asked_again(tmp_path: Path, listening: Listening, catalogue: Catalogue) -> None:
    source = catalogue.get("t.source")
    table = ports("table:table")
    two = pipeline(node("a", "source"), node("b", "mine", params={"column": "a"}), edges=("a.table b.table",))
    flow = SchemaFlow(listening)
    for code, expected in ((PASS_CODE, AB), (DROP_CODE, TableSchema((Column("b", "string"),)))):
        mine = write_package(tmp_path, "t.mine", code=code, inputs=table, outputs=table)
        assert flow.run(two, catalogue_of(source, mine)).schemas["b"]["table"] == expected  # type: ignore[arg-type]


def test_a_source_that_looks_at_a_file_sees_it_from_the_base_and_as_it_is_now(tmp_path: Path, flow: SchemaFlow) -> None:
    code = (
        "def configure(schemas, params):\n"
        "    from pathlib import Path\n"
        "    from operators.schemas import Column, TableSchema\n"
        "    path = Path(params['path'])\n"
        "    assert path.is_absolute()\n"
        "    names = path.read_text().split(',') if path.exists() else None\n"
        "    return {'table': names and TableSchema(tuple(Column(name) for name in names))}\n"
    )
    parameters = {"type": "object", "properties": {"path": {"type": "string", "x-file": "read", "default": "x.csv"}}}
    reader = write_package(tmp_path, "t.reader", code=code, outputs=ports("table:table"), parameters=parameters)
    one = Pipeline(name="p", nodes=(Node(id="r", operator="t.reader", version="1.0.0"),))
    catalogue = catalogue_of(reader)
    assert flow.run(one, catalogue, base=tmp_path).schemas["r"]["table"] is None
    for content in ("a,b", "a,b,c"):
        (tmp_path / "x.csv").write_text(content)
        table = flow.run(one, catalogue, base=tmp_path).schemas["r"]["table"]
        assert isinstance(table, TableSchema)
        assert ",".join(table.names) == content


def test_columns_into_a_port_of_many_wires_are_those_of_all(catalogue: Catalogue, flow: SchemaFlow) -> None:
    both = pipeline(
        node("a", "source"),
        node("b", "source", params={"columns": {"b": "date", "c": "number"}}),
        node("m", "many"),
        node("u", "maybe"),
        edges=("a.table m.tables", "b.table m.tables"),
    )
    found = flow.run(both, catalogue)
    wiring = wire(both, catalogue)
    columns = {column.name: column.type for column in columns_into(wiring, found.schemas, "m")["tables"]}
    assert columns == {"a": "integer", "b": "string", "c": "number"}
    assert columns_into(wiring, found.schemas, "u") == {}
