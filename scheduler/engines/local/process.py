"""Starting the embedded engine as a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import time

from marketplace.settings import Settings
from marketplace.store import Store
from scheduler.errors import EngineUnavailable

IDLE_EXIT = 120.0
START_SECONDS = 20.0

# Engines that shall outlive this process, held so that those that ended sooner are cleared away.
_detached: list[subprocess.Popen[bytes]] = []


def start_engine(settings: Settings, idle_exit: float | None = None, detached: bool = False) -> subprocess.Popen[bytes]:
    """Start an engine process with these settings; its own messages go to `engine.log` in the logs folder.

    Args:
        idle_exit: it leaves after so many seconds without work; None: it stays.
        detached: it survives the end of this process and of its terminal.
    """
    settings.logs.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-P", "-m", "scheduler.engines.local"]
    if idle_exit is not None:
        command += ["--idle-exit", str(idle_exit)]
    with (settings.logs / "engine.log").open("ab") as log:
        return subprocess.Popen(
            command,
            env={**os.environ, **environment_of(settings)},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=detached,
        )


def ensure_engine(settings: Settings, store: Store) -> None:
    """Have an engine serve this database: start one, which leaves when it is idle, unless one is there.

    Raises:
        EngineUnavailable: it ended while starting; says where its log is.
    """
    if store.engine_holder() is not None:
        return
    process = start_engine(settings, idle_exit=IDLE_EXIT, detached=True)
    _detached[:] = [*(earlier for earlier in _detached if earlier.poll() is None), process]
    until = time.monotonic() + START_SECONDS
    while store.engine_holder() is None:
        if process.poll() not in (None, 0) or time.monotonic() > until:
            raise EngineUnavailable(f"The engine did not start. {settings.logs / 'engine.log'} says why.")
        time.sleep(0.02)


def environment_of(settings: Settings) -> dict[str, str]:
    """The settings that an engine needs, as environment variables."""
    import json

    values = {
        "HOME": str(settings.home),
        "DATABASE": settings.database,
        "ARTIFACTS": settings.artifacts,
        "ARTIFACT_OPTIONS": json.dumps(settings.artifact_options),
        "LOGS": str(settings.logs),
        "FILES": str(settings.files),
        "WORKERS": str(settings.workers),
        "OPERATOR_FOLDERS": os.pathsep.join(map(str, settings.operator_folders)),
        "LOG_BYTES": str(settings.log_bytes),
    }
    return {f"OPYARD_{name}": value for name, value in values.items()}
