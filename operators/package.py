"""Operator packages: a spec, code, tests and a page of documentation under one id and version.

`Package` is the contract. `FolderPackage` is a package in a folder of its own; providers that generate families
bring implementations of their own.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Protocol

from operators.errors import PackageError
from operators.schemas import PortSchema
from operators.spec import OperatorSpec, decode_spec

SPEC_FILE = "operator.json"
CODE_FILE = "operator.py"
TESTS_FILE = "tests.json"
README_FILE = "README.md"

# What may change without changing what the operator computes.
_NOT_CODE = {SPEC_FILE, TESTS_FILE, README_FILE, "icon.svg"}

Run = Callable[[Mapping[str, Any], Mapping[str, Any], Any], Mapping[str, Any] | None]
Configure = Callable[
    [Mapping[str, "PortSchema | list[PortSchema | None] | None"], Mapping[str, Any]],
    Mapping[str, PortSchema | None],
]


class Package(Protocol):
    """One version of one operator, with its code on demand.

    Everything but `load` is data: it imports and runs no operator code.
    """

    @property
    def spec(self) -> OperatorSpec: ...

    @property
    def source(self) -> str:
        """Where it comes from, for messages and for `OperatorRef.folder`."""

    def code_digest(self) -> str:
        """A hash that changes when what the operator computes may have changed: of its code and what it shares."""

    def document(self) -> Mapping[str, Any]:
        """The spec as the JSON document it was read from."""

    def tests(self) -> bytes | None:
        """The content of `tests.json`."""

    def readme(self) -> str | None: ...

    def icon(self) -> str | None:
        """The icon as SVG text."""

    def load(self) -> LoadedOperator:
        """Import the code. Only in a process that is there to run it.

        Raises:
            PackageError: the code cannot be imported or has no `run`. Its cause is chained.
        """


class LoadedOperator:
    """The functions of an operator, imported."""

    def __init__(self, spec: OperatorSpec, run: Run, configure: Configure | None) -> None:
        self.spec = spec
        self.run = run
        self.configure = configure


class FolderPackage:
    """A package in a folder: `operator.json`, `operator.py`, `tests.json`, `README.md` and what they need.

    Raises:
        SpecError: when the spec is asked for and `operator.json` does not hold one.
        PackageError: when the spec is asked for and there is no `operator.json`.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()

    @property
    def source(self) -> str:
        return str(self.folder)

    @cached_property
    def spec(self) -> OperatorSpec:
        return decode_spec(self._spec_bytes(), str(self.folder / SPEC_FILE))

    def document(self) -> Mapping[str, Any]:
        import json

        try:
            document = json.loads(self._spec_bytes().decode())
        except ValueError as error:
            raise PackageError(f"{self.folder / SPEC_FILE} is not JSON: {error}.") from error
        if not isinstance(document, dict):
            raise PackageError(f"{self.folder / SPEC_FILE} holds no JSON object.")
        return document

    def code_digest(self) -> str:
        # Shared modules are those of the family, of all families, and of the floor.
        digest = hashlib.sha256(b"".join(_shared_digest(parent) for parent in list(self.folder.parents)[:3]))
        for path in self._code_files():
            digest.update(os.path.relpath(path, self.folder).encode() + b"\0")
            digest.update(hashlib.sha256(path.read_bytes()).digest())
        return digest.hexdigest()[:32]

    def tests(self) -> bytes | None:
        path = self.folder / TESTS_FILE
        return path.read_bytes() if path.is_file() else None

    def readme(self) -> str | None:
        return self._text(README_FILE)

    def icon(self) -> str | None:
        return self._text(self.spec.icon or "icon.svg")

    def load(self) -> LoadedOperator:
        path = self.folder / CODE_FILE
        if not path.is_file():
            raise PackageError(
                f"{self.folder} has no {CODE_FILE}. Add it, with a function run(inputs, params, context)."
            )
        module = self._import(path)
        run = getattr(module, "run", None)
        if not callable(run):
            raise PackageError(f"{path} has no function `run`. Define run(inputs, params, context).")
        return LoadedOperator(self.spec, run, getattr(module, "configure", None))

    def _import(self, path: Path) -> Any:
        # The folder is a Python package under a name of its own, so `from . import shared` works inside it and two
        # operators never share a module by accident.
        name = "opyard_operator_" + hashlib.sha256(f"{self.folder}".encode()).hexdigest()[:16]
        return sys.modules.get(name) or import_file(path, name)

    def _code_files(self) -> Iterator[Path]:
        for path in sorted(self.folder.rglob("*")):
            if path.is_file() and path.name not in _NOT_CODE and "__pycache__" not in path.parts:
                yield path

    def _spec_bytes(self) -> bytes:
        path = self.folder / SPEC_FILE
        try:
            return path.read_bytes().removeprefix(b"\xef\xbb\xbf")
        except OSError as error:
            raise PackageError(f"{self.folder} has no readable {SPEC_FILE}: {error.strerror}.") from error

    def _text(self, name: str) -> str | None:
        path = self.folder / name
        return path.read_text(encoding="utf-8") if path.is_file() else None


def import_file(path: Path, name: str) -> Any:
    """Import the file as a module, and a package of its folder, under a name of its own."""
    specification = importlib.util.spec_from_file_location(name, path, submodule_search_locations=[str(path.parent)])
    if specification is None or specification.loader is None:
        raise PackageError(f"{path} cannot be imported as Python.")
    module = importlib.util.module_from_spec(specification)
    sys.modules[name] = module
    try:
        specification.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


@cache
def _shared_digest(folder: Path) -> bytes:
    """A hash of the modules in a folder that packages lie in, and may share; as they were when first asked for."""
    digest = hashlib.sha256()
    if (folder / "__init__.py").is_file():
        for path in sorted(folder.glob("*.py")):
            digest.update(path.name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return digest.digest()


def packages_in(root: Path) -> list[FolderPackage]:
    """The packages that lie directly in `root` or one folder deeper (root/family/name), in order of their paths."""
    found = {*root.glob(f"*/{SPEC_FILE}"), *root.glob(f"*/*/{SPEC_FILE}")}
    return [FolderPackage(path.parent) for path in sorted(found)]
