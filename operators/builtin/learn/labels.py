"""Class labels as text, in one way everywhere, and the columns that hold a class's probability."""

from __future__ import annotations

from typing import Any

PROBABILITY = "probability_"


def label_text(label: Any) -> str:
    """A label as people write it: `true`, `3` (also for 3.0), `benign`."""
    value = label.item() if hasattr(label, "item") else label
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def probability_column(label: Any) -> str:
    """The name of the column that holds the probability of a class."""
    return PROBABILITY + label_text(label)
