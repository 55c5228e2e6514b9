"""What a table's summary says is right: exact for small tables, honest for big ones."""

from __future__ import annotations

import numpy as np
import polars as pl
import pyarrow as pa
import pytest

from operators.artifacts.summary.table import SAMPLE_LIMIT


def columns(artifact):
    return {column["name"]: column for column in artifact.summary["columns"]}


def test_numbers_agree_with_numpy(pass_on):
    values = np.random.default_rng(7).normal(50, 10, 5000)
    artifact, _ = pass_on(pa.table({"x": values}), "table")
    facts = columns(artifact)["x"]
    assert artifact.summary["exact"] is True
    assert facts["min"] == values.min() and facts["max"] == values.max()
    assert facts["mean"] == pytest.approx(values.mean()) and facts["std"] == pytest.approx(values.std(ddof=1))
    for share, quantile in facts["quantiles"].items():
        assert quantile == pytest.approx(np.quantile(values, float(share)))
    counts, edges = np.histogram(values, 20)
    assert facts["histogram"]["counts"] == counts.tolist()
    assert facts["histogram"]["edges"] == pytest.approx(edges.tolist())


def test_whole_numbers_have_no_bins_between_them(pass_on):
    artifact, _ = pass_on(pa.table({"x": [1, 2, 2, 3, None]}), "table")
    facts = columns(artifact)["x"]
    assert facts["histogram"]["counts"] == [1, 2, 1]
    assert (facts["min"], facts["max"], facts["nulls"], facts["distinct"]) == (1, 3, 1, 3)
    assert isinstance(facts["max"], int)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([], {"distinct": 0}),
        ([None, None], {"distinct": 0}),
        ([float("nan")], {"distinct": 0, "not_finite": 1}),
        ([float("inf"), float("-inf"), float("nan")], {"distinct": 0, "not_finite": 3}),
        ([2.5], {"min": 2.5, "max": 2.5, "mean": 2.5, "std": None, "histogram": {"edges": [2.5, 2.5], "counts": [1]}}),
        ([1.0, float("inf"), 3.0], {"min": 1.0, "max": 3.0, "mean": 2.0, "not_finite": 1}),
        ([1e308, -1e308], {"min": -1e308, "max": 1e308, "histogram": {"edges": [-1e308, 1e308], "counts": [2]}}),
    ],
)
def test_odd_numbers(pass_on, values, expected):
    artifact, _ = pass_on(pa.table({"x": pa.array(values, pa.float64())}), "table")
    facts = columns(artifact)["x"]
    assert {name: facts[name] for name in expected} == expected


def test_the_largest_whole_numbers_stay_exact(pass_on):
    artifact, _ = pass_on(pa.table({"x": pa.array([2**64 - 1, 0], pa.uint64()), "y": [2**63 - 1, -(2**63)]}), "table")
    facts = columns(artifact)
    assert facts["x"]["max"] == str(2**64 - 1)
    assert (facts["y"]["min"], facts["y"]["max"]) == (-(2**63), 2**63 - 1)


def test_texts_and_booleans_are_counted(pass_on):
    table = pa.table({"s": ["b", "a", "b", None, "长" * 300], "t": [True, None, False, True, True]})
    facts = columns(pass_on(table, "table")[0])
    assert facts["s"]["distinct"] == 3
    assert facts["s"]["top"][0] == {"value": "b", "count": 2}
    assert facts["s"]["top"][2]["value"] == "长" * 199 + "…"
    assert facts["t"]["top"] == [{"value": True, "count": 3}, {"value": False, "count": 1}]


def test_a_dictionary_is_summarized_as_what_it_stands_for(pass_on):
    text = pa.array(["a", "b", "a"]).dictionary_encode()
    number = pa.array([1.5, 1.5, 2.5]).dictionary_encode()
    facts = columns(pass_on(pa.table({"text": text, "number": number}), "table")[0])
    assert facts["text"]["top"][0] == {"value": "a", "count": 2}
    assert facts["number"]["mean"] == pytest.approx(5.5 / 3)


def test_dates_have_a_first_and_a_last(pass_on):
    days = pa.array([19000, 18000, None], pa.int32()).cast(pa.date32())
    facts = columns(pass_on(pa.table({"day": days}), "table")[0])["day"]
    assert (facts["min"], facts["max"]) == ("2019-04-14", "2022-01-08")


def test_twenty_rows_are_shown_with_nothing_that_json_lacks(pass_on):
    table = pa.table({"x": [float("nan"), float("inf")] * 15, "y": [b"abc", None] * 15})
    sample = pass_on(table, "table")[0].summary["sample"]
    assert len(sample) == 20
    assert sample[:2] == [[None, "<3 bytes>"], ["inf", None]]


def sorted_table(rows: int) -> pa.Table:
    place = np.arange(rows)
    return pa.table(
        {
            "x": place.astype(float),
            "n": pa.array(place, mask=place % 10 == 0),
            "s": pa.array(np.array(["red", "green", "blue"])[place % 3]),
            "unique": pa.array(place).cast(pa.string()),
            "all_null": pa.nulls(rows, pa.int64()),
        }
    )


@pytest.mark.parametrize("kind", ["arrow", "polars", "lazy"])
def test_a_big_table_says_what_is_exact_and_what_is_sampled(pass_on, kind):
    rows = SAMPLE_LIMIT * 3 + 1
    table = sorted_table(rows)
    frame = pl.DataFrame(pl.from_arrow(table))
    value = {"arrow": table, "polars": frame, "lazy": frame.lazy()}[kind]
    artifact, read = pass_on(value, "table")
    summary, facts = artifact.summary, columns(artifact)
    assert read.num_rows == summary["rows"] == rows
    assert summary["exact"] is False
    assert SAMPLE_LIMIT / 2 < summary["sampled_rows"] < SAMPLE_LIMIT * 1.01
    assert (facts["x"]["min"], facts["x"]["max"]) == (0.0, rows - 1.0)
    assert facts["x"]["mean"] == pytest.approx(rows / 2, rel=0.01)
    assert facts["n"]["nulls"] == -(-rows // 10) and facts["all_null"]["nulls"] == rows
    assert facts["s"]["distinct_at_least"] == 3 and "distinct" not in facts["s"]
    counts = facts["x"]["histogram"]["counts"]
    assert max(counts) - min(counts) < 0.02 * sum(counts)
    assert [row[0] for row in summary["sample"]] == [float(number) for number in range(20)]


def test_the_summary_of_a_big_table_is_the_same_each_time(pass_on):
    frame = pl.LazyFrame({"x": np.random.default_rng(1).random(250_000)})
    assert pass_on(frame, "table")[0].summary == pass_on(frame, "table")[0].summary
