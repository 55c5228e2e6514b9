"""Runs, steps and events, on both databases."""

from __future__ import annotations

import threading
import time

import pytest

from marketplace.errors import RowRefused, RunNotFound, RunUnfinished
from marketplace.store import Store, open_store
from marketplace.store.records import NewEvent, RunRecord, RunSummary, RunUpdate, StepRecord, StepUpdate, Wanted


def a_run(id: str, **values: object) -> RunRecord:
    fields = {
        "id": id,
        "project": "default",
        "pipeline": "iris",
        "revision": 3,
        "name": "Iris",
        "state": "queued",
        "created": 100.5,
        "started": None,
        "ended": None,
        "by": "ann",
        "document": '{"zh": "鸢尾花"}',
        "plan": "{}",
        "options": "{}",
        "cancel_requested": False,
        "error": "",
    }
    return RunRecord(**{**fields, **values})


def a_step(run: str, node: str, position: int = 0, **values: object) -> StepRecord:
    fields = {
        "state": "waiting",
        "attempt": 0,
        "key": "k",
        "output": "file:///o",
        "reason": "",
        "started": None,
        "ended": None,
        "progress": 0.0,
        "message": "",
        "result": "",
    }
    return StepRecord(run=run, node=node, position=position, **{**fields, **values})


def an_event(run: str, number: int) -> NewEvent:
    return NewEvent(run=run, kind="step", node="a", data=f'{{"n": {number}}}', time=float(number))


def test_a_run_comes_back_as_it_was_written(store: Store) -> None:
    run = a_run("r1", pipeline=None, revision=None, error="broken: 列\n\tx")
    steps = [a_step("r1", "b", 0, result='{"x": 1}'), a_step("r1", "a", 1)]
    store.runs.create(run, steps, [an_event("r1", 1)])
    assert store.runs.get("r1") == run
    assert list(store.runs.steps("r1")) == steps
    assert [event.data for event in store.runs.events("r1")] == ['{"n": 1}']


def test_steps_without_results_leave_only_the_results_out(store: Store) -> None:
    store.runs.create(a_run("r1"), [a_step("r1", "a", result="{}", message="m")])
    (bare,) = store.runs.steps("r1", with_results=False)
    assert bare == a_step("r1", "a", result="", message="m")


def test_a_run_whose_id_is_taken_is_refused_whole(store: Store) -> None:
    store.runs.create(a_run("r1"), [a_step("r1", "a")])
    with pytest.raises(RowRefused):
        store.runs.create(a_run("r1", name="other"), [a_step("r1", "b")], [an_event("r1", 1)])
    assert store.runs.get("r1").name == "Iris"
    assert [step.node for step in store.runs.steps("r1")] == ["a"]
    assert list(store.runs.events("r1")) == []


def test_apply_changes_only_what_it_names(store: Store) -> None:
    store.runs.create(a_run("r1"), [a_step("r1", "a", 0), a_step("r1", "b", 1), a_step("r1", "c", 2)])
    store.runs.apply(
        steps=[
            StepUpdate("r1", "a", {"state": "running", "attempt": 1}),
            StepUpdate("r1", "b", {"state": "failed", "attempt": 2}),
            StepUpdate("r1", "a", {"state": "done", "ended": 7.25, "result": "{}"}),
        ],
        runs=[RunUpdate("r1", {"state": "running", "started": 1.5})],
        events=[an_event("r1", 1), an_event("r1", 2)],
    )
    assert list(store.runs.steps("r1")) == [
        a_step("r1", "a", 0, state="done", attempt=1, ended=7.25, result="{}"),
        a_step("r1", "b", 1, state="failed", attempt=2),
        a_step("r1", "c", 2),
    ]
    assert store.runs.get("r1") == a_run("r1", state="running", started=1.5)
    assert [event.time for event in store.runs.events("r1")] == [1.0, 2.0]


def test_apply_is_all_or_nothing(store: Store) -> None:
    store.runs.create(a_run("r1"), [a_step("r1", "a")])
    with pytest.raises(RowRefused):
        store.runs.apply(
            steps=[StepUpdate("r1", "a", {"state": "done"})],
            events=[an_event("r1", 1), an_event("no such run", 2)],
        )
    assert store.runs.step("r1", "a").state == "waiting"
    assert list(store.runs.events("r1")) == []


def test_events_are_read_in_pages_by_growing_ids(store: Store) -> None:
    store.runs.create(a_run("r1"), [])
    store.runs.create(a_run("r2"), [])
    for number in range(5):
        store.runs.apply(events=[an_event("r1", number), an_event("r2", number)])
    first = store.runs.events("r1", limit=3)
    rest = store.runs.events("r1", after=first[-1].id)
    ids = [event.id for event in [*first, *rest]]
    assert ids == sorted(set(ids))
    assert [event.time for event in [*first, *rest]] == [0.0, 1.0, 2.0, 3.0, 4.0]


def test_ids_of_deleted_events_are_not_given_again(store: Store) -> None:
    store.runs.create(a_run("r1", state="done"), [], [an_event("r1", 1)])
    last = store.runs.events("r1")[-1].id
    store.runs.delete("r1")
    store.runs.create(a_run("r2"), [], [an_event("r2", 1)])
    assert store.runs.events("r2", after=last)


