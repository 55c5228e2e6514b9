"""Checks an instance: the validator's errors led to the places they are about, and columns that are not there."""

from collections.abc import Iterator, Mapping
from typing import Any

from form_specs import pointers
from form_specs.building import Builder
from form_specs.choices import error_score
from form_specs.columns import Columns
from form_specs.fields import Field, humanised, owner
from form_specs.findings import FieldError, Finding
from form_specs.messages import message
from form_specs.pickers import column_findings
from form_specs.placeholders import Placeholder
from form_specs.places import Places
from form_specs.rules import RULES, constants, other, type_names
from form_specs.shape import NEVER
from form_specs.text import LANGUAGES, Text, localized
from form_specs.values import ABSENT, Values


def check(
    places: Places, columns: Columns | None, given: Values, placeholders: Placeholder | None, builder: Builder
) -> tuple[FieldError, ...]:
    """Return what is wrong with the values `given`, in the order of the schema, each thing once."""
    if given.tree is ABSENT:
        return (FieldError(pointer="", field="", code="forms.check.required", label=builder.root.title),)
    instance = given.tree
    reader = _Reader(places, given, placeholders)
    found: dict[tuple[str, str], Finding] = {}
    for error in places.validator.errors(instance, placeholders):
        for finding in reader.findings(error, instance, ""):
            found.setdefault((finding.pointer, finding.code), finding)
    if columns is not None and places.picks_columns:
        for finding in column_findings(places, columns, instance, placeholders):
            found.setdefault((finding.pointer, finding.code), finding)
    return tuple(_as_field_error(finding, builder) for finding in found.values())


def _as_field_error(finding: Finding, builder: Builder) -> FieldError:
    field = owner(builder.root, finding.pointer)
    return FieldError(
        pointer=finding.pointer,
        field=field.pointer if field is not None else pointers.parent(finding.pointer),
        code=finding.code,
        values=finding.values,
        label=_label(builder.root, finding.pointer),
    )


def _label(root: Field, pointer: str) -> Text:
    """Return the title of the place, made from that of the list for an entry without one, `""` where there is none."""
    field = owner(root, pointer)
    if field is not None and field.pointer == pointer and field.title:
        return field.title
    above, _, token = pointer.rpartition("/")
    if not token.isdigit():
        return ""
    outer = _label(root, above) or humanised(pointers.split(above)[-1] if above else "")
    return {
        language: message("forms.entry", language, label=localized(outer, language), number=int(token) + 1)
        for language in LANGUAGES
    }


class _Reader:
    """Reads `jsonschema` errors as findings."""

    def __init__(self, places: Places, given: Values, placeholders: Placeholder | None) -> None:
        self._places = places
        self._given = given
        self._placeholders = placeholders

    def findings(self, error: Any, instance: Any, base: str) -> Iterator[Finding]:
        """Yield what `error` amounts to. Its path begins at `base`, where the value is `instance`."""
        pointer = pointers.join(base, *error.relative_path)
        place = pointers.follow(instance, map(str, error.relative_path))
        if error.validator in ("oneOf", "anyOf"):
            yield from self._of_branches(error, pointer, place)
            return
        if isinstance(place, dict) and place != error.instance and isinstance(error.instance, str):
            # The instance of an error under `propertyNames` is a key, but its path is that of the whole object.
            pointer = pointers.join(pointer, error.instance)
        for finding in self._read(error, pointer):
            yield self._custom(error, pointer, finding)

    def _read(self, error: Any, pointer: str) -> Iterator[Finding]:
        if error.validator is None:
            yield from self._forbidden(pointer)
        else:
            yield from RULES.get(error.validator, other)(error, pointer, self._places)

    def _forbidden(self, pointer: str) -> Iterator[Finding]:
        """Yield the places where no value is allowed. The error's path ends at what holds them."""
        walked = self._places.walk(self._given.tree)
        never = [at for at, shape, _ in walked if shape.get(NEVER) and pointer in (at, pointers.parent(at))]
        for at in never or [pointer]:
            yield Finding(at, "forms.check.forbidden", {"name": (pointers.split(at) or ("",))[-1]})

    def _custom(self, error: Any, pointer: str, finding: Finding) -> Finding:
        if finding.pointer != pointer or not isinstance(error.schema, Mapping):
            return finding
        text = self._places.shape(pointer, error.schema).get("x-error-message")
        return finding if text is None else Finding(pointer, "forms.check.custom", {"text": text})

    def _of_branches(self, error: Any, pointer: str, place: Any) -> Iterator[Finding]:
        """Yield the errors of the branch that is taken, or one that says which kinds of value are possible."""
        branches: dict[int, list[Any]] = {}
        for inner in error.context:
            branches.setdefault(inner.relative_schema_path[0], []).append(inner)
        if not branches:
            yield self._custom(error, pointer, Finding(pointer, "forms.check.several", {"found": place}))
            return
        single = _of_scalars(branches, place) or _of_discriminator(branches)
        if single is not None:
            at = pointers.join(pointer, *single[2])
            yield self._custom(error, pointer, Finding(at, single[0], single[1]))
            return
        chosen = self._given.choices.get(pointer)
        taken = chosen if chosen in branches else min(branches, key=lambda at: (*error_score(branches[at]), at))
        for inner in branches[taken]:
            yield from self.findings(inner, place, pointer)


_Single = tuple[str, dict[str, Any], tuple[str, ...]]
"""One finding for all branches: its code, its facts, and where it is below the alternatives."""


def _of_scalars(branches: Mapping[int, list[Any]], place: Any) -> _Single | None:
    """Return one finding for alternatives that all fail at the place itself by type or by constants."""
    firsts = [errors[0] for errors in branches.values()]
    if any(error.relative_path or error.validator not in ("type", "enum", "const") for error in firsts):
        return None
    types = [name for error in firsts if error.validator == "type" for name in type_names(error.validator_value)]
    options = [option for error in firsts if error.validator != "type" for option in constants(error)]
    if types and options:
        return "forms.check.type_or_option", {"types": _unique(types), "options": options, "found": place}, ()
    if options:
        return "forms.check.enum", {"options": options, "found": place}, ()
    return "forms.check.type", {"types": _unique(types), "found": place}, ()


def _of_discriminator(branches: Mapping[int, list[Any]]) -> _Single | None:
    """Return one finding for alternatives that all refuse the value of one and the same property by constants."""
    refused = [[error for error in errors if _is_constant_below(error)] for errors in branches.values()]
    names = {error.relative_path[0] for errors in refused for error in errors}
    if not all(refused) or len(names) != 1:
        return None
    options = [option for errors in refused for option in constants(errors[0])]
    return "forms.check.enum", {"options": options, "found": refused[0][0].instance}, (str(names.pop()),)


def _is_constant_below(error: Any) -> bool:
    return error.validator in ("const", "enum") and len(error.relative_path) == 1


def _unique(names: list[str]) -> list[str]:
    return list(dict.fromkeys(names))
