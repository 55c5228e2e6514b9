"""Schemas of Polars frames, and SQL expressions that are checked before they run."""

import polars as pl
import pytest

from form_specs.columns import COLUMN_TYPES
from operators.errors import ColumnMissing, ParameterError
from operators.frames import (
    check_expression,
    coarse_type,
    empty_frame,
    known_table,
    parse_expression,
    polars_type,
    schema_of,
    unused_name,
)
from operators.schemas import Column, ImagesSchema, TableSchema


@pytest.mark.parametrize("coarse", COLUMN_TYPES)
def test_coarse_types_there_and_back(coarse):
    assert coarse_type(polars_type(coarse)) == coarse


@pytest.mark.parametrize(
    "dtype, coarse",
    [
        (pl.UInt8(), "integer"),
        (pl.Decimal(10, 2), "number"),
        (pl.Categorical(), "string"),
        (pl.Enum(["a"]), "string"),
        (pl.Datetime("ns", "UTC"), "datetime"),
        (pl.Array(pl.Float32, 3), "list"),
        (pl.Object(), "unknown"),
    ],
)
def test_coarse_types_of_polars_own(dtype, coarse):
    assert coarse_type(dtype) == coarse


def test_the_schema_of_an_empty_frame_is_the_schema():
    schema = TableSchema(tuple(Column(kind, kind) for kind in COLUMN_TYPES))
    assert schema_of(empty_frame(schema)) == schema


def test_only_a_table_is_a_known_table():
    schema = TableSchema((Column("a"),))
    assert known_table({"table": schema}, "table") is schema
    assert known_table({"table": None}, "table") is None
    assert known_table({"table": ImagesSchema()}, "table") is None
    assert known_table({}, "table") is None


FRAME = pl.LazyFrame({"unit price": [1.5], "name": ["x"], "n": [1]})


@pytest.mark.parametrize(
    "text, dtype",
    [
        ('"unit price" * 2', pl.Float64),
        ("n > 0 AND name LIKE 'x%'", pl.Boolean),
        ("n / 2", pl.Float64),
        ("1", pl.Int32),
    ],
)
def test_the_type_of_an_expression(text, dtype):
    assert check_expression(parse_expression(text, ""), text, FRAME, "") == dtype


@pytest.mark.parametrize("text", ["n +", "SELECT n", "n; n", "nothing(n)", ""])
def test_what_is_no_expression(text):
    with pytest.raises(ParameterError, match="not a SQL expression") as caught:
        parse_expression(text, "/here")
    assert caught.value.pointer == "/here"


@pytest.mark.parametrize("text", ["name + 1", "name > 3", "upper(n)", "(SELECT 1)"])
def test_what_does_not_fit_its_columns(text):
    with pytest.raises(ParameterError, match="does not fit") as caught:
        check_expression(parse_expression(text, ""), text, FRAME, "/here")
    assert caught.value.pointer == "/here"
    assert "Resolved plan" not in str(caught.value)


def test_a_column_that_is_not_there():
    with pytest.raises(ColumnMissing, match="Did you mean 'name'"):
        check_expression(parse_expression("nam", ""), "nam", FRAME, "/here")


def test_a_name_that_nobody_uses():
    assert unused_name(["part", "part_"], "part") == "part__"
    assert unused_name([], "part") == "part"
