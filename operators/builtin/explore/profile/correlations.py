"""Which columns of numbers go together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from operators.schemas import TableSchema

MOST_COLUMNS = 40
# Fewer rows that have both values say nothing.
FEWEST_ROWS = 3


@dataclass(frozen=True)
class Pair:
    """Two columns and their correlation, from -1 to 1."""

    first: str
    second: str
    value: float


@dataclass(frozen=True)
class Correlations:
    """The columns that were compared and the correlations of all their pairs; `left_out` is how many were too many."""

    names: tuple[str, ...]
    values: tuple[Pair, ...]
    left_out: int

    def pairs(self) -> list[Pair]:
        """The pairs, the strongest first."""
        return sorted(self.values, key=lambda pair: (-abs(pair.value), pair.first, pair.second))


def correlations(sample: Any, schema: TableSchema, method: str) -> Correlations:
    """Pearson's or Spearman's coefficient of every pair of columns of numbers or booleans that vary.

    Each over the rows in which both have a finite value, so a missing value costs only its own pairs.
    """
    import numpy as np

    candidates = [column.name for column in schema.columns if column.type in ("integer", "number", "boolean")]
    columns = {name: _numbers(sample[name]) for name in candidates}
    varying = [name for name, values in columns.items() if _varies(values)]
    names = varying[:MOST_COLUMNS]
    pairs = []
    for index, first in enumerate(names):
        for second in names[index + 1 :]:
            both = np.isfinite(columns[first]) & np.isfinite(columns[second])
            value = _coefficient(columns[first][both], columns[second][both], method)
            if value is not None:
                pairs.append(Pair(first, second, value))
    return Correlations(tuple(names), tuple(pairs), len(varying) - len(names))


def _numbers(column: Any) -> Any:
    import numpy as np
    import polars as pl

    values = column.cast(pl.Float64).fill_null(float("nan")).to_numpy()
    return np.where(np.isfinite(values), values, np.nan)


def _varies(values: Any) -> bool:
    import numpy as np

    known = values[np.isfinite(values)]
    return len(known) >= FEWEST_ROWS and bool(np.ptp(known) > 0)


def _coefficient(first: Any, second: Any, method: str) -> float | None:
    import numpy as np
    import polars as pl

    if len(first) < FEWEST_ROWS:
        return None
    if method == "spearman":
        first, second = (pl.Series(values).rank().to_numpy() for values in (first, second))
    first, second = first - first.mean(), second - second.mean()
    scale = float(np.sqrt((first @ first) * (second @ second)))
    # Rounded, as the last digits depend on the order in which sums are taken.
    return round(min(1.0, max(-1.0, float(first @ second) / scale)), 12) if scale > 0 else None
