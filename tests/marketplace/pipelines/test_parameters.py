"""Parameters of a pipeline: filled in, refused with every reason, read from a command line."""

from __future__ import annotations

from typing import Any

import pytest

from marketplace.errors import PipelineParametersWrong
from marketplace.pipelines.document import Node, Pipeline
from marketplace.pipelines.parameters import parse_parameters, placeholders, resolve_parameters, with_default_parameters

SCHEMA = {
    "type": "object",
    "properties": {
        "share": {"type": "number", "maximum": 1, "default": 0.25},
        "file": {"type": "string"},
        "columns": {"type": "array", "items": {"type": "string"}},
    },
    "required": ["file"],
}


def a_pipeline(params: dict[str, Any], schema: dict[str, Any] = SCHEMA) -> Pipeline:
    return Pipeline(name="p", parameters=schema, nodes=(Node(id="a", operator="x.y", version="1.0.0", params=params),))


PARAMS = {
    "path": {"$param": "file"},
    "deep": [{"share": {"$param": "share"}}, 1, 1.0, None],
    "twice": {"$param": "file"},
    "not": {"$param": "file", "and": 1},
}


def test_placeholders_are_replaced_wherever_they_stand() -> None:
    resolved = resolve_parameters(a_pipeline(PARAMS), {"file": "x.csv"})
    assert resolved.nodes[0].params == {
        "path": "x.csv",
        "deep": [{"share": 0.25}, 1, 1.0, None],
        "twice": "x.csv",
        "not": {"$param": "file", "and": 1},
    }
    assert list(placeholders(resolved.nodes[0].params)) == []


def test_a_value_that_looks_like_a_placeholder_is_not_followed() -> None:
    schema = {"type": "object", "properties": {"a": {}, "b": {"default": 1}}}
    resolved = resolve_parameters(a_pipeline({"x": {"$param": "a"}}, schema), {"a": {"$param": "b"}})
    assert resolved.nodes[0].params == {"x": {"$param": "b"}}


def test_without_placeholders_the_pipeline_stays_the_same_one() -> None:
    pipeline = a_pipeline({"x": 1})
    assert resolve_parameters(pipeline, {"file": "f"}) is pipeline


def test_every_wrong_value_is_told_at_once() -> None:
    with pytest.raises(PipelineParametersWrong) as caught:
        resolve_parameters(a_pipeline(PARAMS), {"share": 2, "fil": "x", "columns": ["a", 3]})
    places = dict(caught.value.places)
    assert set(places) == {"/share", "/fil", "/columns/1", "/file"}
    assert "Did you mean file?" in places["/fil"]
    assert "'p'" in str(caught.value)


def test_a_parameter_that_a_node_needs_must_have_a_value() -> None:
    with pytest.raises(PipelineParametersWrong, match="columns: has no value, and the node 'a' needs one"):
        resolve_parameters(a_pipeline({"x": {"$param": "columns"}}), {"file": "f"})


def test_a_placeholder_of_no_parameter_is_refused() -> None:
    with pytest.raises(PipelineParametersWrong, match="nope"):
        resolve_parameters(a_pipeline({"x": {"$param": "nope"}}), {"file": "f"})


def test_a_pipeline_without_parameters_takes_none() -> None:
    with pytest.raises(PipelineParametersWrong, match="has no parameters"):
        resolve_parameters(a_pipeline({}, {}), {"x": 1})
    assert resolve_parameters(a_pipeline({}, {}), {}).name == "p"


def test_at_design_time_only_defaults_are_filled_in() -> None:
    params = with_default_parameters(a_pipeline(PARAMS)).nodes[0].params
    assert params["deep"][0] == {"share": 0.25}
    assert params["path"] == {"$param": "file"}


def test_texts_of_a_command_line_become_values() -> None:
    schema = {
        "type": "object",
        "properties": {
            "n": {"type": "integer"},
            "s": {"type": "string"},
            "l": {"type": "array"},
            "b": {"type": "boolean"},
        },
    }
    texts = {"n": "3", "s": "3", "l": '["a"]', "b": "true", "other": "x y"}
    assert parse_parameters(a_pipeline({}, schema), texts) == {"n": 3, "s": "3", "l": ["a"], "b": True, "other": "x y"}
