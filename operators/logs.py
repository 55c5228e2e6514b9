"""Log files of steps: one JSON line a log line, bounded in size, readable while they grow."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, BinaryIO

import msgspec
from msgspec import Struct

from operators.messages import MARK, parse
from operators.secrets import MASK

DEFAULT_BYTES = 10_000_000
TAIL_BYTES = 64_000
TAIL_LINES = 500
LINE_BYTES = 8_000

_encode = msgspec.json.Encoder().encode


class LogLine(Struct, frozen=True):
    """One line: when (epoch seconds), how grave (a level of `logging`), what."""

    time: float
    level: str
    text: str


class LogChunk(Struct, frozen=True):
    """Lines from an offset on, and the offset to go on from."""

    lines: list[LogLine]
    next: int


_decoder = msgspec.json.Decoder(LogLine)


class LogWriter:
    """Takes what a step prints: plain lines go to its log file, messages to `on_message`.

    Beyond `limit` bytes only messages are looked for; of the rest the last lines are kept, and a line says how many
    were left out. So ten million lines cost neither the disk nor much time.

    Args:
        secrets: values that are masked wherever they stand.
        echo: a descriptor that gets every line as it was printed, but for the secrets.
    """

    def __init__(
        self,
        path: Path | None,
        on_message: Callable[[Mapping[str, Any]], None],
        limit: int = DEFAULT_BYTES,
        secrets: tuple[str, ...] = (),
        echo: int | None = None,
    ) -> None:
        self._path = path
        self._file: BinaryIO | None = None
        self._on_message = on_message
        self._limit = limit
        self._secrets_in_json = tuple(_encode(secret)[1:-1] for secret in secrets)
        self._secrets = (*(secret.encode() for secret in secrets), *self._secrets_in_json)
        self._echo = echo
        self._written = 0
        self._rest = b""
        self._tail = b""
        self._left_out = 0
        self._closed = False

    def feed(self, data: bytes) -> None:
        """Take the next bytes that the step printed."""
        if self._closed:
            return
        complete, newline, rest = (self._rest + data).rpartition(b"\n")
        self._rest = rest
        if len(rest) > LINE_BYTES:
            complete, newline, self._rest = complete + newline + rest, b"\n", b""
        if not newline:
            return
        if self._echo is not None:
            os.write(self._echo, _without(complete + newline, self._secrets))
        if self._written < self._limit:
            for line in complete.split(b"\n"):
                self._take(line)
        else:
            self._skim(complete + b"\n")

    def close(self) -> None:
        """Write what is left: the unfinished line, and the tail of what did not fit. What comes later is dropped."""
        if self._closed:
            return
        if self._rest:
            self.feed(b"\n")
        self._closed = True
        if self._left_out:
            tail = self._tail.split(b"\n")[1:-1][-TAIL_LINES:]
            self._limit = sys.maxsize
            note = f"… {max(self._left_out - len(tail), 0):,} lines were left out here: the log had reached its limit."
            self._write("WARNING", note)
            for line in tail:
                if _is_of_log(line):  # other messages have been passed on
                    self._take(line)
        if self._file:
            self._file.close()

    def _skim(self, data: bytes) -> None:
        self._left_out += data.count(b"\n")
        self._tail = (self._tail + data[-TAIL_BYTES:])[-TAIL_BYTES:]
        at = 0 if data.startswith(MARK) else data.find(b"\n" + MARK) + 1
        while data.startswith(MARK, at):
            end = data.index(b"\n", at)
            message = self._parse(data[at:end])
            if message is not None and "log" not in message:
                self._on_message(message)
            at = data.find(b"\n" + MARK, end) + 1 or len(data)

    def _take(self, line: bytes) -> None:
        message = self._parse(line)
        if message is None:
            self._write("PRINT", line.decode("utf-8", "replace"))
        elif "log" in message:
            self._write(str(message.get("level", "INFO")), str(message["log"]))
        else:
            self._on_message(message)

    def _parse(self, line: bytes) -> dict[str, Any] | None:
        return parse(_without(line, self._secrets_in_json)) if line.startswith(MARK) else None

    def _write(self, level: str, text: str) -> None:
        if self._path is None or self._written >= self._limit:
            return
        data = _without(_encode(LogLine(time.time(), level, text[:LINE_BYTES])), self._secrets_in_json) + b"\n"
        try:
            if self._file is None:
                self._path.parent.mkdir(parents=True, exist_ok=True)
                self._file = self._path.open("ab", buffering=0)
            self._file.write(data)
        except OSError:
            # A full disk must not end the step's supervision; the step itself will say that the disk is full.
            self._path = None
        self._written += len(data)


def _without(data: bytes, secrets: tuple[bytes, ...]) -> bytes:
    for secret in secrets:
        data = data.replace(secret, MASK.encode())
    return data


def _is_of_log(line: bytes) -> bool:
    message = parse(line)
    return message is None or "log" in message


def read_log(path: Path, after: int = 0, limit: int = 1_000_000) -> LogChunk:
    """The complete lines of a log file from the byte offset `after` on, at most about `limit` bytes of them."""
    try:
        with path.open("rb") as file:
            file.seek(after)
            data = file.read(limit)
    except FileNotFoundError:
        return LogChunk([], after)
    complete = data[: data.rfind(b"\n") + 1]
    lines = [_decoder.decode(line) for line in complete.splitlines()]
    return LogChunk(lines, after + len(complete))
