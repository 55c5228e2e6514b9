"""Wrong parameters, derived from a parameter schema alone: each has the place at which it must be refused."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from form_specs.pointers import join, split

if TYPE_CHECKING:
    from form_specs import Field, Form

UNKNOWN = "no_such_parameter"
_OF_ANY_TYPE: tuple[Any, ...] = ({UNKNOWN: [True]}, "no such value", [[UNKNOWN]], 3.5, True, -1, None)


class BadValue(Struct, frozen=True):
    """Parameters with one thing wrong, where it is, and what it is."""

    params: dict[str, Any]
    pointer: str
    what: str


def bad_values(form: Form, good: Mapping[str, Any]) -> Iterator[BadValue]:
    """Variants of the valid parameters `good`, each wrong at one place that `form` describes."""
    root = form.root(dict(good))
    yield from _unknown_keys(root, good, "")
    for field in described(root):
        for value, what in _wrong_for(field):
            yield BadValue(changed(good, field.pointer, value), field.pointer, what)
        if field.kind == "object" and field.present:
            yield from _unknown_keys(field, good, field.pointer)
        if field.required and split(field.pointer)[:-1] == ():
            missing = {name: value for name, value in good.items() if name != field.name}
            yield BadValue(missing, field.pointer, "it is left out")


def unguarded(form: Form, good: Mapping[str, Any]) -> Iterator[str]:
    """Pointers of parameters that take any value whatever."""
    for field in described(form.root(dict(good))):
        if field.kind != "const" and all(field.accepts(value) for value in _OF_ANY_TYPE):
            yield field.pointer


def described(field: Field) -> Iterator[Field]:
    """All fields below `field` that its schema names, outside first; of a choice the branch that is taken."""
    for child in field.children:
        if not child.extra:
            yield child
            yield from described(child)
    if field.chosen is not None:
        yield from described(field.chosen)


def changed(good: Mapping[str, Any], pointer: str, value: Any) -> dict[str, Any]:
    """A copy of `good` with `value` at `pointer`; objects on the way are made where they are missing."""
    name, *rest = split(pointer)
    if not rest:
        return {**good, name: value}
    inner = good.get(name, {})
    if isinstance(inner, list):
        index = int(rest[0])
        item = value if len(rest) == 1 else changed(inner[index], join("", *rest[1:]), value)
        return {**good, name: [*inner[:index], item, *inner[index + 1 :]]}
    return {**good, name: changed(inner, join("", *rest), value)}


def _unknown_keys(field: Field, good: Mapping[str, Any], pointer: str) -> Iterator[BadValue]:
    if field.kind == "object":
        place = join(pointer, UNKNOWN)
        yield BadValue(changed(good, place, 1), place, "no such parameter is described")


def _wrong_for(field: Field) -> Iterator[tuple[Any, str]]:
    if field.kind == "const":
        return
    # A list where a list belongs is refused deeper down; here the place itself must refuse.
    alike = {"object": dict, "map": dict, "array": list, "tuple": list, "columns": list, "choice": dict}.get(
        field.kind, ()
    )
    candidates = [value for value in _OF_ANY_TYPE if not isinstance(value, alike)]
    other = next((value for value in candidates if not field.accepts(value)), None)
    if other is not None:
        yield other, f"{other!r} is no value for it"
    if field.kind == "enum":
        yield UNKNOWN, "no such choice"
    yield from _out_of_range(field)


def _out_of_range(field: Field) -> Iterator[tuple[Any, str]]:
    limits = field.constraints
    for name, step in (("minimum", -1), ("maximum", 1), ("exclusiveMinimum", 0), ("exclusiveMaximum", 0)):
        if name in limits:
            yield limits[name] + step, f"{limits[name] + step} breaks {name} {limits[name]}"
    if limits.get("minLength") and field.kind in ("text", "column"):
        yield "", "it is empty"
    if "maxLength" in limits and field.kind == "text":
        yield "x" * (limits["maxLength"] + 1), "it is too long"
    if limits.get("minItems") and field.kind in ("array", "columns"):
        yield [], "it is empty"
