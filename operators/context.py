"""What `run` is given beside its inputs and parameters: a logger, progress, metrics, seed, scratch folder, secrets."""

from __future__ import annotations

import logging
import signal
import time
from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from operators.errors import Cancelled, SecretMissing
from operators.secrets import read_secret

PROGRESS_INTERVAL = 0.2


class RunContext:
    """The world as one step may see it; the same in every engine.

    Attributes:
        logger: a standard logger; what it is told is in the run's log with its level.
        seed: the seed to use for everything random.
        gpu: the granted share of a GPU, 0.0 for none.
        metrics: what `metric` was told, by name.
        scratch_folder: where `scratch` is, whether or not it has been made.
    """

    def __init__(
        self,
        *,
        seed: int = 0,
        scratch: Path,
        gpu: float = 0.0,
        secrets: tuple[str, ...] = (),
        emit: Callable[[Mapping[str, Any]], None],
        logger: logging.Logger,
    ) -> None:
        self.seed = seed
        self.scratch_folder = scratch
        self.gpu = gpu
        self.logger = logger
        self.metrics: dict[str, float] = {}
        self._secrets = secrets
        self._emit = emit
        self._told = 0.0
        self._cancelled = False

    @cached_property
    def scratch(self) -> Path:
        """An empty folder that is deleted after the step."""
        self.scratch_folder.mkdir(parents=True, exist_ok=True)
        return self.scratch_folder

    def progress(self, fraction: float, message: str = "") -> None:
        """Say how far the step is, from 0.0 to 1.0. Cheap: what comes too quickly for people to see is left out.

        Raises:
            Cancelled: the step was asked to stop.
        """
        self.check_cancelled()
        now = time.monotonic()
        if fraction >= 1.0 or now - self._told >= PROGRESS_INTERVAL:
            self._told = now
            self._emit({"progress": min(max(float(fraction), 0.0), 1.0), "message": message})

    def metric(self, name: str, value: float, step: int | None = None) -> None:
        """Record a number; the last one of a name is kept with the result, all of them are in the run's events."""
        self.metrics[name] = float(value)
        self._emit({"metric": name, "value": float(value), "step": step})

    def secret(self, name: str) -> str:
        """The value of a secret that one of the step's parameters names.

        Raises:
            SecretMissing: it is not declared by a parameter, or nobody has set it.
        """
        if name not in self._secrets:
            raise SecretMissing(f"The secret {name!r} is not named by any of this step's parameters.")
        return read_secret(name)

    @property
    def cancelled(self) -> bool:
        """Whether the step was asked to stop."""
        return self._cancelled

    def check_cancelled(self) -> None:
        """Raise `Cancelled` if the step was asked to stop; call it in long loops to leave cleanly."""
        if self._cancelled:
            raise Cancelled("The step was cancelled.")

    def watch_signals(self) -> None:
        """Let SIGTERM mean 'please stop'; the supervisor kills what does not follow."""
        signal.signal(signal.SIGTERM, lambda *_: setattr(self, "_cancelled", True))
