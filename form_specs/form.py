"""The form of a parameter schema: its fields, what they hold, and what is wrong with it."""

import copy
from collections.abc import Mapping
from typing import Any

import msgspec

from form_specs import pointers
from form_specs.building import Builder
from form_specs.check import check
from form_specs.columns import Columns
from form_specs.defaults import completed
from form_specs.errors import PlaceError
from form_specs.fields import Field, Section, owner, sectioned
from form_specs.findings import FieldError
from form_specs.placeholders import Placeholder
from form_specs.places import Hints, Places, places_for
from form_specs.references import Schema
from form_specs.values import ABSENT, Values

_TRIES_AT_DEFAULTS = 50
_LEFT_TO_PERSON = frozenset(
    f"forms.check.{rule}" for rule in ("required", "required_by", "minItems", "minProperties", "contains")
)


class Form:
    """A form: immutable, holds no values. `Form.from_schema` makes one.

    Wherever an instance is taken, it may be plain JSON, `Values` (which carry the branches chosen by hand) or `ABSENT`.
    """

    def __init__(self, places: Places, columns: Columns | None = None) -> None:
        self._places = places
        self._columns = columns

    @classmethod
    def from_schema(cls, schema: Schema, hints: Hints | None = None, columns: Columns | None = None) -> "Form":
        """Return the form of `schema`, a JSON Schema (2020-12, or the draft that its `$schema` names).

        `hints` maps a pointer (with `*` for any index or key) to annotations that override the schema's own. `columns`
        maps a port to the columns that arrive there; the columns of a port that is missing are not known.

        Raises:
            SchemaError: `schema` is neither an object nor a boolean, or a hint's key is no pointer.
        """
        return cls(places_for(schema, hints), columns)

    def with_columns(self, columns: Columns | None) -> "Form":
        """Return the same form for other upstream columns."""
        return Form(self._places, columns)

    def root(self, instance: Any = ABSENT, placeholders: Placeholder | None = None) -> Field:
        """Return the field of the whole instance. Conditions and branches are decided with defaults filled in."""
        given = self.load(instance)
        shown = msgspec.structs.replace(given, tree=self.complete(given, placeholders))
        return self._builder(given, shown, placeholders).root

    def fields(self, instance: Any = ABSENT, placeholders: Placeholder | None = None) -> tuple[Field, ...]:
        """Return the top fields for `instance`: of the root's properties, or the root itself where it has none.

        Without an instance, the fields of a new form. `placeholders` tells the values that stand for others.
        """
        root = self.root(instance, placeholders)
        return root.children if root.kind == "object" else (root,)

    def sections(self, instance: Any = ABSENT, placeholders: Placeholder | None = None) -> tuple[Section, ...]:
        """Return the top fields by group."""
        root = self.root(instance, placeholders)
        return root.sections() if root.kind == "object" else sectioned((root,), root.groups)

    def field(self, pointer: str, instance: Any = ABSENT) -> Field:
        """Return the field that owns the place `pointer` of `instance`: its own one, or the raw JSON field above it.

        Raises:
            PlaceError: no field of this form has that place.
        """
        found = owner(self._raw_root(instance), pointer)
        if found is None:
            found = owner(self.root(instance), pointer)
        if found is None:
            raise PlaceError(f"this form has no field at {pointer!r}")
        return found

    def load(self, instance: Any, choices: Mapping[str, int] | None = None) -> Values:
        """Return `instance` as values to be edited. Nothing is added, not even a default."""
        if isinstance(instance, Values):
            return instance if choices is None else msgspec.structs.replace(instance, choices=choices)
        return Values(copy.deepcopy(instance), choices or {})

    def dump(self, values: Any) -> Any:
        """Return the instance that `values` hold, `ABSENT` when there is none."""
        return copy.deepcopy(values.tree if isinstance(values, Values) else values)

    def check(self, instance: Any, placeholders: Placeholder | None = None) -> tuple[FieldError, ...]:
        """Return everything that is wrong with `instance`, each error at the deepest place that it is about.

        Values for which `placeholders` holds are not judged. Absent columns are errors only where the port's columns
        are known.
        """
        given = self.load(instance)
        return check(self._places, self._columns, given, placeholders, self._builder(given, given, placeholders))

    def defaults(self) -> Any:
        """Return the instance that the schema's defaults make, at least an empty object or list where one is described.

        It is valid, or lacks only what a person must give: required values, entries up to a least number.

        Defaults that are themselves invalid are left out.
        """
        tree = Values(self.complete(ABSENT))
        for _ in range(_TRIES_AT_DEFAULTS):
            wrong = [error for error in self.check(tree) if error.code not in _LEFT_TO_PERSON]
            if not wrong:
                break
            tree = tree.remove(_nearest(tree, wrong[0].pointer))
        return self._started(tree).tree

    def complete(self, instance: Any, placeholders: Placeholder | None = None) -> Any:
        """Return `instance` with the defaults of everything absent filled in, as a run sees it.

        `ABSENT` becomes an object or list where the schema describes one. The instance itself is not changed.
        """
        given = self.load(instance)
        given = self._started(given)

        def root_for(tree: Any) -> Field:
            values = msgspec.structs.replace(given, tree=tree)
            return self._builder(values, values, placeholders).root

        return completed(root_for, given.tree, placeholders)

    def choose(self, pointer: str, branch: int, values: Any = ABSENT) -> Values:
        """Return `values` with `branch` of the choice at `pointer` taken (or a `Field.choice`, for one within another).

        What the new branch has no place for is dropped, its constants are set, and what both branches name stays.

        Raises:
            PlaceError: there is no choice at `pointer`, or it has no such branch.
        """
        given = self.load(values)
        field = self._choice(pointer, given)
        if not 0 <= branch < len(field.branches):
            raise PlaceError(f"the choice at {pointer!r} has {len(field.branches)} branches, so there is no {branch}")
        taken = field.branches[branch].field
        kept = {choice: at for choice, at in given.choices.items() if not _is_within(choice, field.choice)}
        chosen = msgspec.structs.replace(given, choices={**kept, field.choice: branch})
        value = _carried_over(given.get(field.pointer), field.chosen, taken)
        return chosen.remove(field.pointer) if value is ABSENT else chosen.set(field.pointer, value)

    def _started(self, given: Values) -> Values:
        """Return `given`, an absent tree replaced by the empty container that the schema describes, if it does."""
        if given.tree is not ABSENT:
            return given
        return msgspec.structs.replace(given, tree=_empty(self._raw_root(given)))

    def _choice(self, choice: str, given: Values) -> Field:
        field: Field | None = self.field(choice.partition("#")[0], given)
        while field is not None and field.kind == "choice":
            if field.choice == choice:
                return field
            field = field.chosen
        raise PlaceError(f"there is no choice at {choice!r}")

    def _raw_root(self, instance: Any) -> Field:
        given = self.load(instance)
        return self._builder(given, given, None).root

    def _builder(self, given: Values, shown: Values, placeholders: Placeholder | None) -> Builder:
        return Builder(self._places, self._columns, given, shown, placeholders)


