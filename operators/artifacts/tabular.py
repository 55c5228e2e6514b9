"""The kinds of tables that `run` may return, as one Arrow table, or streamed into a file."""

from __future__ import annotations

import errno
import re
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from operators.errors import OutputError
from operators.spec import PortSpec

if TYPE_CHECKING:
    import pyarrow as pa

# Rows in each piece that is streamed. Takes a third less memory than polars' own size, at about the same speed.
_PIECE_ROWS = 20_000

# What polars says of a disk or a quota that is full, or a file that grew too large.
_FULL = re.compile(rf"\(os error ({errno.ENOSPC}|{errno.EDQUOT}|{errno.EFBIG})\)")

Kind = Literal["arrow", "polars", "lazy", "pandas"]


def kind_of(value: object) -> Kind | None:
    """Which kind of table `value` is. Imports nothing: a value's library is there already."""
    kinds: tuple[tuple[str, str, Kind], ...] = (
        ("pyarrow", "Table", "arrow"),
        ("polars", "LazyFrame", "lazy"),
        ("polars", "DataFrame", "polars"),
        ("pandas", "DataFrame", "pandas"),
    )
    for library, name, kind in kinds:
        table_type = getattr(sys.modules.get(library), name, None)
        if table_type is not None and isinstance(value, table_type):
            return kind
    return None


def as_arrow(port: PortSpec, value: Any, kind: Kind) -> pa.Table:
    """`value` as an Arrow table, with what its library says of itself left out of the schema's metadata.

    Raises:
        OutputError: two columns of one name, or a column of mixed Python types.
    """
    if kind == "arrow":
        table = value
    elif kind == "polars":
        table = _from_polars(port, value)
    else:
        table = _from_pandas(port, value)
    refuse_duplicates(port, table.column_names)
    return table.replace_schema_metadata(None) if table.schema.metadata else table


def refuse_duplicates(port: PortSpec, names: Iterable[str]) -> None:
    """`OutputError` where two columns have one name."""
    names = list(names)
    if len(set(names)) == len(names):
        return
    twice = [repr(name) for name, count in Counter(names).items() if count > 1]
    raise OutputError(
        f"The output {port.name!r} has several columns of one name: {', '.join(twice)}. Rename them before returning."
    )


def sink_lazy(port: PortSpec, frame: Any, path: Path) -> None:
    """Compute a `polars.LazyFrame` piece by piece into a Parquet file; it is never whole in memory.

    Raises:
        OutputError: it could not be computed; the cause is polars' own error.
        OSError: the disk is full.
    """
    import polars as pl

    try:
        with pl.Config() as config:
            config.set_streaming_chunk_size(_PIECE_ROWS)
            frame.sink_parquet(path, compression="uncompressed", engine="streaming")
    except pl.exceptions.PolarsError as error:
        full = _FULL.search(str(error))
        if full:
            raise OSError(int(full[1]), f"{error}", str(path)) from error
        # The lines after the first advise on options of Polars' own functions, which are not at hand here.
        found = str(error).strip().splitlines()[0].rstrip(".") if str(error).strip() else type(error).__name__
        raise OutputError(f"The output {port.name!r} could not be computed: {found}.") from error


def _from_polars(port: PortSpec, frame: Any) -> pa.Table:
    import polars as pl

    objects = [name for name, dtype in frame.schema.items() if dtype == pl.Object]
    if objects:
        raise OutputError(
            f"The output {port.name!r} has columns of Python objects: {', '.join(map(repr, objects))}."
            " Cast them to a type that a table can hold."
        )
    return frame.to_arrow(compat_level=pl.CompatLevel.oldest())


def _from_pandas(port: PortSpec, frame: Any) -> pa.Table:
    import pandas as pd
    import pyarrow as pa

    names = [str(name) for name in frame.columns]
    refuse_duplicates(port, names)
    index = frame.index
    if not (isinstance(index, pd.RangeIndex) and index.start == 0 and index.step == 1):
        frame = frame.reset_index()
        names = [str(name) for name in frame.columns]
    try:
        return pa.Table.from_pandas(frame.set_axis(names, axis=1), preserve_index=False)
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError) as error:
        raise OutputError(
            f"The output {port.name!r} has a column of mixed Python types: {'; '.join(map(str, error.args))}."
            " Convert it to one type."
        ) from error
