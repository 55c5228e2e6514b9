"""Fields: kinds, texts, groups, options, and what lies below them."""

import pytest

from form_specs import Column, Form, PlaceError, SchemaError
from form_specs.fields import KINDS, humanised
from form_specs.values import ABSENT


def only(schema, instance=ABSENT, **options):
    """Return the field of the one property `a` of `schema`."""
    form = Form.from_schema({"type": "object", "properties": {"a": schema}}, **options)
    return form.fields({} if instance is ABSENT else {"a": instance})[0]


@pytest.mark.parametrize(
    ("schema", "kind"),
    [
        ({"type": "string"}, "text"),
        ({"type": "integer"}, "integer"),
        ({"type": "number"}, "number"),
        ({"type": ["integer", "number"]}, "number"),
        ({"type": "boolean"}, "boolean"),
        ({"type": "null"}, "null"),
        ({"const": 3}, "const"),
        ({"enum": ["a", 1]}, "enum"),
        ({"type": "object", "properties": {"b": {}}}, "object"),
        ({"type": "object", "additionalProperties": {"type": "number"}}, "map"),
        ({"type": "array", "items": {"type": "number"}}, "array"),
        ({"type": "array", "prefixItems": [{"type": "number"}]}, "tuple"),
        ({"type": ["string", "integer"]}, "choice"),
        ({"oneOf": [{"type": "string"}, {"type": "array"}]}, "choice"),
        ({"type": "string", "x-options": {"source": "columns"}}, "column"),
        ({"type": "array", "items": {"type": "string"}, "x-options": {"source": "columns"}}, "columns"),
        ({"type": "array", "items": {"type": "string", "x-options": {"source": "columns"}}}, "columns"),
        ({"properties": {"b": {}}}, "object"),
        ({"items": {}}, "array"),
        ({"pattern": "a"}, "text"),
        ({"minimum": 1}, "number"),
        ({}, "json"),
        (True, "json"),
        ({"$ref": "https://elsewhere.example/schema"}, "json"),
    ],
)
def test_kinds(schema, kind):
    assert kind in KINDS
    assert only(schema).kind == kind


def test_an_implied_kind_gives_way_to_a_value_of_another():
    assert only({"minLength": 1}, 5).kind == "json"
    assert only({"minLength": 1}, "five").kind == "text"


@pytest.mark.parametrize(
    "schema",
    [
        {"type": ["integer", "null"]},
        {"anyOf": [{"type": "integer"}, {"type": "null"}]},
        {"oneOf": [{"type": "null"}, {"$ref": "#/$defs/whole"}]},
    ],
)
def test_null_makes_a_field_nullable_and_not_a_choice(schema):
    form = Form.from_schema({"properties": {"a": schema}, "$defs": {"whole": {"type": "integer"}}})
    (field,) = form.fields({})
    assert (field.kind, field.nullable) == ("integer", True)


def test_texts_come_in_both_languages_with_a_readable_name_as_last_resort():
    field = only(
        {
            "title": "Learning rate",
            "description": "Step size.",
            "x-i18n": {"zh": {"title": "学习率", "description": "步长。"}},
            "x-help": {"en": "Long **help**", "zh": "详细帮助"},
        }
    )
    assert (field.label("en"), field.label("zh")) == ("Learning rate", "学习率")
    assert (field.description("en"), field.description("zh")) == ("Step size.", "步长。")
    assert (field.help("en"), field.help("zh")) == ("Long **help**", "详细帮助")
    assert only({"description": "Only this."}).help() == "Only this."
    assert (humanised("max_depth"), humanised("maxDepth"), humanised("n-jobs")) == ("Max depth", "Max depth", "N jobs")


def test_annotations_become_facts_of_the_field():
    field = only(
        {
            "type": "string",
            "default": "x",
            "examples": ["p", "q"],
            "deprecated": True,
            "readOnly": True,
            "minLength": 2,
            "format": "email",
            "x-unit": "ms",
            "x-secret": True,
            "x-file": "read",
            "x-widget": "code",
            "x-advanced": True,
            "x-slot": "estimator",
        }
    )
    assert field.default == "x"
    assert field.value is ABSENT
    assert field.suggestions == ("p", "q")
    assert field.deprecated and field.read_only and field.secret and field.advanced
    assert (field.unit, field.file, field.widget) == ("ms", "read", "code")
    assert field.constraints == {"minLength": 2, "format": "email"}
    assert field.annotations == {"x-slot": "estimator"}


def test_annotations_travel_with_references_and_all_of_and_the_outer_ones_win():
    schema = {
        "properties": {"a": {"$ref": "#/$defs/rate", "title": "Mine"}, "b": {"allOf": [{"$ref": "#/$defs/rate"}]}},
        "$defs": {"rate": {"type": "number", "title": "Rate", "x-unit": "1/s", "minimum": 0, "x-advanced": True}},
    }
    mine, other = Form.from_schema(schema).fields({})
    assert (mine.label(), mine.unit, mine.advanced, mine.constraints) == ("Mine", "1/s", True, {"minimum": 0})
    assert (other.label(), other.unit, other.definition) == ("Rate", "1/s", "rate")


