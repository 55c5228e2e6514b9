"""Defaults: what an instance amounts to when everything that is absent and has a default is filled in."""

import copy
from collections.abc import Callable, Iterable
from typing import Any

from form_specs.fields import Field
from form_specs.placeholders import Placeholder
from form_specs.values import ABSENT

_DEEPEST = 4
"""How many absent objects, one in another, are made for the defaults of their properties."""
_ROUNDS = 4


def completed(root_for: Callable[[Any], Field], instance: Any, placeholders: Placeholder | None = None) -> Any:
    """Return `instance` with defaults filled in; `ABSENT` stays so where nothing has a default.

    `root_for` makes the root field for an instance. A default can bring a condition into force, or a default of its own
    (`{}`), so it is done until nothing is added.
    """
    for _ in range(_ROUNDS):
        filler = _Filler(placeholders)
        fuller = filler.filled(root_for(instance))
        if not filler.added:
            return instance
        instance = fuller
    return instance


class _Filler:
    """Fills one instance once, and remembers whether it added anything."""

    def __init__(self, placeholders: Placeholder | None) -> None:
        self._placeholders = placeholders
        self.added = False

    def filled(self, field: Field, within: tuple[str, ...] = (), made: int = 0) -> Any:
        """Return the field's value with what is absent filled in.

        `within` names the definitions that this lies within; the innermost `made` objects around it were absent.
        """
        value = field.value
        if value is ABSENT:
            return self._default(field, within, made)
        if self._placeholders is not None and self._placeholders(value):
            return value
        if field.kind == "choice":
            return value if field.chosen is None else self.filled(field.chosen, within, made)
        inside = (*within, field.definition)
        if isinstance(value, dict) and field.kind in ("object", "map"):
            return {**value, **self._properties(field.children, inside, made)}
        if isinstance(value, list) and field.kind in ("array", "tuple"):
            items = [self.filled(child, inside, made) for child in field.children[: len(value)]]
            return items if len(items) == len(value) else value
        return value

    def _default(self, field: Field, within: tuple[str, ...], made: int) -> Any:
        if field.default is not ABSENT and field.accepts(field.default):
            self.added = True
            return copy.deepcopy(field.default)
        if field.kind == "const" and field.required:
            self.added = True
            return copy.deepcopy(field.choices[0].value)
        is_recursive = field.definition != "" and field.definition in within
        if field.kind != "object" or is_recursive or made >= _DEEPEST:
            return ABSENT
        return self._object(field, (*within, field.definition), made + 1)

    def _object(self, field: Field, within: tuple[str, ...], made: int) -> Any:
        """Return an absent object made of its properties' defaults; an optional one only if that makes it valid."""
        before, self.added = self.added, False
        properties = self._properties(field.children, within, made)
        fits = bool(properties) and (field.required or field.accepts(properties))
        self.added = before or (self.added and fits)
        return properties if fits else ABSENT

    def _properties(self, children: Iterable[Field], within: tuple[str, ...], made: int) -> dict[str, Any]:
        found = {child.name: self.filled(child, within, made) for child in children}
        return {name: value for name, value in found.items() if value is not ABSENT}
