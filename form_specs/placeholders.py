"""Validation of instances in which some values are not known yet: each placeholder could be anything.

A value that is a placeholder satisfies everything said about it. What depends on it (which branch of a `oneOf`, whether
an `if` holds) is not judged where the unknown value could change the outcome.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

Placeholder = Callable[[object], bool]
"""Tells whether a value stands for one that is filled in later, and so is not to be judged."""

Check = Callable[..., Any]
"""A keyword of `jsonschema`: (validator, keyword's value, instance, schema) to errors."""

_COMPARES_WHOLE = frozenset({"const", "enum", "uniqueItems", "not", "contains", "minContains", "maxContains"})


def passing_over(kind: Any, placeholders: Placeholder, extend: Callable[..., Any]) -> Any:
    """Return the validator class `kind` made to pass over `placeholders`; `extend` is `jsonschema`'s own."""
    keywords = dict(kind.VALIDATORS)
    for name in _COMPARES_WHOLE & keywords.keys():
        keywords[name] = _unless_unknown_within(keywords[name], placeholders)
    if "oneOf" in keywords:
        keywords["oneOf"] = _one_of(keywords["oneOf"], keywords["anyOf"], placeholders)
    if "if" in keywords:
        keywords["if"] = _if(kind, keywords["if"], placeholders)
    return extend(kind, validators={name: _unless(check, placeholders) for name, check in keywords.items()})


def has_within(instance: object, placeholders: Placeholder) -> bool:
    """Tell whether `instance` is or holds a placeholder."""
    if placeholders(instance):
        return True
    below = instance.values() if isinstance(instance, Mapping) else instance if isinstance(instance, list) else ()
    return any(has_within(value, placeholders) for value in below)


def _unless(check: Check, placeholders: Placeholder) -> Check:
    def checked(validator: Any, value: Any, instance: Any, schema: Any) -> Any:
        return () if placeholders(instance) else check(validator, value, instance, schema)

    return checked


def _unless_unknown_within(check: Check, placeholders: Placeholder) -> Check:
    def checked(validator: Any, value: Any, instance: Any, schema: Any) -> Any:
        return () if has_within(instance, placeholders) else check(validator, value, instance, schema)

    return checked


def _one_of(one_of: Check, any_of: Check, placeholders: Placeholder) -> Check:
    """Return a `oneOf` that asks for at least one branch where an unknown value may decide between several."""

    def checked(validator: Any, value: Any, instance: Any, schema: Any) -> Any:
        check = any_of if has_within(instance, placeholders) else one_of
        return check(validator, value, instance, schema)

    return checked


def _if(kind: Any, check: Check, placeholders: Placeholder) -> Check:
    """Return an `if` that decides nothing where the condition holds only if the unknown values suit it."""

    def checked(validator: Any, value: Any, instance: Any, schema: Any) -> Iterator[Any]:
        if has_within(instance, placeholders):
            as_if_any = validator.evolve(schema=value).is_valid(instance)
            as_given = kind(value, registry=validator._registry, _resolver=validator._resolver).is_valid(instance)
            if as_if_any != as_given:
                return
        yield from check(validator, value, instance, schema) or ()

    return checked
