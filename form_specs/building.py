"""Makes fields from the shapes of a schema, for one instance."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

import msgspec

from form_specs import pointers
from form_specs.choices import best_branch
from form_specs.columns import Columns, accepts
from form_specs.fields import Below, Branch, ColumnOptions, Field, Option
from form_specs.kinds import CONSTRAINTS, branch_title, branches_of, kind_for, options_of, without_branches
from form_specs.pickers import column_options, columns_for
from form_specs.placeholders import Placeholder
from form_specs.places import Places, additional_schema, item_schema, property_schema
from form_specs.references import Schema
from form_specs.shape import REFERENCE, Shape, types_of
from form_specs.simplify import simplified
from form_specs.text import annotated_text, as_text
from form_specs.values import ABSENT, Values

_KNOWN_ANNOTATIONS = frozenset(
    f"x-{word}"
    for word in (
        *("group", "groups", "order", "advanced", "hidden", "unit", "secret", "widget", "help", "error-message"),
        *("enum-labels", "options", "show-if", "file", "i18n"),
    )
)


class Builder:
    """Makes the fields of one form for one instance.

    `shown` holds the values that conditions and branches are decided by (the instance, its defaults filled in);
    `given` the instance itself, from which each field's value comes.
    """

    def __init__(
        self,
        places: Places,
        columns: Columns | None,
        given: Values,
        shown: Values,
        placeholders: Placeholder | None = None,
    ) -> None:
        self._places = places
        self._columns = columns or {}
        self._given = given
        self._shown = shown
        self._placeholders = placeholders

    @cached_property
    def root(self) -> Field:
        """The field of the whole instance."""
        return self.field("", self._places.schema, required=True)

    def field(
        self, pointer: str, schema: Schema, *, required: bool = False, extra: bool = False, depth: int = 0
    ) -> Field:
        """Return the field of the place `pointer`. `depth` counts the choices already taken at this very place."""
        value = self._shown.get(pointer)
        if self._is_placeholder(value):
            value = ABSENT
        values = () if value is ABSENT else (value,)

        def shape_of(branch: Schema) -> Shape:
            return self._places.shape(pointer, branch, values)

        shape = simplified(shape_of(schema), shape_of)
        at = _Place(self, pointer, schema, shape, kind_for(shape, values), value, depth)
        return self._described(at, required, extra)

    def _described(self, at: "_Place", required: bool, extra: bool) -> Field:
        shape = at.shape
        options = self._column_options(shape, at.kind)
        return Field(
            pointer=at.pointer,
            kind=at.kind,
            title=annotated_text(shape, "title"),
            about=annotated_text(shape, "description"),
            guidance=as_text(shape.get("x-help")),
            group=shape.get("x-group", ""),
            order=shape.get("x-order"),
            advanced=bool(shape.get("x-advanced")),
            hidden=bool(shape.get("x-hidden")) or not self._is_shown(shape),
            required=required,
            extra=extra,
            nullable="null" in types_of(shape) or bool(shape.get("x--nullable")),
            read_only=bool(shape.get("readOnly")),
            deprecated=bool(shape.get("deprecated")),
            constraints={word: shape[word] for word in CONSTRAINTS if word in shape},
            default=shape.get("default", ABSENT),
            value=self._given.get(at.pointer),
            choices=self._choices(at, options),
            suggestions=tuple(shape.get("examples", ())) if isinstance(shape.get("examples"), list) else (),
            unit=as_text(shape.get("x-unit")),
            secret=bool(shape.get("x-secret")),
            file=shape.get("x-file"),
            widget=shape.get("x-widget"),
            options=options,
            groups=shape.get("x-groups", {}),
            choice=at.choice if at.kind == "choice" else "",
            annotations={word: said for word, said in shape.items() if _is_other_annotation(word)},
            definition=shape.get(REFERENCE, ""),
            below=at.below(),
        )

    def _is_placeholder(self, value: object) -> bool:
        return self._placeholders is not None and value is not ABSENT and self._placeholders(value)

    def _is_shown(self, shape: Shape) -> bool:
        """Tell whether the rule `x-show-if` holds; an absent value counts as null."""
        rule = shape.get("x-show-if")
        if not isinstance(rule, Mapping):
            return True
        value = self._shown.get(scope_pointer(rule.get("scope", "#")))
        return self._places.validator.matches(rule.get("schema", True), None if value is ABSENT else value)

    def _column_options(self, shape: Shape, kind: str) -> ColumnOptions | None:
        return column_options(shape, multiple=kind == "columns")

    def _choices(self, at: "_Place", options: ColumnOptions | None) -> tuple[Option, ...]:
        if options is not None and at.kind in ("column", "columns"):
            known = columns_for(options, self._columns)
            return tuple(Option(column.name) for column in known or () if accepts(options.types, column))
        return options_of(at.shape) if at.kind in ("enum", "const") else ()

    def matches(self, schema: Schema, value: object) -> bool:
        """Tell whether `value` is valid against `schema`, a subschema of the form's."""
        return self._places.validator.matches(schema, value, self._placeholders)

    def select(self, choice: str, branches: Sequence[Schema], value: object, default: object) -> int | None:
        """Return the branch that is in force: the one chosen by hand, or else the one that the value fits best."""
        chosen = self._given.choices.get(choice)
        if chosen is not None and 0 <= chosen < len(branches):
            return chosen
        if value is ABSENT:
            value = default
        if value is ABSENT:
            return None
        return best_branch(self._places.validator, self._places.plain_shape, branches, value, self._placeholders)


