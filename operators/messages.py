"""Lines by which a running step speaks: a mark, then JSON; every other line that it prints is a plain log line."""

from __future__ import annotations

import logging
import sys
from collections.abc import Mapping
from typing import Any

import msgspec

MARK = b"::opyard "


def emit(message: Mapping[str, Any]) -> None:
    """Say something to whoever runs this step: `progress`, `metric` or `log`. One write, so lines never mix."""
    sys.stdout.flush()
    sys.stdout.buffer.write(MARK + msgspec.json.encode(message) + b"\n")
    sys.stdout.buffer.flush()


def parse(line: bytes) -> dict[str, Any] | None:
    """The message in a line, or None where the line is not one of ours."""
    if not line.startswith(MARK):
        return None
    try:
        message = msgspec.json.decode(line[len(MARK) :])
    except msgspec.DecodeError:
        return None
    return message if isinstance(message, dict) else None


class EmitHandler(logging.Handler):
    """Sends log records as messages, with their level."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            emit({"log": self.format(record), "level": record.levelname})
        except Exception:
            self.handleError(record)


def step_logger() -> logging.Logger:
    """The logger that operators are given."""
    logger = logging.getLogger("operator")
    logger.handlers = [EmitHandler()]
    logger.setLevel(logging.INFO)
    logger.propagate = False
    return logger
