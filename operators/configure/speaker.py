"""One child process: starting it, sending it batches, taking its lines, ending it."""

from __future__ import annotations

import contextlib
import os
import select
import subprocess
import sys
import time
from collections.abc import Sequence

from operators.configure.protocol import READY, Answer, Batch, decode_answer, encode

START_SECONDS = 30.0


class NotReady(Exception):
    """The child has ended, or did nothing for too long, before it could take questions."""


class Gone(Exception):
    """The child has ended; says how."""


class Speaker:
    """A running child and what has come from it. For one thread at a time.

    Args:
        warm: modules that the child imports while it waits, where they are installed.
    """

    def __init__(self, warm: Sequence[str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "operators.configure", *warm],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            # A Ctrl-C in the terminal is for the parent, which ends the child.
            start_new_session=True,
        )
        self._buffer = bytearray()
        self._searched = 0
        self._ready = False

    def alive(self) -> bool:
        return self._process.poll() is None

    def send(self, batch: Batch) -> None:
        """Send a batch. The child reads all the time, in a thread of its own; if it has died, its silence tells."""
        assert self._process.stdin is not None  # noqa: S101 - for the type checker: it is a pipe
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.write(encode(batch) + b"\n")
            self._process.stdin.flush()

    def answer(self, seconds: float) -> Answer:
        """The next answer.

        Raises:
            TimeoutError: there was none within `seconds`.
            NotReady: the child did not start.
            Gone: the child has ended.
        """
        if not self._ready:
            self._wait_ready(seconds)
        return decode_answer(self._line(seconds))

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(BrokenPipeError):
                    pipe.close()

    def _wait_ready(self, seconds: float) -> None:
        try:
            self._ready = self._line(START_SECONDS if seconds else 0.0) == READY
        except Gone as error:
            raise NotReady(str(error)) from error
        except TimeoutError as error:
            if seconds:
                raise NotReady(f"nothing came from it within {START_SECONDS:g} seconds") from error
            raise

    def _line(self, seconds: float) -> bytes:
        assert self._process.stdout is not None  # noqa: S101 - for the type checker: it is a pipe
        descriptor = self._process.stdout.fileno()
        poll = select.poll()
        poll.register(descriptor, select.POLLIN)
        until = time.monotonic() + seconds
        while (end := self._buffer.find(b"\n", self._searched)) < 0:
            self._searched = len(self._buffer)
            if not poll.poll(max(until - time.monotonic(), 0.0) * 1000):
                raise TimeoutError
            data = os.read(descriptor, 1 << 16)
            if not data:
                raise Gone(self._exit_status())
            self._buffer += data
        line = bytes(self._buffer[:end])
        del self._buffer[: end + 1]
        self._searched = 0
        return line

    def _exit_status(self) -> str:
        code = self._process.wait()
        return f"signal {-code}" if code < 0 else f"exit status {code}"
