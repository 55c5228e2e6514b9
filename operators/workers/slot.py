"""A worker: takes orders from its pool, one after the other, and runs each in a supervised child."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from typing import Any

import msgspec

from operators.supervisor import Finished, Order, Supervisor
from operators.workers.frames import CANCEL, MESSAGE, MODULES, ORDER, RESULT, has_hung_up, receive_frame, send_frame

_orders = msgspec.json.Decoder(Order)


def serve_orders(connection: socket.socket) -> None:
    """Run orders until the pool has gone. Whatever comes while a step runs is the wish to cancel it."""
    supervisor = Supervisor(asked_to_stop=connection.fileno())
    try:
        while (frame := receive_frame(connection)) is not None:
            kind, payload = frame
            if has_hung_up(connection):
                return  # the pool has gone since it sent this
            if kind == ORDER:
                _serve(connection, supervisor, _orders.decode(payload))
            elif kind != CANCEL:
                raise RuntimeError(f"A worker was sent a frame of the unknown kind {kind!r}.")
    except (BrokenPipeError, ConnectionResetError):
        return  # the pool has gone while it was told something
    finally:
        supervisor.close()


def _serve(connection: socket.socket, supervisor: Supervisor, order: Order) -> None:
    def on_message(message: Mapping[str, Any]) -> None:
        send_frame(connection, MESSAGE, msgspec.json.encode(message))

    def on_end(finished: Finished) -> None:
        if finished.modules:
            send_frame(connection, MODULES, " ".join(finished.modules).encode())
        send_frame(connection, RESULT, finished.result)

    supervisor.run(order, on_message, on_end)
