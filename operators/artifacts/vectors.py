"""Vector artifacts: Parquet with a fixed-size list of float32 in `vector`, and the attribute columns before it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from operators.artifacts.arrow_types import table_schema
from operators.artifacts.attributes import check_attributes
from operators.artifacts.buffers import to_arrow, to_numpy
from operators.artifacts.files import unreadable
from operators.artifacts.json_values import finite
from operators.artifacts.summary.table import summarize_attributes
from operators.artifacts.table import MEDIA_TYPE, read_table, write_parquet
from operators.documents import Artifact
from operators.errors import OutputError
from operators.schemas import VectorsSchema
from operators.spec import PortSpec
from operators.values import Vectors

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

VECTOR = "vector"
_BLOCK = 65_536


def write(port: PortSpec, value: object, folder: Path, name: str) -> Artifact:
    """Write `Vectors`: float32, of shape (count, dimension), with as many rows of attributes."""
    if not isinstance(value, Vectors):
        raise OutputError(
            f"The output {port.name!r} must be vectors (operators.values.Vectors); found {type(value).__name__}."
        )
    values = _values(port, value)
    count, dimension = values.shape
    attributes = check_attributes(port, value.table, count, (VECTOR,))
    path = folder / f"{name}.parquet"
    write_parquet(port, _with_vectors(attributes, values), path)
    schema = VectorsSchema(dimension, table_schema(attributes.schema).columns)
    size = path.stat().st_size
    summary = {"count": count, "dimension": dimension, "norms": _norms(values), **summarize_attributes(attributes)}
    return Artifact("vectors", "parquet", path.name, size, schema, summary, media_type=MEDIA_TYPE)


def read(artifact: Artifact, path: Path, port: PortSpec) -> Any:
    """`Vectors`; for a table port the attributes and a column `vector` (a list of float32)."""
    table = read_table(path)
    if port.type == "table":
        vectors = table.column(VECTOR)
        table = table.drop_columns([VECTOR]).append_column(VECTOR, vectors.cast(_list_type()))
        return _handed_over(table, port)
    try:
        column = table.column(VECTOR).combine_chunks()
        values = to_numpy(column.flatten()).reshape(len(column), column.type.list_size)
    except (KeyError, AttributeError, ValueError) as error:
        raise unreadable(path, error) from error
    return Vectors(values, table.drop_columns([VECTOR]))


def _handed_over(table: pa.Table, port: PortSpec) -> Any:
    if port.handover == "lazy":
        import polars as pl

        return pl.LazyFrame(table)
    return table


def _list_type() -> pa.DataType:
    import pyarrow as pa

    return pa.list_(pa.float32())


def _values(port: PortSpec, vectors: Vectors) -> np.ndarray:
    import numpy as np

    try:
        values = np.ascontiguousarray(vectors.values, dtype=np.float32)
    except (TypeError, ValueError) as error:
        raise OutputError(f"The vectors on the output {port.name!r} must be numbers: {error}.") from error
    if values.ndim != 2 or not values.shape[1]:
        raise OutputError(
            f"The vectors on the output {port.name!r} must have the shape (count, dimension), dimension at least 1;"
            f" found {np.shape(vectors.values)}."
        )
    return values


def _with_vectors(attributes: pa.Table, values: np.ndarray) -> pa.Table:
    import pyarrow as pa

    lists = pa.FixedSizeListArray.from_arrays(to_arrow(values.reshape(-1)), values.shape[1])
    return pa.Table.from_arrays([*attributes.columns, lists], names=[*attributes.column_names, VECTOR])


def _norms(values: np.ndarray) -> dict[str, Any]:
    """Least, mean and greatest Euclidean length, block by block so that no second copy of the vectors is made."""
    import numpy as np

    if not len(values):
        return {"min": None, "mean": None, "max": None}
    blocks = (values[start : start + _BLOCK] for start in range(0, len(values), _BLOCK))
    with np.errstate(over="ignore", invalid="ignore"):
        norms = np.concatenate([np.sqrt(np.einsum("ij,ij->i", block, block, dtype=np.float64)) for block in blocks])
        return {
            "min": finite(float(norms.min())),
            "mean": finite(float(norms.mean())),
            "max": finite(float(norms.max())),
        }
