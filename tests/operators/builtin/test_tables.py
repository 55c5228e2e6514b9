"""Operators on tables: what their cases in tests.json cannot say well."""

import polars as pl
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from operators.errors import InputError, ParameterError
from operators.schemas import Column, TableSchema

quietly = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def ids(made, port):
    return made[port].lazy().collect()["id"].to_list()


@quietly
@given(
    labels=st.lists(st.sampled_from(["a", "b", None]), min_size=3, max_size=60),
    test_share=st.floats(0.05, 0.6),
    validation_share=st.sampled_from([0, 0.2]),
    stratify=st.sampled_from([None, "label"]),
    seed=st.integers(0, 2**63 - 1),
)
def test_every_row_is_in_one_part(run_operator, labels, test_share, validation_share, stratify, seed):
    frame = pl.LazyFrame({"id": range(len(labels)), "label": pl.Series(labels, dtype=pl.String)})
    shares = {"test_share": test_share, "validation_share": validation_share, "stratify": stratify}
    made = run_operator("table.split", {"table": frame}, seed=seed, **shares)
    parts = [ids(made, port) for port in made]
    assert sorted(row for part in parts for row in part) == list(range(len(labels)))
    assert all(parts)
    assert all(part == sorted(part) for part in parts)
    again = run_operator("table.split", {"table": frame}, seed=seed, **shares)
    assert [ids(again, port) for port in again] == parts


def test_classes_keep_their_shares(run_operator):
    labels = ["rare"] * 100 + ["common"] * 900
    frame = pl.LazyFrame({"id": range(1000), "label": labels})
    made = run_operator("table.split", {"table": frame}, seed=1, test_share=0.2, stratify="label")
    counts = dict(made["test"].collect()["label"].value_counts().rows())
    assert sum(counts.values()) == 200
    assert abs(counts["rare"] - 20) <= 1


def test_another_seed_splits_otherwise(run_operator):
    frame = pl.LazyFrame({"id": range(1000)})
    first, second = (run_operator("table.split", {"table": frame}, seed=seed) for seed in (1, 2))
    assert ids(first, "test") != ids(second, "test")


def test_a_column_that_is_called_like_ours(run_operator):
    frame = pl.LazyFrame({"id": range(8), "part": ["x"] * 8, "part_": ["y"] * 8})
    made = run_operator("table.split", {"table": frame})
    assert made["train"].collect_schema().names() == ["id", "part", "part_"]


KEYS = st.lists(st.one_of(st.none(), st.integers(0, 4)), max_size=12)


@quietly
@given(left=KEYS, right=KEYS, how=st.sampled_from(["inner", "left", "semi", "anti"]))
def test_joins_are_what_their_definition_says(run_operator, left, right, how):
    tables = {
        "left": pl.LazyFrame({"k": pl.Series(left, dtype=pl.Int64), "i": range(len(left))}),
        "right": pl.LazyFrame({"k": pl.Series(right, dtype=pl.Int64), "j": range(len(right))}),
    }
    made = run_operator("table.join", tables, how=how, keys=[{"left": "k"}])["table"].collect().rows()
    expected = []
    for i, key in enumerate(left):
        partners = [j for j, other in enumerate(right) if key is not None and other == key]
        if (how == "semi" and partners) or (how == "anti" and not partners):
            expected.append((key, i))
        elif how in ("inner", "left"):
            expected += [(key, i, j) for j in partners] or ([(key, i, None)] if how == "left" else [])
    assert sorted(made, key=str) == sorted(expected, key=str)


