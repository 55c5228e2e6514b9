"""Keeps, drops, orders and renames columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from operators.errors import ColumnMissing, ParameterError
from operators.frames import known_table
from operators.schemas import Column, TableSchema


def run(inputs: Mapping[str, Any], params: Mapping[str, Any], context: Any) -> dict[str, Any]:
    import polars as pl

    frame = inputs["table"]
    chosen = _chosen(frame.collect_schema().names(), params)
    return {"table": frame.select([pl.col(old).alias(new) for old, new in chosen.items()])}


def configure(schemas: Mapping[str, Any], params: Mapping[str, Any]) -> dict[str, Any]:
    schema = known_table(schemas, "table")
    if schema is None:
        return {"table": None}
    chosen = _chosen(schema.names, params)
    return {"table": TableSchema(tuple(Column(new, schema.column(old).type) for old, new in chosen.items()))}


def _chosen(names: Sequence[str], params: Mapping[str, Any]) -> dict[str, str]:
    """The name of each column that stays, in order, and what it is called then."""
    listed, rename = params["columns"], params["rename"]
    for index, name in enumerate(listed):
        if name not in names:
            raise ColumnMissing(name, names, f"/columns/{index}")
    others = [name for name in names if name not in listed]
    kept = others if params["mode"] == "drop" else list(listed) or list(names)
    if not kept:
        raise ParameterError("There is no column left. Drop fewer columns.", "/columns")
    for name in rename:
        if name not in kept:
            raise ColumnMissing(name, kept, _rename_pointer(name))
    return _renamed(kept, rename)


def _renamed(kept: Sequence[str], rename: Mapping[str, str]) -> dict[str, str]:
    renamed = {name: rename.get(name, name) for name in kept}
    for name, new in rename.items():
        if list(renamed.values()).count(new) > 1:
            raise ParameterError(
                f"Two columns would be called {new!r}. Give {name!r} another name, or drop the other column.",
                _rename_pointer(name),
            )
    return renamed


def _rename_pointer(name: str) -> str:
    return "/rename/" + name.replace("~", "~0").replace("/", "~1")
