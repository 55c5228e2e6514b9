"""Reads a file with one JSON object on each line as a table."""

from __future__ import annotations

import glob
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from operators.errors import ColumnMissing, InputError
from operators.frames import schema_of

# Below this size a file is read at once, so that a line that cannot be read is named here.
AT_ONCE = 64 * 2**20


def run(inputs: Mapping[str, Any], params: Mapping[str, Any], context: Any) -> dict[str, Any]:
    import polars as pl

    path = Path(params["path"]).expanduser()
    if not path.is_file():
        raise InputError(
            f"There is no file {path}. Check the path; it is looked for on the machine that runs the step."
        )
    if path.stat().st_size == 0:
        raise InputError(f"{path} is empty: expected a JSON object on each line, found no bytes.")
    try:
        frame = _scan(path, params)
        return {"table": frame if path.stat().st_size > AT_ONCE else frame.collect()}
    except pl.exceptions.PolarsError as error:
        raise _explained(path, error) from error


def configure(schemas: Mapping[str, Any], params: Mapping[str, Any]) -> dict[str, Any]:
    import polars as pl

    path = Path(params["path"]).expanduser()
    if not path.is_file() or path.stat().st_size == 0:
        return {"table": None}
    try:
        return {"table": schema_of(_scan(path, params))}
    except pl.exceptions.PolarsError:
        return {"table": None}  # the run says what is wrong with the file


def _scan(path: Path, params: Mapping[str, Any]) -> Any:
    import polars as pl

    # A path is one file, whatever signs are in its name.
    frame = pl.scan_ndjson(glob.escape(str(path)), infer_schema_length=params["infer_rows"], n_rows=params["max_rows"])
    names = frame.collect_schema().names()
    for index, name in enumerate(params["columns"]):
        if name not in names:
            raise ColumnMissing(name, names, f"/columns/{index}")
    return frame.select(params["columns"] or names)


def _explained(path: Path, error: Exception) -> InputError:
    found = str(error).splitlines()[0].rstrip(".")
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            problem = _problem(line)
            if problem:
                return InputError(f"{path}, line {number}: expected a JSON object, found {problem}. Mend the line.")
    return InputError(
        f"{path} cannot be read as a table: {found}. Raise 'Rows to look at' so that the types of later rows are seen"
        " too, or make the values of a key all of one type."
    )


def _problem(line: bytes) -> str | None:
    """What is on a line that should hold a JSON object; None where it does, or where it is blank."""
    if not line.strip():
        return None
    try:
        value = json.loads(line)
    except ValueError as error:
        return f"no JSON ({error})"
    return None if isinstance(value, dict) else f"a JSON {type(value).__name__}"
