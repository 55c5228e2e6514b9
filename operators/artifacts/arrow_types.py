"""Arrow's types as the coarse column types of forms."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING

from operators.schemas import Column, TableSchema

if TYPE_CHECKING:
    import pyarrow as pa

_NAMES = {
    "integer": "INT8 INT16 INT32 INT64 UINT8 UINT16 UINT32 UINT64",
    "number": "HALF_FLOAT FLOAT DOUBLE DECIMAL32 DECIMAL64 DECIMAL128 DECIMAL256",
    "boolean": "BOOL",
    "string": "STRING LARGE_STRING STRING_VIEW",
    "date": "DATE32 DATE64",
    "datetime": "TIMESTAMP",
    "time": "TIME32 TIME64",
    "duration": "DURATION",
    "binary": "BINARY LARGE_BINARY FIXED_SIZE_BINARY BINARY_VIEW",
    "list": "LIST LARGE_LIST FIXED_SIZE_LIST LIST_VIEW LARGE_LIST_VIEW",
    "struct": "STRUCT MAP",
}


def table_schema(schema: pa.Schema) -> TableSchema:
    """The columns of an Arrow schema with their coarse types."""
    return TableSchema(tuple(Column(field.name, column_type(field.type)) for field in schema))


def column_type(arrow: pa.DataType) -> str:
    """The coarse type of an Arrow type: what it is when decoded; 'unknown' for null and unions."""
    by_id = _coarse()
    found = by_id.get(arrow.id)
    if found is not None:
        return found
    inner = getattr(arrow, "storage_type", None) or getattr(arrow, "value_type", None)
    return "unknown" if inner is None else column_type(inner)


@cache
def _coarse() -> Mapping[int, str]:
    import pyarrow.lib as lib

    ids = {coarse: [getattr(lib, f"Type_{name}", None) for name in names.split()] for coarse, names in _NAMES.items()}
    return {number: coarse for coarse, numbers in ids.items() for number in numbers if number is not None}