def test_all_of_merges_properties_limits_and_options():
    schema = {
        "allOf": [
            {"properties": {"a": {"type": "number", "minimum": 0}, "b": {"enum": [1, 2, 3]}}, "required": ["a"]},
            {"properties": {"a": {"minimum": 5, "maximum": 9}, "b": {"enum": [2, 3, 4]}}, "required": ["b"]},
        ]
    }
    a, b = Form.from_schema(schema).fields({})
    assert (a.constraints, a.required) == ({"minimum": 5, "maximum": 9}, True)
    assert ([option.value for option in b.choices], b.required) == ([2, 3], True)


def test_enum_labels_by_value_and_by_position():
    by_value = only({"enum": ["lbfgs", "sag"], "x-enum-labels": {"sag": {"en": "SAG", "zh": "随机"}}})
    assert [option.label("zh") for option in by_value.choices] == ["lbfgs", "随机"]
    by_position = only({"enum": [1, True], "x-enum-labels": ["one", "yes"]})
    assert [(option.value, option.label()) for option in by_position.choices] == [(1, "one"), (True, "yes")]


def test_one_of_constants_is_an_enum_with_labels():
    field = only({"oneOf": [{"const": "l1", "title": "Lasso"}, {"const": "l2", "title": "Ridge"}, {"type": "null"}]})
    assert field.kind == "enum"
    assert [(option.value, option.label()) for option in field.choices] == [
        ("l1", "Lasso"),
        ("l2", "Ridge"),
        (None, ""),
    ]


def test_named_values_beside_free_text_are_suggestions():
    field = only({"anyOf": [{"type": "string", "enum": ["auto", "none"]}, {"type": "string", "pattern": "^x"}]})
    assert (field.kind, field.suggestions, field.constraints) == ("text", ("auto", "none"), {})


def test_sections_group_and_order_fields():
    schema = {
        "type": "object",
        "x-groups": {
            "fit": {"title": {"en": "Fitting", "zh": "拟合"}, "order": 2},
            "data": {"title": "Data", "order": 1, "description": "Where it comes from."},
            "rare": {"order": 3, "advanced": True},
        },
        "properties": {
            "tol": {"type": "number", "x-group": "fit"},
            "verbose": {"type": "boolean", "x-group": "rare"},
            "target": {"type": "string", "x-group": "data", "x-order": 2},
            "source": {"type": "string", "x-group": "data", "x-order": 1},
            "name": {"type": "string"},
        },
    }
    sections = Form.from_schema(schema).sections({})
    assert [(section.id, [field.name for field in section.fields]) for section in sections] == [
        ("", ["name"]),
        ("data", ["source", "target"]),
        ("fit", ["tol"]),
        ("rare", ["verbose"]),
    ]
    assert [section.label("zh") for section in sections] == ["", "Data", "拟合", "Rare"]
    assert [section.advanced for section in sections] == [False, False, False, True]
    assert sections[1].description() == "Where it comes from."


def test_hints_override_the_schema_also_for_every_item():
    schema = {"properties": {"a": {"type": "array", "items": {"type": "string", "x-unit": "m"}}}}
    form = Form.from_schema(schema, hints={"/a": {"x-advanced": True}, "/a/*": {"x-unit": "km"}})
    (field,) = form.fields({"a": ["x"]})
    assert field.advanced
    assert field.children[0].unit == "km"
    assert field.item.unit == "km"


def test_nested_objects_arrays_tuples_and_maps_have_fields_below():
    schema = {
        "type": "object",
        "properties": {
            "object": {"type": "object", "properties": {"x": {"type": "integer"}}, "required": ["x"]},
            "array": {"type": "array", "items": {"type": "number"}, "minItems": 1},
            "tuple": {"type": "array", "prefixItems": [{"type": "string"}, {"type": "integer"}], "items": False},
            "map": {
                "type": "object",
                "additionalProperties": {"type": "boolean"},
                "propertyNames": {"pattern": "^[a-z]+$"},
            },
        },
    }
    instance = {"object": {"x": 1, "more": [1]}, "array": [1, 2], "tuple": ["a"], "map": {"k": True}}
    found = {field.name: field for field in Form.from_schema(schema).fields(instance)}
    assert [(child.pointer, child.kind, child.required, child.extra) for child in found["object"].children] == [
        ("/object/x", "integer", True, False),
        ("/object/more", "json", False, True),
    ]
    assert [(child.pointer, child.value) for child in found["array"].children] == [("/array/0", 1), ("/array/1", 2)]
    assert (found["array"].item.pointer, found["array"].item.kind) == ("/array/*", "number")
    assert [(child.kind, child.present) for child in found["tuple"].children] == [("text", True), ("integer", False)]
    assert found["tuple"].item is None
    assert (found["map"].item.kind, found["map"].key.constraints) == ("boolean", {"pattern": "^[a-z]+$"})
    assert [child.pointer for child in found["map"].children] == ["/map/k"]


