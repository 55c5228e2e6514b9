"""Columns of a table, as a form knows them: a name and a type, and which types a picker takes."""

import difflib
from collections.abc import Iterable, Mapping, Sequence

import msgspec

COLUMN_TYPES = (
    "integer",
    "number",
    "boolean",
    "string",
    "date",
    "datetime",
    "time",
    "duration",
    "binary",
    "list",
    "struct",
    "unknown",
)
"""Every type a column can have here. `number` is a real number; a picker for `number` takes `integer` too."""


class Column(msgspec.Struct, frozen=True):
    """One column: `type` is one of `COLUMN_TYPES`."""

    name: str
    type: str = "unknown"


ColumnInfo = Column
Columns = Mapping[str, Sequence[Column]]
"""Columns by port name. A port that is missing is one whose columns are not known yet."""


def accepts(types: Iterable[str], column: Column) -> bool:
    """Tell whether a picker for `types` takes `column`. No types means any; an unknown type is never refused."""
    wanted = set(types)
    if not wanted or column.type == "unknown" or column.type in wanted:
        return True
    return column.type == "integer" and "number" in wanted


def closest(name: str, names: Iterable[str]) -> str | None:
    """Return the one of `names` that is most like `name`, or None when none is."""
    by_folded = {candidate.casefold(): candidate for candidate in names}
    found = difflib.get_close_matches(name.casefold(), by_folded, n=1, cutoff=0.6)
    return by_folded[found[0]] if found else None
