"""Reads a Parquet file as a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from operators.errors import ArtifactError, ColumnMissing, InputError
from operators.schemas import TableSchema


def run(inputs: Mapping[str, Any], params: Mapping[str, Any], context: Any) -> dict[str, Any]:
    import polars as pl

    path = Path(params["path"]).expanduser()
    if not path.is_file():
        raise InputError(
            f"There is no file {path}. Check the path; it is looked for on the machine that runs the step."
        )
    names = _chosen(_schema(path).names, params["columns"])
    frame = pl.scan_parquet(path, glob=False, hive_partitioning=False, n_rows=params["max_rows"])
    return {"table": frame.select(names)}


def configure(schemas: Mapping[str, Any], params: Mapping[str, Any]) -> dict[str, Any]:
    path = Path(params["path"]).expanduser()
    if not path.is_file():
        return {"table": None}
    try:
        schema = _schema(path)
    except InputError:
        return {"table": None}  # the run says what is wrong with the file
    return {"table": TableSchema(tuple(schema.column(name) for name in _chosen(schema.names, params["columns"])))}


def _schema(path: Path) -> TableSchema:
    from operators.artifacts.table import read_schema

    try:
        return read_schema(path)
    except ArtifactError as error:
        raise InputError(
            f"{path} is not a Parquet file: {error.__cause__}. Choose the reader for its format."
        ) from error


def _chosen(names: Sequence[str], wanted: Sequence[str]) -> Sequence[str]:
    for index, name in enumerate(wanted):
        if name not in names:
            raise ColumnMissing(name, names, f"/columns/{index}")
    return wanted or names
