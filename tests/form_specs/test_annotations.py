"""Finding the values that an annotation is about."""

import pytest

from form_specs import walk_parameters

FILE = {"type": "string", "x-file": "read"}


def files(schema, params):
    return [pointer for pointer, shape, _ in walk_parameters(schema, params) if shape.get("x-file") == "read"]


@pytest.mark.parametrize(
    ("schema", "params", "expected"),
    [
        ({"properties": {"p": FILE, "q": {"type": "string"}}}, {"p": "a", "q": "b"}, ["/p"]),
        ({"properties": {"p": FILE}}, {}, []),
        ({"properties": {"p": {"type": "array", "items": FILE}}}, {"p": ["a", "b"]}, ["/p/0", "/p/1"]),
        ({"properties": {"p": {"prefixItems": [{}, FILE]}}}, {"p": [1, "a"]}, ["/p/1"]),
        ({"properties": {"p": {"additionalProperties": FILE}}}, {"p": {"k/1": "a"}}, ["/p/k~11"]),
        ({"patternProperties": {"_path$": FILE}}, {"in_path": "a", "name": "b"}, ["/in_path"]),
        ({"properties": {"p": {"$ref": "#/$defs/f"}}, "$defs": {"f": FILE}}, {"p": "a"}, ["/p"]),
        ({"allOf": [{"properties": {"p": FILE}}]}, {"p": "a"}, ["/p"]),
        ({"properties": {"p": {"anyOf": [FILE, {"type": "null"}]}}}, {"p": "a"}, ["/p"]),
        ({"properties": {"p": {"anyOf": [FILE, {"type": "null"}]}}}, {"p": None}, []),
        (
            {"if": {"required": ["k"]}, "then": {"properties": {"p": FILE}}, "else": {"properties": {"q": FILE}}},
            {"k": 1, "p": "a", "q": "b"},
            ["/p"],
        ),
        (
            {"oneOf": [{"properties": {"k": {"const": 1}, "p": FILE}}, {"properties": {"k": {"const": 2}, "q": FILE}}]},
            {"k": 2, "p": "a", "q": "b"},
            ["/q"],
        ),
        ({"properties": {"p": FILE}}, {"p": {"$param": "x"}}, ["/p"]),
        ({"properties": {"p": FILE}}, "no object", []),
        (True, {"p": "a"}, []),
    ],
)
def test_values_are_found_through_every_way_of_describing_them(schema, params, expected):
    assert files(schema, params) == expected


def test_all_that_holds_for_a_value_comes_as_one_mapping_with_the_value():
    schema = {"properties": {"p": {"$ref": "#/$defs/f", "x-secret": True}}, "$defs": {"f": FILE}}
    (_, root), (shape, value) = [(shape, value) for _, shape, value in walk_parameters(schema, {"p": "a"})]
    assert root == {"p": "a"}
    assert (shape["x-file"], shape["x-secret"], shape["type"], value) == ("read", True, "string", "a")


def test_a_recursive_schema_is_walked_as_deep_as_the_value():
    schema = {"$ref": "#/$defs/t", "$defs": {"t": {"properties": {"p": FILE, "t": {"$ref": "#/$defs/t"}}}}}
    assert files(schema, {"p": "a", "t": {"p": "b", "t": {"p": "c"}}}) == ["/p", "/t/p", "/t/t/p"]
