"""Whether every row of a file has as many fields as its header, and every byte its meaning.

The parser that reads the table fills rows that are too short with missing values without a word. So separators and
line ends are counted first, at about a gigabyte a second; only where the counts do not fit, the rows are looked
at one by one to say which is wrong.
"""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TextIO

from operators.errors import InputError

from .layout import Layout, quoting

# Small enough to stay in the processor's cache while it is counted.
CHUNK = 2**18
GUESSES = ("gb18030", "big5", "shift_jis")


def as_utf8(path: Path, encoding: str, scratch: Path) -> Path:
    """The file itself if it is valid UTF-8, else a copy of it in UTF-8 under `scratch`.

    Raises:
        InputError: it is not written in `encoding`; says in which line, and what it may be instead.
    """
    try:
        if encoding == "utf-8":
            _decode(path, encoding, None)
            return path
        with (scratch / "utf-8.csv").open("w", encoding="utf-8", newline="") as copy:
            _decode(path, encoding, copy)
        return scratch / "utf-8.csv"
    except UnicodeDecodeError as error:
        raise _wrong_encoding(path, encoding, error) from error


def check_rows(readable: Path, path: Path, layout: Layout, params: Mapping[str, Any]) -> list[int]:
    """The blank lines among the rows, as row numbers from 0 (as the parser counts them); most files have none.

    Raises:
        InputError: a row has more or fewer fields than the header; names the file, the line, what was expected and
            what was found.
    """
    limit = params["max_rows"]
    if len(layout.names) == 1 or (limit is None and _counts_fit(readable, layout, params)):
        return []
    blank: list[int] = []
    expected, row = len(layout.names), -1 if params["header"] else 0
    for line, fields in _records(readable, path, layout, params):
        if not fields:
            blank.append(row)
        elif len(fields) != expected:
            raise _ragged(path, line, expected, len(fields), layout.separator)
        row += 1
        if limit is not None and row - len(blank) >= limit:
            break
    return blank


def _decode(path: Path, encoding: str, copy: TextIO | None) -> None:
    decoder = codecs.getincrementaldecoder(encoding)()
    for chunk in _chunks(path):
        if copy is not None:
            copy.write(decoder.decode(chunk))
        elif not chunk.isascii() or decoder.getstate()[0]:
            decoder.decode(chunk)
    rest = decoder.decode(b"", final=True)
    if copy is not None:
        copy.write(rest)


def _counts_fit(readable: Path, layout: Layout, params: Mapping[str, Any]) -> bool:
    """Whether there are as many separators outside quotes as that many lines of that many fields have."""
    import numpy as np

    separator = ord(layout.separator)
    separators = lines = quotes = 0
    last = b"\n"
    for chunk in _chunks(readable, params["skip_lines"]):
        last = chunk[-1:]
        # Every second part between quotation marks lies outside them.
        parts = chunk.split(b'"') if params["quoted"] else [chunk]
        outside = b"".join(parts[quotes % 2 :: 2]) if quotes % 2 or len(parts) > 1 else chunk
        quotes += len(parts) - 1
        codes = np.frombuffer(outside, np.uint8)
        separators += np.count_nonzero(codes == separator)
        lines += np.count_nonzero(codes == ord("\n"))
    lines += last != b"\n"
    return bool(separators == lines * (len(layout.names) - 1)) and quotes % 2 == 0


def _records(readable: Path, path: Path, layout: Layout, params: Mapping[str, Any]) -> Iterator[tuple[int, list[str]]]:
    """The line each row ends in, from 1, and its fields."""
    skipped = params["skip_lines"]
    csv.field_size_limit(2**31 - 1)
    with readable.open(encoding="utf-8-sig", newline="") as file:
        for _ in range(skipped):
            next(file, None)
        reader = csv.reader(file, delimiter=layout.separator, quoting=quoting(params), strict=True)
        try:
            for fields in reader:
                yield reader.line_num + skipped, fields
        except csv.Error as error:
            raise InputError(
                f"{path}, line {reader.line_num + skipped}: {error}. Expected fields whose quotation marks are closed"
                ' and written twice inside a field (""). Mend the line.'
            ) from error


def _chunks(path: Path, skipped: int = 0) -> Iterator[bytes]:
    with path.open("rb") as file:
        for _ in range(skipped):
            file.readline()
        while chunk := file.read(CHUNK):
            yield chunk


def _ragged(path: Path, line: int, expected: int, found: int, separator: str) -> InputError:
    return InputError(
        f"{path}, line {line}: expected {expected} fields, found {found}. Mend the line: put fields that hold"
        f" {separator!r} into double quotes, or choose another separator."
    )


def _wrong_encoding(path: Path, encoding: str, error: UnicodeDecodeError) -> InputError:
    line, data = _first_bad_line(path, encoding)
    likely = next((name for name in GUESSES if _decodes(data, name)), "windows-1252")
    found = f"found the byte 0x{error.object[error.start]:02X}"
    return InputError(
        f"{path}, line {line}: expected {encoding} text, {found}. Choose the encoding the file was written in;"
        f" {likely} would fit this line."
    )


def _first_bad_line(path: Path, encoding: str) -> tuple[int, bytes]:
    if encoding == "utf-16":  # its line ends are two bytes long, so lines cannot be told apart
        return 1, b""
    with path.open("rb") as file:
        for number, data in enumerate(file, start=1):
            if not _decodes(data, encoding):
                return number, data
    return 1, b""


def _decodes(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True
