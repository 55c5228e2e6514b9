"""Puts together the rows of two tables whose keys are equal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from operators.errors import ParameterError
from operators.frames import known_table, polars_type, schema_of
from operators.schemas import Column, TableSchema

NUMBERS = {"integer", "number"}
LEFT_ONLY = ("semi", "anti")
# Which side's order of rows the result has, as Polars names it.
ORDERS = {"right": "right", "full": "left_right", "cross": "none"}


@dataclass(frozen=True)
class Layout:
    """The key columns of both sides, and the right columns that come along with their names in the result."""

    left_keys: tuple[Column, ...]
    right_keys: tuple[Column, ...]
    brought: Mapping[str, str]


def run(inputs: Mapping[str, Any], params: Mapping[str, Any], context: Any) -> dict[str, Any]:
    left, right = inputs["left"], inputs["right"]
    layout = _layout(schema_of(left), schema_of(right), params)
    left_names = left.collect_schema().names()
    if params["how"] == "cross":
        return {"table": left.join(right.rename(dict(layout.brought)), how="cross")}
    left, right = _aligned(left, right, layout)
    joined = left.join(
        right,
        on=[column.name for column in layout.left_keys],
        how=params["how"],
        coalesce=None if params["how"] in LEFT_ONLY else True,
        maintain_order=ORDERS.get(params["how"], "left"),
    )
    return {"table": joined.select(left_names + ([] if params["how"] in LEFT_ONLY else list(layout.brought.values())))}


def configure(schemas: Mapping[str, Any], params: Mapping[str, Any]) -> dict[str, Any]:
    left, right = known_table(schemas, "left"), known_table(schemas, "right")
    if left is None or right is None:
        return {"table": None}
    layout = _layout(left, right, params)
    if params["how"] in LEFT_ONLY:
        return {"table": left}
    types = {mine.name: _common(mine.type, other.type) for mine, other in zip(*_keys(layout), strict=True)}
    columns = [Column(column.name, types.get(column.name, column.type)) for column in left.columns]
    columns += [Column(new, right.column(old).type) for old, new in layout.brought.items()]
    return {"table": TableSchema(tuple(columns))}


def _keys(layout: Layout) -> tuple[Sequence[Column], Sequence[Column]]:
    return layout.left_keys, layout.right_keys


def _layout(left: TableSchema, right: TableSchema, params: Mapping[str, Any]) -> Layout:
    keys = [] if params["how"] == "cross" else params["keys"]
    left_keys, right_keys = [], []
    for index, key in enumerate(keys):
        mine = left.column(key["left"], f"/keys/{index}/left")
        other = right.column(
            key.get("right") or key["left"], f"/keys/{index}/{'right' if key.get('right') else 'left'}"
        )
        _require_comparable(mine, other, f"/keys/{index}")
        left_keys.append(mine)
        right_keys.append(other)
    _require_once(left_keys, "left")
    _require_once(right_keys, "right")
    others = [name for name in right.names if name not in {column.name for column in right_keys}]
    return Layout(tuple(left_keys), tuple(right_keys), _names(left.names, others, params))


def _require_comparable(mine: Column, other: Column, pointer: str) -> None:
    types = {mine.type, other.type}
    if len(types) > 1 and types != NUMBERS and "unknown" not in types:
        raise ParameterError(
            f"{mine.name!r} of the left table is of type {mine.type}, {other.name!r} of the right table of type"
            f" {other.type}: they are never equal. Convert one of them with 'Derive columns' first.",
            pointer,
        )


def _require_once(columns: Sequence[Column], side: str) -> None:
    for index, column in enumerate(columns):
        if column in columns[:index]:
            raise ParameterError(
                f"{column.name!r} is a key of the {side} table twice. Take one away.", f"/keys/{index}"
            )


def _names(taken: Sequence[str], others: Sequence[str], params: Mapping[str, Any]) -> dict[str, str]:
    """What each right column that comes along is called in the result."""
    if params["how"] in LEFT_ONLY:
        return {}
    names = {name: name + params["suffix"] if name in taken else name for name in others}
    for old, new in names.items():
        if new in taken or list(names.values()).count(new) > 1:
            raise ParameterError(
                f"Two columns would be called {new!r} when {params['suffix']!r} is put behind {old!r}. Choose another"
                " suffix.",
                "/suffix",
            )
    return names


def _common(mine: str, other: str) -> str:
    return mine if mine == other or {mine, other} != NUMBERS else "number"


def _aligned(left: Any, right: Any, layout: Layout) -> tuple[Any, Any]:
    """Both frames with keys of the same names and types, and right columns under the names they have in the result."""
    import polars as pl

    renamed = {old.name: new.name for new, old in zip(*_keys(layout), strict=True)} | dict(layout.brought)
    right = right.select([pl.col(old).alias(new) for old, new in renamed.items()])
    left_types, right_types = left.collect_schema(), right.collect_schema()
    for mine, other in zip(*_keys(layout), strict=True):
        if left_types[mine.name] != right_types[mine.name] and "unknown" not in (mine.type, other.type):
            wanted = polars_type(_common(mine.type, other.type))
            left = left.with_columns(pl.col(mine.name).cast(wanted))
            right = right.with_columns(pl.col(mine.name).cast(wanted))
    return left, right
