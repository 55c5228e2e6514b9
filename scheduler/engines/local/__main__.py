"""The engine as a command: `python -m scheduler.engines.local [--idle-exit SECONDS]`, settings from the environment."""

from __future__ import annotations

import argparse
import signal
import sys

from marketplace.errors import EngineAlreadyRunning, MarketplaceError
from marketplace.settings import load_settings
from marketplace.store import open_store
from operators.artifacts.store import ArtifactStore
from scheduler.engines.local.engine import LocalEngine
from scheduler.errors import LeaseLost, SchedulerError

_EXIT_CODES: dict[type[Exception], int] = {EngineAlreadyRunning: 3, LeaseLost: 4}


def main() -> int:
    """Serve until SIGTERM or SIGINT.

    Exit code 1: the store cannot be used; 3: another engine is there; 4: the lease was lost with its connection.
    """
    parser = argparse.ArgumentParser(prog="opyard engine")
    parser.add_argument("--idle-exit", type=float, default=None)
    arguments = parser.parse_args()
    try:
        settings = load_settings()
        with open_store(settings.database) as store:
            artifacts = ArtifactStore(settings.artifacts, settings.artifact_options)
            engine = LocalEngine(settings, store, artifacts, arguments.idle_exit)
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, lambda *_: engine.stop())
            engine.serve()
    except (MarketplaceError, SchedulerError) as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr, flush=True)
        return _EXIT_CODES.get(type(error), 1)
    return 0


if __name__ == "__main__":
    sys.exit(main())
