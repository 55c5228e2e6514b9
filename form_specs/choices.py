"""Which branch of alternatives (`oneOf`, `anyOf`) a value takes: the valid one, or the one that it comes nearest to."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice
from typing import Any

from form_specs.errors import SchemaError
from form_specs.placeholders import Placeholder
from form_specs.references import Schema
from form_specs.shape import NEVER, Shape, types_of
from form_specs.validation import Validator

Score = tuple[int, ...]
"""How badly a branch fits a value: lower is better, and a first entry of 0 means that it is valid."""

ShapeOf = Callable[[Schema], Shape]
"""Gives the shape of a branch."""

_ERRORS_COUNTED = 50
_WORST: Score = (2,)
_TYPES: Mapping[type, tuple[str, ...]] = {
    str: ("string",),
    bool: ("boolean",),
    int: ("integer", "number"),
    float: ("number", "integer"),
    dict: ("object",),
    list: ("array",),
    type(None): ("null",),
}


def best_branches(validator: Validator, shape_of: ShapeOf, branches: Sequence[Schema], value: object) -> list[Schema]:
    """Return the branches that `value` is valid against, or else the one that it comes nearest to."""
    candidates = [branches[index] for index in plausible(shape_of, branches, value)]
    if len(candidates) == 1:
        return candidates
    scores = [score(validator, branch, value) for branch in candidates]
    valid = [branch for branch, found in zip(candidates, scores, strict=True) if found[0] == 0]
    return valid or [candidates[scores.index(min(scores))]]


def best_branch(
    validator: Validator,
    shape_of: ShapeOf,
    branches: Sequence[Schema],
    value: object,
    placeholders: Placeholder | None = None,
) -> int:
    """Return the index of the branch that fits `value` best; of valid ones the one that names most of its keys."""
    candidates = plausible(shape_of, branches, value, placeholders)
    if len(candidates) == 1:
        return candidates[0]
    return min(candidates, key=lambda index: (score(validator, branches[index], value, placeholders), index))


def plausible(
    shape_of: ShapeOf, branches: Sequence[Schema], value: object, placeholders: Placeholder | None = None
) -> list[int]:
    """Return the indexes of the branches that type and constants do not rule out, or of all if they rule out all.

    Validation costs far more than this, and mostly there is nothing left for it to decide.
    """
    found = [index for index, branch in enumerate(branches) if _may_be(shape_of(branch), value, placeholders)]
    return found or list(range(len(branches)))


def _may_be(shape: Shape, value: object, placeholders: Placeholder | None) -> bool:
    types = types_of(shape)
    if shape.get(NEVER) or (types and not set(types).intersection(_TYPES.get(type(value), types))):
        return False
    if not _has_constant(shape, value):
        return False
    if not isinstance(value, Mapping):
        return True
    named = shape.get("properties", {})
    known = [key for key in value if key in named and not (placeholders and placeholders(value[key]))]
    return all(_has_constant(named[key], value[key]) for key in known)


def _has_constant(schema: Schema, value: object) -> bool:
    """Tell whether `value` is one of the constants that `schema` names, if it names any."""
    if not isinstance(schema, Mapping):
        return True
    if "const" in schema:
        return bool(schema["const"] == value)
    options = schema.get("enum")
    return value in options if isinstance(options, list) else True


def score(validator: Validator, branch: Schema, value: object, placeholders: Placeholder | None = None) -> Score:
    """Return how badly `branch` fits `value`."""
    try:
        errors = list(islice(validator.errors_of(branch, value, placeholders), _ERRORS_COUNTED))
    except SchemaError:
        return _WORST
    return (*error_score(errors), -_keys_named(branch, value))


def error_score(errors: Iterable[Any]) -> Score:
    """Return how badly a branch fits, from the `jsonschema` errors it gave: kind, then discriminator, then number."""
    found = list(errors)
    wrong_kind = sum(_is_of_another_kind(error) for error in found)
    wrong_constant = sum(error.validator in ("const", "enum") and len(error.relative_path) <= 1 for error in found)
    return (int(bool(found)), wrong_kind, wrong_constant, len(found))


def _is_of_another_kind(error: Any) -> bool:
    if error.relative_path:
        return False
    if error.validator in ("oneOf", "anyOf") and error.context:
        return all(_is_of_another_kind(inner) for inner in error.context if not inner.relative_path)
    return error.validator == "type" or error.validator is None


def _keys_named(branch: Schema, value: object) -> int:
    if isinstance(branch, Mapping) and isinstance(value, Mapping):
        named = branch.get("properties")
        return sum(key in named for key in value) if isinstance(named, Mapping) else 0
    return 0
