"""Table artifacts: one Parquet file of plain, uncompressed pages, written and read at about the speed of memory."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from operators.artifacts.arrow_types import column_type, table_schema
from operators.artifacts.files import unreadable
from operators.artifacts.summary.sampled import summarize_big_table, summarize_file, with_footer
from operators.artifacts.summary.table import SAMPLE_LIMIT, summarize_table
from operators.artifacts.tabular import as_arrow, kind_of, sink_lazy
from operators.documents import Artifact
from operators.errors import OutputError
from operators.schemas import TableSchema
from operators.spec import PortSpec

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["column_type", "read", "read_schema", "table_schema", "write", "write_parquet"]

MEDIA_TYPE = "application/vnd.apache.parquet"
_GROUP_BYTES = 128 * 2**20
_GROUP_ROWS = 262_144
_PAYS = 0.1

# Starting threads takes longer than reading a file of less than this.
_WORTH_THREADS = 2**20


def write(port: PortSpec, value: Any, folder: Path, name: str) -> Artifact:
    """Write a pyarrow.Table, polars.DataFrame, polars.LazyFrame (streamed, never whole in memory) or pandas.DataFrame.

    Raises:
        OutputError: no table, two columns of one name, or a column that Parquet cannot hold.
    """
    kind = kind_of(value)
    if kind is None:
        raise OutputError(
            f"The output {port.name!r} must be a table (pyarrow.Table, polars.DataFrame, polars.LazyFrame or"
            f" pandas.DataFrame); found {type(value).__name__}."
        )
    path = folder / f"{name}.parquet"
    if kind == "lazy" or (kind == "polars" and value.height > SAMPLE_LIMIT):
        sink_lazy(port, value.lazy(), path)
        return _artifact(path, *summarize_file(path))
    table = as_arrow(port, value, kind)
    if table.num_rows <= SAMPLE_LIMIT:
        write_parquet(port, table, path)
        return _artifact(path, table.schema, summarize_table(table))
    return _write_big(port, table, path)


def _write_big(port: PortSpec, table: pa.Table, path: Path) -> Artifact:
    """Write a table of many rows: the sample for its summary tells where a dictionary pays."""
    import pyarrow.parquet as pq

    summary = summarize_big_table(table)
    texts = [
        column["name"]
        for column in summary["columns"]
        if column["type"] == "string"
        and column.get("distinct_at_least", SAMPLE_LIMIT) < _PAYS * summary["sampled_rows"]
    ]
    write_parquet(port, table, path, dictionaries=texts)
    return _artifact(path, table.schema, with_footer(summary, pq.read_metadata(path)))


def _artifact(path: Path, schema: pa.Schema, summary: dict[str, Any]) -> Artifact:
    size = path.stat().st_size
    return Artifact("table", "parquet", path.name, size, table_schema(schema), summary, media_type=MEDIA_TYPE)


def write_parquet(port: PortSpec, table: pa.Table, path: Path, dictionaries: list[str] | None = None) -> None:
    """Write one Parquet file, with dictionaries for the columns named.

    Raises:
        OutputError: names the columns that Parquet cannot hold.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows = max(1, min(_GROUP_ROWS, _GROUP_BYTES * table.num_rows // max(1, table.nbytes)))
    try:
        # Compression, and dictionaries of numbers, cost more time than they save in writing and reading.
        pq.write_table(table, path, compression="none", use_dictionary=dictionaries or False, row_group_size=rows)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, pa.ArrowTypeError) as error:
        refused = [f"{field.name!r} ({field.type})" for field in table.schema if not _can_hold(field)]
        named = f" Parquet has no type for the columns {', '.join(refused)}; cast them." if refused else ""
        raise OutputError(f"The output {port.name!r} cannot be written as Parquet: {error}.{named}") from error


def read(artifact: Artifact, path: Path, port: PortSpec) -> Any:
    """The table as the port asks for it: a `pyarrow.Table`, or a `polars.LazyFrame` that reads what is asked of it."""
    if port.handover == "lazy":
        import polars as pl

        return pl.scan_parquet(path, glob=False, hive_partitioning=False)
    return read_table(path)


def read_table(path: Path, columns: list[str] | None = None) -> pa.Table:
    """The Parquet file, or some of its columns, as Arrow; `ArtifactError` where it is none."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path, memory_map=True) as file:
            return file.read(columns, use_threads=path.stat().st_size > _WORTH_THREADS)
    except (OSError, pa.ArrowInvalid) as error:
        raise unreadable(path, error) from error


def read_schema(path: Path) -> TableSchema:
    """The columns of a Parquet file, from its footer alone."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return table_schema(pq.read_schema(path))
    except (OSError, pa.ArrowInvalid) as error:
        raise unreadable(path, error) from error


def _can_hold(field: pa.Field) -> bool:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        pq.write_table(pa.schema([field]).empty_table(), pa.BufferOutputStream())
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, pa.ArrowTypeError):
        return False
    return True
