"""Annotations of the values in an instance: which parameter is a file, a secret, a column."""

from collections.abc import Iterator, Mapping
from typing import Any

from form_specs.places import places_for
from form_specs.references import Schema


def walk_parameters(schema: Schema, params: object) -> Iterator[tuple[str, Mapping[str, Any], Any]]:
    """Yield `(pointer, subschema, value)` for every value in `params` that `schema` describes, containers first.

    `subschema` is all that holds for that value merged into one mapping: through properties, items, `$ref`, `allOf`,
    the `if`/`then`/`else` in force and the branches of `oneOf` and `anyOf` that the value takes (for an invalid value,
    the nearest). So `subschema.get("x-file")` is what a caller asks. Cheap for schemas without conditions: the
    validation library is imported only to decide one.
    """
    yield from places_for(schema).walk(params)
