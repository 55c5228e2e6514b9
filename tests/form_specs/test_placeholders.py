"""Values that are not known yet are not judged, and neither is what depends on them."""

import pytest

from form_specs import Column, Form

SCHEMA = {
    "type": "object",
    "properties": {
        "k": {
            "oneOf": [
                {"properties": {"kind": {"const": "a"}, "g": {"type": "number"}}, "required": ["kind", "g"]},
                {"properties": {"kind": {"const": "b"}, "g": {"type": "number"}}, "required": ["kind"]},
            ]
        },
        "solver": {"enum": ["x", "y"]},
        "n": {"type": "integer", "minimum": 3},
        "list": {"type": "array", "uniqueItems": True, "items": {"type": "integer"}},
        "column": {"type": "string", "x-options": {"source": "columns"}},
        "columns": {"type": "array", "items": {"type": "string"}, "x-options": {"source": "columns"}},
    },
    "if": {"properties": {"solver": {"const": "x"}}, "required": ["solver"]},
    "then": {"required": ["n"]},
    "additionalProperties": False,
}
P = {"$param": "p"}


def is_placeholder(value):
    return isinstance(value, dict) and value.keys() == {"$param"}


@pytest.mark.parametrize(
    ("instance", "pointers"),
    [
        (P, []),
        ({"k": P, "n": P, "solver": P, "list": P, "column": P, "columns": P}, []),
        ({"k": {"kind": P}}, []),
        ({"k": {"kind": P, "g": 1}}, []),
        ({"k": {"kind": P, "g": "x"}}, ["/k/g"]),
        ({"solver": P}, []),
        ({"solver": "x"}, ["/n"]),
        ({"solver": "x", "n": P}, []),
        ({"list": [P, P, 1]}, []),
        ({"list": [P, "x"]}, ["/list/1"]),
        ({"columns": [P, "zzz"]}, ["/columns/1"]),
        ({"n": P, "zzz": 1}, ["/zzz"]),
    ],
)
def test_only_what_is_known_is_judged(instance, pointers):
    form = Form.from_schema(SCHEMA, columns={"table": [Column("age", "integer")]})
    assert [error.pointer for error in form.check(instance, placeholders=is_placeholder)] == pointers


def test_without_being_told_a_placeholder_is_a_value_like_any_other():
    assert [error.pointer for error in Form.from_schema(SCHEMA).check({"n": P})] == ["/n"]


def test_fields_of_placeholders_have_the_value_and_no_children():
    form = Form.from_schema({"properties": {"o": {"type": "object", "properties": {"x": {"type": "integer"}}}}})
    (field,) = form.fields({"o": P}, placeholders=is_placeholder)
    assert (field.kind, field.value) == ("object", P)
    assert [child.name for child in field.children if child.extra] == []
