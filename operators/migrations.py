"""Parameters that were saved for one version of an operator, brought to another as its migrations say.

Between two versions parameters stay what they are, unless a migration says otherwise: one ``from`` A ``to`` B holds
for whatever was saved for A or a later version below B. Migrations are applied one after the other, each from where
the one before has led.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

import msgspec
from msgspec import Struct

from form_specs.pointers import join, split
from operators.errors import MigrationImpossible
from operators.spec import Change, Migration, OperatorSpec
from operators.versions import precedence


class Difference(Struct, frozen=True, omit_defaults=True):
    """One place (a JSON Pointer) at which two sets of parameters differ; `before` or `after` is absent where UNSET."""

    pointer: str
    before: Any = msgspec.UNSET
    after: Any = msgspec.UNSET


def migrate(spec: OperatorSpec, params: Mapping[str, Any], saved_for: str) -> dict[str, Any]:
    """`params`, saved for the version `saved_for` of the operator, as the version that `spec` describes takes them.

    Says nothing of whether they are right: a form checks that. `params` stay as they are.

    Raises:
        MigrationImpossible: they were saved for a newer version than this one.
    """
    if precedence(saved_for) > precedence(spec.version):
        raise MigrationImpossible(
            f"Parameters that were saved for {spec.id}@{saved_for} cannot go back to version {spec.version}:"
            " migrations lead forward only. Use the newer version, or set the parameters anew."
        )
    migrated = deepcopy(dict(params))
    for migration in migrations_between(spec, saved_for):
        for change in migration.changes:
            _apply(change, migrated)
    return migrated


def migrations_between(spec: OperatorSpec, saved_for: str) -> tuple[Migration, ...]:
    """The migrations of `spec` that lead from the version `saved_for` to its own, in their order."""
    at = precedence(saved_for)
    path: list[Migration] = []
    while True:
        fitting = [migration for migration in spec.migrations if _holds(migration, at, precedence(spec.version))]
        if not fitting:
            return tuple(path)
        # The nearest start says most exactly what has changed since.
        path.append(max(fitting, key=lambda migration: precedence(migration.from_version)))
        at = precedence(path[-1].to)


def differences(before: Any, after: Any, pointer: str = "") -> tuple[Difference, ...]:
    """Every place at which two JSON values differ; looks into objects, takes a list as one value."""
    if not (isinstance(before, Mapping) and isinstance(after, Mapping)):
        return () if _same(before, after) else (Difference(pointer, before, after),)
    found: list[Difference] = []
    for name in dict.fromkeys((*before, *after)):
        old, new = before.get(name, msgspec.UNSET), after.get(name, msgspec.UNSET)
        found += differences(old, new, join(pointer, name))
    return tuple(found)


def _same(before: Any, after: Any) -> bool:
    # Python takes True for 1; JSON does not.
    return type(before) is type(after) and bool(before == after)


def _holds(migration: Migration, at: tuple[Any, ...], end: tuple[Any, ...]) -> bool:
    return precedence(migration.from_version) <= at < precedence(migration.to) <= end


def _apply(change: Change, params: dict[str, Any]) -> None:
    *way, name = split(change.path)
    if change.op == "set":
        holder = _holder(params, way, make=True)
        if holder is not None:
            holder.setdefault(name, deepcopy(change.value))
        return
    holder = _holder(params, way)
    if holder is None or name not in holder:
        return
    if change.op == "map":
        holder[name] = deepcopy(change.values.get(_as_key(holder[name]), holder[name]))
        return
    value = holder.pop(name)
    if change.op == "rename" and change.to is not None:
        *new_way, new_name = split(change.to)
        target = _holder(params, new_way, make=True)
        if target is None:
            holder[name] = value  # something else is in the way: the form shows what is left to do
        else:
            target[new_name] = value


def _holder(params: dict[str, Any], way: list[str], make: bool = False) -> dict[str, Any] | None:
    """The object that `way` leads to, made where nothing is if so wanted; None where there is none."""
    place: Any = params
    for name in way:
        if make and isinstance(place, dict) and name not in place:
            place[name] = {}
        place = place.get(name) if isinstance(place, dict) else None
    return place if isinstance(place, dict) else None


def _as_key(value: Any) -> str:
    """How a value is written as a name in `values`: texts as they are, all else as JSON."""
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()
