"""Errors: at the deepest place they are about, in words that say what to do."""

import time

import pytest

from form_specs import Column, Form, SchemaError
from form_specs.values import ABSENT


def found(schema, instance, **options):
    """Return pointer and rule of each error."""
    errors = Form.from_schema(schema, **options).check(instance)
    return [(error.pointer, error.code.removeprefix("forms.check.")) for error in errors]


def messages(schema, instance, language="en", **options):
    return [error.text(language) for error in Form.from_schema(schema, **options).check(instance)]


@pytest.mark.parametrize(
    ("schema", "value", "code"),
    [
        ({"type": "integer"}, "x", "type"),
        ({"enum": ["a", "b"]}, "zzz", "enum"),
        ({"enum": ["lbfgs", "sag"]}, "lbfg", "enum_similar"),
        ({"const": 1}, 2, "enum"),
        ({"minimum": 1}, 0, "minimum"),
        ({"maximum": 1}, 2, "maximum"),
        ({"exclusiveMinimum": 0}, 0, "exclusiveMinimum"),
        ({"exclusiveMaximum": 0}, 0, "exclusiveMaximum"),
        ({"multipleOf": 2}, 3, "multipleOf"),
        ({"minLength": 2}, "x", "minLength"),
        ({"maxLength": 2}, "xxx", "maxLength"),
        ({"pattern": "^a"}, "b", "pattern"),
        ({"format": "date"}, "2026-02-30", "format"),
        ({"minItems": 1}, [], "minItems"),
        ({"maxItems": 1}, [1, 2], "maxItems"),
        ({"uniqueItems": True}, [1, 1], "uniqueItems"),
        ({"contains": {"type": "integer"}}, ["a"], "contains"),
        ({"minProperties": 1}, {}, "minProperties"),
        ({"maxProperties": 0}, {"x": 1}, "maxProperties"),
        ({"not": {"type": "null"}}, None, "not"),
        ({"oneOf": [{"minimum": 1}, {"maximum": 9}]}, 5, "several"),
        (False, 1, "forbidden"),
        ({"contains": True, "maxContains": 1}, [1, 2], "other"),
    ],
)
def test_every_rule_has_a_message_at_the_place_itself(schema, value, code):
    schema = {"properties": {"a": schema}}
    assert found(schema, {"a": value}) == [("/a", code)]
    for language in ("en", "zh"):
        (text,) = messages(schema, {"a": value}, language)
        assert text and "{" not in text.replace("{}", "")


def test_messages_name_the_field_what_was_expected_and_what_was_found():
    schema = {"properties": {"rate": {"type": "number", "exclusiveMinimum": 0, "x-i18n": {"zh": {"title": "学习率"}}}}}
    assert messages(schema, {"rate": -1}) == ["“Rate” must be more than 0, but is -1."]
    assert messages(schema, {"rate": -1}, "zh") == ["“学习率”必须大于 0,但现在是 -1。"]
    assert Form.from_schema(schema).check({"rate": -1})[0].message == "“Rate” must be more than 0, but is -1."


def test_missing_values_are_led_to_where_they_should_be():
    schema = {
        "required": ["a", "b"],
        "properties": {"a": {}, "b": {"required": ["c"]}},
        "dependentRequired": {"d": ["e"]},
    }
    assert set(found(schema, {"b": {}, "d": 1})) == {("/a", "required"), ("/b/c", "required"), ("/e", "required_by")}
    assert found(schema, ABSENT) == [("", "required")]


def test_keys_that_are_not_allowed_are_named_with_the_one_that_may_be_meant():
    schema = {"properties": {"max_depth": {}, "n": {}}, "additionalProperties": False, "patternProperties": {"^x-": {}}}
    assert found(schema, {"max_dept": 1, "zzz": 2, "x-ok": 3}) == [
        ("/max_dept", "unknown_similar"),
        ("/zzz", "unknown"),
    ]
    assert "“max_depth”" in messages(schema, {"max_dept": 1})[0]
    assert "max_depth, n" in messages(schema, {"zzz": 1})[0]


def test_keys_that_nothing_evaluates_are_found_through_all_of():
    schema = {"allOf": [{"properties": {"a": {}}}], "properties": {"b": {}}, "unevaluatedProperties": False}
    assert found(schema, {"a": 1, "b": 2, "c": 3}) == [("/c", "unknown")]