@pytest.mark.parametrize("how", ["inner", "left", "right", "full"])
def test_integer_and_real_keys(run_operator, configure_operator, how):
    params = {"how": how, "keys": [{"left": "a", "right": "b"}]}
    tables = {"left": pl.LazyFrame({"a": [1, 2]}), "right": pl.LazyFrame({"b": [2.0, 2.5], "c": ["x", "y"]})}
    schemas = {
        "left": TableSchema((Column("a", "integer"),)),
        "right": TableSchema((Column("b", "number"), Column("c", "string"))),
    }
    said = configure_operator("table.join", schemas, **params)["table"]
    made = run_operator("table.join", tables, **params)["table"].collect()
    assert [(column.name, column.type) for column in said.columns] == [("a", "number"), ("c", "string")]
    assert made.schema == {"a": pl.Float64, "c": pl.String}


@pytest.mark.parametrize("method", ["one_hot", "ordinal"])
def test_an_encoder_is_applied_to_new_rows(run_operator, method):
    table = pa.table({"id": [1, 2, 3], "city": ["x", "y", None]})
    made = run_operator("table.encode", {"table": table}, method=method, columns=["city"])
    again = run_operator("learn.predict", {"table": table, "model": made["model"]})["table"]
    assert again.column_names == made["table"].column_names
    assert pl.from_arrow(again).fill_nan(None).equals(pl.from_arrow(made["table"]))
    unseen = pa.table({"city": ["z"], "id": [9]})
    applied = run_operator("learn.predict", {"table": unseen, "model": made["model"]})["table"].to_pylist()[0]
    assert [value for name, value in applied.items() if name != "id"] == ([0.0] * 3 if method == "one_hot" else [-1.0])


@pytest.mark.parametrize("method", ["standard", "min_max", "robust", "max_abs"])
def test_a_scaler_is_applied_to_new_rows(run_operator, method):
    table = pa.table({"name": ["a", "b", "c"], "x": [1, 5, 6], "y": [0.5, 0.25, 4.0]})
    made = run_operator("table.scale", {"table": table}, method=method)
    again = run_operator("learn.predict", {"table": table, "model": made["model"]})["table"]
    assert again == made["table"]


def test_the_query_cannot_leave_its_tables(run_operator, tmp_path):
    path = tmp_path / "secret.csv"
    path.write_text("a\n1\n")
    inputs = {"a": pa.table({"x": [1]})}
    for query in (
        f"SELECT * FROM '{path}'",
        f"SELECT * FROM read_text('{path}')",
        f"COPY (SELECT 1) TO '{tmp_path}/out.csv'",
        f"ATTACH '{tmp_path}/out.db'",
        "SET enable_external_access = true",
        "INSTALL httpfs",
    ):
        with pytest.raises(ParameterError):
            run_operator("table.sql", inputs, query=query)
    assert [entry.name for entry in tmp_path.iterdir() if entry.is_file()] == ["secret.csv"]


def test_a_query_that_stops_at_a_value(run_operator):
    with pytest.raises(InputError, match="'x'"):
        run_operator("table.sql", {"a": pa.table({"s": ["x"]})}, query="SELECT CAST(s AS INTEGER) AS n FROM a")


def test_random_numbers_follow_the_seed_in_large_tables_too(run_operator):
    inputs = {"a": pa.table({"x": range(300_000)})}
    first, again, other = (
        run_operator("table.sql", inputs, seed=seed, query="SELECT random() AS r FROM a")["table"] for seed in (1, 1, 2)
    )
    assert first == again
    assert first != other


@pytest.mark.parametrize("kind", ["string", "number", "date", "datetime", "boolean", "list", "struct", "unknown"])
def test_expressions_over_every_type_of_column(configure_operator, kind):
    schema = TableSchema((Column("v", kind),))
    made = configure_operator("table.filter_rows", {"table": schema}, expression="v IS NOT NULL")
    assert made == {"table": schema}


def test_a_value_of_an_unknown_type_is_not_refused(configure_operator):
    schema = TableSchema((Column("v", "unknown"),))
    columns = [{"name": "w", "expression": "upper(v)"}]
    made = configure_operator("table.derive_column", {"table": schema}, columns=columns)["table"]
    assert made.column("w").type == "unknown"
