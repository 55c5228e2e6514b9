"""Places of a schema: the shape of each pointer with its hints, and which subschema describes what lies below."""

import functools
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from form_specs import pointers
from form_specs.choices import best_branches
from form_specs.errors import SchemaError
from form_specs.references import References, Schema
from form_specs.shape import ALTERNATIVES, Shape, Shapes, both
from form_specs.validation import Validator, validator_for

Hints = Mapping[str, Mapping[str, Any]]
"""Annotations by pointer; the token `*` stands for any index or key."""


class Places:
    """One schema document read with its hints. Holds no instance.

    `picks_columns` is False for a schema without any column picker, which needs no looking for them.
    """

    def __init__(self, schema: Schema, hints: Hints | None = None) -> None:
        self.validator: Validator = validator_for(schema)
        self.schema = self.validator.schema
        self._shapes = Shapes(References(self.schema), self.validator.matches)
        self.picks_columns = b'"x-options"' in msgspec.json.encode((self.schema, hints))
        self._hints = [(pointers.split(pattern), hint) for pattern, hint in (hints or {}).items()]

    def shape(self, pointer: str, schema: Schema, values: tuple[object, ...] = ()) -> Shape:
        """Return the merged shape of the place `pointer`, its hints over it. `values`: the value, or `()` if absent."""
        shape = self._shapes.of(schema, values)
        for hint in self._hints_at(pointer):
            shape.update(hint)
        return shape

    def settled(self, pointer: str, schema: Schema, value: object) -> Shape:
        """Return the shape of `value`'s place with the alternatives that `value` takes merged into it."""
        shape = self.shape(pointer, schema, (value,))
        for _ in range(_NESTED_ALTERNATIVES):
            groups = shape.pop(ALTERNATIVES, None)
            if not groups:
                break
            taken = [branch for group in groups for branch in self._taken(group, value)]
            shape = self.shape(pointer, {"allOf": [shape, *taken]}, (value,))
        return shape

    def plain_shape(self, schema: Schema) -> Shape:
        """Return the shape of a subschema of the document wherever it may stand: without hints or a value."""
        return self._shapes.of(schema)

    def _taken(self, branches: Sequence[Schema], value: object) -> list[Schema]:
        return best_branches(self.validator, self.plain_shape, branches, value)

    def walk(self, value: object, pointer: str = "", schema: Schema | None = None) -> Iterator[tuple[str, Shape, Any]]:
        """Yield pointer, settled shape and value of every place in `value` that the schema describes, outside first."""
        shape = self.settled(pointer, self.schema if schema is None else schema, value)
        yield pointer, shape, value
        for token, below in _items(value):
            described = below_at(shape, token)
            if described is not None:
                yield from self.walk(below, pointers.join(pointer, token), described)

    def _hints_at(self, pointer: str) -> Iterator[Mapping[str, Any]]:
        if self._hints:
            tokens = pointers.split(pointer)
            for pattern, hint in self._hints:
                if len(pattern) == len(tokens) and all(map(_token_matches, pattern, tokens)):
                    yield hint


_NESTED_ALTERNATIVES = 16


def places_for(schema: Schema, hints: Hints | None = None) -> Places:
    """Return the places of `schema`; without hints, the same ones for the same content.

    Raises:
        SchemaError: `schema` is no JSON Schema at all, or the hints are no mapping from pointer to annotations.
    """
    if not isinstance(schema, (Mapping, bool)):
        raise SchemaError(f"a parameter schema is an object, true or false, but this is a {type(schema).__name__}")
    try:
        return _kept(msgspec.json.encode(schema)) if not hints else Places(schema, hints)
    except (TypeError, ValueError, AttributeError) as cause:
        raise SchemaError(f"the schema or its hints cannot be read as JSON and pointers: {cause}") from cause


@functools.lru_cache(maxsize=1024)
def _kept(encoded: bytes) -> Places:
    return Places(msgspec.json.decode(encoded))


def _token_matches(pattern: str, token: str) -> bool:
    return pattern in (token, pointers.ANY)


def _items(value: object) -> Iterator[tuple[str | int, object]]:
    if isinstance(value, dict):
        yield from value.items()
    elif isinstance(value, list):
        yield from enumerate(value)


def below_at(shape: Shape, token: str | int) -> Schema | None:
    """Return what describes the value at `token` (a key, or an index) below a place, None when nothing does."""
    return item_schema(shape, token) if isinstance(token, int) else property_schema(shape, token)


def property_schema(shape: Shape, name: str) -> Schema | None:
    """Return what describes the property `name` of an object of `shape`, None when nothing does."""
    found: list[Schema] = []
    if name in _mapping(shape.get("properties")):
        found.append(shape["properties"][name])
    for pattern, schema in _mapping(shape.get("patternProperties")).items():
        if matches_pattern(pattern, name):
            found.append(schema)
    return functools.reduce(both, found) if found else additional_schema(shape)


def additional_schema(shape: Shape) -> Schema | None:
    """Return what describes properties that are not named, None when nothing is said of them."""
    schema = shape.get("additionalProperties", shape.get("unevaluatedProperties"))
    return schema if isinstance(schema, (Mapping, bool)) else None


def item_schema(shape: Shape, index: int | None) -> Schema | None:
    """Return what describes the item at `index` of an array (None: one past the tuple), None when nothing does."""
    prefix = shape.get("prefixItems")
    if index is not None and isinstance(prefix, list) and index < len(prefix):
        schema = prefix[index]
    else:
        schema = shape.get("items", shape.get("unevaluatedItems"))
    return schema if isinstance(schema, (Mapping, bool)) else None


def matches_pattern(pattern: str, text: str) -> bool:
    """Tell whether the regular expression is found in `text`; one that Python cannot read is found nowhere."""
    try:
        return re.search(pattern, text) is not None
    except re.error:
        return False


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
