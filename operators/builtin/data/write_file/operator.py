"""Writes a table to a file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

from operators.errors import InputError, ParameterError
from operators.frames import known_table, schema_of
from operators.schemas import TableSchema

ENDINGS = {
    ".csv": "csv",
    ".tsv": "csv",
    ".parquet": "parquet",
    ".jsonl": "json_lines",
    ".ndjson": "json_lines",
    ".arrow": "arrow",
    ".feather": "arrow",
}
NOT_IN_CSV = ("list", "struct", "binary")


def run(inputs: Mapping[str, Any], params: Mapping[str, Any], context: Any) -> dict[str, Any]:
    import polars as pl

    frame = inputs["table"]
    schema = schema_of(frame)
    form = _format(schema, params)
    path = Path(params["path"]).expanduser().absolute()
    _require_place(path, params["existing"])
    # Beside its place, so that it gets there by one rename, whole or not at all.
    temporary = path.with_name(f".{path.name}.{uuid4().hex}")
    try:
        _sink(frame, temporary, form, params)
        temporary.replace(path)
    except (OSError, pl.exceptions.ComputeError) as error:
        # Polars reports a disk that is full as one or the other.
        if isinstance(error, pl.exceptions.ComputeError) and "os error" not in str(error):
            raise
        raise InputError(f"{path} cannot be written: {error}. Check the folder's rights and its free space.") from error
    finally:
        temporary.unlink(missing_ok=True)
    rows = frame.select(pl.len()).collect(engine="streaming").item()
    context.logger.info("Wrote %d rows to %s.", rows, path)
    metrics = {"rows": rows, "columns": len(schema.columns), "bytes": path.stat().st_size}
    return {"file": path, "metrics": metrics}


def configure(schemas: Mapping[str, Any], params: Mapping[str, Any]) -> dict[str, Any]:
    _format(known_table(schemas, "table"), params)
    return {"file": None, "metrics": None}


def _format(schema: TableSchema | None, params: Mapping[str, Any]) -> str:
    form = params["format"]
    if form == "auto":
        ending = Path(params["path"]).suffix.lower()
        if ending not in ENDINGS:
            raise ParameterError(
                f"The ending {ending!r} does not say in which format to write. Choose a format, or an ending of"
                f" {', '.join(ENDINGS)}.",
                "/path",
            )
        form = ENDINGS[ending]
    refused = [column.name for column in schema.columns if column.type in NOT_IN_CSV] if schema else []
    if form == "csv" and refused:
        raise ParameterError(
            f"The columns {', '.join(map(repr, refused))} hold lists, structs or bytes, which CSV cannot. Write"
            " Parquet or JSON lines, or leave them out.",
            "/format",
        )
    return str(form)


def _require_place(path: Path, existing: str) -> None:
    if not path.parent.is_dir():
        raise InputError(f"There is no folder {path.parent} to write {path.name} into. Make it, or change the path.")
    if path.is_dir():
        raise InputError(f"{path} is a folder. Write the name of a file in it.")
    if path.exists() and existing == "fail":
        raise InputError(f"There is a file {path} already. Choose another name, or say that it is to be replaced.")


def _sink(frame: Any, path: Path, form: str, params: Mapping[str, Any]) -> None:
    if form == "csv":
        separator = "\t" if params["path"].lower().endswith(".tsv") else params["separator"]
        frame.sink_csv(path, separator=separator, include_bom=params["bom"])
    elif form == "parquet":
        frame.sink_parquet(path, compression="zstd")
    elif form == "json_lines":
        frame.sink_ndjson(path)
    else:
        frame.sink_ipc(path, compression="zstd")
