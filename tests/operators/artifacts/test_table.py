"""Tables of every kind come back as they were, and what is no table is refused with its name."""

from __future__ import annotations

import datetime
import tempfile
from decimal import Decimal
from pathlib import Path

import hypothesis.strategies as st
import msgspec
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, assume, given, settings

from form_specs.columns import COLUMN_TYPES, Column
from operators.artifacts.formats import read_value, write_value
from operators.artifacts.table import column_type, read_schema, table_schema
from operators.errors import ArtifactError, OutputError
from operators.schemas import TableSchema
from operators.spec import PortSpec

PORT = PortSpec("out", "table")

COLUMNS = {
    pa.int64(): st.integers(-(2**63), 2**63 - 1),
    pa.uint8(): st.integers(0, 255),
    pa.uint64(): st.integers(0, 2**64 - 1),
    pa.float32(): st.floats(width=32),
    pa.float64(): st.floats(),
    pa.bool_(): st.booleans(),
    pa.string(): st.text(st.characters(codec="utf-8")),
    pa.large_string(): st.text(max_size=3),
    pa.binary(): st.binary(),
    pa.date32(): st.dates(),
    pa.timestamp("us"): st.datetimes(),
    pa.timestamp("ns"): st.integers(-(2**63), 2**63 - 1),
    pa.timestamp("ms", "Europe/Berlin"): st.integers(-(2**50), 2**50),
    pa.time64("us"): st.times(),
    pa.duration("us"): st.integers(-(2**40), 2**40),
    pa.decimal128(20, 4): st.decimals(-(10**15), 10**15, places=4),
    pa.list_(pa.int32()): st.lists(st.integers(-9, 9), max_size=4),
    pa.struct([("a", pa.int8()), ("b", pa.string())]): st.fixed_dictionaries({"a": st.just(1), "b": st.text()}),
    pa.dictionary(pa.int32(), pa.string()): st.sampled_from(["red", "green", ""]),
    pa.null(): st.none(),
}


@st.composite
def tables(draw: st.DrawFn) -> pa.Table:
    types = draw(st.lists(st.sampled_from(list(COLUMNS)), min_size=1, max_size=5))
    names = draw(st.lists(st.text(st.characters(codec="utf-8")), min_size=len(types), max_size=len(types), unique=True))
    rows = draw(st.integers(0, 12))
    columns = [
        pa.array(draw(st.lists(st.none() | COLUMNS[kind], min_size=rows, max_size=rows)), kind) for kind in types
    ]
    return pa.table(dict(zip(names, columns, strict=True)))


def same(left: pa.Table, right: pa.Table) -> bool:
    """Equality where NaN equals NaN, which `Table.equals` does not know."""
    return left.schema == right.schema and repr(left.to_pydict()) == repr(right.to_pydict())


def readable(table: pa.Table) -> pa.Table:
    """The table with nanoseconds as integers, for Python has none."""
    whole = {pa.timestamp("ns"): pa.int64(), pa.timestamp("ms", "Europe/Berlin"): pa.int64()}
    columns = [column.cast(whole.get(column.type, column.type)) for column in table.columns]
    return pa.table(columns, names=table.column_names)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(tables())
def test_any_arrow_table_comes_back_and_has_a_summary_in_json(table: pa.Table) -> None:
    with tempfile.TemporaryDirectory() as folder:
        artifact = write_value(PORT, table, Path(folder), "out")
        read = read_value(artifact, Path(folder, artifact.path), PORT)
    assert read.schema == table.schema
    assert same(readable(read), readable(table))
    assert artifact.schema == table_schema(table.schema)
    assert artifact.summary["rows"] == table.num_rows
    assert [column["nulls"] for column in artifact.summary["columns"]] == [
        column.null_count for column in table.columns
    ]
    assert len(artifact.summary["sample"]) == table.num_rows
    assert msgspec.json.decode(msgspec.json.encode(artifact.summary)) == artifact.summary


@settings(deadline=None, max_examples=40)
@given(tables())
def test_a_frame_of_polars_comes_back_eager_and_lazy(table: pa.Table) -> None:
    odd = (pa.timestamp("ns"), pa.timestamp("ms", "Europe/Berlin"), pa.struct([("a", pa.int8()), ("b", pa.string())]))
    names = [field.name for field in table.schema if field.type not in odd and field.name and "\0" not in field.name]
    assume(names)
    frame = pl.DataFrame(pl.from_arrow(table.select(names)))
    for value in (frame, frame.lazy()):
        with tempfile.TemporaryDirectory() as folder:
            artifact = write_value(PORT, value, Path(folder), "out")
            lazy = read_value(artifact, Path(folder, artifact.path), PortSpec("in", "table", handover="lazy"))
            assert isinstance(lazy, pl.LazyFrame)
            assert repr(lazy.collect().rows()) == repr(frame.rows())
            arrow = read_value(artifact, Path(folder, artifact.path), PORT)
            assert arrow.column_names == names
        assert artifact.schema is not None and artifact.schema.names == tuple(names)


def test_a_frame_of_pandas_comes_back_without_its_default_index(pass_on):
    frame = pd.DataFrame({"a": [1, 2], 7: ["x", None]})
    _, table = pass_on(frame, "table")
    assert table.to_pydict() == {"a": [1, 2], "7": ["x", None]}
    assert table.schema.metadata is None


def test_an_index_of_pandas_that_says_something_becomes_a_column(pass_on):
    frame = pd.DataFrame({"a": [1, 2]}, index=pd.Index(["x", "y"], name="who"))
    _, table = pass_on(frame, "table")
    assert table.to_pydict() == {"who": ["x", "y"], "a": [1, 2]}


