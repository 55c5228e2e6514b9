"""What `bench_table.py` compares with: the same work as Polars scripts, one a process.

`python polars_scripts.py (kept|eager|lazy) (csv|parquet) INPUT FOLDER`; the groups are left in FOLDER/group.parquet.
"""

from __future__ import annotations

import sys
from pathlib import Path

import polars as pl

CONDITION = (pl.col("quantity") > 15) & (pl.col("rating") >= 1.5)
REVENUE = (pl.col("price") * pl.col("quantity") * (1 - pl.col("discount"))).alias("revenue")
KEYS = ["region", "product"]
SUMMARIES = (
    pl.len().alias("rows"),
    pl.col("revenue").sum().alias("revenue_sum"),
    pl.col("rating").mean().alias("rating_mean"),
    pl.col("day").max().alias("day_max"),
)


def kept(kind: str, path: Path, folder: Path) -> None:
    """Every result is streamed into a Parquet file, which the next part reads."""
    _sink(_scan(kind, path), folder / "read.parquet")
    _sink(pl.scan_parquet(folder / "read.parquet").filter(CONDITION), folder / "filter.parquet")
    _sink(pl.scan_parquet(folder / "filter.parquet").with_columns(REVENUE), folder / "derive.parquet")
    groups = pl.scan_parquet(folder / "derive.parquet").group_by(KEYS).agg(SUMMARIES).sort(KEYS)
    _sink(groups, folder / "group.parquet")


def eager(kind: str, path: Path, folder: Path) -> None:
    """Every result is a frame in memory."""
    frame = pl.read_csv(path, try_parse_dates=True) if kind == "csv" else pl.read_parquet(path)
    frame = frame.filter(CONDITION)
    frame = frame.with_columns(REVENUE)
    frame.group_by(KEYS).agg(SUMMARIES).sort(KEYS).write_parquet(folder / "group.parquet")


def lazy(kind: str, path: Path, folder: Path) -> None:
    """One query; Polars reads the columns that it needs and holds what it must."""
    rows = _scan(kind, path).filter(CONDITION).with_columns(REVENUE)
    _sink(rows.group_by(KEYS).agg(SUMMARIES).sort(KEYS), folder / "group.parquet")


def _scan(kind: str, path: Path) -> pl.LazyFrame:
    return pl.scan_csv(path, try_parse_dates=True) if kind == "csv" else pl.scan_parquet(path)


def _sink(frame: pl.LazyFrame, path: Path) -> None:
    frame.sink_parquet(path, compression="uncompressed", engine="streaming")


if __name__ == "__main__":
    name, kind, path, folder = sys.argv[1:]
    {"kept": kept, "eager": eager, "lazy": lazy}[name](kind, Path(path), Path(folder))
