"""Runs, their steps and their events: what the engine writes and everyone reads."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from functools import cache
from itertools import groupby
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Table, Update, and_, bindparam, delete, func, insert, literal, or_, select, update

from marketplace.errors import RunNotFound, RunUnfinished
from marketplace.store.database import Database
from marketplace.store.records import (
    EventRecord,
    NewEvent,
    RunRecord,
    RunSummary,
    RunUpdate,
    StepRecord,
    StepUpdate,
    Wanted,
)
from marketplace.store.tables import events as event_table
from marketplace.store.tables import runs as run_table
from marketplace.store.tables import steps as step_table

UNFINISHED = ("queued", "running")


def _columns(table: Table, record: type[msgspec.Struct]) -> list[Any]:
    """The columns in the order of the record's fields, so that a row makes a record by position."""
    return [table.c[name] for name in record.__struct_fields__]


_OLDEST_FIRST = (run_table.c.created, run_table.c.id)
_IS_UNFINISHED = run_table.c.state.in_(UNFINISHED)
_INSERT_RUN = insert(run_table)
_INSERT_STEP = insert(step_table)
_INSERT_EVENT = insert(event_table).inline()
_GET_RUN = select(*_columns(run_table, RunRecord)).where(run_table.c.id == bindparam("run"))
_EXISTS = select(run_table.c.state).where(run_table.c.id == bindparam("run"))
_GET_UNFINISHED = select(*_columns(run_table, RunRecord)).where(_IS_UNFINISHED).order_by(*_OLDEST_FIRST)
_GET_STEPS = select(*_columns(step_table, StepRecord)).where(step_table.c.run == bindparam("run"))
_STEP_COLUMNS_WITHOUT_RESULT = [
    column if column is not step_table.c.result else literal("").label("result")
    for column in _columns(step_table, StepRecord)
]
_GET_STEPS_WITHOUT_RESULTS = select(*_STEP_COLUMNS_WITHOUT_RESULT).where(step_table.c.run == bindparam("run"))
_GET_EVENTS = (
    select(*_columns(event_table, EventRecord))
    .where(event_table.c.run == bindparam("run"), event_table.c.id > bindparam("after"))
    .order_by(event_table.c.id)
    .limit(bindparam("most"))
)
_GET_WANTED = (
    select(run_table.c.id, run_table.c.state, run_table.c.cancel_requested)
    .where(_IS_UNFINISHED)
    .order_by(*_OLDEST_FIRST)
)
_REQUEST_CANCEL = (
    update(run_table).where(run_table.c.id == bindparam("run"), _IS_UNFINISHED).values(cancel_requested=True)
)
_DELETE = delete(run_table).where(run_table.c.id == bindparam("run"))


