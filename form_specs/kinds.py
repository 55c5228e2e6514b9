"""Which kind of field a shape is, its options, and its branches."""

from collections.abc import Mapping
from typing import Any

from form_specs.fields import Option, humanised
from form_specs.messages import catalogue
from form_specs.references import Schema
from form_specs.shape import ALTERNATIVES, REFERENCE, Shape, types_of
from form_specs.text import Text, annotated_text, as_text

CONSTRAINTS = (
    "minimum",
    "exclusiveMinimum",
    "maximum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "pattern",
    "format",
    "minItems",
    "maxItems",
    "uniqueItems",
    "minProperties",
    "maxProperties",
)

_OF_TYPE = {"string": "text", "integer": "integer", "number": "number", "boolean": "boolean", "null": "null"}
_WHATEVER_THE_VALUE = frozenset({"const", "enum", "choice", "json", "column", "columns"})
_PYTHON: Mapping[str, Any] = {"object": dict, "array": list, "string": str, "number": (int, float)}
_IMPLIED = (
    ("object", frozenset({"properties", "patternProperties", "additionalProperties", "required", "propertyNames"})),
    ("array", frozenset({"items", "prefixItems", "minItems", "maxItems", "uniqueItems", "contains"})),
    ("string", frozenset({"pattern", "minLength", "maxLength", "format"})),
    ("number", frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"})),
)


def kind_for(shape: Shape, values: tuple[object, ...]) -> str:
    """Return the kind for a place: `kind_of`, but raw JSON where that is only implied and the value is another."""
    kind = kind_of(shape)
    if types_of(shape) or not values or kind in _WHATEVER_THE_VALUE:
        return kind
    return kind if isinstance(values[0], _PYTHON[value_types(shape)[0]]) else "json"


def kind_of(shape: Shape) -> str:
    """Return the kind of field (one of `form_specs.fields.KINDS`) that shows a value of `shape`."""
    types = value_types(shape)
    if "const" in shape:
        return "const"
    if isinstance(shape.get("enum"), list):
        return "enum"
    if len(branches_of(shape)) > 1:
        return "choice"
    if _picks_columns(shape):
        multiple = shape["x-options"].get("multiple") if "x-options" in shape else True
        return "columns" if types == ("array",) or multiple else "column"
    if len(types) != 1:
        return "json"
    return _OF_TYPE.get(types[0]) or _container(shape, types[0])


def value_types(shape: Shape) -> tuple[str, ...]:
    """Return the types but null that a value of `shape` can have, from what is said of it where `type` is not."""
    types = types_of(shape)
    if not types:
        implied = [name for name, keywords in _IMPLIED if not keywords.isdisjoint(shape)]
        return tuple(implied[:1])
    others = tuple(name for name in types if name != "null")
    if "number" in others:
        others = tuple(name for name in others if name != "integer")
    return others or ("null",)


def branches_of(shape: Shape) -> list[Schema]:
    """Return the alternatives of `shape`: of its first `oneOf` or `anyOf`, or one for each of several types."""
    groups = shape.get(ALTERNATIVES)
    if groups:
        return list(groups[0])
    types = value_types(shape)
    return [{"type": name} for name in types] if len(types) > 1 else []


def without_branches(shape: Shape) -> Shape:
    """Return `shape` without its first alternatives and without what belongs to the choice and not to its branches."""
    groups = shape.get(ALTERNATIVES)
    base = {word: said for word, said in shape.items() if word not in (ALTERNATIVES, "default")}
    if groups and len(groups) > 1:
        base[ALTERNATIVES] = groups[1:]
    return base


def branch_title(shape: Shape, index: int) -> Text:
    """Return what a branch is called: its title, its discriminator, the name it is referred to by, or its type."""
    title = annotated_text(shape, "title")
    if title:
        return title
    constants = [_constant(said) for said in shape.get("properties", {}).values()]
    named = next((constant for constant in constants if isinstance(constant, str)), None) or _constant(shape)
    if named is not None:
        return str(named)
    if REFERENCE in shape:
        return humanised(shape[REFERENCE])
    types = value_types(shape)
    if len(types) == 1:
        return catalogue()[f"forms.type.{types[0]}"]
    return {tag: text.format(number=index + 1) for tag, text in catalogue()["forms.branch"].items()}


def options_of(shape: Shape) -> tuple[Option, ...]:
    """Return the values of an enum or constant with their labels."""
    if "const" in shape:
        return (Option(shape["const"], annotated_text(shape, "title")),)
    labels = shape.get("x-enum-labels")
    return tuple(Option(value, _option_label(labels, value, at)) for at, value in enumerate(shape["enum"]))


def _option_label(labels: Any, value: object, position: int) -> Text:
    if isinstance(labels, Mapping) and isinstance(value, (str, bool, int, float)):
        found = labels.get(value if isinstance(value, str) else str(value).lower(), "")
    elif isinstance(labels, list) and position < len(labels):
        found = labels[position]
    else:
        found = ""
    return as_text(found)


def _picks_columns(shape: Shape) -> bool:
    said = shape.get("x-options")
    if said is None and value_types(shape) == ("array",) and isinstance(shape.get("items"), Mapping):
        said = shape["items"].get("x-options")
    return isinstance(said, Mapping) and said.get("source") == "columns"


def _container(shape: Shape, kind: str) -> str:
    if kind == "array":
        return "tuple" if shape.get("prefixItems") else "array"
    if kind == "object":
        return "object" if shape.get("properties") else "map"
    return "json"


def _constant(schema: Any) -> Any:
    if isinstance(schema, Mapping):
        if "const" in schema:
            return schema["const"]
        enum = schema.get("enum")
        if isinstance(enum, list) and len(enum) == 1:
            return enum[0]
    return None
