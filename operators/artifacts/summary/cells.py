"""Cells of a table as JSON values."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from operators.artifacts.json_values import json_value


def cells(values: Iterable[Any]) -> list[Any]:
    """The Arrow scalars in `values` (an array will do) as JSON values."""
    as_list = getattr(values, "to_pylist", None)
    if as_list is not None:
        try:
            return [json_value(value) for value in as_list()]
        except (ValueError, OverflowError, LookupError):  # a date that Python's calendar lacks, nanoseconds
            pass
    return [_cell(scalar) for scalar in values]


def _cell(scalar: Any) -> Any:
    try:
        return json_value(scalar.as_py())
    except (ValueError, OverflowError, LookupError):
        return _in_words(scalar)


def _in_words(scalar: Any) -> Any:
    import pyarrow as pa

    try:
        return json_value(scalar.cast(pa.string()).as_py())
    except pa.ArrowException:
        return json_value(str(getattr(scalar, "value", scalar.type)))
