"""What a form holds while it is edited."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from form_specs import Form, PlaceError, Values, ValuesError
from form_specs.values import ABSENT

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=20,
)
FULL_OF_DEFAULTS = {
    "properties": {"a": {"type": "number", "default": 1}, "b": {"properties": {"c": {"default": [1]}}}},
    "additionalProperties": {"default": 3},
}


@given(JSON)
def test_what_is_loaded_is_given_back_unchanged(instance):
    form = Form.from_schema(FULL_OF_DEFAULTS)
    assert json.dumps(form.dump(form.load(instance))) == json.dumps(instance)


def test_order_number_kinds_null_and_absent_stay():
    form = Form.from_schema(FULL_OF_DEFAULTS)
    text = '{"z": 1.0, "a": 1, "b": null}'
    assert json.dumps(form.dump(form.load(json.loads(text)))) == text
    assert form.dump(form.load({})) == {}


def test_what_is_loaded_and_dumped_is_a_copy():
    form = Form.from_schema(FULL_OF_DEFAULTS)
    instance = {"b": {"c": [1]}}
    values = form.load(instance)
    instance["b"]["c"].append(2)
    form.dump(values)["b"]["c"].append(3)
    assert values.tree == {"b": {"c": [1]}}


def test_setting_makes_the_objects_on_the_way_and_leaves_the_old_values():
    old = Values({"x": 1})
    assert old.set("/a/b", 2).set("/x", None).tree == {"x": None, "a": {"b": 2}}
    assert old.tree == {"x": 1}
    assert Values([1]).set("/1", 2).set("/0", 0).tree == [0, 2]
    assert Values().set("", 5).tree == 5


@pytest.mark.parametrize(("tree", "pointer"), [({"a": 1}, "/a/b"), ([1], "/3"), ([1], "/x")])
def test_setting_where_there_is_no_room_is_refused(tree, pointer):
    with pytest.raises(ValuesError, match=pointer):
        Values(tree).set(pointer, 0)


def test_removing_leaves_nothing_behind():
    values = Values({"a": [1, 2, 3], "b": None})
    assert values.remove("/a/1").remove("/b").tree == {"a": [1, 3]}
    assert values.remove("/missing") is values
    assert values.remove("").tree is ABSENT


def test_items_are_inserted_and_moved():
    values = Values({"a": [1, 3]})
    assert values.insert("/a/1", 2).tree == {"a": [1, 2, 3]}
    assert values.insert("/a/2", 4).tree == {"a": [1, 3, 4]}
    assert values.insert("/new/0", 1).tree == {"a": [1, 3], "new": [1]}
    assert values.move("/a/1", 0).tree == {"a": [3, 1]}
    with pytest.raises(ValuesError, match="/a/5"):
        values.insert("/a/5", 0)
    with pytest.raises(PlaceError, match="/none/0"):
        values.move("/none/0", 1)


def test_keys_are_renamed_in_place():
    values = Values({"m": {"a": 1, "b": 2}})
    assert json.dumps(values.rename("/m/a", "z").tree) == '{"m": {"z": 1, "b": 2}}'
    with pytest.raises(ValuesError, match="'b'"):
        values.rename("/m/a", "b")


def test_getting_tells_absent_from_null():
    values = Values({"a": None})
    assert values.get("/a") is None
    assert values.get("/b") is ABSENT
    assert values.get("/b", 7) == 7
    assert Values().get("/a") is ABSENT
