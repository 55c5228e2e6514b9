"""Reading an artifact's file, with an error that names it."""

from __future__ import annotations

from pathlib import Path

from operators.errors import ArtifactError


def read_bytes(path: Path) -> bytes:
    """The content of the file; `ArtifactError` where it is gone or cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise unreadable(path, error) from error


def read_text(path: Path) -> str:
    """The content of the file as UTF-8, line ends as they are; `ArtifactError` where it is no text."""
    try:
        return read_bytes(path).decode("utf-8")
    except UnicodeDecodeError as error:
        raise unreadable(path, error) from error


def unreadable(path: Path, error: Exception) -> ArtifactError:
    """The error for a file that is not what its artifact says."""
    return ArtifactError(f"The artifact {path} cannot be read: {error}. Run the step that makes it again.")
