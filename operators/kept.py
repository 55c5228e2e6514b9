"""Packages that this process has looked at, kept for as long as their files stay as they are.

A template fills this before it forks, so that a step finds its package without reading it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

from msgspec import Struct

from operators.discovery import find
from operators.documents import OperatorRef
from operators.errors import OperatorsError, PackageError
from operators.package import FolderPackage, Package

Stamp = tuple[tuple[str, int, int], ...]


class _Kept(Struct, frozen=True):
    stamp: Stamp
    package: Package
    digest: str


_by_folder: dict[str, _Kept] = {}


def keep(folder: str) -> None:
    """Look at the package in `folder` now; if it is broken, whoever needs it will hear of it."""
    try:
        _by_folder[folder] = _look(folder)
    except (OperatorsError, OSError):
        _by_folder.pop(folder, None)


def package_for(reference: OperatorRef) -> Package:
    """The package that a step was planned with.

    Raises:
        OperatorNotFound: it is not installed here.
        PackageError: its code is not what it was planned with.
    """
    kept = _by_folder.get(reference.folder)
    if kept is None or kept.stamp != _stamp(reference.folder):
        package = find(reference.id, reference.version, reference.folder)
        kept = _Kept(_stamp(package.source), package, package.code_digest())
        _by_folder[reference.folder] = kept
    elif (kept.package.spec.id, kept.package.spec.version) != (reference.id, reference.version):
        return find(reference.id, reference.version)
    if reference.code and kept.digest != reference.code:
        raise PackageError(
            f"The code of {reference.id}@{reference.version} has changed since this run was planned. Run it again (if"
            " Opyard itself was updated, restart it first), or publish the change under a new version."
        )
    return kept.package


def _look(folder: str) -> _Kept:
    from pathlib import Path

    stamp = _stamp(folder)
    package = FolderPackage(Path(folder))
    package.spec  # noqa: B018 - decoded now, and kept decoded
    return _Kept(stamp, package, package.code_digest())


def _stamp(folder: str) -> Stamp:
    """Names, sizes and times of change of all files in a folder; empty where there is none."""
    return tuple(sorted(_files(folder)))


def _files(folder: str) -> Iterator[tuple[str, int, int]]:
    try:
        entries = list(os.scandir(folder))
    except OSError:
        return
    for entry in entries:
        if entry.is_dir():
            if entry.name != "__pycache__":
                yield from _files(entry.path)
        else:
            facts = entry.stat()
            yield entry.path, facts.st_size, facts.st_mtime_ns
