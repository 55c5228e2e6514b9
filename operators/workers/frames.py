"""Frames between a pool and its workers: one byte of kind, four of length, then the payload."""

from __future__ import annotations

import select
import socket
import struct
from collections.abc import Iterator

ORDER = b"O"
CANCEL = b"C"
MESSAGE = b"M"
RESULT = b"R"
MODULES = b"I"

_HEAD = struct.Struct("!cI")


def send_frame(connection: socket.socket, kind: bytes, payload: bytes = b"") -> None:
    """Send one frame, waiting while the other side's buffer is full."""
    connection.sendall(_HEAD.pack(kind, len(payload)) + payload)


def receive_frame(connection: socket.socket) -> tuple[bytes, bytes] | None:
    """Wait for one frame; None when the other side has gone."""
    head = _receive(connection, _HEAD.size)
    if head is None:
        return None
    kind, length = _HEAD.unpack(head)
    payload = _receive(connection, length)
    return None if payload is None else (kind, payload)


def has_hung_up(connection: socket.socket) -> bool:
    """Whether the other side has gone, even if what it sent is still to be read."""
    poll = select.poll()
    poll.register(connection, 0)
    return any(events & select.POLLHUP for _, events in poll.poll(0))


def _receive(connection: socket.socket, count: int) -> bytes | None:
    data = bytearray()
    while len(data) < count:
        chunk = connection.recv(count - len(data))
        if not chunk:
            return None
        data += chunk
    return bytes(data)


class FrameBuffer:
    """Frames out of the bytes of a connection as they come in."""

    def __init__(self) -> None:
        self._data = bytearray()

    def feed(self, data: bytes) -> Iterator[tuple[bytes, bytes]]:
        """Take bytes; give the frames that are whole."""
        self._data += data
        while len(self._data) >= _HEAD.size:
            kind, length = _HEAD.unpack_from(self._data)
            end = _HEAD.size + length
            if len(self._data) < end:
                return
            payload = bytes(self._data[_HEAD.size : end])
            del self._data[:end]
            yield kind, payload
