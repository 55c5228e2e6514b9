"""Frames by which a step's process tells what is not output: a byte of kind, four of length, a payload."""

from __future__ import annotations

import struct
from collections.abc import Iterator

BEGUN = b"B"
MODULES = b"M"
RESULT = b"R"

_HEAD = struct.Struct("!cI")


def frame(kind: bytes, payload: bytes = b"") -> bytes:
    """The bytes of one frame."""
    return _HEAD.pack(kind, len(payload)) + payload


class FrameBuffer:
    """Frames out of bytes as they come in."""

    def __init__(self) -> None:
        self._data = bytearray()

    def feed(self, data: bytes) -> Iterator[tuple[bytes, bytes]]:
        """Take bytes; give the frames that are whole, as kind and payload."""
        self._data += data
        while len(self._data) >= _HEAD.size:
            kind, length = _HEAD.unpack_from(self._data)
            end = _HEAD.size + length
            if len(self._data) < end:
                return
            payload = bytes(self._data[_HEAD.size : end])
            del self._data[:end]
            yield kind, payload
