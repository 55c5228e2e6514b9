"""What a form must hold for any schema: it builds, keeps, owns, defaults and leads errors to fields."""

import json

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema.validators import validator_for

from form_specs import Form, lint, pointers
from form_specs.fields import KINDS, owner
from form_specs.values import ABSENT

# Schemas as they are met in the open: each with a valid and an invalid instance.
TREE = {
    "$schema": "http://json-schema.org/draft-07/schema#",
    "$ref": "#/definitions/node",
    "definitions": {
        "node": {
            "type": "object",
            "required": ["name"],
            "properties": {
                "name": {"type": "string", "minLength": 1, "default": "root"},
                "children": {"type": "array", "items": {"$ref": "#/definitions/node"}, "default": []},
                "meta": {"oneOf": [{"type": "string"}, {"type": "object", "additionalProperties": {"type": "number"}}]},
            },
            "additionalProperties": False,
        }
    },
}
BUILD_FILE = {
    "$schema": "http://json-schema.org/draft-04/schema#",
    "id": "https://example.org/build.json#",
    "type": "object",
    "properties": {
        "steps": {
            "type": "array",
            "minItems": 1,
            "items": {"anyOf": [{"$ref": "#/definitions/command"}, {"type": "string"}, {"enum": [None]}]},
        },
        "matrix": {
            "type": "object",
            "patternProperties": {"^[a-z]+$": {"type": "array", "items": {"type": ["string", "number"]}}},
            "additionalProperties": False,
        },
        "timeout": {"type": "number", "minimum": 0, "exclusiveMinimum": True, "default": 60},
    },
    "definitions": {
        "command": {
            "type": "object",
            "properties": {"run": {"type": "string"}, "if": {}, "env": {"additionalProperties": {"type": "string"}}},
            "required": ["run"],
            "dependencies": {"env": ["shell"], "shell": {"properties": {"shell": {"enum": ["sh", "bash"]}}}},
        }
    },
    "required": ["steps"],
}
ESTIMATOR = {
    "type": "object",
    "allOf": [
        {"$ref": "#/$defs/common"},
        {
            "if": {"properties": {"solver": {"const": "lbfgs"}}, "required": ["solver"]},
            "then": {"properties": {"penalty": {"enum": ["l2", None]}}},
            "else": {"properties": {"penalty": {"enum": ["l1", "l2"]}, "dual": {"type": "boolean"}}},
        },
    ],
    "properties": {
        "solver": {"enum": ["lbfgs", "liblinear"], "default": "lbfgs"},
        "max_features": {
            "anyOf": [{"type": "integer", "minimum": 1}, {"enum": ["sqrt"]}, {"type": "null"}],
            "default": None,
        },
        "size": {"type": "array", "prefixItems": [{"type": "integer"}, {"type": "integer"}], "items": False},
    },
    "unevaluatedProperties": False,
    "$defs": {"common": {"properties": {"seed": {"type": ["integer", "null"], "default": None}}}},
}
LOOSE = {"properties": {"a": {}, "b": {"minimum": 3}, "c": {"properties": {"d": True}}}, "minProperties": 1}
CASES = [
    (
        TREE,
        {"name": "a", "children": [{"name": "b", "meta": {"x": 1.0}}, {"name": "c", "meta": "m"}]},
        {"name": "", "x": 1},
    ),
    (TREE, {"children": [], "name": "a"}, {"children": [{"children": [{"name": 3}]}], "name": "a"}),
    (TREE, {"name": "a", "meta": {}}, {"name": "a", "meta": {"x": "y"}}),
    (
        BUILD_FILE,
        {"steps": [{"run": "x", "if": [1, {"a": None}]}, "y", None], "matrix": {"os": ["linux", 3]}},
        {"steps": [{"run": 3}], "matrix": {"OS": []}, "timeout": 0},
    ),
    (BUILD_FILE, {"steps": [{"run": "x", "env": {"A": "1"}, "shell": "sh"}], "own": [[]]}, {"steps": [{"env": {}}]}),
    (
        ESTIMATOR,
        {"solver": "lbfgs", "penalty": None, "max_features": "sqrt", "size": [1, 2]},
        {"penalty": "l3", "zzz": 1},
    ),
    (
        ESTIMATOR,
        {"seed": None, "penalty": "l1", "dual": True, "max_features": 1},
        {"size": [1, "x"], "max_features": 0},
    ),
    (LOOSE, {"a": {"x": [1]}, "b": "text", "c": 3, "own": {}}, {"b": 2}),
    (True, {"a": [1, {}, None]}, None),
]