class Runs:
    """Runs in the metadata store. Every method is one transaction; any thread may call it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(self, run: RunRecord, steps: Sequence[StepRecord], events: Sequence[NewEvent] = ()) -> None:
        """Write a new run with its steps and first events, all or nothing."""
        with self._database.write() as connection:
            connection.execute(_INSERT_RUN, msgspec.structs.asdict(run))
            if steps:
                connection.execute(_INSERT_STEP, [msgspec.structs.asdict(step) for step in steps])
            if events:
                connection.execute(_INSERT_EVENT, [msgspec.structs.asdict(event) for event in events])

    def apply(
        self,
        steps: Sequence[StepUpdate] = (),
        runs: Sequence[RunUpdate] = (),
        events: Sequence[NewEvent] = (),
    ) -> None:
        """Write changes of steps and runs, and events, in one transaction. The engine's hot path.

        Updates of what is not there change nothing.
        """
        if not (steps or runs or events):
            return
        with self._database.write() as connection:
            for names, same in groupby(steps, key=_names):
                rows = [{**change.values, "in_run": change.run, "at_node": change.node} for change in same]
                connection.execute(_update_step(names), rows)
            for names, alike in groupby(runs, key=_names):
                connection.execute(_update_run(names), [{**change.values, "in_run": change.run} for change in alike])
            if events:
                connection.execute(_INSERT_EVENT, [msgspec.structs.asdict(event) for event in events])

    def get(self, id: str) -> RunRecord:
        """The run; raises `RunNotFound`."""
        with self._database.read() as connection:
            row = connection.execute(_GET_RUN, {"run": id}).first()
        if row is None:
            raise _not_found(id)
        return RunRecord(*row)

    def list(
        self,
        *,
        states: Collection[str] = (),
        project: str | None = None,
        pipeline: str | None = None,
        by: str | None = None,
        since: float | None = None,
        limit: int = 50,
        before: str | None = None,
    ) -> list[RunSummary]:
        """Runs, the newest first, that all the given filters hold for.

        `since` leaves out what was created earlier. `before` is the id of the last run of the page before this one.
        """
        table = run_table.c
        equal = ((table.project, project), (table.pipeline, pipeline), (table.by, by))
        conditions: list[ColumnElement[bool]] = [column == value for column, value in equal if value is not None]
        if states:
            conditions.append(table.state.in_(tuple(states)))
        if since is not None:
            conditions.append(table.created >= since)
        if before is not None:
            conditions.append(_older_than(before))
        query = select(*_columns(run_table, RunSummary)).where(*conditions)
        query = query.order_by(table.created.desc(), table.id.desc()).limit(limit)
        with self._database.read() as connection:
            return [RunSummary(*row) for row in connection.execute(query)]

    def steps(self, id: str, *, with_results: bool = True) -> Sequence[StepRecord]:
        """The steps of a run in the order of the plan; `result` is empty without `with_results`."""
        query = _GET_STEPS if with_results else _GET_STEPS_WITHOUT_RESULTS
        with self._database.read() as connection:
            rows = connection.execute(query.order_by(step_table.c.position, step_table.c.node), {"run": id}).all()
        if not rows:
            self._state(id)
        return [StepRecord(*row) for row in rows]

    def step(self, id: str, node: str) -> StepRecord:
        """One step of a run; raises `RunNotFound` where the run, or its step, is not there."""
        with self._database.read() as connection:
            row = connection.execute(_GET_STEPS.where(step_table.c.node == node), {"run": id}).first()
        if row is None:
            self._state(id)
            raise RunNotFound(f"The run {id} has no step {node!r}.")
        return StepRecord(*row)

    def counts(self, ids: Iterable[str]) -> dict[str, dict[str, int]]:
        """How many steps of each run are in which state."""
        found: dict[str, dict[str, int]] = {id: {} for id in ids}
        query = (
            select(step_table.c.run, step_table.c.state, func.count())
            .where(step_table.c.run.in_(found))
            .group_by(step_table.c.run, step_table.c.state)
        )
        with self._database.read() as connection:
            for run, state, count in connection.execute(query):
                found[run][state] = count
        return found

    def unfinished(self) -> Sequence[RunRecord]:
        """Runs that are queued or running, the oldest first."""
        with self._database.read() as connection:
            return [RunRecord(*row) for row in connection.execute(_GET_UNFINISHED)]

    def request_cancel(self, id: str) -> bool:
        """Ask for a run to be cancelled; False where it had ended already. Raises `RunNotFound`."""
        with self._database.write() as connection:
            if connection.execute(_REQUEST_CANCEL, {"run": id}).rowcount:
                return True
        self._state(id)
        return False

    def wanted(self, known: Collection[str]) -> Wanted:
        """What an engine that knows the runs `known` must attend to, the oldest first. One cheap query."""
        with self._database.read() as connection:
            rows = connection.execute(_GET_WANTED).all()
        return Wanted(
            new=[id for id, state, _ in rows if state == "queued" and id not in known],
            cancelled=[id for id, _, cancelled in rows if cancelled],
        )

    def events(self, id: str, after: int = 0, limit: int = 1000) -> Sequence[EventRecord]:
        """The events of a run with ids above `after`, in order. Ids are in order of writing as long as one process
        writes a run's events, which the lease sees to.
        """
        with self._database.read() as connection:
            rows = connection.execute(_GET_EVENTS, {"run": id, "after": after, "most": limit})
            return [EventRecord(*row) for row in rows]

    def delete(self, id: str) -> None:
        """Delete a run with its steps and events; raises `RunNotFound`, and `RunUnfinished` while it goes on."""
        with self._database.write() as connection:
            state = connection.execute(_EXISTS, {"run": id}).scalar()
            if state is None:
                raise _not_found(id)
            if state in UNFINISHED:
                raise RunUnfinished(f"The run {id} is {state}. Cancel it, wait for its end, then delete it.")
            connection.execute(_DELETE, {"run": id})

    def _state(self, id: str) -> str:
        with self._database.read() as connection:
            state = connection.execute(_EXISTS, {"run": id}).scalar()
        if state is None:
            raise _not_found(id)
        return str(state)


def _names(change: StepUpdate | RunUpdate) -> tuple[str, ...]:
    return tuple(change.values)


@cache
def _update_step(names: tuple[str, ...]) -> Update:
    where = and_(step_table.c.run == bindparam("in_run"), step_table.c.node == bindparam("at_node"))
    return update(step_table).where(where).values({name: bindparam(name) for name in names})


@cache
def _update_run(names: tuple[str, ...]) -> Update:
    where = run_table.c.id == bindparam("in_run")
    return update(run_table).where(where).values({name: bindparam(name) for name in names})


def _older_than(id: str) -> ColumnElement[bool]:
    created = select(run_table.c.created).where(run_table.c.id == id).scalar_subquery()
    return or_(run_table.c.created < created, and_(run_table.c.created == created, run_table.c.id < id))


def _not_found(id: str) -> RunNotFound:
    return RunNotFound(f"There is no run {id!r}. `opyard runs list` shows those there are.")
