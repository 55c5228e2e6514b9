"""Vectors come back bit for bit, and as a column on a table port."""

from __future__ import annotations

import numpy as np
import polars as pl
import pyarrow as pa
import pytest

from form_specs.columns import Column
from operators.artifacts.formats import delivered_schema, write_value
from operators.artifacts.table import table_schema
from operators.errors import OutputError
from operators.schemas import VectorsSchema
from operators.spec import PortSpec
from operators.values import Vectors


def vectors(count: int = 4) -> Vectors:
    values = np.random.default_rng(0).normal(size=(count, 3)).astype(np.float32)
    return Vectors(values, pa.table({"name": [f"v{place}" for place in range(count)]}))


def test_values_and_attributes_come_back(pass_on):
    given = vectors()
    artifact, read = pass_on(given, "vectors")
    assert read.values.dtype == np.float32 and np.array_equal(read.values, given.values)
    assert read.table == given.table
    assert artifact.schema == VectorsSchema(3, (Column("name", "string"),))
    norms = np.linalg.norm(given.values.astype(float), axis=1)
    assert artifact.summary["norms"] == pytest.approx({"min": norms.min(), "mean": norms.mean(), "max": norms.max()})
    assert (artifact.summary["count"], artifact.summary["dimension"]) == (4, 3)


def test_other_numbers_become_float32(pass_on):
    _, read = pass_on(Vectors(np.asfortranarray([[1, 2], [3, 4]]), pa.table({})), "vectors")
    assert read.values.tolist() == [[1.0, 2.0], [3.0, 4.0]] and read.table.num_columns == 0


def test_no_vectors_are_fine_and_keep_their_dimension(pass_on):
    artifact, read = pass_on(Vectors(np.zeros((0, 5)), pa.table({"a": pa.array([], pa.int8())})), "vectors")
    assert read.values.shape == (0, 5)
    assert artifact.summary["norms"] == {"min": None, "mean": None, "max": None}


def test_what_is_not_finite_is_told_in_json(pass_on):
    artifact, _ = pass_on(Vectors(np.array([[np.nan, 1.0], [np.inf, 1.0]]), pa.table({})), "vectors")
    assert artifact.summary["norms"] == {"min": None, "mean": None, "max": None}


@pytest.mark.parametrize("handover", ["arrow", "lazy"])
def test_a_table_port_gets_a_column_of_lists(pass_on, handover):
    given = vectors()
    artifact, table = pass_on(given, "vectors", "table", handover=handover)
    table = table.collect().to_arrow() if isinstance(table, pl.LazyFrame) else table
    assert table.column("vector").to_pylist() == given.values.tolist()
    assert table_schema(table.schema) == delivered_schema(artifact.schema, "table")


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (np.zeros((2, 2)), "must be vectors .*; found ndarray"),
        (Vectors(np.zeros(3), pa.table({})), r"must have the shape \(count, dimension\).*found \(3,\)"),
        (Vectors(np.zeros((3, 0)), pa.table({})), r"found \(3, 0\)"),
        (Vectors(np.array([["a"]]), pa.table({})), "must be numbers"),
        (Vectors(np.zeros((2, 2)), pa.table({"a": [1]})), "2 items and 1 rows"),
        (Vectors(np.zeros((1, 2)), pa.table({"vector": [1]})), "rename the attribute columns 'vector'"),
    ],
)
def test_what_are_no_vectors_is_refused(tmp_path, value, said):
    with pytest.raises(OutputError, match=said):
        write_value(PortSpec("out", "vectors"), value, tmp_path, "out")
