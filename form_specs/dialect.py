"""The dialect: which annotations a parameter schema may carry, and a lint with messages for its author."""

import functools
import json
import pathlib
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from form_specs import pointers
from form_specs.building import scope_pointer
from form_specs.columns import closest
from form_specs.messages import message
from form_specs.places import places_for, property_schema
from form_specs.references import References, Schema

META_SCHEMA = pathlib.Path(__file__).parent / "dialect.schema.json"
"""The meta-schema of the annotations: a JSON Schema 2020-12 that an annotated schema is valid against."""


class SchemaProblem(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to mend in a schema. `pointer` leads into the schema, not into an instance."""

    pointer: str
    code: str
    values: Mapping[str, Any] = {}

    @property
    def message(self) -> str:
        """What is wrong, in English."""
        return self.text("en")

    @property
    def mend(self) -> str:
        """What to do about it, in English."""
        return self.remedy("en")

    def text(self, language: str = "en") -> str:
        """Return what is wrong in `language`."""
        return message(f"{self.code}", language, **self.values)

    def remedy(self, language: str = "en") -> str:
        """Return what to do about it in `language`."""
        return message(f"{self.code}.mend", language, **self.values)


def lint(schema: Schema) -> tuple[SchemaProblem, ...]:
    """Return every problem of `schema` as a JSON Schema of this dialect, outside first.

    Looked for: what the draft's and the dialect's meta-schemas refuse; words of the dialect that do not exist;
    references that lead nowhere; patterns that cannot be read; groups that are not declared; rules about places that do
    not exist; required properties that are not described; defaults that are themselves invalid.

    Raises:
        SchemaError: `schema` is neither an object nor a boolean.
    """
    places = places_for(schema)
    found = [*_refused_by_meta_schemas(places.schema)]
    if not found:
        references = References(places.schema)
        for pointer, subschema in subschemas(places.schema):
            found += _of_subschema(pointer, subschema, references, places.schema)
        found += _wrong_defaults(places.schema, places.validator.matches)
    return tuple({(problem.pointer, problem.code, str(problem.values)): problem for problem in found}.values())


def subschemas(schema: Schema, pointer: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield every object schema within `schema` with the pointer that leads to it, outside first."""
    if not isinstance(schema, Mapping):
        return
    yield pointer, schema
    for keyword, value in schema.items():
        for tokens, below in _below(keyword, value):
            yield from subschemas(below, pointers.join(pointer, keyword, *tokens))


_SCHEMA = frozenset(
    (
        *("items", "additionalItems", "unevaluatedItems", "contains", "additionalProperties", "unevaluatedProperties"),
        *("propertyNames", "not", "if", "then", "else"),
    )
)
_SCHEMAS = frozenset({"allOf", "anyOf", "oneOf", "prefixItems", "items"})
_SCHEMAS_BY_NAME = frozenset(
    {"properties", "patternProperties", "dependentSchemas", "dependencies", "$defs", "definitions"}
)


def _below(keyword: str, value: Any) -> Iterator[tuple[tuple[str | int, ...], Schema]]:
    if keyword in _SCHEMA and isinstance(value, Mapping):
        yield (), value
    elif keyword in _SCHEMAS and isinstance(value, list):
        yield from (((index,), below) for index, below in enumerate(value))
    elif keyword in _SCHEMAS_BY_NAME and isinstance(value, Mapping):
        yield from (((name,), below) for name, below in value.items())


def _refused_by_meta_schemas(schema: Schema) -> Iterator[SchemaProblem]:
    from form_specs.form import Form
    from form_specs.validation import meta_schema_for

    for meta_schema in (meta_schema_for(schema), _dialect()):
        for error in Form.from_schema(meta_schema).check(schema):
            # Patterns are looked at on their own, with the cause.
            if error.code != "forms.check.format":
                yield _refused(schema, error.pointer, error.message)


def _refused(schema: Schema, pointer: str, detail: str) -> SchemaProblem:
    word = pointers.split(pointer)[-1] if pointer else ""
    if word in ("title", "description") and isinstance(pointers.follow(schema, pointers.split(pointer)), Mapping):
        return SchemaProblem(pointer=pointer, code="forms.lint.translated", values={"word": word})
    return SchemaProblem(pointer=pointer, code="forms.lint.meta", values={"detail": detail, "place": pointer or "/"})


@functools.cache
def _dialect() -> Any:
    return json.loads(META_SCHEMA.read_text(encoding="utf-8"))


def words() -> tuple[str, ...]:
    """Return the words of the dialect, `x-advanced` to `x-widget`."""
    return tuple(sorted(_dialect()["$defs"]["annotations"]["properties"]))


def _of_subschema(
    pointer: str, schema: Mapping[str, Any], references: References, root: Schema
) -> Iterator[SchemaProblem]:
    yield from _unknown_words(pointer, schema)
    yield from _dead_references(pointer, schema, references)
    yield from _unreadable_patterns(pointer, schema)
    yield from _undeclared_groups(pointer, schema)
    yield from _missing_scope(pointer, schema, root)
    yield from _wrong_options(pointer, schema)
    yield from _undescribed(pointer, schema)


def _unknown_words(pointer: str, schema: Mapping[str, Any]) -> Iterator[SchemaProblem]:
    for word in schema:
        if word.startswith("x-") and word not in words():
            nearest = closest(word, words())
            if nearest is not None:
                values = {"word": word, "nearest": nearest}
                yield SchemaProblem(pointer=pointers.join(pointer, word), code="forms.lint.word", values=values)


def _dead_references(pointer: str, schema: Mapping[str, Any], references: References) -> Iterator[SchemaProblem]:
    reference = schema.get("$ref")
    if isinstance(reference, str) and references.resolve(reference) is None:
        code = "forms.lint.reference" if reference.startswith("#") else "forms.lint.outside"
        yield SchemaProblem(pointer=pointers.join(pointer, "$ref"), code=code, values={"reference": reference})


def _unreadable_patterns(pointer: str, schema: Mapping[str, Any]) -> Iterator[SchemaProblem]:
    from form_specs.formats import parse_regex

    patterns = [("pattern", schema["pattern"])] if isinstance(schema.get("pattern"), str) else []
    for at, pattern in [*patterns, *(("patternProperties", each) for each in schema.get("patternProperties", {}))]:
        try:
            parse_regex(pattern)
        except ValueError as cause:
            values = {"pattern": pattern, "detail": str(cause)}
            yield SchemaProblem(pointer=pointers.join(pointer, at), code="forms.lint.pattern", values=values)


def _undeclared_groups(pointer: str, schema: Mapping[str, Any]) -> Iterator[SchemaProblem]:
    declared = schema.get("x-groups")
    if not isinstance(declared, Mapping):
        return
    for name, described in schema.get("properties", {}).items():
        group = described.get("x-group") if isinstance(described, Mapping) else None
        if group is not None and group not in declared:
            yield SchemaProblem(
                pointer=pointers.join(pointer, "properties", name, "x-group"),
                code="forms.lint.group",
                values={"group": group, "groups": ", ".join(declared)},
            )


def _missing_scope(pointer: str, schema: Mapping[str, Any], root: Schema) -> Iterator[SchemaProblem]:
    rule = schema.get("x-show-if")
    if isinstance(rule, Mapping) and isinstance(root, Mapping):
        top = pointers.split(scope_pointer(rule["scope"]))[:1]
        named = {name for _, each in subschemas(root) for name in each.get("properties", {})}
        if top and top[0] not in named:
            at = pointers.join(pointer, "x-show-if", "scope")
            yield SchemaProblem(pointer=at, code="forms.lint.scope", values={"scope": rule["scope"]})


def _wrong_options(pointer: str, schema: Mapping[str, Any]) -> Iterator[SchemaProblem]:
    labels, options = schema.get("x-enum-labels"), schema.get("enum")
    if isinstance(labels, list) and isinstance(options, list) and len(labels) != len(options):
        values = {"labels": len(labels), "options": len(options)}
        yield SchemaProblem(pointer=pointers.join(pointer, "x-enum-labels"), code="forms.lint.labels", values=values)


def _undescribed(pointer: str, schema: Mapping[str, Any]) -> Iterator[SchemaProblem]:
    # Only where the schema is closed: in an open one the description may stand in another part of an `allOf`.
    if schema.get("additionalProperties") is False:
        for name in schema.get("required", ()):
            if property_schema(dict(schema), name) is False:
                at = pointers.join(pointer, "required")
                yield SchemaProblem(pointer=at, code="forms.lint.required", values={"name": name})


def _wrong_defaults(schema: Schema, matches: Any) -> Iterator[SchemaProblem]:
    for pointer, subschema in subschemas(schema):
        if "default" in subschema and not matches(subschema, subschema["default"]):
            values = {"default": json.dumps(subschema["default"], ensure_ascii=False)}
            yield SchemaProblem(pointer=pointers.join(pointer, "default"), code="forms.lint.default", values=values)
