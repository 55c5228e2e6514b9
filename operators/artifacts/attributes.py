"""The table of attributes that travels beside pictures and vectors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from operators.artifacts.tabular import as_arrow, kind_of
from operators.errors import OutputError
from operators.spec import PortSpec

if TYPE_CHECKING:
    import pyarrow as pa


def check_attributes(port: PortSpec, table: Any, count: int, reserved: Sequence[str]) -> pa.Table:
    """The attributes as Arrow: a row for each of `count` items, no column named as one of `reserved`.

    Raises:
        OutputError: no table, the wrong number of rows, or a name that is taken.
    """
    kind = kind_of(table)
    if kind is None or kind == "lazy":
        raise OutputError(
            f"The attributes on the output {port.name!r} must be a pyarrow.Table; found {type(table).__name__}."
        )
    attributes = as_arrow(port, table, kind)
    taken = [repr(name) for name in attributes.column_names if name in reserved]
    if taken:
        raise OutputError(
            f"The output {port.name!r} keeps its own columns under the names {', '.join(map(repr, reserved))};"
            f" rename the attribute columns {', '.join(taken)}."
        )
    return _with_rows(port, attributes, count)


def _with_rows(port: PortSpec, attributes: pa.Table, count: int) -> pa.Table:
    if attributes.num_rows == count or not attributes.num_columns:
        return attributes
    raise OutputError(
        f"The output {port.name!r} has {count} items and {attributes.num_rows} rows of attributes;"
        " there must be one row for each."
    )
