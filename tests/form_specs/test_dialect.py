"""The dialect's meta-schema and its lint."""

import json

import jsonschema
import pytest

from form_specs import SchemaError, lint
from form_specs.dialect import META_SCHEMA, subschemas, words

GOOD = {
    "type": "object",
    "x-groups": {"g": {"title": {"en": "Group", "zh": "组"}, "order": 1, "advanced": True}},
    "properties": {
        "a": {
            "type": "number",
            "default": 1,
            "x-group": "g",
            "x-order": 1,
            "x-advanced": True,
            "x-hidden": False,
            "x-unit": "ms",
            "x-widget": "slider",
            "x-help": {"en": "Help", "zh": "帮助"},
            "x-error-message": "No.",
            "x-search": {"low": 0},
            "x-i18n": {"zh": {"title": "甲", "description": "乙"}},
        },
        "b": {"enum": ["p", "q"], "x-enum-labels": ["P", "Q"], "x-secret": True, "x-file": "write"},
        "c": {"type": "string", "x-options": {"source": "columns", "port": "table", "types": ["number"]}},
        "d": {
            "x-show-if": {"scope": "#/properties/a", "schema": {"minimum": 3}},
            "x-slot": "estimator",
            "x-codec": "tuple",
        },
    },
}


def test_the_meta_schema_is_a_schema_and_takes_every_word():
    meta_schema = json.loads(META_SCHEMA.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(meta_schema)
    used = {word for _, schema in subschemas(GOOD) for word in schema if word.startswith("x-")}
    assert used == set(words())
    jsonschema.Draft202012Validator(meta_schema).validate(GOOD)


def test_a_good_schema_has_no_problems():
    assert lint(GOOD) == ()
    assert lint(True) == ()
    assert lint({"$ref": "#/$defs/any", "$defs": {"any": {}, "none": False}, "not": {"$ref": "#/$defs/none"}}) == ()


@pytest.mark.parametrize(
    ("schema", "pointer", "mentions"),
    [
        ({"type": "intger"}, "/type", "integer"),
        ({"properties": {"a": {"title": {"en": "A", "zh": "甲"}}}}, "/properties/a/title", "languages"),
        ({"properties": {"a": {"minimum": "x"}}}, "/properties/a/minimum", "number"),
        ({"properties": {"a": {"x-advanced": "yes"}}}, "/properties/a/x-advanced", "true or false"),
        ({"$defs": {"d": {"items": {"x-file": "open"}}}}, "/$defs/d/items/x-file", "read"),
        ({"allOf": [{"x-options": {"source": "rows"}}]}, "/allOf/0/x-options/source", "columns"),
        ({"x-options": {"source": "columns", "type": ["number"]}}, "/x-options/type", "types"),
        ({"x-show-if": {"scope": "#/a"}}, "/x-show-if/schema", "missing"),
        ({"x-grup": "a"}, "/x-grup", "x-group"),
        ({"$ref": "#/$defs/none"}, "/$ref", "#/$defs/none"),
        ({"properties": {"a": {"$ref": "https://elsewhere.example/x"}}}, "/properties/a/$ref", "out of this schema"),
        ({"pattern": "("}, "/pattern", "regular expression"),
        ({"patternProperties": {"(": {}}}, "/patternProperties", "regular expression"),
        ({"x-groups": {"g": {}}, "properties": {"a": {"x-group": "h"}}}, "/properties/a/x-group", "“h”"),
        (
            {"properties": {"a": {"x-show-if": {"scope": "#/properties/z", "schema": True}}}},
            "/properties/a/x-show-if/scope",
            "z",
        ),
        ({"enum": ["a", "b"], "x-enum-labels": ["A"]}, "/x-enum-labels", "1 labels for 2"),
        ({"properties": {"a": {"type": "integer", "default": "x"}}}, "/properties/a/default", '"x"'),
        ({"required": ["a"], "properties": {}, "additionalProperties": False}, "/required", "“a”"),
    ],
)
def test_each_problem_is_at_its_place_with_a_way_to_mend_it(schema, pointer, mentions):
    problems = lint(schema)
    assert [problem.pointer for problem in problems] == [pointer]
    assert mentions in problems[0].message + problems[0].mend
    assert problems[0].mend
    assert problems[0].text("zh") != problems[0].message
    assert problems[0].remedy("zh")


def test_defaults_are_judged_through_references():
    schema = {
        "properties": {"a": {"$ref": "#/$defs/n", "default": 0}},
        "$defs": {"n": {"type": "integer", "minimum": 1}},
    }
    assert [problem.pointer for problem in lint(schema)] == ["/properties/a/default"]


def test_own_annotations_are_allowed_unless_they_look_like_a_slip():
    assert lint({"x-company-notes": 1}) == ()


def test_what_is_no_schema_is_refused():
    with pytest.raises(SchemaError, match="str"):
        lint("schema")
