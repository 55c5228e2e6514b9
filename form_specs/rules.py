"""What each rule of JSON Schema says when it is broken: a `jsonschema` error to findings at the places it is about."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from form_specs import pointers
from form_specs.columns import closest
from form_specs.findings import Finding
from form_specs.places import Places, matches_pattern, property_schema

Read = Callable[[Any, str, Places], Iterator[Finding]]


def _required(error: Any, pointer: str, places: Places) -> Iterator[Finding]:
    for name in error.validator_value if isinstance(error.validator_value, list) else ():
        if name not in error.instance:
            yield Finding(pointers.join(pointer, name), "forms.check.required")


def _dependent(error: Any, pointer: str, places: Places) -> Iterator[Finding]:
    for name, needed in error.validator_value.items():
        if name in error.instance and isinstance(needed, list):
            for other in needed:
                if other not in error.instance:
                    yield Finding(pointers.join(pointer, other), "forms.check.required_by", {"name": name})


def _additional(error: Any, pointer: str, places: Places) -> Iterator[Finding]:
    schema = error.schema
    named = list(schema.get("properties", {}))
    patterns = schema.get("patternProperties", {})
    for key in error.instance:
        if key not in named and not any(matches_pattern(pattern, key) for pattern in patterns):
            yield _unknown(pointer, key, named)


def _unevaluated(error: Any, pointer: str, places: Places) -> Iterator[Finding]:
    shape = places.settled(pointer, error.schema, error.instance)
    shape.pop("unevaluatedProperties", None)
    named = list(shape.get("properties", {}))
    keys = [key for key in error.instance if property_schema(shape, key) is None]
    yield from (_unknown(pointer, key, named) for key in keys)
    if not keys:
        yield Finding(pointer, "forms.check.unknown_somewhere")


def _unknown(pointer: str, key: str, named: list[str]) -> Finding:
    at, nearest = pointers.join(pointer, key), closest(key, named)
    if nearest is not None:
        return Finding(at, "forms.check.unknown_similar", {"name": key, "nearest": nearest})
    if named:
        return Finding(at, "forms.check.unknown", {"name": key, "names": named})
    return Finding(at, "forms.check.forbidden", {"name": key})


def _type(error: Any, pointer: str, places: Places) -> Iterator[Finding]:
    yield Finding(pointer, "forms.check.type", {"types": type_names(error.validator_value), "found": error.instance})


def _enum(error: Any, pointer: str, places: Places) -> Iterator[Finding]:
    options = constants(error)
    texts = [option for option in options if isinstance(option, str)]
    nearest = closest(error.instance, texts) if isinstance(error.instance, str) else None
    values: dict[str, Any] = {"options": options, "found": error.instance}
    if nearest is None:
        yield Finding(pointer, "forms.check.enum", values)
    else:
        yield Finding(pointer, "forms.check.enum_similar", {**values, "nearest": nearest})


def _limit(code: str) -> Read:
    def read(error: Any, pointer: str, places: Places) -> Iterator[Finding]:
        yield Finding(pointer, code, {"limit": error.validator_value, "found": error.instance})

    return read


def _size(code: str) -> Read:
    def read(error: Any, pointer: str, places: Places) -> Iterator[Finding]:
        yield Finding(pointer, code, {"limit": error.validator_value, "size": len(error.instance)})

    return read


def _number_limit(code: str, exclusive: str) -> Read:
    def read(error: Any, pointer: str, places: Places) -> Iterator[Finding]:
        # In draft 04, `exclusiveMinimum: true` beside `minimum` makes the limit itself wrong.
        is_exclusive = error.schema.get(exclusive) is True
        code_used = f"forms.check.{exclusive}" if is_exclusive else code
        yield Finding(pointer, code_used, {"limit": error.validator_value, "found": error.instance})

    return read


def _unique_items(error: Any, pointer: str, places: Places) -> Iterator[Finding]:
    items = error.instance
    twice = next((item for at, item in enumerate(items) if item in items[:at]), None)
    yield Finding(pointer, "forms.check.uniqueItems", {"found": twice})


def _text_rule(code: str) -> Read:
    def read(error: Any, pointer: str, places: Places) -> Iterator[Finding]:
        yield Finding(pointer, code, {"rule": error.validator_value, "found": error.instance})

    return read


def other(error: Any, pointer: str, places: Places) -> Iterator[Finding]:
    """Yield a finding for a rule without words of its own, with the library's message."""
    yield Finding(pointer, "forms.check.other", {"rule": error.validator, "detail": error.message})


def _not(error: Any, pointer: str, places: Places) -> Iterator[Finding]:
    required = error.validator_value.get("required") if isinstance(error.validator_value, Mapping) else None
    if isinstance(error.instance, dict) and isinstance(required, list) and required:
        # Led to the last of the keys: taking that one out mends it.
        yield Finding(pointers.join(pointer, required[-1]), "forms.check.not_together", {"names": required})
    else:
        yield Finding(pointer, "forms.check.not", {"found": error.instance})


RULES: Mapping[str, Read] = {
    "required": _required,
    "dependentRequired": _dependent,
    "dependencies": _dependent,
    "additionalProperties": _additional,
    "unevaluatedProperties": _unevaluated,
    "type": _type,
    "enum": _enum,
    "const": _enum,
    "minimum": _number_limit("forms.check.minimum", "exclusiveMinimum"),
    "maximum": _number_limit("forms.check.maximum", "exclusiveMaximum"),
    "exclusiveMinimum": _limit("forms.check.exclusiveMinimum"),
    "exclusiveMaximum": _limit("forms.check.exclusiveMaximum"),
    "multipleOf": _limit("forms.check.multipleOf"),
    "minLength": _size("forms.check.minLength"),
    "maxLength": _size("forms.check.maxLength"),
    "minItems": _size("forms.check.minItems"),
    "maxItems": _size("forms.check.maxItems"),
    "minProperties": _size("forms.check.minProperties"),
    "maxProperties": _size("forms.check.maxProperties"),
    "uniqueItems": _unique_items,
    "pattern": _text_rule("forms.check.pattern"),
    "format": _text_rule("forms.check.format"),
    "contains": _size("forms.check.contains"),
    "not": _not,
}


def type_names(types: Any) -> list[str]:
    """Return the names that a `type` lists."""
    return [types] if isinstance(types, str) else list(types)


def constants(error: Any) -> list[Any]:
    """Return the values that the `enum` or `const` of an error allows."""
    return list(error.validator_value) if error.validator == "enum" else [error.validator_value]
