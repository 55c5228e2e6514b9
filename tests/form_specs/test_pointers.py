"""JSON Pointers and columns."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from form_specs import pointers
from form_specs.columns import Column, accepts, closest


@given(st.lists(st.text()))
def test_splitting_undoes_joining(tokens):
    assert list(pointers.split(pointers.join("", *tokens))) == tokens


def test_tilde_and_slash_are_escaped():
    assert pointers.join("/a", "b/c", "d~e", 0) == "/a/b~1c/d~0e/0"
    assert pointers.parent("/a/b~1c") == "/a"
    assert pointers.parent("") == ""


def test_what_is_no_pointer_is_refused():
    with pytest.raises(ValueError, match="abc"):
        pointers.split("abc")


def test_following_leads_through_objects_and_lists():
    instance = {"a": [{"b": 1}]}
    assert pointers.follow(instance, pointers.split("/a/0/b")) == 1
    for missing in ("/x", "/a/1", "/a/-1", "/a/x", "/a/0/b/c"):
        with pytest.raises(LookupError):
            pointers.follow(instance, pointers.split(missing))


@pytest.mark.parametrize(
    ("types", "column_type", "fits"),
    [
        ((), "string", True),
        (("number",), "integer", True),
        (("number",), "number", True),
        (("integer",), "number", False),
        (("number",), "string", False),
        (("date",), "datetime", False),
        (("string",), "unknown", True),
    ],
)
def test_pickers_take_columns_of_their_types(types, column_type, fits):
    assert accepts(types, Column("a", column_type)) is fits


def test_the_closest_name_is_found_whatever_its_case():
    assert closest("AGEE", ["age", "name"]) == "age"
    assert closest("zzz", ["age", "name"]) is None


def test_a_value_is_replaced_in_a_copy():
    instance = {"a": [{"b": 1}, {"b": 2}], "c": 3}
    assert pointers.replaced(instance, pointers.split("/a/1/b"), 9) == {"a": [{"b": 1}, {"b": 9}], "c": 3}
    assert pointers.replaced(instance, (), 9) == 9
    assert instance == {"a": [{"b": 1}, {"b": 2}], "c": 3}
    with pytest.raises(LookupError):
        pointers.replaced(instance, pointers.split("/a/1/x"), 9)
