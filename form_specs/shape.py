"""Schema normalisation: everything that is said about one place, merged into one plain schema.

A place in an instance is described by a schema, the schemas that it refers to (`$ref`, `allOf`) and those that come
into force for the value that is there (`if`/`then`/`else`, dependent schemas). `Shapes.of` merges them into one
dictionary without those keywords, in the words of draft 2020-12 whatever the draft was. Alternatives stay: each
`oneOf` or `anyOf` becomes an entry of `ALTERNATIVES`.

The result is for laying out a form and for reading annotations. It is never validated against: that is done with
the schema as written (`form_specs.validation`).
"""

import itertools
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from form_specs.references import References, Schema

Shape = dict[str, Any]
Matches = Callable[[Schema, object], bool]
"""Tells whether a value is valid against a subschema of the document."""

ALTERNATIVES = "x--alternatives"
"""Key of a shape: a list of lists of schemas; the value takes one of each list."""
NEVER = "x--never"
"""Key of a shape, True where no value is allowed (the schema `False`)."""
OUTSIDE = "x--outside"
"""Key of a shape: the reference that leads out of the document, where there is one."""
REFERENCE = "x--reference"
"""Key of a shape: the last name of the reference it was reached by; a title of last resort."""

_CONSUMED = frozenset(
    (
        *("$ref", "$dynamicRef", "$recursiveRef", "allOf", "oneOf", "anyOf", "if", "then", "else", "dependentSchemas"),
        *("dependencies", "$defs", "definitions", "$id", "id", "$schema", "$anchor", "$dynamicAnchor", "$comment"),
        *("$recursiveAnchor", "$vocabulary"),
    )
)
_SIZES = (
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "minProperties",
    "maxProperties",
    "minContains",
    "maxContains",
)
_TYPES = frozenset({"string", "integer", "number", "boolean", "null", "array", "object"})
_LARGEST = frozenset({"minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties", "minContains"})
_SMALLEST = frozenset({"maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties", "maxContains"})
_BOTH_HOLD = frozenset({"items", "additionalProperties", "contains", "propertyNames", "unevaluatedProperties"})
_BY_KEY = frozenset({"properties", "patternProperties"})
_CONDITIONS = frozenset({"if", "dependentSchemas", "dependencies", "dependentRequired"})
_FLAGS = frozenset({"uniqueItems", "readOnly", "writeOnly", "deprecated", NEVER})
_MAPPINGS = frozenset({"x-groups", "x-i18n", "dependentRequired"})


class Shapes:
    """Shapes of the places of one schema document. `matches` decides which conditions are in force."""

    def __init__(self, references: References, matches: Matches) -> None:
        self._references = references
        self._matches = matches
        # Shapes that depend on no value, by the identity of a schema of the document, which lives as long as this does.
        self._unconditional: dict[int, Shape] = {}
        self._own = frozenset(_identities(references.root))
        self._conditions_met = 0

    def of(self, schema: Schema, values: tuple[object, ...] = ()) -> Shape:
        """Return the shape of a place. `values` holds the one value there, or nothing when it is absent.

        The shape's own lists and mappings may be shared with the schema: do not change them.
        """
        known = self._unconditional.get(id(schema))
        if known is not None:
            return known.copy()
        before = self._conditions_met
        shape: Shape = {}
        for part in self._parts(schema, values, frozenset()):
            _merge_into(shape, part)
        if self._conditions_met == before and id(schema) in self._own:
            self._unconditional[id(schema)] = shape.copy()
        return shape

    def _parts(self, schema: Schema, values: tuple[object, ...], seen: frozenset[str]) -> Iterator[Shape]:
        """Yield the plain schemas that hold for one place, the most outward (whose annotations win) first."""
        if not isinstance(schema, Mapping):
            yield {} if schema is not False else {NEVER: True}
            return
        yield _plain(schema)
        yield from self._referred(schema, values, seen)
        for part in _list(schema.get("allOf")):
            yield from self._parts(part, values, seen)
        for part in self._conditional(schema, values):
            yield from self._parts(part, values, seen)

    def _referred(self, schema: Mapping[str, Any], values: tuple[object, ...], seen: frozenset[str]) -> Iterator[Shape]:
        for keyword in ("$ref", "$dynamicRef", "$recursiveRef"):
            reference = schema.get(keyword)
            if not isinstance(reference, str) or reference in seen:
                continue
            target = self._references.resolve(reference)
            if target is None:
                yield {OUTSIDE: reference}
            else:
                yield from self._parts(target, values, seen | {reference})
                yield {REFERENCE: reference.rsplit("/", 1)[-1].lstrip("#")}

    def _conditional(self, schema: Mapping[str, Any], values: tuple[object, ...]) -> Iterator[Schema]:
        """Yield the subschemas of `schema` that are in force for the value."""
        self._conditions_met += not _CONDITIONS.isdisjoint(schema)
        for value in values:
            if "if" in schema:
                branch = schema.get("then" if self._matches(schema["if"], value) else "else")
                if branch is not None:
                    yield branch
            if isinstance(value, Mapping):
                for name, dependent in _dependents(schema):
                    if name in value:
                        yield dependent


def _identities(node: object) -> Iterator[int]:
    """Yield the identity of every object in a document."""
    if isinstance(node, Mapping):
        yield id(node)
    children = node.values() if isinstance(node, Mapping) else node if isinstance(node, list) else ()
    for child in children:
        if isinstance(child, (Mapping, list)):
            yield from _identities(child)


