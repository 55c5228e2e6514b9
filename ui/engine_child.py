"""The engine process that lives as long as the server: started, watched, started again when it dies, stopped."""

from __future__ import annotations

import logging
import subprocess
import threading
from types import TracebackType
from typing import TYPE_CHECKING, Self

from marketplace.errors import MarketplaceError

if TYPE_CHECKING:
    from scheduler.application import Application

STOP_SECONDS = 10.0
POLL_SECONDS = 1.0
LONGEST_PAUSE = 60.0

logger = logging.getLogger("opyard.engine")


class EngineChild:
    """Keeps an engine running while it is entered. Where another process has the engine, that one serves."""

    def __init__(self, application: Application) -> None:
        self._application = application
        self._process: subprocess.Popen[bytes] | None = None
        self._stop = threading.Event()
        self._watcher = threading.Thread(target=self._watch, name="engine-watch", daemon=True)

    def __enter__(self) -> Self:
        self._start()
        self._watcher.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._watcher.join()
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()

    def _start(self) -> None:
        from scheduler.engines.local.process import start_engine

        if self._application.store.engine_holder() is None:
            self._process = start_engine(self._application.settings)

    def _watch(self) -> None:
        pause = POLL_SECONDS
        while not self._stop.wait(pause):
            if self._process is not None and self._process.poll() is None:
                pause = POLL_SECONDS
                continue
            if self._process is not None:
                logger.warning("The engine ended with code %s; it is started again.", self._process.returncode)
                pause = min(pause * 2, LONGEST_PAUSE)
            self._process = None
            try:
                self._start()
            except MarketplaceError as error:
                logger.warning("No engine can be started: %s", error)
                pause = min(pause * 2, LONGEST_PAUSE)
