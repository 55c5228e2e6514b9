"""Defaults: shown and filled in on demand, never written into what is loaded."""

import pytest

from form_specs import Form
from form_specs.values import ABSENT


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"type": "object", "properties": {"a": {"default": 1}, "b": {}, "c": {"default": None}}}, {"a": 1, "c": None}),
        ({"properties": {"o": {"type": "object", "properties": {"x": {"default": 1}}}}}, {"o": {"x": 1}}),
        ({"properties": {"o": {"properties": {"x": {"default": 1}, "y": {}}, "required": ["y"]}}}, {}),
        (
            {"properties": {"o": {"properties": {"x": {"default": 1}, "y": {}}, "required": ["y"]}}, "required": ["o"]},
            {"o": {"x": 1}},
        ),
        (
            {"properties": {"o": {"type": "object", "default": {}, "properties": {"x": {"default": 1}}}}},
            {"o": {"x": 1}},
        ),
        ({"properties": {"a": {"type": "integer", "default": "no number"}}}, {}),
        ({"properties": {"kind": {"const": "a"}}, "required": ["kind"]}, {"kind": "a"}),
        ({"properties": {"kind": {"const": "a"}}}, {}),
        ({"type": "array"}, []),
        ({"type": "array", "default": [1]}, [1]),
        ({"type": "string", "default": "x"}, "x"),
        ({"type": "string"}, ABSENT),
    ],
)
def test_the_instance_that_defaults_make(schema, expected):
    assert Form.from_schema(schema).defaults() == expected


def test_defaults_that_a_condition_brings_into_force_are_there_too():
    schema = {
        "properties": {"solver": {"default": "lbfgs"}},
        "if": {"properties": {"solver": {"const": "lbfgs"}}},
        "then": {"properties": {"history": {"default": 10}}},
    }
    assert Form.from_schema(schema).defaults() == {"solver": "lbfgs", "history": 10}


def test_defaults_that_contradict_each_other_are_left_out_until_the_rest_holds():
    schema = {
        "properties": {"a": {"default": 1}, "b": {"default": 2}, "c": {"default": 3}},
        "not": {"required": ["a", "b"]},
    }
    assert Form.from_schema(schema).defaults() == {"a": 1, "c": 3}


def test_a_recursive_schema_has_finite_defaults():
    schema = {
        "$ref": "#/$defs/node",
        "$defs": {"node": {"type": "object", "properties": {"n": {"default": 0}, "next": {"$ref": "#/$defs/node"}}}},
    }
    assert Form.from_schema(schema).defaults() == {"n": 0}


def test_completing_keeps_what_is_given_and_changes_nothing_of_it():
    schema = {
        "properties": {
            "a": {"default": 1},
            "items": {"items": {"properties": {"x": {"default": 5}}}},
            "k": {
                "oneOf": [
                    {"properties": {"kind": {"const": "p"}, "degree": {"default": 3}}, "required": ["kind"]},
                    {"properties": {"kind": {"const": "q"}}, "required": ["kind"]},
                ]
            },
        }
    }
    form = Form.from_schema(schema)
    given = {"items": [{"x": 1}, {}], "k": {"kind": "p"}, "own": None}
    assert form.complete(given) == {
        "items": [{"x": 1}, {"x": 5}],
        "k": {"kind": "p", "degree": 3},
        "own": None,
        "a": 1,
    }
    assert given == {"items": [{"x": 1}, {}], "k": {"kind": "p"}, "own": None}


def test_a_placeholder_is_not_filled_in():
    form = Form.from_schema({"properties": {"o": {"type": "object", "properties": {"x": {"default": 5}}}}})
    wired = {"o": {"$param": "p"}}
    assert form.complete(wired, placeholders=lambda value: isinstance(value, dict) and "$param" in value) == wired


def test_a_default_is_a_copy():
    form = Form.from_schema({"properties": {"a": {"default": [1]}}})
    form.defaults()["a"].append(2)
    assert form.defaults() == {"a": [1]}
