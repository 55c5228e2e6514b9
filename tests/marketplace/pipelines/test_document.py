"""The pipeline document: read, written, upgraded, and refused with every place that is wrong."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest

from marketplace.errors import PipelineTooNew, PipelineUnreadable
from marketplace.pipelines import upgrade
from marketplace.pipelines.diagnosis import META_SCHEMA
from marketplace.pipelines.document import Node, Pipeline, read_pipeline, write_pipeline
from marketplace.pipelines.upgrade import SCHEMA_VERSION

SAMPLES = Path(__file__).parents[1] / "samples" / "pipelines"
NEWEST = SAMPLES / f"{SCHEMA_VERSION}.json"


def newest() -> dict[str, Any]:
    return json.loads(NEWEST.read_bytes())


def test_every_schema_version_has_a_sample() -> None:
    assert {path.stem for path in SAMPLES.glob("*.json")} == {str(number) for number in range(1, SCHEMA_VERSION + 1)}


@pytest.mark.parametrize("version", range(1, SCHEMA_VERSION + 1))
def test_a_document_of_every_version_is_read(version: int) -> None:
    pipeline = read_pipeline((SAMPLES / f"{version}.json").read_bytes(), "sample")
    assert pipeline.name == "everything"
    assert [node.id for node in pipeline.nodes] == ["read", "split"]
    assert pipeline.schema_version == SCHEMA_VERSION
    assert read_pipeline(write_pipeline(pipeline), "again") == pipeline


def test_what_is_written_is_what_was_read_to_the_byte() -> None:
    assert write_pipeline(read_pipeline(NEWEST.read_bytes(), "sample")) == NEWEST.read_bytes()


def test_the_sample_uses_every_field_there_is() -> None:
    def unused(value: Any, at: str = "pipeline") -> list[str]:
        if isinstance(value, msgspec.Struct):
            fields = msgspec.structs.fields(value)
            plain = [f"{at}.{f.name}" for f in fields if getattr(value, f.name) in (f.default, None, (), {}, "")]
            return plain + [name for f in fields for name in unused(getattr(value, f.name), f"{at}.{f.name}")]
        if isinstance(value, tuple) and value:
            return unused(value[0], at)
        return []

    assert unused(read_pipeline(NEWEST.read_bytes(), "sample")) == []


def test_a_document_always_says_its_version_and_leaves_out_what_is_as_always() -> None:
    pipeline = Pipeline(name="p", nodes=(Node(id="a", operator="x.y", version="1.0.0"),))
    assert json.loads(write_pipeline(pipeline)) == {
        "schema_version": SCHEMA_VERSION,
        "name": "p",
        "nodes": [{"id": "a", "operator": "x.y", "version": "1.0.0"}],
    }


def test_the_meta_schema_is_one_and_takes_the_sample() -> None:
    schema = json.loads(META_SCHEMA.read_bytes())
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.Draft202012Validator(schema).validate(newest())


Change = Callable[[dict[str, Any]], Any]

WRONG: list[tuple[str, Change]] = [
    ("/name", lambda d: d.update(name="")),
    ("/name", lambda d: d.update(name=3)),
    ("/name", lambda d: d.update(name="x" * 201)),
    ("", lambda d: d.pop("name")),
    ("", lambda d: d.update(nods=[])),
    ("/title", lambda d: d.update(title=3)),
    ("/title/en", lambda d: d["title"].update(en=3)),
    ("/parameters", lambda d: d.update(parameters=[])),
    ("/nodes", lambda d: d.update(nodes={})),
    ("/nodes/0", lambda d: d["nodes"][0].pop("version")),
    ("/nodes/0", lambda d: d["nodes"][0].update(colour="red")),
    ("/nodes/0/id", lambda d: d["nodes"][0].update(id="../x")),
    ("/nodes/0/id", lambda d: d["nodes"][0].update(id="")),
    ("/nodes/0/params", lambda d: d["nodes"][0].update(params=[])),
    ("/nodes/0/position/x", lambda d: d["nodes"][0]["position"].update(x="far")),
    ("/nodes/0/position", lambda d: d["nodes"][0]["position"].update(z=1)),
    ("/nodes/0/retries/count", lambda d: d["nodes"][0]["retries"].update(count=-1)),
    ("/nodes/0/retries/count", lambda d: d["nodes"][0]["retries"].update(count=101)),
    ("/nodes/0/retries/count", lambda d: d["nodes"][0]["retries"].update(count=1.5)),
    ("/nodes/0/retries/delay", lambda d: d["nodes"][0]["retries"].update(delay=-1)),
    ("/nodes/0/retries/backoff", lambda d: d["nodes"][0]["retries"].update(backoff=0.5)),
    ("/nodes/0/time_limit", lambda d: d["nodes"][0].update(time_limit=0)),
    ("/nodes/0/resources/cpu", lambda d: d["nodes"][0]["resources"].update(cpu=0)),
    ("/nodes/0/resources/memory", lambda d: d["nodes"][0]["resources"].update(memory=1.5)),
    ("/nodes/0/resources/gpu", lambda d: d["nodes"][0]["resources"].update(gpu=-1)),
    ("/nodes/0/enabled", lambda d: d["nodes"][0].update(enabled=1)),
    ("/edges/0", lambda d: d["edges"][0].pop("target")),
    ("/edges/0/source", lambda d: d["edges"][0]["source"].pop("port")),
    ("/edges/0/source/node", lambda d: d["edges"][0]["source"].update(node=None)),
    ("/notes/0", lambda d: d["notes"][0].pop("text")),
    ("/notes/0/width", lambda d: d["notes"][0].update(width=0)),
    ("/groups/0/nodes/1", lambda d: d["groups"][0]["nodes"].__setitem__(1, 7)),
    ("/environment", lambda d: d.update(environment=1)),
    ("/schedule", lambda d: d["schedule"].pop("cron")),
    ("/schedule/timezone", lambda d: d["schedule"].update(timezone=None)),
]


@pytest.mark.parametrize(("place", "change"), WRONG, ids=[f"{place}-{n}" for n, (place, _) in enumerate(WRONG)])
def test_each_wrong_place_is_named(place: str, change: Change) -> None:
    document = newest()
    change(document)
    with pytest.raises(PipelineUnreadable) as caught:
        read_pipeline(json.dumps(document), "mine.json")
    assert [pointer for pointer, _ in caught.value.places] == [place]
    assert str(caught.value).startswith("mine.json is not a pipeline; one place is wrong:")


def test_what_the_meta_schema_takes_the_reader_takes_too() -> None:
    """Fields set to null, left out, or to the edge of their range."""
    document = newest()
    node = document["nodes"][0]
    for name in ("position", "time_limit", "environment"):
        node[name] = None
    node["resources"] = {"cpu": None, "memory": None}
    node["retries"] = {}
    document["schedule"] = None
    document["notes"] = [{"id": "", "text": "", "width": None}]
    document["groups"] = [{"id": "g"}]
    validator = jsonschema.Draft202012Validator(json.loads(META_SCHEMA.read_bytes()))
    validator.validate(document)
    assert read_pipeline(json.dumps(document), "mine").nodes[0].retries.count == 0


def test_a_hundred_wrong_places_are_all_there_and_the_message_stays_short() -> None:
    document = newest()
    document["nodes"] = [{**copy.deepcopy(document["nodes"][1]), "id": f"bad id {number}"} for number in range(100)]
    with pytest.raises(PipelineUnreadable) as caught:
        read_pipeline(json.dumps(document), "mine.json")
    assert len(caught.value.places) == 100
    assert "100 places are wrong" in str(caught.value)
    assert "… and 90 more" in str(caught.value)
    assert len(str(caught.value).splitlines()) < 15


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "not JSON"),
        (b"a: yaml", "at line 1, column 1"),
        (b'{"name":\n  x}', "at line 2, column 3"),
        (b"\xff\xfe{}", "not JSON"),
        (b"[]", "found a list"),
        (b"null", "found null"),
        (b"3", "found a number"),
        (b"[" * 100_000, "not JSON"),
        (b"{}", "`schema_version` must be a number from 1"),
        (b'{"schema_version": "1"}', "found '1'"),
        (b'{"schema_version": 0}', "found 0"),
        (b'{"schema_version": true}', "found True"),
    ],
)
def test_what_is_no_pipeline_at_all(data: bytes, said: str) -> None:
    with pytest.raises(PipelineUnreadable, match=r"^mine\.json is not ") as caught:
        read_pipeline(data, "mine.json")
    assert said in str(caught.value)


def test_a_byte_order_mark_is_read_over() -> None:
    assert read_pipeline(b"\xef\xbb\xbf" + NEWEST.read_bytes(), "mine").name == "everything"


def test_a_newer_document_names_both_versions() -> None:
    with pytest.raises(
        PipelineTooNew, match=rf"mine\.json has the schema version 99.*up to {SCHEMA_VERSION}.*Update Opyard"
    ):
        read_pipeline(b'{"schema_version": 99, "what": "ever"}', "mine.json")


def test_the_chain_goes_link_by_link(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upgrade, "SCHEMA_VERSION", 3)
    links = {1: lambda d: {**d, "trail": ["1"]}, 2: lambda d: {**d, "trail": [*d["trail"], "2"]}}
    monkeypatch.setattr(upgrade, "LINKS", links)
    assert upgrade.upgraded({"schema_version": 1}, "x") == {"schema_version": 3, "trail": ["1", "2"]}
    assert upgrade.upgraded({"schema_version": 3}, "x") == {"schema_version": 3}


def test_every_version_but_the_newest_has_a_link() -> None:
    assert set(upgrade.LINKS) == set(range(1, SCHEMA_VERSION))
