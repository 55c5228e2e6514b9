"""Secrets of steps: read by name, and kept out of all that is written down."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from operators.errors import SecretMissing

MASK = "******"

# A shorter line of a secret of many lines (of a key file, say) may be any word.
_TELLING = 8


def variable_of(name: str) -> str:
    """The environment variable that holds a secret."""
    return "OPYARD_SECRET_" + name.upper().replace("-", "_").replace(".", "_")


def read_secret(name: str) -> str:
    """The value of a secret: `OPYARD_SECRET_<NAME>`, or the file of that name in the folder `OPYARD_SECRETS`.

    Raises:
        SecretMissing: neither is there.
    """
    variable = variable_of(name)
    if variable in os.environ:
        return os.environ[variable]
    folder = os.environ.get("OPYARD_SECRETS")
    path = Path(folder, name) if folder and "/" not in name and name not in (".", "..") else None
    if path is not None and path.is_file():
        return path.read_text(encoding="utf-8").rstrip("\n")
    raise SecretMissing(
        f"The secret {name!r} is not set. Set {variable}, or put it into the file {name!r} of the secrets folder."
    )


def those_set(names: Iterable[str]) -> dict[str, str]:
    """The values of these secrets, less those that nobody has set: the step that asks for one says so."""
    found: dict[str, str] = {}
    for name in names:
        with suppress(SecretMissing):
            found[name] = read_secret(name)
    return found


def values_of(names: Iterable[str]) -> tuple[str, ...]:
    """What must not be written down of these secrets: their values, and the lines of those that have several."""
    found: dict[str, None] = {}
    for value in those_set(names).values():
        lines = value.splitlines()
        found |= dict.fromkeys([value, *(line for line in lines if len(line) >= _TELLING)])
    return tuple(sorted(filter(None, found), key=len, reverse=True))


def masked(text: str, values: Iterable[str]) -> str:
    """`text` without these values."""
    for value in values:
        text = text.replace(value, MASK)
    return text