def test_a_recursive_schema_is_followed_as_deep_as_the_instance():
    schema = {
        "$ref": "#/$defs/tree",
        "$defs": {
            "tree": {
                "type": "object",
                "properties": {
                    "value": {"type": "integer"},
                    "below": {"type": "array", "items": {"$ref": "#/$defs/tree"}},
                },
            }
        },
    }
    form = Form.from_schema(schema)
    deep = form.field("/below/0/below/0/value", {"below": [{"below": [{"value": 3}]}]})
    assert (deep.kind, deep.value) == ("integer", 3)
    assert [field.name for field in form.fields()] == ["value", "below"]


@pytest.mark.parametrize(
    ("reference", "root"),
    [
        ("#/$defs/my%20type~1x", {"$defs": {"my type/x": {"type": "integer"}}}),
        ("#whole", {"$defs": {"a": {"$anchor": "whole", "type": "integer"}}}),
        (
            "https://example.org/whole.json",
            {"$defs": {"a": {"$id": "https://example.org/whole.json", "type": "integer"}}},
        ),
        (
            "#/definitions/whole",
            {"definitions": {"whole": {"$ref": "#/definitions/other"}, "other": {"type": "integer"}}},
        ),
    ],
)
def test_references_lead_anywhere_in_the_document(reference, root):
    form = Form.from_schema({**root, "properties": {"a": {"$ref": reference}}})
    assert form.fields({})[0].kind == "integer"


def test_conditions_in_force_add_fields():
    schema = {
        "properties": {"solver": {"enum": ["sag", "lbfgs"], "default": "sag"}},
        "if": {"properties": {"solver": {"const": "lbfgs"}}, "required": ["solver"]},
        "then": {"properties": {"history": {"type": "integer"}}, "required": ["history"]},
        "else": {"properties": {"seed": {"type": "integer"}}},
        "dependentSchemas": {"seed": {"properties": {"shuffle": {"type": "boolean"}}}},
        "dependentRequired": {"history": ["scale"]},
    }
    form = Form.from_schema(schema)
    assert [field.name for field in form.fields()] == ["solver", "seed"]
    assert [(field.name, field.required) for field in form.fields({"solver": "lbfgs"})] == [
        ("solver", False),
        ("history", True),
    ]
    assert [field.name for field in form.fields({"seed": 1})] == ["solver", "seed", "shuffle"]


def test_fields_are_hidden_by_rule_where_an_absent_value_counts_with_its_default():
    schema = {
        "properties": {
            "kernel": {"enum": ["rbf", "poly"], "default": "rbf"},
            "degree": {"type": "integer", "x-show-if": {"scope": "#/properties/kernel", "schema": {"const": "poly"}}},
            "secret": {"x-hidden": True},
        }
    }
    form = Form.from_schema(schema)
    assert [field.hidden for field in form.fields({})] == [False, True, True]
    assert [field.hidden for field in form.fields({"kernel": "poly"})] == [False, False, True]


def test_column_pickers_offer_the_columns_that_fit():
    schema = {
        "properties": {
            "y": {"type": "string", "x-options": {"source": "columns", "port": "table", "types": ["number"]}},
            "x": {"type": "array", "items": {"type": "string"}, "x-options": {"source": "columns", "port": "other"}},
        }
    }
    columns = {"table": [Column("age", "integer"), Column("name", "string"), Column("odd", "unknown")]}
    y, x = Form.from_schema(schema, columns=columns).fields({})
    assert [option.value for option in y.choices] == ["age", "odd"]
    assert (y.options.port, y.options.types, y.options.multiple) == ("table", ("number",), False)
    assert (x.kind, x.choices, x.options.multiple) == ("columns", (), True)
    assert Form.from_schema(schema).with_columns(columns).fields({})[0].choices == y.choices


def test_a_schema_that_is_none_is_refused_and_any_other_builds():
    with pytest.raises(SchemaError, match="list"):
        Form.from_schema([])
    with pytest.raises(SchemaError, match="hints"):
        Form.from_schema({"type": "object"}, hints={"a": {}})
    assert Form.from_schema(True).fields()[0].kind == "json"
    assert Form.from_schema(False).fields()[0].kind == "json"


def test_a_place_without_a_field_is_named():
    form = Form.from_schema({"properties": {"a": {"type": "integer"}}})
    with pytest.raises(PlaceError, match="/b"):
        form.field("/b")


def test_changing_the_schema_afterwards_changes_no_form():
    schema = {"properties": {"a": {"type": "integer"}}}
    form = Form.from_schema(schema)
    schema["properties"]["a"]["type"] = "string"
    assert form.fields({})[0].kind == "integer"
    assert form.check({"a": 1}) == ()
    assert Form.from_schema(schema).fields({})[0].kind == "text"