def test_what_a_library_says_of_itself_is_not_passed_on(pass_on):
    table = pa.table({"a": [1]}).replace_schema_metadata({"pandas": "{}"})
    assert pass_on(table, "table")[1].schema.metadata is None


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (3, "must be a table .*; found int"),
        ([{"a": 1}], "must be a table .*; found list"),
        (pa.table([[1], [2], [3]], names=["x", "y", "x"]), "several columns of one name: 'x'"),
        (pd.DataFrame([[1, 2]], columns=["x", "x"]), "several columns of one name: 'x'"),
        (pd.DataFrame({"x": [1, "one"]}), "mixed Python types.*x"),
        (pl.DataFrame({"x": [object()]}), "Python objects: 'x'"),
        (pa.table({"good": [1], "bad": pa.array([{}], pa.struct([]))}), "Parquet has no type for the columns 'bad'"),
        (pl.LazyFrame({"x": ["a"]}).select(pl.col("y")), '(?s)could not be computed: .*"?y"?'),
        (pl.LazyFrame({"x": ["a"]}).select(pl.col("x").cast(pl.Int64)), "could not be computed: .*conversion"),
    ],
)
def test_what_is_no_table_is_refused(tmp_path, value, said):
    with pytest.raises(OutputError, match=said) as refusal:
        write_value(PORT, value, tmp_path, "out")
    assert "'out'" in str(refusal.value)


def test_a_damaged_or_missing_file_is_named(tmp_path, pass_on):
    artifact, _ = pass_on(pa.table({"a": [1]}), "table")
    (tmp_path / "out.parquet").write_bytes(b"PAR1 no more")
    for read in (lambda path: read_value(artifact, path, PORT), read_schema):
        with pytest.raises(ArtifactError, match=r"out\.parquet cannot be read"):
            read(tmp_path / "out.parquet")
        with pytest.raises(ArtifactError, match=r"gone\.parquet cannot be read"):
            read(tmp_path / "gone.parquet")


def test_the_schema_is_read_without_the_data(tmp_path):
    artifact = write_value(PORT, pa.table({"a": [1], "b": ["x"]}), tmp_path, "out")
    expected = TableSchema((Column("a", "integer"), Column("b", "string")))
    assert artifact.schema == read_schema(tmp_path / artifact.path) == expected


@pytest.mark.parametrize(
    ("arrow", "coarse"),
    [
        (pa.int8(), "integer"),
        (pa.uint64(), "integer"),
        (pa.float16(), "number"),
        (pa.decimal128(5, 2), "number"),
        (pa.bool_(), "boolean"),
        (pa.string_view(), "string"),
        (pa.dictionary(pa.int8(), pa.large_string()), "string"),
        (pa.date64(), "date"),
        (pa.timestamp("s", "UTC"), "datetime"),
        (pa.time32("s"), "time"),
        (pa.duration("ns"), "duration"),
        (pa.binary(4), "binary"),
        (pa.list_(pa.float32(), 3), "list"),
        (pa.map_(pa.string(), pa.int8()), "struct"),
        (pa.run_end_encoded(pa.int32(), pa.float64()), "number"),
        (pa.uuid(), "binary"),
        (pa.null(), "unknown"),
    ],
)
def test_coarse_types(arrow, coarse):
    assert column_type(arrow) == coarse
    assert coarse in COLUMN_TYPES


def test_a_big_table_is_streamed_in_several_row_groups(tmp_path):
    frame = pl.LazyFrame({"a": range(300_000)}).with_columns(b=pl.col("a") % 7)
    artifact = write_value(PORT, frame, tmp_path, "out")
    path = tmp_path / artifact.path
    assert pq.read_metadata(path).num_row_groups > 1
    read = read_value(artifact, path, PORT)
    assert read.column("a").to_pylist() == list(range(300_000))


def test_wide_tables_have_row_groups_of_bounded_size(tmp_path):
    table = pa.table({f"c{number}": np.zeros(40_000) for number in range(600)})
    artifact = write_value(PORT, table, tmp_path, "out")
    metadata = pq.read_metadata(tmp_path / artifact.path)
    assert max(metadata.row_group(place).total_byte_size for place in range(metadata.num_row_groups)) < 2**28
    assert artifact.summary["columns_left_out"] == 400


def test_values_that_python_lacks_are_shown_all_the_same(pass_on):
    table = pa.table(
        {
            "far": pa.array([2**40], pa.timestamp("s")),
            "fine": pa.array([1], pa.timestamp("ns")),
            "zone": pa.array([0], pa.timestamp("us", "+01:00")),
            "span": pa.array([1], pa.duration("ns")),
            "price": pa.array([Decimal("1.25")], pa.decimal128(9, 2)),
            "when": pa.array([datetime.date(2024, 2, 29)]),
        }
    )
    artifact, _ = pass_on(table, "table")
    far, fine, zone, span, price, when = artifact.summary["sample"][0]
    assert isinstance(far, str) and "1099511627776" in far
    assert fine.startswith("1970-01-01") and fine.endswith("000000001")
    assert zone == "1970-01-01T01:00:00+01:00"
    assert span and price == "1.25" and when == "2024-02-29"


def test_a_lazy_table_that_cannot_be_computed_is_told_in_one_line(tmp_path: Path) -> None:
    file = tmp_path / "numbers.csv"
    file.write_text("id,n\n" + "1,2\n" * 200 + "1,oops\n")
    with pytest.raises(OutputError, match=r"'table' could not be computed: .*oops.*'n'") as refusal:
        write_value(PortSpec("table", "table"), pl.scan_csv(file), tmp_path, "table")
    assert "\n" not in str(refusal.value)
