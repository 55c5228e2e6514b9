"""Alternatives: branches, which one is in force, and choosing another."""

import pytest

from form_specs import Form, PlaceError

KERNEL = {
    "type": "object",
    "oneOf": [
        {
            "title": "Radial",
            "properties": {"kind": {"const": "rbf"}, "gamma": {"type": "number"}},
            "required": ["kind"],
        },
        {
            "properties": {"kind": {"const": "poly"}, "degree": {"type": "integer"}, "gamma": {"type": "number"}},
            "required": ["kind", "degree"],
        },
    ],
    "properties": {"scale": {"type": "number"}},
    "required": ["scale"],
}
FORM = Form.from_schema({"properties": {"k": KERNEL}})


def test_each_branch_has_a_title_and_the_fields_of_both():
    (choice,) = FORM.fields({"k": {"kind": "poly", "degree": 2, "scale": 1}})
    assert choice.kind == "choice"
    assert [branch.label() for branch in choice.branches] == ["Radial", "poly"]
    assert choice.selected == 1
    assert [(field.name, field.required) for field in choice.chosen.children] == [
        ("scale", True),
        ("kind", True),
        ("degree", True),
        ("gamma", False),
    ]


@pytest.mark.parametrize(
    ("value", "selected"),
    [
        ({"kind": "rbf"}, 0),
        ({"kind": "poly"}, 1),
        ({"kind": "poly", "degree": "x", "gamma": "y", "scale": "z"}, 1),
        ({"degree": 3}, 1),
        (5, 0),
    ],
)
def test_the_branch_in_force_is_the_valid_one_or_the_nearest(value, selected):
    assert FORM.fields({"k": value})[0].selected == selected


def test_nothing_is_selected_for_an_absent_value_unless_it_has_a_default():
    assert FORM.fields({})[0].selected is None
    assert FORM.fields({})[0].chosen is None
    form = Form.from_schema({"properties": {"a": {"oneOf": [{"type": "string"}, {"type": "array"}], "default": []}}})
    assert form.fields({})[0].selected == 1


def test_of_several_valid_branches_the_one_that_names_most_keys_is_in_force():
    form = Form.from_schema({"anyOf": [{"properties": {"a": {}}}, {"properties": {"b": {}, "c": {}}}]})
    assert form.root({"b": 1, "c": 1}).selected == 1
    assert form.root({"a": 1}).selected == 0


def test_several_types_are_branches_named_in_both_languages():
    (field,) = Form.from_schema({"properties": {"a": {"type": ["string", "integer", "null"]}}}).fields({"a": 3})
    assert [branch.label("zh") for branch in field.branches] == ["文本", "整数"]
    assert (field.selected, field.chosen.kind, field.nullable) == (1, "integer", True)


def test_alternatives_that_only_constrain_are_no_choice():
    schema = {"properties": {"a": {}, "b": {}}, "anyOf": [{"required": ["a"]}, {"required": ["b"]}]}
    assert Form.from_schema(schema).root({}).kind == "object"


def test_choosing_another_branch_keeps_what_both_have_and_sets_the_constants():
    given = {"k": {"scale": 2, "kind": "poly", "degree": 3, "gamma": 0.5, "note": "mine"}}
    values = FORM.choose("/k", 0, given)
    assert FORM.dump(values) == {"k": {"scale": 2, "kind": "rbf", "gamma": 0.5, "note": "mine"}}
    assert FORM.fields(values)[0].selected == 0
    assert FORM.dump(FORM.choose("/k", 0)) == {"k": {"kind": "rbf"}}


def test_a_chosen_branch_stays_chosen_while_its_value_is_not_valid_yet():
    values = FORM.choose("/k", 1, {"k": {"kind": "rbf", "scale": 1}}).remove("/k/kind")
    assert FORM.fields(values)[0].selected == 1
    assert [error.pointer for error in FORM.check(values)] == ["/k/kind", "/k/degree"]


def test_a_value_that_the_new_branch_cannot_take_is_dropped():
    form = Form.from_schema({"properties": {"a": {"oneOf": [{"type": "string"}, {"type": "integer"}, {"const": "x"}]}}})
    assert form.dump(form.choose("/a", 1, {"a": "text"})) == {}
    assert form.dump(form.choose("/a", 0, {"a": "text"})) == {"a": "text"}
    assert form.dump(form.choose("/a", 2, {"a": "text"})) == {"a": "x"}


def test_a_choice_within_a_choice_at_one_place_has_an_id_of_its_own():
    inner = {"oneOf": [{"type": "integer", "title": "whole"}, {"type": "boolean", "title": "yes or no"}]}
    form = Form.from_schema({"properties": {"a": {"oneOf": [{"type": "string"}, inner]}}})
    outer = form.fields({"a": True})[0]
    assert (outer.choice, outer.selected) == ("/a", 1)
    assert (outer.chosen.choice, outer.chosen.selected) == ("/a#1", 1)
    values = form.choose("/a#1", 0, {"a": True})
    assert form.dump(values) == {}
    assert form.choose("/a", 0, values).choices == {"/a": 0}


def test_a_branch_or_choice_that_is_not_there_is_named():
    with pytest.raises(PlaceError, match="2 branches"):
        FORM.choose("/k", 2)
    with pytest.raises(PlaceError, match="/k#1"):
        FORM.choose("/k#1", 0)
