"""What is to be said of each column: its figures and how its values are spread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from operators.schemas import Column, TableSchema

NUMBERS = ("integer", "number")
TIMES = ("date", "datetime")
COUNTED = ("string", "boolean")

FIGURES = {
    "column": "string",
    "type": "string",
    "missing": "integer",
    "missing_share": "number",
    "distinct": "integer",
    "mean": "number",
    "std": "number",
    "min": "number",
    "q25": "number",
    "median": "number",
    "q75": "number",
    "max": "number",
    "most_frequent": "string",
    "most_frequent_rows": "integer",
}
"""The columns of the output `columns`, with their types."""


@dataclass(frozen=True)
class Described:
    """A column, its figures (by name, see FIGURES) and its distribution.

    `bars` is a list of `{"from", "to", "rows"}` for numbers and times, of `{"value", "rows"}` for texts and booleans.
    """

    column: Column
    figures: dict[str, Any]
    bars: list[dict[str, Any]] = field(default_factory=list)
    skewness: float | None = None
    span: tuple[str, str] | None = None


def describe(frame: Any, sample: Any, schema: TableSchema, bins: int, top: int) -> list[Described]:
    """Figures of all rows of the lazy `frame`; distinct values, quartiles and distributions of `sample`."""
    exact = _exact(frame, schema.columns)
    rows = exact["rows"]
    return [_described(column, exact, rows, sample[column.name], bins, top) for column in schema.columns]


def _exact(frame: Any, columns: Sequence[Column]) -> dict[str, Any]:
    """Sums over all rows in one streamed pass: `rows`, and `<figure> <index of column>`."""
    import polars as pl

    asked = [pl.len().alias("rows")]
    for index, column in enumerate(columns):
        values = pl.col(column.name)
        asked.append(values.null_count().alias(f"missing {index}"))
        if column.type in NUMBERS:
            number = values.cast(pl.Float64)
            finite = number.filter(number.is_finite())
            asked += [getattr(finite, name)().alias(f"{name} {index}") for name in ("mean", "std", "min", "max")]
        elif column.type in TIMES:
            asked += [getattr(values, name)().cast(pl.String).alias(f"{name} {index}") for name in ("min", "max")]
    found = frame.select(asked).collect(engine="streaming").row(0, named=True)
    names = [column.name for column in columns]
    return {_by_name(key, names): value for key, value in found.items()}


def _by_name(key: str, names: Sequence[str]) -> Any:
    figure, _, index = key.partition(" ")
    return (figure, names[int(index)]) if index else figure


def _described(column: Column, exact: dict[Any, Any], rows: int, values: Any, bins: int, top: int) -> Described:
    missing = exact[("missing", column.name)]
    figures: dict[str, Any] = dict.fromkeys(FIGURES)
    figures |= {"column": column.name, "type": column.type, "missing": missing}
    figures["missing_share"] = missing / rows if rows else 0.0
    known = values.drop_nulls()
    if column.type in (*NUMBERS, *TIMES, *COUNTED, "time", "duration"):
        figures["distinct"] = known.n_unique()
    if column.type in NUMBERS:
        figures |= {name: exact[(name, column.name)] for name in ("mean", "std", "min", "max")}
        return _of_numbers(column, figures, known, bins)
    if column.type in TIMES and len(known):
        span = (exact[("min", column.name)], exact[("max", column.name)])
        return Described(column, figures, _time_bars(known, bins), span=span)
    if column.type in COUNTED and len(known):
        bars = _value_bars(known, top)
        figures |= {"most_frequent": bars[0]["value"], "most_frequent_rows": bars[0]["rows"]}
        return Described(column, figures, bars)
    return Described(column, figures)


def _of_numbers(column: Column, figures: dict[str, Any], known: Any, bins: int) -> Described:
    import numpy as np

    numbers = known.cast(float).to_numpy()
    numbers = numbers[np.isfinite(numbers)]
    if len(numbers) == 0:
        return Described(column, figures)
    low, middle, high = (float(value) for value in np.quantile(numbers, [0.25, 0.5, 0.75]))
    figures |= {"q25": low, "median": middle, "q75": high}
    spread = float(numbers.std())
    skewness = float(((numbers - numbers.mean()) ** 3).mean() / spread**3) if spread > 0 else None
    return Described(column, figures, _number_bars(numbers, bins), skewness)


def _number_bars(numbers: Any, bins: int) -> list[dict[str, Any]]:
    import numpy as np

    counts, edges = np.histogram(numbers, bins=bins)
    return [
        {"from": float(start), "to": float(end), "rows": int(count)}
        for start, end, count in zip(edges, edges[1:], counts, strict=False)
    ]


def _time_bars(known: Any, bins: int) -> list[dict[str, Any]]:
    """Bars over time, in milliseconds since 1970 as charts take them."""
    import polars as pl

    milliseconds = known.cast(pl.Datetime("ms")).to_physical().to_numpy().astype(float)
    return _number_bars(milliseconds, bins)


def _value_bars(known: Any, top: int) -> list[dict[str, Any]]:
    import polars as pl

    counts = known.cast(pl.String).rename("value").value_counts(name="rows")
    # Equally frequent values stand in alphabetical order, so that the report is always the same.
    first = counts.sort(["rows", "value"], descending=[True, False]).head(top)
    return list(first.to_dicts())