def test_wrong_keys_are_led_to_the_key():
    schema = {"properties": {"m": {"propertyNames": {"pattern": "^[a-z]+$"}}}}
    assert found(schema, {"m": {"ok": 1, "NO/": 2}}) == [("/m/NO~1", "pattern")]


def test_keys_that_exclude_each_other_are_led_to_one_of_them():
    schema = {"properties": {"a": {}, "b": {}}, "not": {"required": ["a", "b"]}}
    assert found(schema, {"a": 1, "b": 2}) == [("/b", "not_together")]


def test_entries_of_lists_are_named_by_their_list_and_number():
    schema = {"properties": {"sizes": {"title": "Sizes", "items": {"type": "integer"}}}}
    assert messages(schema, {"sizes": [1, "x"]}) == ['“Sizes, entry 2” must be a whole number, but is "x".']


def test_conditions_are_errors_of_the_field_they_ask_for():
    schema = {
        "if": {"properties": {"solver": {"const": "lbfgs"}}, "required": ["solver"]},
        "then": {"properties": {"penalty": {"enum": ["l2"]}}, "required": ["history"]},
    }
    assert set(found(schema, {"solver": "lbfgs", "penalty": "l1"})) == {("/penalty", "enum"), ("/history", "required")}
    assert found(schema, {"solver": "sag", "penalty": "l1"}) == []


KERNEL = {
    "oneOf": [
        {"properties": {"kind": {"const": "rbf"}, "gamma": {"type": "number"}}, "required": ["kind", "gamma"]},
        {"properties": {"kind": {"const": "poly"}, "degree": {"minimum": 1}}, "required": ["kind", "degree"]},
    ]
}


def test_alternatives_are_judged_by_the_branch_that_is_meant():
    schema = {"properties": {"k": KERNEL}}
    assert found(schema, {"k": {"kind": "poly", "degree": 0}}) == [("/k/degree", "minimum")]
    assert found(schema, {"k": {"kind": "rbf"}}) == [("/k/gamma", "required")]


def test_an_unknown_discriminator_is_told_all_that_there_are():
    (text,) = messages({"properties": {"k": KERNEL}}, {"k": {"kind": "cubic"}})
    assert text == '“Kind” must be one of "rbf", "poly", but is "cubic".'


def test_alternatives_of_scalars_are_one_message():
    schema = {"properties": {"a": {"anyOf": [{"enum": ["auto", "sqrt"]}, {"type": "integer"}, {"type": "null"}]}}}
    (text,) = messages(schema, {"a": "cube"})
    assert text == '“A” must be a whole number or nothing (null), or one of "auto", "sqrt", but is "cube".'
    only_types = {"properties": {"a": {"anyOf": [{"type": "integer"}, {"type": "boolean"}]}}}
    assert messages(only_types, {"a": "x"}, "zh") == ['“A”必须是整数或布尔值,但现在是 "x"。']


def test_nested_alternatives_are_judged_to_the_end():
    schema = {"properties": {"a": {"anyOf": [{"type": "null"}, {"type": "array", "items": KERNEL}]}}}
    assert found(schema, {"a": [{"kind": "poly", "degree": 1}, {"kind": "poly", "degree": 0}]}) == [
        ("/a/1/degree", "minimum")
    ]


def test_an_authors_own_message_replaces_the_generated_one():
    schema = {
        "properties": {"id": {"$ref": "#/$defs/id"}},
        "required": ["id"],
        "$defs": {
            "id": {"pattern": "^[a-z]+$", "x-error-message": {"en": "Lower case only.", "zh": "只能用小写字母。"}}
        },
    }
    assert messages(schema, {"id": "ABC"}) == ["Lower case only."]
    assert messages(schema, {"id": "ABC"}, "zh") == ["只能用小写字母。"]
    assert found(schema, {}) == [("/id", "required")]


def test_an_error_names_the_field_that_owns_its_place():
    schema = {
        "properties": {
            "raw": {"type": ["object", "null"], "minProperties": 1},
            "m": {"properties": {"x": {"minimum": 1}}},
        }
    }
    (error,) = Form.from_schema(schema).check({"m": {"x": 0}})
    assert (error.pointer, error.field) == ("/m/x", "/m/x")


