"""Checks an instance: the validator's errors led to the places they are about, and columns that are not there."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec

from form_specs import pointers
from form_specs.building import Builder, column_options, columns_for
from form_specs.choices import error_score
from form_specs.columns import Column, Columns, accepts, closest
from form_specs.fields import ColumnOptions, Field, humanised
from form_specs.findings import FieldError
from form_specs.messages import message
from form_specs.placeholders import Placeholder
from form_specs.places import Places, matches_pattern, property_schema
from form_specs.shape import NEVER, Shape
from form_specs.text import LANGUAGES, Text, localized
from form_specs.values import ABSENT, Values


class _Finding(msgspec.Struct, frozen=True):
    """An error on its way: the place it is led to, the rule, and its facts."""

    pointer: str
    code: str
    values: dict[str, Any] = {}


def check(
    places: Places, columns: Columns | None, given: Values, placeholders: Placeholder | None, builder: Builder
) -> tuple[FieldError, ...]:
    """Return what is wrong with the values `given`, in the order of the schema, each thing once."""
    if given.tree is ABSENT:
        return (FieldError(pointer="", field="", code="forms.check.required", label=builder.root.title),)
    instance = given.tree
    reader = _Reader(places, given, placeholders)
    found: dict[tuple[str, str], _Finding] = {}
    for error in places.validator.errors(instance, placeholders):
        for finding in reader.findings(error, instance, ""):
            found.setdefault((finding.pointer, finding.code), finding)
    if columns is not None and places.picks_columns:
        for finding in _column_findings(places, columns, instance, placeholders):
            found.setdefault((finding.pointer, finding.code), finding)
    return tuple(_as_field_error(finding, builder) for finding in found.values())


def _as_field_error(finding: _Finding, builder: Builder) -> FieldError:
    from form_specs.form import owner

    field = owner(builder.root, finding.pointer)
    return FieldError(
        pointer=finding.pointer,
        field=field.pointer if field is not None else pointers.parent(finding.pointer),
        code=finding.code,
        values=finding.values,
        label=_label(builder.root, finding.pointer),
    )


def _label(root: Field, pointer: str) -> Text:
    """Return the title of the place, made from that of the list for an entry without one, `""` where there is none."""
    from form_specs.form import owner

    field = owner(root, pointer)
    if field is not None and field.pointer == pointer and field.title:
        return field.title
    above, _, token = pointer.rpartition("/")
    if not token.isdigit():
        return ""
    outer = _label(root, above) or humanised(pointers.split(above)[-1] if above else "")
    return {
        language: message("forms.entry", language, label=localized(outer, language), number=int(token) + 1)
        for language in LANGUAGES
    }


class _Reader:
    """Reads `jsonschema` errors as findings."""

    def __init__(self, places: Places, given: Values, placeholders: Placeholder | None) -> None:
        self._places = places
        self._given = given
        self._placeholders = placeholders

    def findings(self, error: Any, instance: Any, base: str) -> Iterator[_Finding]:
        """Yield what `error` amounts to. Its path begins at `base`, where the value is `instance`."""
        pointer = pointers.join(base, *error.relative_path)
        place = pointers.follow(instance, map(str, error.relative_path))
        if error.validator in ("oneOf", "anyOf"):
            yield from self._of_branches(error, pointer, place)
            return
        if isinstance(place, dict) and place != error.instance and isinstance(error.instance, str):
            # The instance of an error under `propertyNames` is a key, but its path is that of the whole object.
            pointer = pointers.join(pointer, error.instance)
        for finding in self._read(error, pointer):
            yield self._custom(error, pointer, finding)

    def _read(self, error: Any, pointer: str) -> Iterator[_Finding]:
        if error.validator is None:
            yield from self._forbidden(pointer)
        else:
            yield from _READERS.get(error.validator, _other)(error, pointer, self._places)

    def _forbidden(self, pointer: str) -> Iterator[_Finding]:
        """Yield the places where no value is allowed. The error's path ends at what holds them."""
        walked = self._places.walk(self._given.tree)
        never = [at for at, shape, _ in walked if shape.get(NEVER) and pointer in (at, pointers.parent(at))]
        for at in never or [pointer]:
            yield _Finding(at, "forms.check.forbidden", {"name": (pointers.split(at) or ("",))[-1]})

    def _custom(self, error: Any, pointer: str, finding: _Finding) -> _Finding:
        if finding.pointer != pointer or not isinstance(error.schema, Mapping):
            return finding
        text = self._places.shape(pointer, error.schema).get("x-error-message")
        return finding if text is None else _Finding(pointer, "forms.check.custom", {"text": text})

    def _of_branches(self, error: Any, pointer: str, place: Any) -> Iterator[_Finding]:
        """Yield the errors of the branch that is taken, or one that says which kinds of value are possible."""
        branches: dict[int, list[Any]] = {}
        for inner in error.context:
            branches.setdefault(inner.relative_schema_path[0], []).append(inner)
        if not branches:
            yield self._custom(error, pointer, _Finding(pointer, "forms.check.several", {"found": place}))
            return
        single = _of_scalars(branches, place) or _of_discriminator(branches)
        if single is not None:
            at = pointers.join(pointer, *single[2])
            yield self._custom(error, pointer, _Finding(at, single[0], single[1]))
            return
        chosen = self._given.choices.get(pointer)
        taken = chosen if chosen in branches else min(branches, key=lambda at: (*error_score(branches[at]), at))
        for inner in branches[taken]:
            yield from self.findings(inner, place, pointer)


