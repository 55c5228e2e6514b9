"""Fields: what a form shows for each place of an instance. Plain facts, with what lies below made on demand."""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any

import msgspec

from form_specs import pointers
from form_specs.text import Text, as_text, localized
from form_specs.values import ABSENT

KINDS = (
    "text",
    "integer",
    "number",
    "boolean",
    "null",
    "const",
    "enum",
    "column",
    "columns",
    "object",
    "map",
    "array",
    "tuple",
    "choice",
    "json",
)
"""Every kind of field.

`column` picks one column name, `columns` several (an array). `map` is an object whose keys are the person's own,
`tuple` an array in which each position has its own meaning. `choice` takes one of its `branches`. `json` is raw JSON:
the last resort for what cannot be shown better.
"""

CONTAINERS = frozenset({"object", "map", "array", "tuple"})


class Option(msgspec.Struct, frozen=True):
    """One of the values that a field can take."""

    value: Any
    title: Text = ""

    def label(self, language: str = "en") -> str:
        """Return the title, or the value itself where it has none."""
        return localized(self.title, language) or ("" if self.value is None else str(self.value))


class ColumnOptions(msgspec.Struct, frozen=True):
    """Where a column picker takes its columns from: the port, and the types that fit (none: all)."""

    port: str | None = None
    types: tuple[str, ...] = ()
    multiple: bool = False
    source: str = "columns"


class Branch(msgspec.Struct, frozen=True, dict=True, eq=False):
    """One alternative of a choice. `make` builds its field, which has the pointer of the choice."""

    index: int
    title: Text
    make: Callable[[], "Field"]

    @cached_property
    def field(self) -> "Field":
        """The field that is shown when this branch is taken."""
        return self.make()

    def label(self, language: str = "en") -> str:
        """Return the title of the branch."""
        return localized(self.title, language)


class Below(msgspec.Struct, frozen=True):
    """How to make the fields below one, and to tell whether a value would be valid in its place."""

    children: Callable[[], Sequence["Field"]] = tuple
    branches: Callable[[], Sequence[Branch]] = tuple
    selected: Callable[[], int | None] = lambda: None
    item: Callable[[], "Field | None"] = lambda: None
    key: Callable[[], "Field | None"] = lambda: None
    accepts: Callable[[object], bool] = lambda value: True


class Field(msgspec.Struct, frozen=True, dict=True, eq=False, kw_only=True):
    """One place of a form, as it is for the values that the form was asked with.

    - `constraints` are JSON Schema's own: minimum, exclusiveMinimum, maximum, exclusiveMaximum, multipleOf, minLength,
      maxLength, pattern, format, minItems, maxItems, uniqueItems, minProperties, maxProperties.
    - `default` is `ABSENT` where there is none; it is shown, never written.
    - `value` is the value that the form was asked with, `ABSENT` where there is none.
    - `choices` are the values of an `enum`, or the columns of a picker where they are known; `suggestions` bind no one.
    - `extra` fields are of keys that the instance has and the schema does not name; they can be renamed and removed.
    - `definition` is the name of the definition (`$ref`) that describes it, where there is one.
    - `annotations` holds the schema's other `x-*` words (x-slot, x-codec, x-search and one's own).
    """

    pointer: str
    kind: str
    title: Text = ""
    about: Text = ""
    guidance: Text = ""
    group: str = ""
    order: float | None = None
    advanced: bool = False
    hidden: bool = False
    required: bool = False
    extra: bool = False
    nullable: bool = False
    read_only: bool = False
    deprecated: bool = False
    constraints: Mapping[str, Any] = {}
    default: Any = ABSENT
    value: Any = ABSENT
    choices: tuple[Option, ...] = ()
    suggestions: tuple[Any, ...] = ()
    unit: Text = ""
    secret: bool = False
    file: str | None = None
    widget: str | None = None
    options: ColumnOptions | None = None
    groups: Mapping[str, Any] = {}
    choice: str = ""
    annotations: Mapping[str, Any] = {}
    definition: str = ""
    below: Below = Below()

    @property
    def name(self) -> str:
        """The last token of the pointer, `""` for the root."""
        return pointers.split(self.pointer)[-1] if self.pointer else ""

    @property
    def present(self) -> bool:
        """Whether the instance has a value here (null is one)."""
        return self.value is not ABSENT

    def label(self, language: str = "en") -> str:
        """Return the title in `language`, made from the name where the schema has none."""
        return localized(self.title, language) or humanised(self.name)

    def description(self, language: str = "en") -> str:
        """Return the schema's short description in `language`, `""` where there is none."""
        return localized(self.about, language)

    def help(self, language: str = "en") -> str:
        """Return the long help (markdown) in `language`; where there is none, the description."""
        return localized(self.guidance, language) or self.description(language)

    @cached_property
    def children(self) -> tuple["Field", ...]:
        """The fields of an object's properties or an array's items, as they are for these values, in order.

        Keys that the schema does not name are there when the instance has them. A choice has none: see `chosen`.
        """
        return tuple(self.below.children())

    @cached_property
    def branches(self) -> tuple[Branch, ...]:
        """The alternatives of a choice."""
        return tuple(self.below.branches())

    @cached_property
    def selected(self) -> int | None:
        """The index of the branch that the value takes, None when nothing is chosen yet."""
        return self.below.selected()

    @property
    def chosen(self) -> "Field | None":
        """The field of the branch that the value takes, None when nothing is chosen yet."""
        return None if self.selected is None else self.branches[self.selected].field

    @cached_property
    def item(self) -> "Field | None":
        """The field of one more item or entry, its pointer ending in `*`; None where no more are allowed."""
        return self.below.item()

    @cached_property
    def key(self) -> "Field | None":
        """The field that a map's keys are typed or picked in, None for what has no keys of its own."""
        return self.below.key()

    def accepts(self, value: object) -> bool:
        """Tell whether `value` would be valid here."""
        return self.below.accepts(value)

    def sections(self) -> tuple["Section", ...]:
        """Return the children by group, in order. Fields without a group come first, in a section with the id `""`."""
        return sectioned(self.children, self.groups)


