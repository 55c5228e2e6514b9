"""Splits a table into training, validation and test rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from operators.errors import ColumnMissing, InputError, ParameterError
from operators.frames import known_table, unused_name

PARTS = ("train", "validation", "test")


def run(inputs: Mapping[str, Any], params: Mapping[str, Any], context: Any) -> dict[str, Any]:
    import polars as pl

    frame = inputs["table"]
    _check(frame.collect_schema().names(), params)
    part_of = _parts(frame, params, context.seed)
    mark = unused_name(frame.collect_schema(), "part")
    marked = pl.concat([frame, pl.LazyFrame({mark: part_of})], how="horizontal")
    wanted = [name for name in PARTS if name != "validation" or params["validation_share"]]
    return {name: marked.filter(pl.col(mark) == PARTS.index(name)).drop(mark) for name in wanted}


def configure(schemas: Mapping[str, Any], params: Mapping[str, Any]) -> dict[str, Any]:
    schema = known_table(schemas, "table")
    _check(None if schema is None else schema.names, params)
    return {"train": schema, "test": schema, "validation": schema if params["validation_share"] else None}


def _check(names: Any, params: Mapping[str, Any]) -> None:
    if params["test_share"] + params["validation_share"] >= 1:
        raise ParameterError(
            f"The shares of test ({params['test_share']}) and validation ({params['validation_share']}) must be less"
            " than 1 together, so that rows to learn from are left. Lower one of them.",
            "/validation_share",
        )
    if names is not None and params["stratify"] is not None and params["stratify"] not in names:
        raise ColumnMissing(params["stratify"], names, "/stratify")


def _parts(frame: Any, params: Mapping[str, Any], seed: int) -> Any:
    """The part of every row, as a uint8 array of indexes into PARTS."""
    import numpy as np
    import polars as pl

    rows = frame.select(pl.len()).collect(engine="streaming").item()
    validation, test = _counts(rows, params)
    if params["method"] == "order":
        return np.repeat(np.arange(3, dtype=np.uint8), [rows - validation - test, validation, test])
    if params["stratify"] is None:
        order = np.random.default_rng(seed).permutation(rows)
    else:
        order = _stratified(frame, params["stratify"], seed)
    part_of = np.zeros(rows, dtype=np.uint8)
    part_of[order[:test]] = PARTS.index("test")
    part_of[order[test : test + validation]] = PARTS.index("validation")
    return part_of


def _counts(rows: int, params: Mapping[str, Any]) -> tuple[int, int]:
    """How many rows validation and test get: their shares, rounded, and at least one row each."""
    parts = 3 if params["validation_share"] else 2
    if rows < parts:
        raise InputError(
            f"The table has {rows} row{'' if rows == 1 else 's'}; expected at least {parts}, one for each part."
        )
    test = max(1, round(rows * params["test_share"]))
    validation = max(1, round(rows * params["validation_share"])) if params["validation_share"] else 0
    if rows - test - validation < 1:
        raise InputError(f"Of {rows} rows none would be left to learn from. Lower the shares, or bring more rows.")
    return validation, test


def _stratified(frame: Any, column: str, seed: int) -> Any:
    """Row numbers in an order of which every stretch holds each value in its share.

    Within a value the order is random; the k-th of n rows of a value stands at (k + u) / n, u being one random number
    in [0, 1) for each value, so that the values are spread evenly over the whole.
    """
    import numpy as np
    import polars as pl

    values = frame.select(pl.col(column).rank("dense")).collect()[column].fill_null(0).to_numpy()
    random = np.random.default_rng(seed)
    place = np.empty(len(values))
    for value in np.unique(values):
        members = random.permutation(np.flatnonzero(values == value))
        place[members] = (np.arange(len(members)) + random.random()) / len(members)
    return np.argsort(place, kind="stable")
