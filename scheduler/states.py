"""The state machine of runs and of their steps, the same in every engine.

::

    run    queued ─> running ─> done | failed | cancelled        failed, cancelled ─> queued (resumed)
    step   waiting ─> queued ─> running ─> done | failed | cancelled
           waiting, queued ─> reused | skipped | cancelled       running ─> queued (tried again)
           failed, cancelled, skipped ─> waiting (resumed)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

from scheduler.errors import WrongTransition

RunState = Literal["queued", "running", "done", "failed", "cancelled"]
StepState = Literal["waiting", "queued", "running", "done", "reused", "failed", "cancelled", "skipped"]

RUN_TRANSITIONS: Mapping[str, frozenset[str]] = {
    "queued": frozenset({"running", "cancelled"}),
    "running": frozenset({"done", "failed", "cancelled"}),
    "done": frozenset(),
    "failed": frozenset({"queued"}),
    "cancelled": frozenset({"queued"}),
}

STEP_TRANSITIONS: Mapping[str, frozenset[str]] = {
    "waiting": frozenset({"queued", "reused", "skipped", "cancelled"}),
    "queued": frozenset({"running", "reused", "skipped", "cancelled"}),
    "running": frozenset({"done", "failed", "cancelled", "queued"}),
    "done": frozenset(),
    "reused": frozenset(),
    "failed": frozenset({"waiting"}),
    "cancelled": frozenset({"waiting"}),
    "skipped": frozenset({"waiting"}),
}

ENDED_RUN = frozenset({"done", "failed", "cancelled"})
ENDED_STEP = frozenset({"done", "reused", "failed", "cancelled", "skipped"})
FINISHED_STEP = frozenset({"done", "reused"})


def check_transition(table: Mapping[str, frozenset[str]], before: str, after: str) -> None:
    """Raise `WrongTransition` unless `after` may follow `before`."""
    if after not in table[before]:
        raise WrongTransition(f"{after!r} cannot follow {before!r}; what can is: {', '.join(sorted(table[before]))}.")


def run_outcome(steps: Iterable[str], cancelled: bool) -> RunState:
    """The state of a run whose steps have all ended in these states."""
    states = set(steps)
    if "failed" in states:
        return "failed"
    return "cancelled" if cancelled and not states <= FINISHED_STEP else "done"
