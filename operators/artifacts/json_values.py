"""Any Python value as a short JSON value, for summaries: finite, bounded, and never an error."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

TEXT_LIMIT = 200
ITEM_LIMIT = 50
DEPTH_LIMIT = 6
_INT_LIMIT = 2**63


def json_value(value: Any, text_limit: int = TEXT_LIMIT, depth: int = 0) -> Any:
    """The JSON value that shows `value` best.

    NaN becomes None, infinities 'inf' and '-inf', bytes their length, dates ISO 8601; long texts and lists are cut.
    """
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return short_text(str(value), text_limit)
    if isinstance(value, int):
        return int(value) if -_INT_LIMIT <= value < _INT_LIMIT else str(value)
    if isinstance(value, float):
        return finite(float(value))
    if isinstance(value, (bytes, bytearray, memoryview)):
        return f"<{len(value)} bytes>"
    if depth >= DEPTH_LIMIT:
        return short_text(type(value).__name__, text_limit)
    return _nested(value, text_limit, depth + 1)


def short_text(text: str, limit: int = TEXT_LIMIT) -> str:
    """`text` in at most `limit` characters, all of which UTF-8 can say."""
    cut = text if len(text) <= limit else text[: limit - 1] + "…"
    return cut if cut.isascii() else cut.encode("utf-8", "replace").decode("utf-8")


def finite(number: float) -> float | str | None:
    """`number` as JSON can say it: None for NaN, 'inf' or '-inf' for an infinity."""
    if math.isfinite(number):
        return number
    return None if math.isnan(number) else str(number)


def _nested(value: Any, text_limit: int, depth: int) -> Any:
    if isinstance(value, type):  # before all else: a class has the methods of its instances
        return short_text(value.__name__, text_limit)
    if isinstance(value, Mapping):
        pairs = list(value.items())[:ITEM_LIMIT]
        return {short_text(str(key)): json_value(item, text_limit, depth) for key, item in pairs}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [json_value(item, text_limit, depth) for item in list(value)[:ITEM_LIMIT]]
    if hasattr(value, "get_params"):
        return f"{type(value).__name__}()"
    if hasattr(value, "tolist"):
        return json_value(value.tolist(), text_limit, depth)
    if hasattr(value, "isoformat"):
        return value.isoformat()
    if callable(value):
        return short_text(getattr(value, "__name__", type(value).__name__), text_limit)
    return short_text(str(value), text_limit)
