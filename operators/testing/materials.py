"""What the cases of `tests.json` start from, made real: files in a folder and input values."""

from __future__ import annotations

import base64
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from operators.errors import PackageError
from operators.values import Images, Report, Vectors

if TYPE_CHECKING:
    import pyarrow as pa

KINDS = ("table", "text", "metrics", "report", "file", "images", "vectors")


def write_files(files: Mapping[str, Any], folder: Path) -> None:
    """Write the `files` of a case."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, str):
            path.write_bytes(content.encode())
        elif "base64" in content:
            path.write_bytes(base64.b64decode(content["base64"]))
        elif "sqlite" in content:
            _write_sqlite(path, content["sqlite"])
        else:
            import pyarrow.parquet as pq

            pq.write_table(table_of(content), path)


def _write_sqlite(path: Path, tables: Mapping[str, Mapping[str, list[Any]]]) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        for name, columns in tables.items():
            heads = ", ".join(f'"{column}"' for column in columns)
            marks = ", ".join("?" for _ in columns)
            connection.execute(f'CREATE TABLE "{name}" ({heads})')
            rows = zip(*columns.values(), strict=True)
            connection.executemany(f'INSERT INTO "{name}" VALUES ({marks})', rows)  # noqa: S608 - the author's own names


def value_of(given: Mapping[str, Any], folder: Path) -> tuple[str, Any]:
    """The port type and the value of an input that is written out in the case."""
    kind = next((kind for kind in KINDS if kind in given), None)
    if kind is None:
        raise PackageError(f"An input of a case has one of {', '.join(KINDS)}; found {', '.join(given) or 'nothing'}.")
    return kind, _MAKERS[kind](given, folder)


def table_of(given: Mapping[str, Any]) -> pa.Table:
    """The table of ``{"table": {column: values}, "types": {column: coarse type}}``."""
    import pyarrow as pa

    types = given.get("types", {})
    return pa.table({name: _column(values, types.get(name)) for name, values in given["table"].items()})


def _column(values: list[Any], coarse: str | None) -> pa.Array:
    import pyarrow as pa

    if coarse is None:
        return pa.array(values)
    types = {
        "integer": pa.int64(),
        "number": pa.float64(),
        "boolean": pa.bool_(),
        "string": pa.string(),
        "date": pa.date32(),
        "datetime": pa.timestamp("us"),
        "time": pa.time64("us"),
        "duration": pa.duration("us"),
        "category": pa.dictionary(pa.int32(), pa.string()),
    }
    if coarse not in types:
        raise PackageError(f"The column type {coarse!r} is not known to the suite; known are {', '.join(types)}.")
    if coarse == "number":
        return pa.array([float(value) if isinstance(value, str) else value for value in values], types[coarse])
    if coarse in ("date", "datetime", "time"):
        return pa.array(values, pa.string()).cast(types[coarse])
    return pa.array(values, types[coarse])


def _images(given: Mapping[str, Any], folder: Path) -> Images:
    import numpy as np

    pixels = [np.array(picture, np.uint8) for picture in given["images"]["pixels"]]
    return Images(pixels, table_of(given["images"]))


def _vectors(given: Mapping[str, Any], folder: Path) -> Vectors:
    import numpy as np

    return Vectors(np.array(given["vectors"]["values"], np.float32), table_of(given["vectors"]))


def _file(given: Mapping[str, Any], folder: Path) -> Path:
    write_files({given["file"]["name"]: given["file"]["content"]}, folder)
    return folder / str(given["file"]["name"])


def _report(given: Mapping[str, Any], folder: Path) -> Report:
    head, _, rest = given["report"].partition("\n")
    return Report(head.removeprefix("# "), [rest.strip()])


_MAKERS = {
    "table": lambda given, folder: table_of(given),
    "text": lambda given, folder: given["text"],
    "metrics": lambda given, folder: given["metrics"],
    "report": _report,
    "file": _file,
    "images": _images,
    "vectors": _vectors,
}