def test_long_values_are_shortened():
    (text,) = messages({"properties": {"a": {"type": "integer"}}}, {"a": "x" * 500})
    assert len(text) < 120


def test_schemas_of_older_drafts_are_judged_by_their_own_rules():
    schema = {
        "$schema": "http://json-schema.org/draft-04/schema#",
        "properties": {"a": {"minimum": 0, "exclusiveMinimum": True}, "b": {"items": [{"type": "integer"}]}},
        "dependencies": {"a": ["c"]},
    }
    assert set(found(schema, {"a": 0, "b": ["x"]})) == {
        ("/a", "exclusiveMinimum"),
        ("/b/0", "type"),
        ("/c", "required_by"),
    }
    assert Form.from_schema(schema).fields({})[0].constraints == {"exclusiveMinimum": 0}


def test_patterns_that_python_cannot_read_judge_nothing():
    schema = {
        "properties": {"a": {"pattern": "(?<=x+)"}},
        "patternProperties": {"(?<n>": {}},
        "additionalProperties": False,
    }
    assert found(schema, {"a": "x"}) == []


def test_references_out_of_the_document_allow_anything():
    assert found({"properties": {"a": {"$ref": "https://elsewhere.example/x.json"}}}, {"a": 1}) == []


PICKERS = {
    "properties": {
        "y": {"type": "string", "x-options": {"source": "columns", "port": "table", "types": ["number"]}},
        "x": {"type": "array", "items": {"type": "string"}, "x-options": {"source": "columns", "port": "table"}},
        "fill": {"type": "object", "propertyNames": {"x-options": {"source": "columns", "port": "table"}}},
    }
}
COLUMNS = {"table": [Column("age", "integer"), Column("name", "string")]}


def test_columns_that_are_not_there_are_named_with_the_closest():
    instance = {"y": "agee", "x": ["name", "qqq"], "fill": {"nam": 0}}
    assert found(PICKERS, instance, columns=COLUMNS) == [
        ("/y", "column_similar"),
        ("/x/1", "column"),
        ("/fill/nam", "column_similar"),
    ]
    text = messages(PICKERS, {"x": ["qqq"]}, columns=COLUMNS)[0]
    assert "qqq" in text and "age, name" in text
    assert "“age”" in messages(PICKERS, {"y": "agee"}, columns=COLUMNS)[0]


def test_columns_of_a_wrong_type_are_told_what_fits():
    (text,) = messages(PICKERS, {"y": "name"}, columns=COLUMNS)
    assert "“name” is of type string" in text and "columns that fit: age" in text


def test_columns_are_judged_only_where_they_are_known():
    assert found(PICKERS, {"y": "agee"}) == []
    assert found(PICKERS, {"y": "agee"}, columns={"other": []}) == []
    assert found(PICKERS, {"y": "agee"}, columns={"table": []}) == [("/y", "no_columns")]


def test_a_picker_without_a_port_means_the_only_one():
    schema = {"properties": {"y": {"x-options": {"source": "columns"}}}}
    assert found(schema, {"y": "zzz"}, columns=COLUMNS) == [("/y", "column")]
    assert found(schema, {"y": "zzz"}, columns={**COLUMNS, "second": []}) == []


def test_five_hundred_checks_take_well_under_half_a_second():
    schema = {"properties": {**PICKERS["properties"], **{f"p{n}": {"type": "number", "minimum": 0} for n in range(12)}}}
    instance = {"y": "age", "x": ["name"], **{f"p{n}": n for n in range(12)}}
    assert found(schema, instance, columns=COLUMNS) == []
    taken = []
    for _ in range(3):
        started = time.process_time()
        for _ in range(500):
            Form.from_schema(schema, columns=COLUMNS).check(instance)
        taken.append(time.process_time() - started)
    # The quickest, as other work on the machine only ever adds.
    assert min(taken) < 0.5


def test_a_schema_that_is_none_is_named_as_the_cause():
    with pytest.raises(SchemaError, match="lint it"):
        Form.from_schema({"properties": {"a": {"minimum": "x"}}}).check({"a": 1})
    with pytest.raises(SchemaError, match="lint it"):
        Form.from_schema({"$ref": "#"}).check(1)
