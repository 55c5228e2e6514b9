"""Write file: what is there afterwards, also when writing fails."""

import subprocess
import sys

import polars as pl
import pytest

from operators.errors import InputError

ROWS = pl.DataFrame({"id": [1, 2, 3], "name": ["Ada", None, "艾达, “x”"]})
READERS = {
    "a.csv": pl.read_csv,
    "a.tsv": lambda path: pl.read_csv(path, separator="\t"),
    "a.parquet": pl.read_parquet,
    "a.jsonl": pl.read_ndjson,
    "a.arrow": pl.read_ipc,
}


@pytest.mark.parametrize("name", READERS)
def test_what_is_written_can_be_read(run_operator, tmp_path, name):
    path = tmp_path / name
    made = run_operator("data.write_file", {"table": ROWS.lazy()}, path=str(path))
    assert READERS[name](path).equals(ROWS)
    assert made["file"] == path
    assert made["metrics"] == {"rows": 3, "columns": 2, "bytes": path.stat().st_size}


def test_a_mark_for_excel(run_operator, tmp_path):
    path = tmp_path / "a.csv"
    run_operator("data.write_file", {"table": ROWS.lazy()}, path=str(path), bom=True)
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")


def test_a_failure_on_the_way_leaves_the_old_file_alone(run_operator, tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("old\n")
    broken = ROWS.lazy().with_columns(pl.col("name").cast(pl.Int64))
    with pytest.raises(pl.exceptions.PolarsError):
        run_operator("data.write_file", {"table": broken}, path=str(path))
    assert path.read_text() == "old\n"
    assert [entry.name for entry in tmp_path.iterdir() if entry.is_file()] == ["a.csv"]


LIMITED = """
import resource, sys
import polars as pl
from pathlib import Path
from operators.builtin import provider
from operators.errors import InputError
from operators.parameters import with_defaults
import logging, signal
from operators.context import RunContext

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
package = next(package for package in provider() if package.spec.id == "opyard.data.write_file")
operator = package.load()
context = RunContext(scratch=Path(sys.argv[1]), emit=print, logger=logging.getLogger())
frame = pl.LazyFrame({"n": range(2_000_000)})
params = with_defaults(package.spec.parameters, {"path": sys.argv[2]})
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
try:
    operator.run({"table": frame}, params, context)
except (InputError, OSError, pl.exceptions.PolarsError) as error:
    print(type(error).__name__, error)
"""


@pytest.mark.parametrize("name", ["a.csv", "a.parquet"])
def test_a_disk_that_is_full_leaves_nothing_half_written(tmp_path, name):
    path = tmp_path / name
    command = [sys.executable, "-c", LIMITED, str(tmp_path), str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("InputError")
    assert str(path) in done.stdout
    assert list(tmp_path.iterdir()) == []


def test_a_folder_in_place_of_a_file(run_operator, tmp_path):
    folder = tmp_path / "a.csv"
    folder.mkdir()
    with pytest.raises(InputError, match="is a folder"):
        run_operator("data.write_file", {"table": ROWS.lazy()}, path=str(folder))
