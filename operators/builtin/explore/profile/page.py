"""The report: an overview, what is worth a look, correlations, and a section for every column."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from operators.values import Report

from .charts import frequent, heat_map, histogram, scatter
from .columns import NUMBERS, TIMES, Described
from .correlations import Correlations

MOST_CHARTS = 60
MOST_POINTS = 1_000
MOST_COLORS = 10
STRONG = 0.95
SKEWED = 2.0


def write_page(
    columns: Sequence[Described], related: Correlations, sample: Any, rows: int, params: Mapping[str, Any]
) -> Report:
    """The report on `columns` of a table of `rows` rows, of which `sample` was looked at closely."""
    report = Report("Profile").text(_overview(columns, rows, sample.height))
    if columns:
        report.table([_line(column) for column in columns])
    notes = list(_notes(columns, related, sample.height))
    if notes:
        report.text("## Worth a look").text("\n".join(f"- {note}" for note in notes))
    _add_correlations(report, related, sample, params)
    for column in columns[:MOST_CHARTS]:
        _add_column(report, column)
    if len(columns) > MOST_CHARTS:
        report.text(f"{len(columns) - MOST_CHARTS} more columns are in the table of column statistics.")
    return report


def _overview(columns: Sequence[Described], rows: int, looked_at: int) -> str:
    missing = sum(column.figures["missing"] for column in columns)
    cells = rows * len(columns)
    share = f" ({missing / cells:.1%})" if cells else ""
    text = f"{rows:,} rows, {len(columns)} columns, {missing:,} missing values{share}."
    if looked_at < rows:
        text += (
            f" Distinct values, quartiles, distributions and correlations are of {looked_at:,} rows, evenly spread;"
            " all other figures are of all rows."
        )
    return text


def _line(column: Described) -> dict[str, Any]:
    figures = column.figures
    line = {"column": _code(figures["column"]), "type": figures["type"], "missing": f"{figures['missing_share']:.1%}"}
    line["distinct"] = "" if figures["distinct"] is None else f"{figures['distinct']:,}"
    for name in ("mean", "std", "min", "median", "max"):
        line[name] = _number(figures[name])
    return line


def _notes(columns: Sequence[Described], related: Correlations, looked_at: int) -> Iterator[str]:
    for column in columns:
        figures, name = column.figures, _code(column.column.name)
        if looked_at and figures["missing_share"] == 1:
            yield f"{name} has no value at all."
        elif figures["missing_share"] > 0.5:
            yield f"{name} is missing in {figures['missing_share']:.0%} of the rows."
        if figures["distinct"] == 1:
            yield f"{name} has one value only."
        if column.column.type == "string" and looked_at > 20 and figures["distinct"] == looked_at:
            yield f"{name} is different in every row: a name or a key, rather than a category."
        if column.skewness is not None and abs(column.skewness) > SKEWED:
            yield f"{name} is skewed ({column.skewness:.1f}): a few values are far out."
    for pair in related.pairs():
        if abs(pair.value) > STRONG:
            yield f"{_code(pair.first)} and {_code(pair.second)} say nearly the same (correlation {pair.value:.3f})."


def _add_correlations(report: Report, related: Correlations, sample: Any, params: Mapping[str, Any]) -> None:
    if not related.values:
        return
    report.text("## Correlations").text(
        f"{params['correlation'].title()}'s coefficient of every two columns of numbers."
    )
    if related.left_out:
        report.text(f"The first {len(related.names)} columns are compared; {related.left_out} more are not.")
    cells = [{"first": name, "second": name, "value": 1.0} for name in related.names]
    for pair in related.values:
        value = round(pair.value, 4)
        cells.append({"first": pair.first, "second": pair.second, "value": value})
        cells.append({"first": pair.second, "second": pair.first, "value": value})
    report.chart(heat_map(cells, related.names))
    for pair in related.pairs()[: params["pairs"]]:
        points = _points(sample, pair.first, pair.second, params["color"])
        report.chart(
            scatter(points, pair.first, pair.second, params["color"]),
            title=f"{pair.first} and {pair.second}: {pair.value:.3f}",
        )


def _points(sample: Any, x: str, y: str, color: str | None) -> list[dict[str, Any]]:
    import polars as pl

    asked = [pl.col(x).cast(pl.Float64).alias("x"), pl.col(y).cast(pl.Float64).alias("y")]
    if color is not None:
        text = pl.col(color).cast(pl.String).fill_null("(missing)")
        frequent_values = sample.select(text.alias("color"))["color"].value_counts(sort=True)["color"][:MOST_COLORS]
        asked.append(
            pl.when(text.is_in(frequent_values.to_list())).then(text).otherwise(pl.lit("(other)")).alias("color")
        )
    points = sample.select(asked).filter(pl.col("x").is_finite() & pl.col("y").is_finite())
    return list(points.gather_every(max(1, -(-points.height // MOST_POINTS))).to_dicts())


def _add_column(report: Report, column: Described) -> None:
    report.text(f"## {column.column.name}").text(_sentence(column))
    if column.column.type in (*NUMBERS, *TIMES) and column.bars:
        report.chart(histogram(column.bars, column.column.name, column.column.type in TIMES))
    elif column.bars:
        report.chart(frequent(column.bars, column.column.name))


def _sentence(column: Described) -> str:
    figures = column.figures
    parts = [f"Type {figures['type']}", f"{figures['missing']:,} missing"]
    if figures["distinct"] is not None:
        parts.append(f"{figures['distinct']:,} different values")
    if figures["median"] is not None:
        quartiles = " · ".join(_number(figures[name]) for name in ("q25", "median", "q75"))
        parts.append(f"mean {_number(figures['mean'])}, from {_number(figures['min'])} to {_number(figures['max'])}")
        parts.append(f"quartiles {quartiles}")
    if column.span is not None:
        parts.append(f"from {column.span[0]} to {column.span[1]}")
    return "; ".join(parts) + "."


def _number(value: Any) -> str:
    return "" if value is None else f"{value:,.4g}"


def _code(name: str) -> str:
    return "`" + name.replace("`", "'") + "`"
