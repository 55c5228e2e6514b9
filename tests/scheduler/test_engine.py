"""What the embedded engine promises: order, re-use, retries, limits, cancelling, resuming."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from operators.artifacts.store import local_path
from scheduler.errors import ArtifactAbsent, NodeUnknown, NotResumable, PipelineInvalid
from tests.scheduler.conftest import House, NodeResources, Retries, bad, node, pipeline


def value_of(house: House, run_id: str, name: str) -> object:
    reference = house.runs.artifact(run_id, name, "table")
    return pq.read_table(local_path(f"{reference.folder}/{reference.artifact.path}"))["value"][0].as_py()


def test_values_flow_along_the_wires(house: House) -> None:
    record = house.run(
        pipeline(
            node("a", "number", value=1),
            node("b", "number", value=10),
            node("c", "number", value=100),
            wires=[("a", "c"), ("b", "c")],
        )
    )
    assert record.state == "done"
    assert value_of(house, record.id, "c") == 111
    assert set(house.states(record.id).values()) == {"done"}


def test_a_finished_step_is_not_run_again_and_a_changed_one_is(house: House, tmp_path: Path) -> None:
    file = tmp_path / "witness"

    def pipe(name: str):
        first = node("first", "witness", file=str(file), name="first")
        return pipeline(first, node("second", "witness", file=str(file), name=name), wires=[("first", "second")])

    house.run(pipe("x"))
    again = house.run(pipe("x"))
    changed = house.run(pipe("y"))
    assert house.states(again.id) == {"first": "reused", "second": "reused"}
    assert house.states(changed.id) == {"first": "reused", "second": "done"}
    assert [line.split()[0] for line in file.read_text().splitlines()] == ["first", "x", "y"]


def test_fresh_runs_everything_and_only_runs_one_node_anew(house: House, tmp_path: Path) -> None:
    file = tmp_path / "witness"
    first, second = (node(name, "witness", file=str(file), name=name) for name in ("first", "second"))
    pipe = pipeline(first, second, wires=[("first", "second")])
    house.run(pipe)
    assert house.states(house.run(pipe, fresh=True).id) == {"first": "done", "second": "done"}
    assert house.states(house.run(pipe, only=["second"]).id) == {"first": "reused", "second": "done"}


def test_up_to_a_node_leaves_out_what_comes_after(house: House) -> None:
    pipe = pipeline(*(node(name, "number") for name in "abc"), wires=[("a", "b"), ("b", "c")])
    assert set(house.states(house.run(pipe, to=["b"]).id)) == {"a", "b"}
    with pytest.raises(NodeUnknown, match=r"no node 'z'.*a, b, c"):
        house.runs.submit(pipe, to=["z"])


def test_equal_steps_of_one_run_are_computed_once(house: House, tmp_path: Path) -> None:
    file = tmp_path / "witness"
    twins = [node(name, "witness", file=str(file), name="twin", seconds=0.2) for name in "ab"]
    assert sorted(house.states(house.run(pipeline(*twins)).id).values()) == ["done", "reused"]
    assert len(file.read_text().splitlines()) == 1


def test_branches_run_side_by_side(house: House, tmp_path: Path) -> None:
    file = tmp_path / "witness"
    house.run(pipeline(*(node(name, "witness", file=str(file), name=name, seconds=1.0) for name in "ab")))
    begun = [float(line.split()[2]) for line in file.read_text().splitlines()]
    assert abs(begun[0] - begun[1]) < 1.0


def test_a_failed_step_is_tried_again_with_growing_pauses(house: House, tmp_path: Path) -> None:
    flaky = node(
        "flaky",
        "flaky",
        file=str(tmp_path / "count"),
        failures=2,
        retries=Retries(count=2, delay=0.1, backoff=2),
    )
    record = house.run(pipeline(flaky))
    assert record.state == "done"
    assert house.steps(record.id)["flaky"].record.attempt == 3
    waits = [event.data for event in house.runs.events(record.id) if '"wait"' in event.data]
    assert ['"wait":0.1' in waits[0], '"wait":0.2' in waits[1]] == [True, True]


def test_a_failure_skips_what_needs_it_and_nothing_else(house: House) -> None:
    record = house.run(
        pipeline(
            bad("broken", "raises"),
            node("after", "number"),
            node("later", "number", value=2),
            node("beside", "number", value=3),
            wires=[("broken", "after"), ("after", "later")],
        )
    )
    assert record.state == "failed"
    assert record.error == "Failed: broken."
    assert house.states(record.id) == {"broken": "failed", "after": "skipped", "later": "skipped", "beside": "done"}
    assert house.steps(record.id)["after"].record.reason == "'broken' failed before it."


def test_a_failed_run_resumes_where_it_failed(house: House, tmp_path: Path) -> None:
    file = tmp_path / "witness"
    pipe = pipeline(
        node("before", "witness", file=str(file), name="before"),
        node("flaky", "flaky", file=str(tmp_path / "count")),
        node("after", "number"),
        wires=[("flaky", "after")],
    )
    record = house.run(pipe)
    assert record.state == "failed"
    house.runs.resume(record.id)
    assert house.runs.wait(record.id, 20).state == "done", (house.states(record.id), house.engine_log())
    assert house.states(record.id) == {"before": "done", "flaky": "done", "after": "done"}
    assert len(file.read_text().splitlines()) == 1
    with pytest.raises(NotResumable, match="is done"):
        house.runs.resume(record.id)


def test_cancelling_stops_even_what_does_not_listen(house: House) -> None:
    pipe = pipeline(
        bad("hangs", "hangs"), bad("deaf", "hangs_deaf"), node("after", "number"), wires=[("hangs", "after")]
    )
    run_id = house.runs.submit(pipe).id
    house.wait_until(lambda: list(house.states(run_id).values()).count("running") == 2)
    house.runs.cancel(run_id)
    assert house.runs.wait(run_id, 10).state == "cancelled"
    assert set(house.states(run_id).values()) == {"cancelled"}
    assert house.runs.cancel(run_id) is False


def test_a_run_that_still_waits_can_be_cancelled(idle_house: House) -> None:
    run_id = idle_house.runs.submit(pipeline(node("a", "number"))).id
    idle_house.runs.cancel(run_id)
    idle_house.start()
    assert idle_house.runs.wait(run_id, 10).state == "cancelled"


def test_the_time_limit_ends_the_step_alone(house: House) -> None:
    record = house.run(pipeline(bad("slow", "hangs", time_limit=0.3), node("beside", "number")))
    step = house.steps(record.id)["slow"]
    assert house.states(record.id) == {"slow": "failed", "beside": "done"}
    assert step.result is not None and step.result.state == "timed_out"
    assert step.record.reason == "The step ran longer than its time limit of 0.3 seconds."


def test_the_memory_limit_ends_the_step_alone(house: House) -> None:
    greedy = bad("greedy", "fills_memory", resources=NodeResources(memory="200MiB"))
    record = house.run(pipeline(greedy, node("beside", "number")))
    step = house.steps(record.id)["greedy"]
    assert house.states(record.id) == {"greedy": "failed", "beside": "done"}
    assert step.result is not None and step.result.state == "out_of_memory"
    assert step.record.reason == "The step used more memory than its limit of 200 MiB."


def test_logs_levels_metrics_and_progress_can_be_followed(house: House) -> None:
    record = house.run(pipeline(bad("talks", "logs")))
    lines = [(line.level, line.text) for line in house.runs.log(record.id, "talks").lines]
    assert ("INFO", "a line of the logger") in lines
    assert {("PRINT", "a printed line"), ("PRINT", "an error line")} <= set(lines)
    kinds = [event.kind for event in house.runs.follow(record.id)]
    assert kinds.count("metric") == 3
    assert kinds.count("progress") == 1
    assert kinds[-1] == "run"
    result = house.steps(record.id)["talks"].result
    assert result is not None and result.metrics == {"loss": pytest.approx(1 / 3)}
    assert result.timings["total"] > 0 and result.peak_memory > 0


def test_what_is_not_there_is_said_by_name(house: House) -> None:
    record = house.run(pipeline(node("a", "number")))
    with pytest.raises(NodeUnknown, match=r"no step 'b'. Its steps are a"):
        house.runs.artifact(record.id, "b", "table")
    with pytest.raises(ArtifactAbsent, match=r"made no 'model'. Its outputs: table"):
        house.runs.artifact(record.id, "a", "model")


def test_a_pipeline_with_problems_is_refused_with_all_of_them(idle_house: House) -> None:
    with pytest.raises(PipelineInvalid) as caught:
        idle_house.runs.submit(pipeline(node("a", "number", value="x"), node("b", "none"), wires=[("a", "c")]))
    assert len(caught.value.problems) >= 3
    assert idle_house.runs.list() == []


def test_disabled_nodes_and_what_needs_them_are_left_out(house: House) -> None:
    # `tables` is not required, so the follower runs without it.
    pipe = pipeline(node("off", "number", enabled=False), node("after", "number", value=5), wires=[("off", "after")])
    record = house.run(pipe)
    assert house.states(record.id) == {"after": "done"}
    assert value_of(house, record.id, "after") == 5