def _empty(field: Field) -> Any:
    """Return a new empty value for a container, `ABSENT` for anything else. A choice begins as its first branch."""
    if field.default is not ABSENT:
        return ABSENT
    if field.kind in ("array", "tuple", "columns"):
        return []
    if field.kind == "choice":
        return _empty(field.branches[0].field if field.chosen is None else field.chosen)
    return {} if field.kind in ("object", "map") else ABSENT


def _nearest(values: Values, pointer: str) -> str:
    """Return `pointer`, or the nearest place above it that has a value."""
    while pointer and values.get(pointer) is ABSENT:
        pointer = pointers.parent(pointer)
    return pointer


def _is_within(choice: str, outer: str) -> bool:
    """Tell whether a choice lies below, or at the same place inside, the choice `outer`."""
    return choice.startswith((outer + "/", outer + "#")) or (outer == "" and choice != "")


def _carried_over(value: Any, old: Field | None, new: Field) -> Any:
    """Return what stays of `value` when the branch `new` is taken instead of `old`, with the new constants set."""
    if new.kind not in ("object", "map"):
        if new.kind == "const":
            return new.choices[0].value
        return value if value is not ABSENT and new.accepts(value) else ABSENT
    kept = dict(value) if isinstance(value, dict) else {}
    theirs = {child.name for child in new.children if not child.extra}
    for child in old.children if old is not None else ():
        if child.name not in theirs and not child.extra:
            kept.pop(child.name, None)
    for child in new.children:
        if child.kind == "const" and child.required:
            kept[child.name] = child.choices[0].value
    return kept
