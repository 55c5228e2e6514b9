"""Which format a port's value takes, whoever asks, and how a missing package is told."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import get_args

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from operators.artifacts.formats import FORMATS, delivered_schema, read_value, type_of
from operators.documents import Artifact
from operators.errors import InputError
from operators.ports import PortType
from operators.schemas import Column, ImagesSchema, ModelSchema, TableSchema, VectorsSchema
from operators.spec import PortSpec
from operators.values import Images, Model, Report, Vectors

EMPTY = pa.table({})


def test_every_type_but_any_has_a_format():
    assert set(FORMATS) == set(get_args(PortType)) - {"any"}


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (EMPTY, "table"),
        (pl.DataFrame(), "table"),
        (pl.LazyFrame(), "table"),
        (pd.DataFrame(), "table"),
        ("text", "text"),
        ({"a": 1}, "metrics"),
        (Report("r"), "report"),
        (Path("x"), "file"),
        (Images([], EMPTY), "images"),
        (Vectors(np.zeros((0, 1)), EMPTY), "vectors"),
        (Model(None, "transform", ()), "model"),
        (pd.Series([1]), None),
        (pa.array([1]), None),
        (7, None),
    ],
)
def test_a_port_of_any_type_takes_what_the_value_is(value, kind):
    assert type_of(value) == kind


@pytest.mark.parametrize(
    ("value", "kind"), [(pa.table({"a": [1]}), "table"), ("text", "text"), ({"a": 1.5}, "metrics")]
)
def test_any_comes_back_as_what_was_written(pass_on, value, kind):
    artifact, read = pass_on(value, "any")
    assert artifact.type == kind and read == value


def test_an_artifact_of_the_wrong_type_is_refused(tmp_path):
    artifact = Artifact("text", "text", "out.txt", 1)
    with pytest.raises(InputError, match="The input 'in' takes table; what came in is text"):
        read_value(artifact, tmp_path / "out.txt", PortSpec("in", "table"))


def test_schemas_are_told_as_the_port_sees_them():
    label = Column("label", "string")
    sizes = tuple(Column(name, "integer") for name in ("width", "height", "channels"))
    assert delivered_schema(ImagesSchema((label,)), "table") == TableSchema((label, *sizes))
    assert delivered_schema(VectorsSchema(3, (label,)), "table") == TableSchema((label, Column("vector", "list")))
    for schema in (None, TableSchema((label,)), ImagesSchema((label,)), ModelSchema("regression")):
        assert delivered_schema(schema, "any") == schema
    assert delivered_schema(None, "table") is None


@pytest.mark.parametrize(
    ("package", "extra", "code"),
    [
        (
            "cv2",
            "vision",
            "write_value(PortSpec('out', 'images'), Images([np.zeros((1, 1), np.uint8)], table), tmp, 'o')",
        ),
        ("skops", "ml", "write_value(PortSpec('out', 'model'), Model(1, 'transform', ()), tmp, 'o')"),
        ("polars", "tables", "read_value(written, tmp / 'o', PortSpec('in', 'table', handover='lazy'))"),
    ],
)
def test_a_package_that_is_missing_is_named_with_the_extra_that_brings_it(tmp_path, package, extra, code):
    program = f"""
import sys
sys.modules[{package!r}] = None
from pathlib import Path
import numpy as np, pyarrow as pa
from operators.artifacts.formats import read_value, write_value
from operators.documents import Artifact
from operators.errors import RequirementMissing
from operators.spec import PortSpec
from operators.values import Images, Model
tmp, table = Path({str(tmp_path)!r}), pa.table({{"a": [1]}})
written = Artifact("table", "parquet", "o", 1)
try:
    {code}
except RequirementMissing as error:
    assert "pip install 'opyard[{extra}]'" in str(error), error
else:
    raise SystemExit("nothing was missed")
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_asking_for_a_format_imports_no_library():
    program = (
        "import sys, operators.artifacts.formats;"
        "print(sorted({'pyarrow', 'polars', 'pandas', 'numpy', 'sklearn', 'cv2'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_small_arrow_table_needs_no_polars_and_no_pandas(tmp_path):
    program = f"""
import sys, pathlib, io, pyarrow.csv
from operators.artifacts.formats import read_value, write_value
from operators.spec import PortSpec
folder, port = pathlib.Path({str(tmp_path)!r}), PortSpec("t", "table")
artifact = write_value(port, pyarrow.csv.read_csv(io.BytesIO(b"a,b,c\\n1.5,x,2024-01-01")), folder, "t")
read_value(artifact, folder / artifact.path, port)
print(sorted({{"polars", "pandas"}} & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
