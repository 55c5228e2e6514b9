"""File artifacts: any file, kept as it is."""

from __future__ import annotations

import mimetypes
import shutil
from pathlib import Path

from operators.artifacts.files import unreadable
from operators.documents import Artifact
from operators.errors import OutputError
from operators.spec import PortSpec


def write(port: PortSpec, value: object, folder: Path, name: str, scratch: Path | None = None) -> Artifact:
    """Keep a file under the port's name and its own suffix; its own name is told by the artifact.

    A file that lies in `scratch` is moved. Others are copied: they may be somebody's, or another step's.
    """
    source = _source(port, value)
    target = folder / f"{name}{_suffix(source)}"
    real = source.resolve()
    if scratch is not None and not source.is_symlink() and real.is_relative_to(scratch.resolve()):
        shutil.move(real, target)
    else:
        shutil.copyfile(real, target)
    size = target.stat().st_size
    media_type = mimetypes.guess_type(source.name)[0] or "application/octet-stream"
    summary = {"name": source.name, "bytes": size, "media_type": media_type}
    return Artifact("file", "file", target.name, size, summary=summary, name=source.name, media_type=media_type)


def read(artifact: Artifact, path: Path, port: PortSpec) -> Path:
    """Where the file lies. It belongs to the store: read it, do not change it."""
    if not path.is_file():
        raise unreadable(path, FileNotFoundError("there is no such file"))
    return path


def _source(port: PortSpec, value: object) -> Path:
    if not isinstance(value, (Path, str)):
        raise OutputError(f"The output {port.name!r} must be a file (pathlib.Path); found {type(value).__name__}.")
    path = Path(value)
    if not path.is_file():
        found = "a folder; pack it into one file" if path.is_dir() else "nothing there"
        raise OutputError(f"The output {port.name!r} must be a file; at {path} there is {found}.")
    return path


def _suffix(path: Path) -> str:
    """The suffix with its archive's (`.tar.gz`), if it is short enough to be one."""
    packed = path.suffix.lower() in (".gz", ".bz2", ".xz", ".zst")
    suffix = "".join(path.suffixes[-2:]) if packed else path.suffix
    return suffix if len(suffix) <= 24 else ""