_Single = tuple[str, dict[str, Any], tuple[str, ...]]
"""One finding for all branches: its code, its facts, and where it is below the alternatives."""


def _of_scalars(branches: Mapping[int, list[Any]], place: Any) -> _Single | None:
    """Return one finding for alternatives that all fail at the place itself by type or by constants."""
    firsts = [errors[0] for errors in branches.values()]
    if any(error.relative_path or error.validator not in ("type", "enum", "const") for error in firsts):
        return None
    types = [name for error in firsts if error.validator == "type" for name in _names(error.validator_value)]
    options = [option for error in firsts if error.validator != "type" for option in _constants(error)]
    if types and options:
        return "forms.check.type_or_option", {"types": _unique(types), "options": options, "found": place}, ()
    if options:
        return "forms.check.enum", {"options": options, "found": place}, ()
    return "forms.check.type", {"types": _unique(types), "found": place}, ()


def _of_discriminator(branches: Mapping[int, list[Any]]) -> _Single | None:
    """Return one finding for alternatives that all refuse the value of one and the same property by constants."""
    refused = [[error for error in errors if _is_constant_below(error)] for errors in branches.values()]
    names = {error.relative_path[0] for errors in refused for error in errors}
    if not all(refused) or len(names) != 1:
        return None
    options = [option for errors in refused for option in _constants(errors[0])]
    return "forms.check.enum", {"options": options, "found": refused[0][0].instance}, (str(names.pop()),)


def _is_constant_below(error: Any) -> bool:
    return error.validator in ("const", "enum") and len(error.relative_path) == 1


def _names(types: Any) -> list[str]:
    return [types] if isinstance(types, str) else list(types)


def _constants(error: Any) -> list[Any]:
    return list(error.validator_value) if error.validator == "enum" else [error.validator_value]


def _unique(names: list[str]) -> list[str]:
    return list(dict.fromkeys(names))


Read = Callable[[Any, str, Places], Iterator[_Finding]]


def _required(error: Any, pointer: str, places: Places) -> Iterator[_Finding]:
    for name in error.validator_value if isinstance(error.validator_value, list) else ():
        if name not in error.instance:
            yield _Finding(pointers.join(pointer, name), "forms.check.required")


def _dependent(error: Any, pointer: str, places: Places) -> Iterator[_Finding]:
    for name, needed in error.validator_value.items():
        if name in error.instance and isinstance(needed, list):
            for other in needed:
                if other not in error.instance:
                    yield _Finding(pointers.join(pointer, other), "forms.check.required_by", {"name": name})


def _additional(error: Any, pointer: str, places: Places) -> Iterator[_Finding]:
    schema = error.schema
    named = list(schema.get("properties", {}))
    patterns = schema.get("patternProperties", {})
    for key in error.instance:
        if key not in named and not any(matches_pattern(pattern, key) for pattern in patterns):
            yield _unknown(pointer, key, named)


def _unevaluated(error: Any, pointer: str, places: Places) -> Iterator[_Finding]:
    shape = places.settled(pointer, error.schema, error.instance)
    shape.pop("unevaluatedProperties", None)
    named = list(shape.get("properties", {}))
    keys = [key for key in error.instance if property_schema(shape, key) is None]
    yield from (_unknown(pointer, key, named) for key in keys)
    if not keys:
        yield _Finding(pointer, "forms.check.unknown_somewhere")


def _unknown(pointer: str, key: str, named: list[str]) -> _Finding:
    at, nearest = pointers.join(pointer, key), closest(key, named)
    if nearest is not None:
        return _Finding(at, "forms.check.unknown_similar", {"name": key, "nearest": nearest})
    if named:
        return _Finding(at, "forms.check.unknown", {"name": key, "names": named})
    return _Finding(at, "forms.check.forbidden", {"name": key})


def _type(error: Any, pointer: str, places: Places) -> Iterator[_Finding]:
    yield _Finding(pointer, "forms.check.type", {"types": _names(error.validator_value), "found": error.instance})


