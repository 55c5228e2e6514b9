"""From the value on a port to the file of its artifact, and back: one format module for each port type.

A format module has two functions: ``write(port, value, folder, name) -> Artifact`` and
``read(artifact, path, port) -> value``. It is imported when its type is first written or read.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import Any, Protocol, cast

from operators.documents import Artifact
from operators.errors import ArtifactError, InputError, OutputError, RequirementMissing
from operators.ports import PortType, may_connect
from operators.schemas import Column, ImagesSchema, PortSchema, TableSchema, VectorsSchema
from operators.spec import PortSpec
from operators.values import Images, Model, Report, Vectors

FORMATS: Mapping[PortType, str] = MappingProxyType(
    {
        "table": "operators.artifacts.table",
        "images": "operators.artifacts.images",
        "text": "operators.artifacts.text",
        "vectors": "operators.artifacts.vectors",
        "model": "operators.artifacts.model",
        "metrics": "operators.artifacts.metrics",
        "report": "operators.artifacts.report",
        "file": "operators.artifacts.file",
    }
)
"""The module of each concrete port type."""

_EXTRAS = {
    "polars": "tables",
    "sklearn": "ml",
    "skops": "ml",
    "scipy": "ml",
    "cv2": "vision",
}

_TYPES: tuple[tuple[type, PortType], ...] = (
    (str, "text"),
    (Path, "file"),
    (Mapping, "metrics"),
    (Report, "report"),
    (Model, "model"),
    (Images, "images"),
    (Vectors, "vectors"),
)


class Format(Protocol):
    """What a format module offers."""

    def write(self, port: PortSpec, value: Any, folder: Path, name: str) -> Artifact:
        """Write `value` into `folder` under `name` and describe it."""

    def read(self, artifact: Artifact, path: Path, port: PortSpec) -> Any:
        """The value that was written to `path`, as `port` takes it."""


def write_value(port: PortSpec, value: Any, folder: Path, name: str, scratch: Path | None = None) -> Artifact:
    """Write what `run` returned for `port` into the local `folder`, under `name` and a suffix.

    Where the port is of type 'any', the value says what is written. A file that lies in `scratch` is moved, every
    other one is copied.

    Raises:
        OutputError: `value` is not what the port promises.
        ArtifactError: the disk is full, or a file that is to be read is not there.
        UnsafeModel: a model that cannot be kept safely.
        RequirementMissing: the format needs a package that is not installed.
    """
    kind = type_of(value) if port.type == "any" else port.type
    if kind is None:
        raise OutputError(
            f"The output {port.name!r} takes any value that an artifact can hold: a table, text, metrics, a report,"
            f" images, vectors, a model or a file; found {type(value).__name__}."
        )
    try:
        if kind == "file":
            from operators.artifacts import file

            return file.write(port, value, folder, name, scratch)
        return _format(kind).write(port, value, folder, name)
    except ModuleNotFoundError as error:
        raise _missing(error, f"write the output {port.name!r}") from error
    except OSError as error:
        raise ArtifactError(f"The output {port.name!r} cannot be written into {folder}: {error}.") from error


def read_value(artifact: Artifact, path: Path, port: PortSpec) -> Any:
    """The value in the file at `path`, as `port` takes it (see `operators.values`).

    Raises:
        InputError: an artifact of that type cannot feed the port.
        ArtifactError: the file cannot be read.
        UnsafeModel: a model file with something in it that must not be loaded.
        RequirementMissing: the format needs a package that is not installed.
    """
    if not may_connect(artifact.type, port.type):
        raise InputError(
            f"The input {port.name!r} takes {port.type}; what came in is {artifact.type}."
            f" Wire it to an output of type {port.type}."
        )
    try:
        return _format(artifact.type).read(artifact, path, port)
    except ModuleNotFoundError as error:
        raise _missing(error, f"read the input {port.name!r}") from error


def type_of(value: Any) -> PortType | None:
    """The port type whose artifact holds `value`; None where none does."""
    for python_type, kind in _TYPES:
        if isinstance(value, python_type):
            return kind
    root = type(value).__module__.partition(".")[0]
    if root in ("pyarrow", "polars", "pandas") and hasattr(value, "columns" if root != "polars" else "lazy"):
        return "table"
    return None


def delivered_schema(schema: PortSchema | None, target: PortType) -> PortSchema | None:
    """What an input of type `target` sees of an output with that schema: images and vectors as tables."""
    if target != "table" or schema is None:
        return schema
    if isinstance(schema, ImagesSchema):
        return TableSchema((*schema.columns, *(Column(name, "integer") for name in ("width", "height", "channels"))))
    if isinstance(schema, VectorsSchema):
        return TableSchema((*schema.columns, Column("vector", "list")))
    return schema


def _format(kind: PortType) -> Format:
    return cast(Format, import_module(FORMATS[kind]))


def _missing(error: ModuleNotFoundError, doing: str) -> Exception:
    root = (error.name or "").partition(".")[0]
    extra = _EXTRAS.get(root)
    if extra is None:
        return error
    return RequirementMissing(
        f"To {doing}, the package {root!r} is needed and not installed. Install it with: pip install 'opyard[{extra}]'"
    )
