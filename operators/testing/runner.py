"""Runs the steps of the suite, each in a supervised process of its own."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from operators.documents import StepDocument, StepResult

RunStep = Callable[[StepDocument, Sequence[str]], StepResult]
"""Runs a step, given its document and the requirements of its operator."""

SECRETS = "OPYARD_SECRETS"


@contextmanager
def step_runner() -> Iterator[RunStep]:
    """A warm worker process that runs one step after the other, for as long as the `with` block lasts.

    Secrets that are written into the folder `OPYARD_SECRETS` names during the block are seen by the steps.
    """
    from operators.workers.pool import WorkerPool

    before = os.environ.get(SECRETS)
    with tempfile.TemporaryDirectory(prefix="opyard-secrets-") as secrets:
        os.environ[SECRETS] = before or secrets
        pool = WorkerPool(1)
        try:
            yield pool.run
        finally:
            pool.close()
            if before is None:
                del os.environ[SECRETS]


def put_secrets(values: dict[str, str]) -> None:
    """Make secrets readable to the steps of the current `step_runner`."""
    folder = os.environ.get(SECRETS)
    for name, value in values.items():
        if folder:
            Path(folder, name).write_text(value, encoding="utf-8")
