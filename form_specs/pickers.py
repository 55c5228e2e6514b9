"""Column pickers: where their columns come from, and the columns they name that are not there."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from form_specs import pointers
from form_specs.columns import Column, Columns, accepts, closest
from form_specs.fields import ColumnOptions
from form_specs.findings import Finding
from form_specs.placeholders import Placeholder
from form_specs.places import Places
from form_specs.shape import Shape


def column_options(shape: Shape, *, multiple: bool = False) -> ColumnOptions | None:
    """Return where a place's columns come from, None when it is no column picker."""
    said = shape.get("x-options")
    if multiple and not isinstance(said, Mapping):
        items = shape.get("items")
        said = items.get("x-options") if isinstance(items, Mapping) else None
    if not isinstance(said, Mapping) or said.get("source") != "columns":
        return None
    types, port = said.get("types"), said.get("port")
    return ColumnOptions(
        port=port if isinstance(port, str) else None,
        types=tuple(name for name in types if isinstance(name, str)) if isinstance(types, list) else (),
        multiple=multiple or bool(said.get("multiple")),
    )


def columns_for(options: ColumnOptions, columns: Columns) -> Sequence[Column] | None:
    """Return the columns of the picker's port, None when they are not known. Without a port, the only one is meant."""
    if options.port is None and len(columns) == 1:
        return next(iter(columns.values()))
    return columns.get(options.port or "")


def column_findings(
    places: Places, columns: Columns, instance: Any, placeholders: Placeholder | None
) -> Iterator[Finding]:
    """Yield the columns that pickers name and their ports do not have, or have with a wrong type."""
    for pointer, shape, value in places.walk(instance):
        if placeholders is not None and placeholders(value):
            continue
        for at, options, name in _picked(pointer, shape, value):
            known = columns_for(options, columns)
            if known is not None and not (placeholders is not None and placeholders(name)):
                yield from _column_finding(at, options, name, known)


def _picked(pointer: str, shape: Shape, value: Any) -> Iterator[tuple[str, ColumnOptions, str]]:
    """Yield each column that is named at a place: its text, the texts in its list, or its keys."""
    options = column_options(shape)
    if options is not None:
        if isinstance(value, str):
            yield pointer, options, value
        for index, name in enumerate(value) if isinstance(value, list) else ():
            if isinstance(name, str):
                yield pointers.join(pointer, index), options, name
    names = shape.get("propertyNames")
    by_key = column_options(dict(names)) if isinstance(names, Mapping) else None
    if by_key is not None and isinstance(value, dict):
        for name in value:
            yield pointers.join(pointer, name), by_key, name


def _column_finding(pointer: str, options: ColumnOptions, name: str, known: Any) -> Iterator[Finding]:
    column: Column | None = next((each for each in known if each.name == name), None)
    fitting = [each.name for each in known if accepts(options.types, each)]
    if column is None:
        nearest = closest(name, fitting or [each.name for each in known])
        code = "forms.check.column_similar" if nearest else "forms.check.column" if known else "forms.check.no_columns"
        yield Finding(pointer, code, {"name": name, "names": fitting, "nearest": nearest or ""})
    elif not accepts(options.types, column):
        facts = {"name": name, "type": column.type, "types_wanted": ", ".join(options.types), "names": fitting}
        yield Finding(pointer, "forms.check.column_type", facts)
