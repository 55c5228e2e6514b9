"""Small operator packages that tests write into a folder, and a catalogue of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from marketplace.catalogue import Catalogue
from operators.discovery import Discovery
from operators.package import FolderPackage

COLUMN = {"type": "string", "x-options": {"source": "columns", "port": "table"}}


def write_package(folder: Path, id: str, version: str = "1.0.0", code: str = "", **spec: Any) -> FolderPackage:
    """Write a package into a folder of its own under `folder`. `code` follows a `run` that gives nothing."""
    place = folder / f"{id}-{version}"
    place.mkdir(parents=True, exist_ok=True)
    document = {
        "spec_version": 1,
        "id": id,
        "version": version,
        "title": {"en": id.rpartition(".")[2].title(), "zh": "算子"},
        "summary": "",
        "category": "test",
        **spec,
    }
    (place / "operator.json").write_text(json.dumps(document))
    (place / "operator.py").write_text(f"def run(inputs, params, context):\n    return {{}}\n\n\n{code}\n")
    return FolderPackage(place)


def catalogue_of(*packages: FolderPackage) -> Catalogue:
    return Catalogue(Discovery(packages, ()))


def ports(*ports: str | dict[str, Any]) -> list[dict[str, Any]]:
    """Ports from `name:type`, or as they are."""
    return [
        port if isinstance(port, dict) else dict(zip(("name", "type"), port.split(":"), strict=True)) for port in ports
    ]


SOURCE_CODE = """
def configure(schemas, params):
    from operators.schemas import Column, TableSchema
    return {"table": TableSchema(tuple(Column(name, kind) for name, kind in params["columns"].items()))}
"""

PASS_CODE = """
def configure(schemas, params):
    return {"table": schemas["table"]}
"""

DROP_CODE = """
def configure(schemas, params):
    schema = schemas["table"]
    if schema is not None:
        schema.column(params["column"], "/column")
        schema = schema.without([params["column"]])
    return {"table": schema}
"""


def sample_catalogue(folder: Path) -> Catalogue:
    """A source of columns, a pass, one that drops a column, a join of many, a sink, a model, an old one."""
    table = ports("table:table")
    column = {"type": "object", "properties": {"column": COLUMN}, "required": ["column"], "additionalProperties": False}
    columns = {
        "type": "object",
        "properties": {"columns": {"type": "object", "default": {"a": "integer", "b": "string"}}},
    }
    number = {**COLUMN, "x-options": {**COLUMN["x-options"], "types": ["number"]}}
    return catalogue_of(
        write_package(folder, "t.source", code=SOURCE_CODE, outputs=table, parameters=columns),
        write_package(folder, "t.pass", code=PASS_CODE, inputs=table, outputs=table),
        write_package(folder, "t.drop", code=DROP_CODE, inputs=table, outputs=table, parameters=column),
        write_package(folder, "t.many", inputs=[{"name": "tables", "type": "table", "many": True}], outputs=table),
        write_package(folder, "t.maybe", inputs=[{"name": "table", "type": "table", "required": False}], outputs=table),
        write_package(folder, "t.sum", inputs=table, parameters={"type": "object", "properties": {"column": number}}),
        write_package(folder, "t.model", outputs=ports("model:model")),
        write_package(folder, "t.old", outputs=table, deprecated={"en": "Use t.source.", "zh": "请用 t.source。"}),
        write_package(folder, "t.pass", "2.0.0", code=PASS_CODE, inputs=table, outputs=table),
    )
