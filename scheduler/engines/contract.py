"""The contract of an engine, in one page.

The metadata store is the queue: a run that is `queued` there belongs to the engine of its environment, which moves it
and its steps through `scheduler.states`, writes what happens as events, keeps outputs under their keys in the artifact
store and results with the steps. Whoever asks talks to the store alone (`scheduler.runs`), so what was asked for
survives the end of any process.
"""

from __future__ import annotations

from typing import Protocol

from operators.logs import LogChunk


class Engine(Protocol):
    """Carries out runs. One process, one thread; holds the lease of its database while it works."""

    def serve(self) -> None:
        """Carry out runs until `stop` is called, then leave: what is unfinished goes on in the next engine.

        Raises:
            EngineAlreadyRunning: another engine serves this database.
        """

    def stop(self) -> None:
        """Ask `serve` to return. May be called from a signal handler."""


class LogSource(Protocol):
    """Where the logs of an engine's steps are read."""

    def read(self, run: str, node: str, attempt: int, after: int = 0) -> LogChunk:
        """The lines of an attempt from an offset on; none where there is no log."""
