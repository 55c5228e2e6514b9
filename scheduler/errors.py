"""The error tree of the scheduler floor.

::

    SchedulerError
    ├── PipelineInvalid     a pipeline with problems (lists them all)
    ├── NodeUnknown         a node that the pipeline or run has not
    ├── ArtifactAbsent      a port that has no artifact yet, or does not exist
    ├── NotResumable        a run that goes on, or is done
    ├── WrongTransition     a state that cannot follow another
    ├── LeaseLost           an engine that may no longer be the only one on its database
    └── EngineUnavailable   the engine could not be started
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from marketplace.pipelines.validation import Problem


class SchedulerError(Exception):
    """Base of every error of this floor."""


class PipelineInvalid(SchedulerError):
    """A pipeline with problems; `problems` has them all."""

    def __init__(self, name: str, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
        listed = "\n".join(f"- {problem.message}" for problem in problems)
        super().__init__(f"The pipeline {name!r} cannot run; it has {count}:\n{listed}")


class NodeUnknown(SchedulerError):
    """A node that the pipeline or run has not."""


class ArtifactAbsent(SchedulerError):
    """A port that has no artifact yet, or does not exist."""


class NotResumable(SchedulerError):
    """A run that goes on, or is done."""


class WrongTransition(SchedulerError):
    """A state that cannot follow another."""


class LeaseLost(SchedulerError):
    """An engine that may no longer be the only one on its database."""


class EngineUnavailable(SchedulerError):
    """The engine could not be started."""
