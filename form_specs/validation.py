"""Compiled validators: one for each schema, kept by content, with the formats that we vouch for.

`jsonschema` is imported when the first validator is asked for, as it costs more than the rest of a listing.
"""

import functools
import importlib
import re
import sys
from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from form_specs.errors import SchemaError
from form_specs.formats import FORMATS
from form_specs.placeholders import Placeholder, passing_over
from form_specs.references import Schema

_KEPT = 1024
_PLACEHOLDERS_KEPT = 4


class Validator:
    """A schema document, ready to judge instances and to match values against its subschemas."""

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self._with: dict[Placeholder | None, Any] = {}

    def errors(self, instance: object, placeholders: Placeholder | None = None) -> Iterator[Any]:
        """Yield `jsonschema` errors. Values that are `placeholders` satisfy everything said about themselves.

        Raises:
            SchemaError: the schema itself is none that can be validated against.
        """
        yield from self.errors_of(self.schema, instance, placeholders)

    def matches(self, schema: Schema, value: object, placeholders: Placeholder | None = None) -> bool:
        """Tell whether `value` is valid against `schema`, a subschema of this document (references still work).

        Nothing is valid against what is no schema.
        """
        try:
            return next(self.errors_of(schema, value, placeholders), None) is None
        except SchemaError:
            return False

    def errors_of(self, schema: Schema, value: object, placeholders: Placeholder | None = None) -> Iterator[Any]:
        """Yield the errors of `value` against `schema`, a subschema of this document. Raises as `errors` does."""
        compiled = self._compiled(placeholders)
        try:
            yield from (compiled if schema is self.schema else compiled.evolve(schema=schema)).iter_errors(value)
        except _errors_of_a_wrong_schema() as cause:
            found = f"{type(cause).__name__}: {cause}"
            raise SchemaError(f"this is no valid JSON Schema, so nothing can be checked; lint it ({found})") from cause

    def _compiled(self, placeholders: Placeholder | None) -> Any:
        if placeholders not in self._with:
            if len(self._with) >= _PLACEHOLDERS_KEPT:
                self._with.clear()
            kind = _forgiving(_class_for(self.schema))
            if placeholders is not None:
                kind = _passing_over(kind, placeholders)
            self._with[placeholders] = kind(self.schema, registry=_registry(), format_checker=_format_checker())
        return self._with[placeholders]


def validator_for(schema: Schema) -> Validator:
    """Return the validator of `schema`, the same one for the same content."""
    return _kept(msgspec.json.encode(schema))


def meta_schema_for(schema: Schema) -> Schema:
    """Return the meta-schema that `schema` is written in: that of its `$schema`, or of draft 2020-12."""
    meta_schema: Schema = _class_for(schema).META_SCHEMA
    return meta_schema


@functools.lru_cache(maxsize=_KEPT)
def _kept(encoded: bytes) -> Validator:
    # Decoded again, so that a caller who changes the schema afterwards changes nothing here.
    return Validator(msgspec.json.decode(encoded))


def _class_for(schema: Schema) -> Any:
    validators = _jsonschema().validators
    default = validators.Draft202012Validator
    named = validators.validator_for(schema, default=default)
    # `validator_for` warns of a `$schema` that it does not know and takes the newest draft; so do we, silently.
    return named or default


_WITH_PATTERNS = ("pattern", "patternProperties", "additionalProperties", "unevaluatedProperties")


@functools.cache
def _forgiving(kind: Any) -> Any:
    """Return the validator class with keywords that judge nothing where a pattern is none that Python can read.

    Schemas are written for the regular expressions of ECMAScript; the lint names the patterns that differ.
    """
    keywords = {name: _if_readable(kind.VALIDATORS[name]) for name in _WITH_PATTERNS if name in kind.VALIDATORS}
    return _jsonschema().validators.extend(kind, validators=keywords)


def _if_readable(check: Callable[..., Any]) -> Callable[..., Any]:
    def checked(validator: Any, value: Any, instance: Any, schema: Any) -> Any:
        try:
            return list(check(validator, value, instance, schema) or ())
        except re.error:
            return ()

    return checked


@functools.lru_cache(maxsize=64)
def _passing_over(kind: Any, placeholders: Placeholder) -> Any:
    return passing_over(kind, placeholders, _jsonschema().validators.extend)


@functools.cache
def _registry() -> Any:
    """Return the registry of the drafts' own schemas in which any other outside reference allows everything."""
    import referencing
    from referencing.jsonschema import DRAFT202012

    def retrieve(uri: str) -> Any:
        return DRAFT202012.create_resource(True)

    drafts = importlib.import_module("jsonschema_specifications").REGISTRY
    return drafts.combine(referencing.Registry(retrieve=retrieve))  # type: ignore[call-arg]


@functools.cache
def _format_checker() -> Any:
    checker = _jsonschema().FormatChecker(formats=())
    for name, parse in FORMATS.items():
        checker.checks(name, raises=ValueError)(_parses(parse))
    return checker


def _parses(parse: Callable[[str], object]) -> Callable[[object], bool]:
    def holds(instance: object) -> bool:
        if isinstance(instance, str):
            parse(instance)
        return True

    return holds


@functools.cache
def _errors_of_a_wrong_schema() -> tuple[type[Exception], ...]:
    """Return what `jsonschema` raises when the schema, which it takes as valid, is not."""
    from referencing.exceptions import Unresolvable

    unknown_type: type[Exception] = _jsonschema().exceptions.UnknownType
    return (TypeError, AttributeError, LookupError, ValueError, RecursionError, unknown_type, Unresolvable)


@functools.cache
def _jsonschema() -> Any:
    # Where the optional package `rfc3987_syntax` is installed, `jsonschema` builds its grammar on import, which
    # takes well over a second. It only serves the formats `iri` and `uri`, which are not taken from there.
    blocked = "rfc3987_syntax" not in sys.modules
    if blocked:
        sys.modules["rfc3987_syntax"] = None  # type: ignore[assignment]
    try:
        import jsonschema
        import jsonschema.validators
    finally:
        if blocked:
            del sys.modules["rfc3987_syntax"]
    return jsonschema
