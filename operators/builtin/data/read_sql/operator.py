"""Asks a database one query and gives its answer as a table."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import closing
from typing import Any

from operators.builtin.data.database import check_url, database
from operators.errors import InputError

CHUNK_ROWS = 20_000


def run(inputs: Mapping[str, Any], params: Mapping[str, Any], context: Any) -> dict[str, Any]:
    import pyarrow as pa

    with database(params, context, must_exist=True) as engine, engine.connect() as connection:
        # As it is written: a colon or a per cent sign in the query is no placeholder.
        streamed = connection.execution_options(stream_results=True, max_row_buffer=CHUNK_ROWS)
        with closing(streamed.exec_driver_sql(params["query"])) as answer:
            if not answer.returns_rows:
                raise InputError("The query gives no rows, not even none: expected a SELECT. Write one.")
            names = _names(answer.keys())
            chunks = _chunks(answer, len(names), params["max_rows"], context)
    columns = {name: _column([chunk[index] for chunk in chunks]) for index, name in enumerate(names)}
    return {"table": pa.table(columns)}


def configure(schemas: Mapping[str, Any], params: Mapping[str, Any]) -> dict[str, Any]:
    check_url(params)
    return {"table": None}


def _names(keys: Any) -> list[str]:
    names = [str(key) for key in keys]
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise InputError(f"The query gives several columns called {twice[0]!r}. Name them apart with AS.")
    return names


def _chunks(answer: Any, width: int, limit: int | None, context: Any) -> list[list[Any]]:
    """The answer in pieces, each a list of Arrow arrays, one for each of the `width` columns."""
    chunks: list[list[Any]] = []
    rows = 0
    while limit is None or rows < limit:
        wanted = CHUNK_ROWS if limit is None else min(CHUNK_ROWS, limit - rows)
        fetched = answer.fetchmany(wanted)
        columns = list(zip(*fetched, strict=True)) or [()] * width
        chunks.append([_array(column) for column in columns])
        rows += len(fetched)
        context.progress(0.0, f"{rows:,} rows")
        if len(fetched) < wanted:
            break
    return chunks


def _array(values: Sequence[Any]) -> Any:
    """One piece of a column; what has no column type, or several in one column, becomes text."""
    import pyarrow as pa

    try:
        array = pa.array(values)
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        if all(value is None or isinstance(value, (int, float)) for value in values):
            return pa.array([None if value is None else float(value) for value in values])
        array = pa.array([_text(value) for value in values], pa.string())
    if pa.types.is_decimal(array.type):
        return array.cast(pa.float64())
    return pa.array([_text(value) for value in values], pa.string()) if pa.types.is_struct(array.type) else array


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, default=str) if isinstance(value, (dict, list)) else str(value)


def _column(pieces: Sequence[Any]) -> Any:
    """The pieces of a column under one type."""
    import pyarrow as pa

    types = {piece.type for piece in pieces if not pa.types.is_null(piece.type)}
    if not types:
        return pa.chunked_array(pieces, pa.null())
    if len(types) > 1:
        numbers = all(pa.types.is_integer(kind) or pa.types.is_floating(kind) for kind in types)
        types = {pa.float64() if numbers else pa.string()}
    wanted = types.pop()
    return pa.chunked_array([piece.cast(wanted) for piece in pieces], wanted)