def scalars(value, pointer=""):
    below = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    if not isinstance(value, (dict, list)):
        yield pointer
    for token, inner in below:
        yield from scalars(inner, pointers.join(pointer, token))


def leaves(field):
    while field.chosen is not None:
        field = field.chosen
    if not field.children:
        yield field
    for child in field.children:
        yield from leaves(child)


@pytest.mark.parametrize(("schema", "valid", "invalid"), CASES)
def test_the_properties_of_every_form(schema, valid, invalid):
    form = Form.from_schema(schema)
    assert form.fields()
    assert json.dumps(form.dump(form.load(valid))) == json.dumps(valid)
    assert form.check(valid) == ()

    owned = [field.pointer for field in leaves(form.root(valid)) if field.present]
    for pointer in scalars(valid):
        owners = [each for each in owned if pointer == each or pointer.startswith(each + "/")]
        assert len(owners) == 1, (pointer, owners)
        assert form.field(pointer, valid).pointer == owners[0]

    defaults = form.defaults()
    if defaults is not ABSENT:
        wrong = {error.code for error in form.check(defaults)}
        assert wrong <= {"forms.check.required", "forms.check.minProperties"}

    independent = validator_for(schema, default=jsonschema.Draft202012Validator)(schema)
    led_to = [error.pointer for error in form.check(invalid)]
    for error in independent.iter_errors(invalid):
        path = pointers.join("", *error.absolute_path)
        assert any(pointer == path or pointer.startswith(path + "/") for pointer in led_to), (path, led_to)
    for pointer in led_to:
        assert owner(form.root(invalid), pointer) is not None


def test_errors_are_the_same_whichever_way_the_instance_comes():
    form = Form.from_schema(TREE)
    assert form.check({"name": ""}) == form.check(form.load({"name": ""}))


KEYWORDS = (
    *("type", "properties", "patternProperties", "additionalProperties", "required", "items", "prefixItems", "enum"),
    *(
        "const",
        "oneOf",
        "anyOf",
        "allOf",
        "not",
        "if",
        "then",
        "else",
        "$ref",
        "minimum",
        "exclusiveMinimum",
        "maxLength",
    ),
    *("minItems", "pattern", "format", "default", "examples", "title", "description", "propertyNames", "contains"),
    *(
        "dependentSchemas",
        "dependentRequired",
        "x-group",
        "x-groups",
        "x-order",
        "x-options",
        "x-i18n",
        "x-enum-labels",
    ),
    *("x-show-if", "x-help", "x-unit", "x-file", "x-secret", "x-advanced"),
)
WORDS = st.sampled_from(["a", "string", "object", "array", "integer", "null", "#", "#/$defs/a", "columns", "(", "read"])
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 3) | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYWORDS) | WORDS, inner, max_size=4),
    max_leaves=25,
)


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(st.sampled_from(KEYWORDS), JUNK, max_size=6), JUNK)
def test_a_form_of_nonsense_builds_and_is_linted(schema, instance):
    form = Form.from_schema(schema)
    fields = list(form.fields(instance))
    for field in fields[:50]:
        assert field.kind in KINDS
        assert isinstance(field.label("zh") + field.help("zh") + field.description(), str)
        assert all(isinstance(option.label(), str) for option in field.choices)
        assert all(branch.label("zh") for branch in field.branches)
        fields += [*field.children, *([field.item] if field.item else []), *([field.chosen] if field.chosen else [])]
    assert form.dump(form.load(instance)) == instance
    lint(schema)
