"""Numbers as people read them: sizes, durations, times, statistics."""

from __future__ import annotations

import time
from typing import Any

_UNITS = ("B", "kB", "MB", "GB", "TB")


def readable_bytes(count: float | None) -> str:
    """`1536` as `1.5 kB`; empty for None."""
    if count is None:
        return ""
    size, unit = float(count), 0
    while size >= 1000 and unit < len(_UNITS) - 1:
        size, unit = size / 1000, unit + 1
    return f"{size:.0f} {_UNITS[unit]}" if unit == 0 or size >= 100 else f"{size:.1f} {_UNITS[unit]}"


def readable_seconds(seconds: float | None) -> str:
    """`0.0123` as `12 ms`, `75` as `1 min 15 s`; empty for None."""
    if seconds is None:
        return ""
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(int(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min"


def readable_time(moment: float | None) -> str:
    """A moment in local time; without the date when it is today."""
    if moment is None:
        return ""
    then = time.localtime(moment)
    today = time.localtime()[:3] == then[:3]
    return time.strftime("%H:%M:%S" if today else "%Y-%m-%d %H:%M", then)


def readable_value(value: Any) -> str:
    """A statistic or cell: numbers with four significant digits, whole numbers whole, nothing for None."""
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    if isinstance(value, int) or (value.is_integer() and abs(value) < 1e15):
        return f"{int(value):,}".replace(",", "\u202f")
    return f"{value:.4g}"
