"""Reads a file of separated values as a table."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from operators.errors import ColumnMissing, InputError
from operators.frames import polars_type, schema_of, unused_name
from operators.schemas import Column, TableSchema

from .layout import Layout, find_layout
from .rows import as_utf8, check_rows

# Below this size a file is read at once, so that a field that does not fit its column is explained here.
AT_ONCE = 64 * 2**20
# Bytes that each thread parses at once. Polars' own size takes twice the memory, at the same speed.
PIECE = 4 * 2**20


def run(inputs: Mapping[str, Any], params: Mapping[str, Any], context: Any) -> dict[str, Any]:
    path = Path(params["path"]).expanduser()
    if not path.is_file():
        raise InputError(
            f"There is no file {path}. Check the path; it is looked for on the machine that runs the step."
        )
    if path.stat().st_size == 0:
        raise InputError(f"{path} is empty: expected a table of separated values, found no bytes.")
    layout = find_layout(path, params)
    _check_types(layout, params)
    readable = as_utf8(path, params["encoding"], context.scratch)
    blank = check_rows(readable, path, layout, params)
    frame = _without_rows(_scan(readable, layout, params, bool(blank)), blank, params["max_rows"])
    if readable.stat().st_size > AT_ONCE:
        return {"table": frame}
    return {"table": _collected(frame, path)}


def configure(schemas: Mapping[str, Any], params: Mapping[str, Any]) -> dict[str, Any]:
    import polars as pl

    path = Path(params["path"]).expanduser()
    if not path.is_file() or path.stat().st_size == 0:
        return {"table": None}
    try:
        layout = find_layout(path, params)
    except InputError:
        return {"table": None}  # the run says what is wrong with the file
    _check_types(layout, params)
    if params["encoding"] != "utf-8":
        # Types are found in the rows, and those can be parsed only when the file is UTF-8.
        return {
            "table": TableSchema(tuple(Column(name, params["types"].get(name, "unknown")) for name in layout.names))
        }
    try:
        return {"table": schema_of(_scan(path, layout, params, False))}
    except pl.exceptions.PolarsError:
        return {"table": None}


def _check_types(layout: Layout, params: Mapping[str, Any]) -> None:
    for name in params["types"]:
        if name not in layout.names:
            raise ColumnMissing(name, layout.names, f"/types/{name.replace('~', '~0').replace('/', '~1')}")


def _scan(path: Path, layout: Layout, params: Mapping[str, Any], blank_lines: bool) -> Any:
    import polars as pl

    os.environ.setdefault("POLARS_CSV_CHUNK_SIZE", str(PIECE))
    return pl.scan_csv(
        path,
        separator=layout.separator,
        quote_char='"' if params["quoted"] else None,
        has_header=params["header"],
        skip_lines=params["skip_lines"],
        new_columns=list(layout.names),
        schema_overrides={name: polars_type(type_name) for name, type_name in params["types"].items()},
        null_values=params["null_values"] or None,
        infer_schema_length=params["infer_rows"],
        # Blank lines count as rows until they are taken out.
        n_rows=None if blank_lines else params["max_rows"],
        try_parse_dates=params["dates"],
        decimal_comma=params["decimal_comma"],
        glob=False,
    )


def _without_rows(frame: Any, blank: list[int], limit: int | None) -> Any:
    import polars as pl

    if not blank:
        return frame
    number = unused_name(frame.collect_schema(), "row")
    kept = frame.with_row_index(number).filter(~pl.col(number).is_in(blank)).drop(number)
    return kept if limit is None else kept.head(limit)


def _collected(frame: Any, path: Path) -> Any:
    import polars as pl

    try:
        return frame.collect()
    except pl.exceptions.PolarsError as error:
        found = str(error).splitlines()[0].rstrip(".")
        raise InputError(
            f"{path} cannot be read: {found}. Set the column's type under 'Column types', raise 'Rows to look at' so"
            " that later rows are seen too, or name the value under 'Missing values'. Where a field holds a quotation"
            " mark that is only a sign, switch 'Quoted fields' off."
        ) from error
