"""Profile: large tables are sampled and said to be, and every chart is JSON with finite numbers."""

import math

import numpy as np
import polars as pl

from operators.artifacts.report import report_parts
from operators.builtin import provider


def numbers_in(value):
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        return [number for item in value for number in numbers_in(item)]
    return [value] if isinstance(value, float) else []


def test_large_tables_are_sampled_and_exact_where_it_is_cheap(run_operator):
    rows = 250_000
    frame = pl.LazyFrame({"n": range(rows), "x": np.linspace(0, 1, rows), "s": ["a", "b"] * (rows // 2)})
    made = run_operator("explore.profile", {"table": frame}, sample_rows=1000)
    figures = {row["column"]: row for row in made["columns"].to_dicts()}
    assert figures["n"]["max"] == rows - 1
    assert math.isclose(figures["n"]["mean"], (rows - 1) / 2)
    assert figures["n"]["distinct"] == 1000
    assert "1,000 rows, evenly spread" in made["report"].markdown()
    assert made["metrics"]["strongest_correlation"] == 1.0


def test_charts_hold_finite_numbers_only(run_operator):
    frame = pl.LazyFrame(
        {
            "x": [1.0, float("nan"), float("inf"), -float("inf"), None, 2.0, 3.0, 5.0],
            "y": [1, 2, 3, 4, 5, 6, None, 9],
            "odd | name `x`": ["a|b", "", None, "艾", "a", "a", "a", "b"],
            "list": [[1], [2], None, [], [1], [1], [1], [1]],
        }
    )
    made = run_operator("explore.profile", {"table": frame}, color="odd | name `x`")
    charts = [content for kind, content in report_parts(made["report"].markdown()) if kind == "chart"]
    assert len(charts) == 5
    assert all(math.isfinite(number) for chart in charts for number in numbers_in(chart))
    figures = {row["column"]: row for row in made["columns"].to_dicts()}
    assert figures["x"]["missing"] == 2
    assert figures["x"]["max"] == 5.0


def test_a_wide_table_stays_readable(run_operator):
    frame = pl.LazyFrame({f"c{index}": np.arange(50) ** (index % 3 + 1) for index in range(100)})
    report = run_operator("explore.profile", {"table": frame})["report"].markdown()
    assert "40 more columns" in report
    assert "60 more are not" in report


def test_every_package_of_these_families_is_there():
    names = {package.spec.id.removeprefix("opyard.") for package in provider()}
    assert names >= {
        *(f"data.{name}" for name in ("example_data", "read_csv", "read_json_lines", "read_parquet", "read_sql")),
        *(f"data.{name}" for name in ("write_file", "write_sql")),
        *(f"table.{name}" for name in ("derive_column", "encode", "fill_missing", "filter_rows", "group", "join")),
        *(f"table.{name}" for name in ("scale", "select_columns", "sort", "split", "sql")),
        "explore.profile",
        "code.python",
    }
