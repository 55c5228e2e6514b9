"""Table artifacts: one Parquet file, uncompressed, in row groups that a sample can be spread over."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from operators.artifacts.arrow_types import column_type, table_schema
from operators.artifacts.files import unreadable
from operators.artifacts.summary.file import summarize_file
from operators.artifacts.summary.table import SAMPLE_LIMIT, summarize_table
from operators.artifacts.tabular import as_arrow, kind_of, sink_lazy
from operators.documents import Artifact
from operators.errors import OutputError
from operators.schemas import TableSchema
from operators.spec import PortSpec

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["column_type", "read", "read_schema", "table_schema", "write", "write_parquet"]

ROW_GROUP_ROWS = 524_288
MEDIA_TYPE = "application/vnd.apache.parquet"


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
    if kind == "lazy":
        sink_lazy(port, value, path, ROW_GROUP_ROWS)
        schema, summary = summarize_file(path)
        return artifact(path, table_schema(schema), summary)
    table = as_arrow(port, value, kind)
    write_parquet(port, table, path)
    if table.num_rows <= SAMPLE_LIMIT:
        return artifact(path, table_schema(table.schema), summarize_table(table))
    schema, summary = summarize_file(path, table)
    return artifact(path, table_schema(schema), summary)


def artifact(path: Path, schema: TableSchema, summary: dict[str, Any]) -> Artifact:
    """The description of a table that has been written to `path`."""
    size = path.stat().st_size
    return Artifact("table", "parquet", path.name, size, schema, summary, media_type=MEDIA_TYPE)


def write_parquet(port: PortSpec, table: pa.Table, path: Path) -> None:
    """Write one Parquet file; `OutputError` names the columns that it cannot hold."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        # Plain pages are written and read at the speed of memory; compression and dictionaries cost more than that.
        pq.write_table(table, path, compression="none", use_dictionary=False, row_group_size=ROW_GROUP_ROWS)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        refused = [f"{field.name!r} ({field.type})" for field in table.schema if not _can_hold(field)]
        named = f" The columns {', '.join(refused)} are of a type that Parquet lacks; cast them." if refused else ""
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
            return file.read(columns)
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
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return False
    return True
