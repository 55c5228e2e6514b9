"""The engine where its metadata lie on PostgreSQL and its artifacts on S3, each server on loopback."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from marketplace.settings import load_settings
from scheduler.engines.local.process import start_engine
from tests.scheduler.conftest import OPERATORS, House, bad, node, pipeline

SECRET = "an-access-key-nobody-may-see"


@pytest.fixture
def postgres_house(tmp_path: Path, postgres_url: str) -> Iterator[House]:
    settings = load_settings({}, home=tmp_path, database=postgres_url, operator_folders=(OPERATORS,), workers=2)
    house = House(settings)
    house.start()
    yield house
    house.close()


@pytest.fixture
def s3_options() -> Iterator[dict[str, Any]]:
    """How to reach a server that speaks S3 on loopback."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    endpoint = {"endpoint_url": f"http://{host}:{port}", "region_name": "us-east-1"}
    yield {"key": "test", "secret": SECRET, "client_kwargs": endpoint}
    server.stop()


@pytest.fixture
def s3_house(tmp_path: Path, s3_options: dict[str, Any]) -> Iterator[House]:
    import boto3

    bucket = f"b{uuid4().hex}"
    client = boto3.client("s3", aws_access_key_id="test", aws_secret_access_key=SECRET, **s3_options["client_kwargs"])
    client.create_bucket(Bucket=bucket)
    client.close()
    artifacts = {"artifacts": f"s3://{bucket}/opyard", "artifact_options": s3_options}
    house = House(load_settings({}, home=tmp_path / "home", operator_folders=(OPERATORS,), workers=2, **artifacts))
    house.start()
    yield house
    house.close()


def witnesses(file: Path) -> list[str]:
    return [line.split()[0] for line in file.read_text().splitlines()] if file.exists() else []


def test_a_killed_engine_on_postgresql_frees_its_lease_and_the_next_goes_on(
    postgres_house: House, tmp_path: Path
) -> None:
    house, file = postgres_house, tmp_path / "witness"
    first = node("first", "witness", file=str(file), name="first")
    slow = node("slow", "witness", file=str(file), name="slow", seconds=1.0)
    run_id = house.runs.submit(pipeline(first, slow, wires=[("first", "slow")])).id
    house.wait_until(lambda: house.states(run_id)["first"] == "done" and witnesses(file) == ["first", "slow"])
    house.kill()
    house.wait_until(lambda: house.application.store.engine_holder() is None, 5)
    house.start()
    assert house.runs.wait(run_id, 20).state == "done"
    assert witnesses(file) == ["first", "slow", "slow"]
    assert house.steps(run_id)["slow"].record.attempt == 1


def test_a_second_engine_on_one_postgresql_database_is_refused(postgres_house: House) -> None:
    assert start_engine(postgres_house.settings).wait(20) == 3
    assert postgres_house.run(pipeline(node("a", "number"), bad("b", "raises"))).state == "failed"


def test_an_engine_that_lost_its_lease_with_its_connection_leaves_its_runs_to_the_next(
    postgres_house: House, tmp_path: Path
) -> None:
    house, file = postgres_house, tmp_path / "witness"
    run_id = house.runs.submit(pipeline(node("slow", "witness", file=str(file), name="slow", seconds=2.0))).id
    house.wait_until(lambda: witnesses(file) == ["slow"])
    with psycopg.connect(house.settings.database.replace("+psycopg", ""), autocommit=True) as server:
        server.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    assert house.engine is not None and house.engine.wait(10) == 4
    assert "LeaseLost: This engine lost its hold" in house.engine_log()
    house.start()
    assert house.runs.wait(run_id, 20).state == "done"
    assert witnesses(file) == ["slow", "slow"]


def test_a_run_keeps_its_artifacts_on_s3_and_says_its_keys_nowhere(s3_house: House) -> None:
    house = s3_house
    nodes = (node("a", "number", value=2), node("b", "number", value=3), bad("wrong", "raises"))
    record = house.run(pipeline(*nodes, wires=[("a", "b")]))
    assert house.states(record.id) == {"a": "done", "b": "done", "wrong": "failed"}
    output = house.steps(record.id)["b"].record.output
    assert output.startswith("s3://") and house.application.artifacts.finished(output)
    assert house.steps(record.id)["b"].result.outputs["table"].summary["sample"] == [[5]]
    left = house.application.artifacts.read(f"{house.settings.artifacts}/attempts/{record.id}/wrong.1/result.json")
    assert left is not None and b"KeyError" in left
    again = house.run(pipeline(*nodes[:2], wires=[("a", "b")]))
    assert house.states(again.id) == {"a": "reused", "b": "reused"}
    house.stop()
    house.application.close()
    for path in house.settings.home.rglob("*"):
        assert not path.is_file() or SECRET.encode() not in path.read_bytes(), path


def test_a_run_whose_store_went_away_fails_in_words(s3_house: House, s3_options: dict[str, Any]) -> None:
    import boto3

    house = s3_house
    assert house.run(pipeline(node("a", "number"))).state == "done"
    bucket = house.settings.artifacts.split("/")[2]
    client = boto3.resource("s3", aws_access_key_id="t", aws_secret_access_key=SECRET, **s3_options["client_kwargs"])
    client.Bucket(bucket).objects.all().delete()
    client.Bucket(bucket).delete()
    record = house.run(pipeline(node("new", "number", value=7)))
    assert record.state == "failed"
    reason = house.steps(record.id)["new"].record.reason
    assert house.settings.artifacts in reason and SECRET not in reason
