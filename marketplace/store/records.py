"""What the store keeps, as data. Times are seconds since the epoch; ids are strings; JSON travels as text."""

from __future__ import annotations

from typing import Any

from msgspec import Struct


class RunRecord(Struct, frozen=True):
    """One run with all that is needed to go on with it; `pipeline` and `revision` name the document it came of."""

    id: str
    project: str
    pipeline: str | None
    revision: int | None
    name: str
    state: str
    created: float
    started: float | None
    ended: float | None
    by: str
    document: str
    plan: str
    options: str
    cancel_requested: bool
    error: str


class RunSummary(Struct, frozen=True):
    """One run as a list shows it."""

    id: str
    project: str
    pipeline: str | None
    revision: int | None
    name: str
    state: str
    created: float
    started: float | None
    ended: float | None
    by: str
    cancel_requested: bool
    error: str


class StepRecord(Struct, frozen=True):
    """One step of a run. `progress` goes from 0.0 to 1.0; `result` is the JSON of a StepResult, or empty."""

    run: str
    node: str
    position: int
    state: str
    attempt: int
    key: str
    output: str
    reason: str
    started: float | None
    ended: float | None
    progress: float
    message: str
    result: str


class EventRecord(Struct, frozen=True):
    """Something that happened in a run. Ids grow; `node` is empty for the run itself; `data` is JSON."""

    id: int
    run: str
    time: float
    kind: str
    node: str
    data: str


class NewEvent(Struct, frozen=True):
    """An event to be written."""

    run: str
    kind: str
    node: str
    data: str
    time: float


class StepUpdate(Struct, frozen=True):
    """New values for columns of one step."""

    run: str
    node: str
    values: dict[str, Any]


class RunUpdate(Struct, frozen=True):
    """New values for columns of one run."""

    run: str
    values: dict[str, Any]


class Wanted(Struct, frozen=True):
    """What an engine must attend to: run ids queued that it does not know, and unfinished ones to be cancelled."""

    new: list[str]
    cancelled: list[str]


class Project(Struct, frozen=True):
    """A project: what pipelines and runs belong to."""

    id: str
    title: str
    created: float


class PipelineSummary(Struct, frozen=True):
    """A saved pipeline as a list shows it; `revision` is the newest."""

    project: str
    name: str
    revision: int
    created: float
    updated: float
    by: str


class PipelineRevision(Struct, frozen=True):
    """One revision of a saved pipeline, without its document."""

    revision: int
    created: float
    by: str
    note: str


class SavedPipeline(Struct, frozen=True):
    """A saved pipeline at one revision, with its document (JSON)."""

    project: str
    name: str
    revision: int
    created: float
    by: str
    note: str
    document: str


class Account(Struct, frozen=True):
    """Somebody who may log in."""

    name: str
    created: float


class Session(Struct, frozen=True):
    """A login or an API token, found by its secret; `label` says what it is for."""

    account: str
    label: str
    created: float
    expires: float
