"""Text artifacts: UTF-8 files."""

from __future__ import annotations

from pathlib import Path

from operators.artifacts.files import read_text
from operators.artifacts.json_values import short_text
from operators.documents import Artifact
from operators.errors import OutputError
from operators.spec import PortSpec

EXCERPT = 500


def write(port: PortSpec, value: object, folder: Path, name: str) -> Artifact:
    """Write a `str`, byte for byte."""
    if not isinstance(value, str):
        raise OutputError(f"The output {port.name!r} must be text (str); found {type(value).__name__}.")
    data = encode_text(port, value)
    path = folder / f"{name}.txt"
    path.write_bytes(data)
    summary = {
        "characters": len(value),
        "lines": value.count("\n") + (not value.endswith("\n") and value != ""),
        "excerpt": short_text(value, EXCERPT),
    }
    return Artifact("text", "text", path.name, len(data), summary=summary, media_type="text/plain; charset=utf-8")


def read(artifact: Artifact, path: Path, port: PortSpec) -> str:
    """The text in the file."""
    return read_text(path)


def encode_text(port: PortSpec, text: str) -> bytes:
    """`text` in UTF-8; `OutputError` where it holds half a surrogate pair."""
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise OutputError(
            f"The output {port.name!r} cannot be written as UTF-8: character {error.start} is {text[error.start]!r},"
            " half of a surrogate pair. Decode the source with errors='replace'."
        ) from error
