"""Whether text is a cron expression of five fields: minute, hour, day of month, month, day of week."""

from __future__ import annotations

import re
from collections.abc import Mapping

from msgspec import Struct

_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")


class CronField(Struct, frozen=True):
    """One of the five fields: its name, its least and greatest number, and names that stand for numbers."""

    name: str
    least: int
    most: int
    names: Mapping[str, int] = {}


FIELDS = (
    CronField("minute", 0, 59),
    CronField("hour", 0, 23),
    CronField("day of month", 1, 31),
    CronField("month", 1, 12, {name: number for number, name in enumerate(_MONTHS, 1)}),
    CronField("day of week", 0, 7, {name: number for number, name in enumerate(_DAYS)}),
)


def cron_error(expression: str) -> str | None:
    """Why `expression` is no cron expression; None where it is one."""
    parts = expression.split()
    if len(parts) != len(FIELDS):
        return f"expected 5 fields, found {len(parts)}"
    for part, field in zip(parts, FIELDS, strict=True):
        for entry in part.split(","):
            if not _is_entry(entry, field):
                wanted = f"*, a number from {field.least} to {field.most}, a range or a step"
                return f"the {field.name} {entry!r} is not {wanted}"
    return None


def _is_entry(entry: str, field: CronField) -> bool:
    span, slash, step = entry.partition("/")
    if slash and (not re.fullmatch(r"[0-9]{1,3}", step) or int(step) == 0):
        return False
    if span == "*":
        return True
    low, dash, high = span.partition("-")
    first, last = _number(low, field), _number(high if dash else low, field)
    return first is not None and last is not None and first <= last


def _number(text: str, field: CronField) -> int | None:
    number = field.names.get(text.upper())
    if number is None and re.fullmatch(r"[0-9]{1,2}", text):
        number = int(text)
    return number if number is not None and field.least <= number <= field.most else None