def test_what_is_not_there_is_said_so(store: Store) -> None:
    store.runs.create(a_run("r1"), [])
    for ask in (store.runs.get, store.runs.steps, store.runs.request_cancel, store.runs.delete):
        with pytest.raises(RunNotFound, match="'nope'"):
            ask("nope")
    with pytest.raises(RunNotFound, match="no step 'x'"):
        store.runs.step("r1", "x")
    assert list(store.runs.steps("r1")) == []


def test_lists_filter_and_page_from_the_newest(store: Store) -> None:
    for number in range(6):
        store.runs.create(
            a_run(
                f"r{number}",
                created=float(number // 2),
                state="done" if number % 2 else "failed",
                by="bob" if number == 3 else "ann",
                project="p" if number == 4 else "default",
            ),
            [],
        )

    def ids(**filters: object) -> list[str]:
        return [summary.id for summary in store.runs.list(**filters)]

    assert ids() == ["r5", "r4", "r3", "r2", "r1", "r0"]
    assert ids(limit=3) == ["r5", "r4", "r3"]
    assert ids(limit=3, before="r3") == ["r2", "r1", "r0"]
    assert ids(states=["failed"]) == ["r4", "r2", "r0"]
    assert ids(by="bob") == ["r3"]
    assert ids(project="p") == ["r4"]
    assert ids(pipeline="other") == []
    assert ids(since=1.0, states={"done"}) == ["r5", "r3"]
    (summary,) = store.runs.list(limit=1)
    assert isinstance(summary, RunSummary)
    assert (summary.pipeline, summary.revision) == ("iris", 3)


def test_counts_of_steps_by_state(store: Store) -> None:
    store.runs.create(
        a_run("r1"), [a_step("r1", "a", state="done"), a_step("r1", "b", state="done"), a_step("r1", "c")]
    )
    store.runs.create(a_run("r2"), [])
    assert store.runs.counts(["r1", "r2"]) == {"r1": {"done": 2, "waiting": 1}, "r2": {}}


def test_what_an_engine_must_attend_to(store: Store) -> None:
    store.runs.create(a_run("old", created=1.0), [])
    store.runs.create(a_run("new", created=2.0), [])
    store.runs.create(a_run("going", created=0.5, state="running"), [])
    store.runs.create(a_run("over", created=0.1, state="done"), [])
    assert store.runs.wanted(()) == Wanted(new=["old", "new"], cancelled=[])
    assert [run.id for run in store.runs.unfinished()] == ["going", "old", "new"]
    assert store.runs.request_cancel("going")
    assert store.runs.request_cancel("new")
    assert not store.runs.request_cancel("over")
    assert store.runs.wanted({"old", "going"}) == Wanted(new=["new"], cancelled=["going", "new"])
    assert store.runs.get("going").cancel_requested


def test_only_what_has_ended_is_deleted_and_with_all_that_is_its(store: Store) -> None:
    store.runs.create(a_run("r1", state="running"), [a_step("r1", "a")], [an_event("r1", 1)])
    with pytest.raises(RunUnfinished, match="running"):
        store.runs.delete("r1")
    store.runs.apply(runs=[RunUpdate("r1", {"state": "done"})])
    store.runs.delete("r1")
    with pytest.raises(RunNotFound):
        store.runs.steps("r1")
    assert list(store.runs.events("r1")) == []


def test_threads_and_stores_write_at_one_time(store: Store, database_url: str) -> None:
    """Twenty writers, on two stores, lose nothing and fail nowhere."""
    store.runs.create(a_run("r1"), [a_step("r1", f"n{number}", number) for number in range(20)])
    failures: list[BaseException] = []

    def write(target: Store, node: str) -> None:
        try:
            for attempt in range(1, 21):
                target.runs.apply([StepUpdate("r1", node, {"attempt": attempt})], events=[an_event("r1", attempt)])
        except BaseException as error:
            failures.append(error)

    with open_store(database_url) as other:
        threads = [
            threading.Thread(target=write, args=(other if number % 2 else store, f"n{number}")) for number in range(20)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert failures == []
    assert {step.attempt for step in store.runs.steps("r1")} == {20}
    assert len(store.runs.events("r1")) == 400


def test_the_hot_path_is_quick(sqlite_url: str) -> None:
    """Two steps and two events cost some 0.2 ms on SQLite; the bound leaves room for a busy machine."""
    with open_store(sqlite_url) as store:
        store.runs.create(a_run("r1"), [a_step("r1", "a"), a_step("r1", "b")])
        costs = []
        for number in range(200):
            began = time.perf_counter()
            store.runs.apply(
                [
                    StepUpdate("r1", "a", {"state": "done", "ended": 1.0, "result": "{}"}),
                    StepUpdate("r1", "b", {"state": "running", "started": 1.0, "attempt": 1}),
                ],
                events=[an_event("r1", number), an_event("r1", number)],
            )
            costs.append(time.perf_counter() - began)
    assert sorted(costs)[100] < 0.002