def _enum(error: Any, pointer: str, places: Places) -> Iterator[_Finding]:
    options = _constants(error)
    texts = [option for option in options if isinstance(option, str)]
    nearest = closest(error.instance, texts) if isinstance(error.instance, str) else None
    values: dict[str, Any] = {"options": options, "found": error.instance}
    if nearest is None:
        yield _Finding(pointer, "forms.check.enum", values)
    else:
        yield _Finding(pointer, "forms.check.enum_similar", {**values, "nearest": nearest})


def _limit(code: str) -> Read:
    def read(error: Any, pointer: str, places: Places) -> Iterator[_Finding]:
        yield _Finding(pointer, code, {"limit": error.validator_value, "found": error.instance})

    return read


def _size(code: str) -> Read:
    def read(error: Any, pointer: str, places: Places) -> Iterator[_Finding]:
        yield _Finding(pointer, code, {"limit": error.validator_value, "size": len(error.instance)})

    return read


def _number_limit(code: str, exclusive: str) -> Read:
    def read(error: Any, pointer: str, places: Places) -> Iterator[_Finding]:
        # In draft 04, `exclusiveMinimum: true` beside `minimum` makes the limit itself wrong.
        is_exclusive = error.schema.get(exclusive) is True
        code_used = f"forms.check.{exclusive}" if is_exclusive else code
        yield _Finding(pointer, code_used, {"limit": error.validator_value, "found": error.instance})

    return read


def _unique_items(error: Any, pointer: str, places: Places) -> Iterator[_Finding]:
    items = error.instance
    twice = next((item for at, item in enumerate(items) if item in items[:at]), None)
    yield _Finding(pointer, "forms.check.uniqueItems", {"found": twice})


def _text_rule(code: str) -> Read:
    def read(error: Any, pointer: str, places: Places) -> Iterator[_Finding]:
        yield _Finding(pointer, code, {"rule": error.validator_value, "found": error.instance})

    return read


def _other(error: Any, pointer: str, places: Places) -> Iterator[_Finding]:
    yield _Finding(pointer, "forms.check.other", {"rule": error.validator, "detail": error.message})


def _not(error: Any, pointer: str, places: Places) -> Iterator[_Finding]:
    required = error.validator_value.get("required") if isinstance(error.validator_value, Mapping) else None
    if isinstance(error.instance, dict) and isinstance(required, list) and required:
        # Led to the last of the keys: taking that one out mends it.
        yield _Finding(pointers.join(pointer, required[-1]), "forms.check.not_together", {"names": required})
    else:
        yield _Finding(pointer, "forms.check.not", {"found": error.instance})


_READERS: Mapping[str, Read] = {
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


def _column_findings(
    places: Places, columns: Columns, instance: Any, placeholders: Placeholder | None
) -> Iterator[_Finding]:
    """Yield the columns that pickers name and their ports do not have, or have with a wrong type."""
    for pointer, shape, value in places.walk(instance):
        if placeholders is not None and placeholders(value):
            continue
        for at, options, name in _picked(pointer, shape, value):
            known = columns_for(options, columns)
            if known is not None and not (placeholders is not None and placeholders(name)):
                yield from _column_finding(at, options, name, known)


def _picked(pointer: str, shape: Shape, value: Any) -> Iterator[tuple[str, ColumnOptions, str]]:
    """Yield each column that is named at a place: its text, the texts in its list, or its keys."""
    options = column_options(shape)
    if options is not None:
        if isinstance(value, str):
            yield pointer, options, value
        for index, name in enumerate(value) if isinstance(value, list) else ():
            if isinstance(name, str):
                yield pointers.join(pointer, index), options, name
    names = shape.get("propertyNames")
    by_key = column_options(dict(names)) if isinstance(names, Mapping) else None
    if by_key is not None and isinstance(value, dict):
        for name in value:
            yield pointers.join(pointer, name), by_key, name


def _column_finding(pointer: str, options: ColumnOptions, name: str, known: Any) -> Iterator[_Finding]:
    column: Column | None = next((each for each in known if each.name == name), None)
    fitting = [each.name for each in known if accepts(options.types, each)]
    if column is None:
        nearest = closest(name, fitting or [each.name for each in known])
        code = "forms.check.column_similar" if nearest else "forms.check.column" if known else "forms.check.no_columns"
        yield _Finding(pointer, code, {"name": name, "names": fitting, "nearest": nearest or ""})
    elif not accepts(options.types, column):
        facts = {"name": name, "type": column.type, "types_wanted": ", ".join(options.types), "names": fitting}
        yield _Finding(pointer, "forms.check.column_type", facts)