class _Place(msgspec.Struct, frozen=True):
    """One place with its shape, on the way to become a field; makes what lies below it."""

    builder: Builder
    pointer: str
    schema: Schema
    shape: Shape
    kind: str
    value: Any
    depth: int

    @property
    def choice(self) -> str:
        """The id of a choice at this place: the pointer, numbered for a choice within a choice at one place."""
        return f"{self.pointer}#{self.depth}" if self.depth else self.pointer

    def below(self) -> Below:
        accepts = self.accepts
        if self.kind in ("object", "map"):
            return Below(children=self.properties, item=self.entry, key=self.key, accepts=accepts)
        if self.kind in ("array", "tuple"):
            return Below(children=self.items, item=self.item, accepts=accepts)
        if self.kind == "columns":
            return Below(item=self.item, accepts=accepts)
        if self.kind == "choice":
            branches = branches_of(self.shape)
            return Below(
                branches=lambda: [self.branch(index, branch) for index, branch in enumerate(branches)],
                selected=lambda: self.builder.select(
                    self.choice, branches, self.value, self.shape.get("default", ABSENT)
                ),
                accepts=accepts,
            )
        return Below(accepts=accepts)

    def accepts(self, value: object) -> bool:
        return self.builder.matches(self.schema, value)

    def branch(self, index: int, schema: Schema) -> Branch:
        whole: Schema = {"allOf": [without_branches(self.shape), schema]}
        named = self.builder._places.shape(self.pointer, schema)
        return Branch(
            index=index,
            title=branch_title(named, index),
            make=lambda: self.builder.field(self.pointer, whole, depth=self.depth + 1),
        )

    def properties(self) -> list[Field]:
        required = self.shape.get("required", ())
        described = self.shape.get("properties", {})
        named = [name for name, schema in described.items() if self._may_have(name, schema)]
        # What is required has a field, also where nothing more is said about it.
        named += [name for name in required if name not in described]
        fields = [self._property(name, name in required) for name in named]
        return [*sorted(fields, key=_by_order), *self._unnamed(named)]

    def _may_have(self, name: str, schema: Schema) -> bool:
        never = schema is False
        return not never or self.builder._given.get(pointers.join(self.pointer, name)) is not ABSENT

    def _unnamed(self, named: Sequence[str]) -> Iterator[Field]:
        """Yield the fields of the keys that the instance has and the schema does not name."""
        for name in _keys(self.value):
            if name not in named:
                yield self._property(name, name in self.shape.get("required", ()), extra=True)

    def _property(self, name: str, required: bool, extra: bool = False) -> Field:
        schema = property_schema(self.shape, name)
        pointer = pointers.join(self.pointer, name)
        return self.builder.field(pointer, True if schema is None else schema, required=required, extra=extra)

    def entry(self) -> Field | None:
        schema = additional_schema(self.shape)
        patterns = self.shape.get("patternProperties", {})
        if patterns and (schema is None or schema is False or schema is True):
            schema = next(iter(patterns.values())) if len(patterns) == 1 else {"anyOf": list(patterns.values())}
        return self._any(True if schema is None else schema)

    def item(self) -> Field | None:
        schema = item_schema(self.shape, None)
        return self._any(True if schema is None else schema)

    def _any(self, schema: Schema) -> Field | None:
        if schema is False:
            return None
        return self.builder.field(pointers.join(self.pointer, pointers.ANY), schema)

    def key(self) -> Field | None:
        if self.entry() is None:
            return None
        names = self.shape.get("propertyNames", {})
        patterns = list(self.shape.get("patternProperties", {}))
        default: dict[str, Any] = {"type": "string"}
        if len(patterns) == 1 and additional_schema(self.shape) is False:
            default["pattern"] = patterns[0]
        return self.builder.field(pointers.join(self.pointer, pointers.ANY), {"allOf": [names, default]}, required=True)

    def items(self) -> list[Field]:
        count = max(len(self.value) if isinstance(self.value, list) else 0, len(self.shape.get("prefixItems", ())))
        return [self._item(index) for index in range(count)]

    def _item(self, index: int) -> Field:
        schema = item_schema(self.shape, index)
        pointer = pointers.join(self.pointer, index)
        return self.builder.field(pointer, True if schema is None else schema)


def _is_other_annotation(word: str) -> bool:
    return word.startswith("x-") and word not in _KNOWN_ANNOTATIONS and not word.startswith("x--")


def scope_pointer(scope: str) -> str:
    """Return the pointer into an instance that a rule's scope (`#/properties/a/properties/b`) means."""
    tokens = pointers.split(scope.lstrip("#"))
    below: list[str] = []
    position = 0
    while position < len(tokens):
        if tokens[position] == "properties" and position + 1 < len(tokens):
            position += 1
        below.append(tokens[position])
        position += 1
    return pointers.join("", *below)


def _by_order(field: Field) -> tuple[bool, float]:
    return (field.order is None, field.order or 0)


def _keys(value: object) -> list[str]:
    return list(value) if isinstance(value, dict) else []