def _dependents(schema: Mapping[str, Any]) -> Iterator[tuple[str, Schema]]:
    for keyword in ("dependentSchemas", "dependencies"):
        for name, dependent in _mapping(schema.get(keyword)).items():
            yield name, {"required": dependent} if isinstance(dependent, list) else dependent
    for name, names in _mapping(schema.get("dependentRequired")).items():
        yield name, {"required": names}


def _plain(schema: Mapping[str, Any]) -> Shape:
    """Return `schema` without what is merged or resolved elsewhere, older drafts' words made 2020-12's."""
    shape = {word: said for word, said in schema.items() if word not in _CONSUMED and _is_readable(word, said)}
    if isinstance(shape.get("items"), list):
        shape["prefixItems"] = shape.pop("items")
        if "additionalItems" in shape:
            shape["items"] = shape.pop("additionalItems")
    for limit, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        if isinstance(shape.get(exclusive), bool) and shape.pop(exclusive) and limit in shape:
            shape[exclusive] = shape.pop(limit)
    if "required" in shape:
        # In draft 03 it was a flag of the property itself.
        shape["required"] = [name for name in _list(shape["required"]) if isinstance(name, str)]
    alternatives = [_list(schema[keyword]) for keyword in ("oneOf", "anyOf") if _list(schema.get(keyword))]
    if alternatives:
        shape[ALTERNATIVES] = alternatives
    return shape


def _is_readable(keyword: str, value: Any) -> bool:
    """Tell whether `value` is of the kind that `keyword` takes. A form is built without the rest; the lint names it."""
    expected = _EXPECTED.get(keyword)
    return expected is None or (isinstance(value, expected) and (expected is not _NUMBER or value is not True))


_NUMBER = (int, float)
_EXPECTED: Mapping[str, Any] = {
    **dict.fromkeys(
        ("properties", "patternProperties", "x-groups", "x-i18n", "x-options", "dependentRequired"), Mapping
    ),
    **dict.fromkeys(("items",), (Mapping, bool, list)),
    **dict.fromkeys(("additionalProperties", "additionalItems", "contains", "propertyNames"), (Mapping, bool)),
    **dict.fromkeys(("unevaluatedProperties", "unevaluatedItems"), (Mapping, bool)),
    **dict.fromkeys(("required",), (list, bool)),
    **dict.fromkeys(("enum", "prefixItems", "examples"), list),
    **dict.fromkeys(("type",), (str, list)),
    **dict.fromkeys(("minimum", "maximum", "multipleOf", "x-order"), _NUMBER),
    **dict.fromkeys(("exclusiveMinimum", "exclusiveMaximum"), (int, float, bool)),
    **dict.fromkeys(_SIZES, _NUMBER),
    **dict.fromkeys(("pattern", "format", "x-group", "x-widget", "x-file"), str),
    **dict.fromkeys(("title", "description", "x-unit", "x-help"), (str, Mapping)),
}


def _merge_into(shape: Shape, part: Shape) -> None:
    for keyword, value in part.items():
        shape[keyword] = _merged(keyword, shape[keyword], value) if keyword in shape else value


def _merged(keyword: str, first: Any, second: Any) -> Any:
    """Return what holds when both `first` and `second` are said with `keyword`."""
    if keyword in _LARGEST:
        return max(first, second)
    if keyword in _SMALLEST:
        return min(first, second)
    if keyword in _BY_KEY:
        return merge_properties(first, second)
    if keyword in _BOTH_HOLD:
        return both(first, second)
    if keyword in _MAPPINGS:
        return {**_mapping(second), **_mapping(first)}
    if keyword in _FLAGS:
        return bool(first or second)
    return _MERGERS[keyword](first, second) if keyword in _MERGERS else first


def merge_properties(first: Mapping[str, Schema], second: Mapping[str, Schema]) -> dict[str, Schema]:
    """Return the properties of two mappings, a name in both described by both."""
    merged = dict(first)
    for name, schema in second.items():
        merged[name] = both(merged[name], schema) if name in merged else schema
    return merged


def both(first: Schema, second: Schema) -> Schema:
    """Return a schema that says what `first` and `second` say."""
    if first is False or second is False:
        return False
    if first is True or first == second:
        return second
    return first if second is True else {"allOf": [first, second]}


def types_of(shape: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the types of JSON that `type` lists, `()` when it is not said."""
    declared = shape.get("type")
    names = [declared] if isinstance(declared, str) else _list(declared)
    return tuple(name for name in names if isinstance(name, str) and name in _TYPES)


def _common_types(first: Any, second: Any) -> Any:
    ours, theirs = types_of({"type": first}), types_of({"type": second})
    kept = [name for name in ours if name in theirs or (name == "integer" and "number" in theirs)]
    if "number" in ours and "integer" in theirs and "integer" not in kept:
        kept.append("integer")
    return kept


def _common_options(first: Any, second: Any) -> Any:
    return [option for option in _list(first) if option in _list(second)]


def _union(first: Any, second: Any) -> Any:
    return list(dict.fromkeys([*_list(first), *_list(second)]))


def _chain(first: Any, second: Any) -> Any:
    return [*first, *second]


def _tuples(first: Any, second: Any) -> Any:
    return [both(ours, theirs) for ours, theirs in itertools.zip_longest(first, second, fillvalue=True)]


_MERGERS: dict[str, Callable[[Any, Any], Any]] = {
    "type": _common_types,
    "enum": _common_options,
    "required": _union,
    "prefixItems": _tuples,
    ALTERNATIVES: _chain,
}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
