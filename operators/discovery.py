"""Which packages are installed: entry points of the group `opyard.operators`, and folders that are named.

An entry point names a provider: a function without arguments that gives packages. Listing reads specs and imports
no operator code. What is broken is reported beside what works.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

from msgspec import Struct

from operators.errors import OperatorNotFound, OperatorsError
from operators.package import FolderPackage, Package, packages_in

GROUP = "opyard.operators"

Provider = Callable[[], Iterable[Package]]


class Broken(Struct, frozen=True):
    """Something that should be a package or a provider and is not: where it is, and why."""

    source: str
    reason: str


class Discovery(Struct, frozen=True):
    """What was found."""

    packages: tuple[Package, ...]
    broken: tuple[Broken, ...]


def discover(folders: Sequence[Path] = ()) -> Discovery:
    """All packages of all providers, and those in `folders` (each a package or a folder of packages).

    Two packages that claim one id and version are both reported as broken, each naming the other.
    """
    packages: list[Package] = []
    broken: list[Broken] = []
    for point in sorted(entry_points(group=GROUP), key=lambda point: point.name):
        _gather(f"entry point {point.name!r} ({point.value})", partial(_provide, point), packages, broken)
    for folder in folders:
        _gather(str(folder), partial(_in_folder, folder), packages, broken)
    return _without_clashes(packages, broken)


def find(identifier: str, version: str, folder: str | None = None) -> Package:
    """The package of that id and version: the one in `folder` if it is that one, else among all that are installed.

    Raises:
        OperatorNotFound: says which versions there are instead.
    """
    if folder and Path(folder).is_dir():
        package = FolderPackage(Path(folder))
        if (package.spec.id, package.spec.version) == (identifier, version):
            return package
    packages = discover().packages
    for candidate in packages:
        if (candidate.spec.id, candidate.spec.version) == (identifier, version):
            return candidate
    versions = sorted(candidate.spec.version for candidate in packages if candidate.spec.id == identifier)
    there = f"Installed are the versions {', '.join(versions)}." if versions else "No version of it is installed."
    raise OperatorNotFound(f"The operator {identifier}@{version} is not installed here. {there}")


def _gather(source: str, provider: Provider, packages: list[Package], broken: list[Broken]) -> None:
    try:
        candidates = list(provider())
    except Exception as error:
        broken.append(Broken(source, f"{type(error).__name__}: {error}"))
        return
    for package in candidates:
        try:
            package.spec  # noqa: B018 - decoding is the check
            packages.append(package)
        except OperatorsError as error:
            broken.append(Broken(package.source, str(error)))


def _provide(point: EntryPoint) -> Iterable[Package]:
    provider: Provider = point.load()
    return provider()


def _in_folder(folder: Path) -> Iterable[Package]:
    if not folder.is_dir():
        raise OperatorNotFound(f"There is no folder {folder}.")
    return [FolderPackage(folder)] if (folder / "operator.json").is_file() else packages_in(folder)


def _without_clashes(packages: list[Package], broken: list[Broken]) -> Discovery:
    by_reference: dict[str, list[Package]] = {}
    for package in packages:
        same = by_reference.setdefault(package.spec.reference, [])
        if package.source not in (other.source for other in same):
            same.append(package)
    unique: list[Package] = []
    for reference, claimants in by_reference.items():
        if len(claimants) == 1:
            unique += claimants
        else:
            sources = " and ".join(package.source for package in claimants)
            reason = f"{reference} is claimed by {sources}. Give one of them another id or version."
            broken += [Broken(package.source, reason) for package in claimants]
    return Discovery(tuple(unique), tuple(broken))
