"""What `tests.json` says: cases of an operator, as data.

A document is ``{"cases": [case, …]}``. A case has a `title`, `params`, `inputs`, a `seed`, `files` and exactly one of

- `expect`: port to what must come out there (`Expected`);
- `refuses`: the parameters are refused, at `pointer`, with a message that contains `contains`. By the form, by
  `configure` or, where neither can know, by `run`;
- `fails`: `run` raises an error of the class `kind`, with a message that contains `contains`.

An input is one of these, or a list of them for a port that takes many:

- ``{"table": {"age": [1, 2], …}, "types": {"age": "number"}}``: a table; types of columns where they are not plain;
- ``{"model": {"from": "opyard.learn.train_classifier", "params": …, "inputs": …, "output": "model"}}``: what another
  operator makes; the same with any port type for `model`;
- ``{"text": "…"}``, ``{"metrics": {…}}``, ``{"report": "# Markdown"}``,
  ``{"file": {"name": "a.txt", "content": "…"}}``, ``{"images": {"pixels": [[[0, 255], …], …], "table": {…}}}``,
  ``{"vectors": {"values": [[…], …], "table": {…}}}``.

`files` are written into a folder of the case's own before it runs: name to text, or to ``{"base64": "…"}``,
``{"table": …, "types": …}`` (written as Parquet) or ``{"sqlite": {table name: {column: values}}}``. In texts of
`params`, ``{file:name}`` stands for the path of that file, which need not be there, and ``{folder}`` for the folder.
`secrets` are secret names with their values, in which the same is replaced.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import Struct

from operators.errors import PackageError
from operators.package import TESTS_FILE, Package


class Expected(Struct, frozen=True, forbid_unknown_fields=True):
    """What must come out of one port. Everything that is not said is not looked at.

    Attributes:
        rows: rows of a table, pictures or vectors.
        columns: all column names, in order.
        table: values by column; numbers may differ by `tolerance`, dates and times are ISO texts.
        types: coarse column types by column.
        contains: a text that the text, report or file holds.
        metrics: name to the value, or to ``{"min": …, "max": …}``.
        schema: the schema of the artifact as JSON, such as ``{"task": "regression"}``; named fields only.
        absent: nothing comes out of this optional port.
    """

    rows: int | None = None
    columns: list[str] | None = None
    table: dict[str, list[Any]] | None = None
    types: dict[str, str] | None = None
    tolerance: float = 1e-6
    contains: str | list[str] | None = None
    metrics: dict[str, Any] | None = None
    schema: dict[str, Any] | None = None
    absent: bool = False


class Refusal(Struct, frozen=True, forbid_unknown_fields=True):
    """Where parameters must be refused, and with which words."""

    pointer: str
    contains: str = ""


class Failure(Struct, frozen=True, forbid_unknown_fields=True):
    """Which error `run` must raise, and with which words."""

    kind: str
    contains: str = ""


class Case(Struct, frozen=True, forbid_unknown_fields=True):
    """One case of `tests.json`."""

    title: str
    params: dict[str, Any] = {}
    inputs: dict[str, Any] = {}
    seed: int = 0
    files: dict[str, Any] = {}
    secrets: dict[str, str] = {}
    expect: dict[str, Expected] | None = None
    refuses: Refusal | None = None
    fails: Failure | None = None

    def __post_init__(self) -> None:
        if sum(part is not None for part in (self.expect, self.refuses, self.fails)) != 1:
            raise ValueError(f"the case {self.title!r} must have exactly one of expect, refuses and fails")


class _Document(Struct, frozen=True, forbid_unknown_fields=True):
    cases: list[Case]


def cases_of(package: Package) -> tuple[Case, ...]:
    """The cases of a package; `PackageError` says what is wrong with its `tests.json`."""
    data = package.tests()
    if data is None:
        raise PackageError(f'{package.source} has no {TESTS_FILE}. Add it: {{"cases": [{{"title": …, "params": …}}]}}.')
    try:
        return tuple(msgspec.json.decode(data, type=_Document).cases)
    except msgspec.DecodeError as error:
        fields, expected = ", ".join(Case.__struct_fields__), ", ".join(Expected.__struct_fields__)
        known = f"A case has {fields}; a port under `expect` has {expected}."
        raise PackageError(f"{TESTS_FILE} of {package.source}: {error}. {known}") from error


def replaced(value: Any, folder: str) -> Any:
    """`value` with ``{file:name}`` and ``{folder}`` in its texts replaced by paths under `folder`."""
    if isinstance(value, str):
        head, *rest = value.split("{file:")
        named = head + "".join(f"{folder}/" + part.replace("}", "", 1) for part in rest)
        return named.replace("{folder}", folder)
    if isinstance(value, list):
        return [replaced(item, folder) for item in value]
    if isinstance(value, Mapping):
        return {key: replaced(item, folder) for key, item in value.items()}
    return value