def owner(field: Field, pointer: str) -> Field | None:
    """Return the deepest field of those under `field` that owns the place `pointer`, None when none does.

    A choice owns its own place; what lies below it belongs to the branch that is taken.
    """
    if field.pointer == pointer:
        return field
    while field.chosen is not None:
        field = field.chosen
    for child in field.children:
        if pointer == child.pointer or pointer.startswith(child.pointer + "/"):
            return owner(child, pointer)
    return field if field.kind not in CONTAINERS | {"choice"} else None


class Section(msgspec.Struct, frozen=True, eq=False):
    """A titled group of fields."""

    id: str
    title: Text
    fields: tuple[Field, ...]
    order: float = 0
    advanced: bool = False
    about: Text = ""

    def label(self, language: str = "en") -> str:
        """Return the title in `language`, made from the id where the schema has none."""
        return localized(self.title, language) or humanised(self.id)

    def description(self, language: str = "en") -> str:
        """Return the description of the group in `language`, `""` where there is none."""
        return localized(self.about, language)


def sectioned(fields: Sequence[Field], groups: Mapping[str, Any]) -> tuple[Section, ...]:
    """Return `fields` by their group; `groups` says title, order and advanced of each (`x-groups`)."""
    members: dict[str, list[Field]] = {}
    for field in fields:
        members.setdefault(field.group, []).append(field)
    sections = [_section(name, tuple(found), groups) for name, found in members.items()]
    declared = list(groups)
    return tuple(sorted(sections, key=lambda each: (each.id != "", each.order, _position(each.id, declared))))


def _section(name: str, fields: tuple[Field, ...], groups: Mapping[str, Any]) -> Section:
    facts = groups.get(name)
    facts = facts if isinstance(facts, Mapping) else {}
    return Section(
        id=name,
        title=as_text(facts.get("title")),
        fields=fields,
        order=facts.get("order", 0),
        advanced=bool(facts.get("advanced")) or (name != "" and all(field.advanced for field in fields)),
        about=as_text(facts.get("description")),
    )


def _position(name: str, declared: Sequence[str]) -> int:
    return declared.index(name) if name in declared else len(declared)


def humanised(name: str) -> str:
    """Return a readable form of a property's name: `max_depth` and `maxDepth` are `Max depth`."""
    words = "".join(f" {char.lower()}" if _starts_word(name, at) else char for at, char in enumerate(name))
    words = " ".join(words.replace("_", " ").replace("-", " ").split())
    return words[:1].upper() + words[1:]


def _starts_word(name: str, at: int) -> bool:
    return name[at].isupper() and at > 0 and name[at - 1].islower()
