"""Operators that misbehave, engines that are killed, disks that are full: one clear error, and the rest goes on."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from operators.processes import descendants
from scheduler.application import open_application
from scheduler.engines.local.process import environment_of, start_engine
from tests.scheduler.conftest import House, bad, node, pipeline, processes_with


def failure_of(house: House, how: str, **more: object):
    record = house.run(pipeline(bad("bad", how, **more), node("beside", "number")))
    assert house.states(record.id) == {"bad": "failed", "beside": "done"}
    error = house.steps(record.id)["bad"].result.error
    assert house.run(pipeline(node("next", "number", value=time.time()))).state == "done"
    return error


def test_what_an_operator_raises_is_shown_with_its_own_traceback(house: House) -> None:
    error = failure_of(house, "raises")
    assert error.kind == "KeyError"
    assert 'return values["missing"]' in error.traceback
    assert "operators/step.py" not in error.traceback


@pytest.mark.parametrize(
    ("how", "kind", "said"),
    [
        ("exits", "Died", "ended by itself with exit code 3"),
        ("leaves", "SystemExit", "left by sys.exit(4)"),
        ("crashes", "Died", "ended by SIGSEGV"),
        ("kills_parent", "WorkerLost", "was killed from outside"),
        ("wrong_output", "OutputError", "'tabel', which is no output of test.behaviour.bad@1.0.0. Outputs: table"),
        ("no_table", "OutputError", "must be a table"),
    ],
)
def test_a_process_that_ends_in_another_way_is_an_error_in_words(house: House, how: str, kind: str, said: str) -> None:
    error = failure_of(house, how)
    assert error.kind == kind
    assert said in error.message


def test_ten_million_lines_cost_neither_disk_nor_the_other_runs(house: House) -> None:
    record = house.run(pipeline(bad("prints", "prints", count=10_000_000), node("beside", "number")), timeout=60)
    assert record.state == "done"
    log = house.settings.logs / "runs" / record.id / "prints.1.jsonl"
    assert log.stat().st_size < 1.1 * house.settings.log_bytes
    lines = _all_lines(house, record.id, "prints")
    assert any("lines were left out" in line for line in lines)
    assert lines[-1] == "the last line"
    assert [event.kind for event in house.runs.events(record.id)].count("progress") == 1


def _all_lines(house: House, run_id: str, name: str) -> list[str]:
    lines: list[str] = []
    after = 0
    while (chunk := house.runs.log(run_id, name, after=after)).lines:
        lines += [line.text for line in chunk.lines]
        after = chunk.next
    return lines


def test_nothing_that_a_step_forked_outlives_it(house: House, tmp_path: Path) -> None:
    mark = f"left-behind-{tmp_path.name}-{os.getpid()}"
    record = house.run(pipeline(bad("forks", "forks", mark=mark)))
    assert record.state == "done"
    house.wait_until(lambda: not processes_with(mark), 5)


def test_what_a_cancelled_step_forked_goes_with_it_when_the_engine_is_killed(house: House, tmp_path: Path) -> None:
    mark = f"hang-{tmp_path.name}"
    run_id = house.runs.submit(pipeline(bad("hangs", "hangs", mark=mark))).id
    house.wait_until(lambda: house.states(run_id) == {"hangs": "running"})
    assert house.engine is not None
    engine = house.engine.pid
    house.wait_until(lambda: len(descendants(engine)) >= 4)  # the template, a worker, its step and its spare
    workers = [Path(f"/proc/{pid}") for pid in descendants(engine)]
    house.kill()
    house.wait_until(lambda: not any(worker.exists() for worker in workers), 5)


def test_a_secret_is_in_no_log_event_or_result(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = 'swordfish-"quoted"-4711'
    house.kill()
    monkeypatch.setenv("OPYARD_SECRET_DOOR", secret)
    house.start()
    tells = bad("tells", "tells_secret", secret="door")
    record = house.run(pipeline(tells, bad("fails", "tells_secret", secret="door", mark="raise")))
    assert house.states(record.id) == {"tells": "done", "fails": "failed"}
    assert house.steps(record.id)["fails"].record.reason == "cannot open ******"
    assert any("******" in line for line in house.log(record.id, "tells"))
    assert house.run(pipeline(bad("nosy", "looks_for_secrets"))).state == "done"
    assert house.run(pipeline(bad("nosy", "looks_for_secrets"))).state == "done"
    house.stop()
    for path in house.settings.home.rglob("*"):
        if path.is_file():
            assert b"swordfish" not in path.read_bytes(), path


def test_an_engine_killed_at_any_moment_is_followed_by_one_that_goes_on(house: House, tmp_path: Path) -> None:
    file = tmp_path / "witness"
    names = [f"n{number}" for number in range(12)]
    nodes = [node(name, "witness", file=str(file), name=name, seconds=0.05) for name in names]
    wires = [(names[at], names[at + 2]) for at in range(10)]
    run_id = house.runs.submit(pipeline(*nodes, wires=wires)).id
    for pause in (0.9, 0.25, 0.31, 0.4):
        time.sleep(pause)
        house.kill()
        finished = {name for name, state in house.states(run_id).items() if state == "done"}
        before = file.read_text().splitlines() if file.exists() else []
        house.start()
        house.wait_until(lambda: house.runs.get(run_id).state in ("running", "done"))
        again = [line.split()[0] for line in file.read_text().splitlines()[len(before) :]] if file.exists() else []
        assert not finished & set(again)
    assert house.runs.wait(run_id, 30).state == "done"
    steps = house.steps(run_id)
    assert {view.record.state for view in steps.values()} <= {"done", "reused"}
    assert not list((house.settings.home / "artifacts" / "staging").iterdir())
    for view in steps.values():
        assert house.application.artifacts.finished(view.record.output)


def test_who_waits_for_a_run_sees_to_it_that_an_engine_is_there(idle_house: House, tmp_path: Path) -> None:
    file = tmp_path / "witness"
    with open_application(idle_house.settings) as application:
        run_id = application.runs.submit(pipeline(node("slow", "witness", file=str(file), name="slow", seconds=1.0))).id
        idle_house.wait_until(lambda: file.exists())
        os.kill(application.store.engine_holder()["pid"], 9)
        try:
            assert application.runs.wait(run_id, 30).state == "done"
        finally:
            os.kill(application.store.engine_holder()["pid"], 15)


def test_an_engine_that_is_asked_to_stop_leaves_its_runs_to_the_next(house: House, tmp_path: Path) -> None:
    file = tmp_path / "witness"
    run_id = house.runs.submit(pipeline(node("slow", "witness", file=str(file), name="slow", seconds=1.0))).id
    house.wait_until(lambda: house.states(run_id) == {"slow": "running"})
    assert house.stop() == 0
    assert house.runs.get(run_id).state == "running"
    house.start()
    assert house.runs.wait(run_id, 20).state == "done"
    assert house.steps(run_id)["slow"].record.attempt == 1


def test_a_second_engine_on_the_same_database_is_refused(house: House) -> None:
    second = start_engine(house.settings)
    assert second.wait(20) == 3
    assert f"pid {house.engine.pid}" in house.engine_log() or str(house.engine.pid) in house.engine_log()
    assert house.run(pipeline(node("a", "number"))).state == "done"


def test_code_that_changed_since_it_was_planned_does_not_run(idle_house: House, tmp_path: Path) -> None:
    import shutil

    from marketplace.settings import load_settings

    folder = tmp_path / "operators"
    shutil.copytree(Path(__file__).parent / "operators" / "number", folder / "number")
    house = House(load_settings({}, home=tmp_path / "other", operator_folders=(folder,), workers=1))
    try:
        run_id = house.runs.submit(pipeline(node("a", "number"))).id
        with (folder / "number" / "operator.py").open("a") as code:
            code.write("\n# changed\n")
        house.start()
        assert house.runs.wait(run_id, 20).state == "failed"
        assert "has changed since this run was planned" in house.steps(run_id)["a"].record.reason
    finally:
        house.close()


def test_a_full_disk_fails_the_step_in_words_and_leaves_nothing_half_written(idle_house: House, tmp_path: Path) -> None:
    small = tmp_path / "small"
    small.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(small)], capture_output=True)
    if mounted.returncode:
        pytest.fail("This test needs to mount a small file system: run it as root.")
    from marketplace.settings import load_settings

    house = House(
        load_settings(
            {}, home=tmp_path / "other", artifacts=small.as_uri(), operator_folders=idle_house.settings.operator_folders
        )
    )
    try:
        house.start()
        (small / "ballast").write_bytes(b"x" * 60_000)
        record = house.run(pipeline(node("a", "number")))
        assert record.state == "failed"
        assert "disk is full" in house.steps(record.id)["a"].record.reason
        assert not list(small.glob("staging/*")) and not list(small.glob("steps/*/*"))
        (small / "ballast").unlink()
        house.runs.resume(record.id)
        assert house.runs.wait(record.id, 20).state == "done"
    finally:
        house.close()
        subprocess.run(["umount", str(small)], check=True)


def test_a_database_of_a_newer_version_is_refused_by_name(idle_house: House) -> None:
    import sqlite3

    idle_house.runs.list()
    idle_house.application.close()
    with sqlite3.connect(idle_house.settings.home / "opyard.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    command = [sys.executable, "-m", "scheduler.engines.local"]
    environment = {**os.environ, **environment_of(idle_house.settings)}
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=30)
    assert ended.returncode == 1
    assert "DatabaseTooNew" in ended.stderr and "9999" in ended.stderr
