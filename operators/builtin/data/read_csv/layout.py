"""How a file of separated values is laid out: its separator and its column names, from the first lines."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from operators.errors import InputError

HEAD = 2**18
SNIFFED_LINES = 50
SEPARATORS = (",", ";", "\t", "|", ":")


@dataclass(frozen=True)
class Layout:
    """The separator, and the names of the columns in order."""

    separator: str
    names: tuple[str, ...]


def find_layout(path: Path, params: Mapping[str, Any]) -> Layout:
    """The layout of the file at `path`, from at most 256 KiB of it.

    Raises:
        InputError: nothing but blank lines, or two columns of one name.
    """
    lines = _head(path, params["encoding"])[params["skip_lines"] :]
    if not any(line.strip() for line in lines):
        where = f" after the {params['skip_lines']} lines that are skipped" if params["skip_lines"] else ""
        raise InputError(f"{path} holds no rows{where}: expected lines of separated values, found none.")
    separator = {"auto": "", "space": " "}.get(params["separator"], params["separator"])
    separator = separator or sniff(lines, quoting(params))
    first = next(csv.reader(lines, delimiter=separator, quoting=quoting(params)), [])
    if not params["header"]:
        return Layout(separator, tuple(f"column_{index + 1}" for index in range(len(first))))
    return Layout(separator, _names(path, first))


def quoting(params: Mapping[str, Any]) -> int:
    """What Python's csv module calls it when fields are quoted, or are not."""
    return csv.QUOTE_MINIMAL if params["quoted"] else csv.QUOTE_NONE


def sniff(lines: Sequence[str], quotes: int) -> str:
    """The separator that splits most of the first lines into the same number of fields, at least two; else a comma."""
    best, votes = ",", (0, 0)
    for separator in SEPARATORS:
        rows = [row for row in csv.reader(lines[:SNIFFED_LINES], delimiter=separator, quoting=quotes) if row]
        fields, count = Counter(len(row) for row in rows).most_common(1)[0] if rows else (1, 0)
        if fields > 1 and (count, fields) > votes:
            best, votes = separator, (count, fields)
    return best


def _head(path: Path, encoding: str) -> list[str]:
    with path.open("rb") as file:
        data = file.read(HEAD)
        whole = not file.read(1)
    name = "utf-8-sig" if encoding == "utf-8" else encoding
    # What cannot be decoded is explained by the pass over the whole file, with its line.
    lines = data.decode(name, errors="replace").splitlines(keepends=True)
    return lines if whole or len(lines) < 2 else lines[:-1]


def _names(path: Path, header: Sequence[str]) -> tuple[str, ...]:
    names = tuple(name or f"column_{index + 1}" for index, name in enumerate(header))
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        places = [str(index + 1) for index, name in enumerate(names) if name == twice[0]]
        raise InputError(
            f"{path} has several columns called {twice[0]!r} (fields {', '.join(places)} of the header): expected every"
            " name once. Rename them in the file, or read it without a header and skip the first line."
        )
    return names
