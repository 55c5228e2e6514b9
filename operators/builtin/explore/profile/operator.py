"""Describes every column of a table in a report, in figures and in a table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from operators.frames import known_table, schema_of
from operators.schemas import Column, TableSchema

from .columns import FIGURES, describe
from .correlations import correlations
from .page import write_page


def run(inputs: Mapping[str, Any], params: Mapping[str, Any], context: Any) -> dict[str, Any]:
    import polars as pl
    import polars.selectors as select

    schema = _chosen(schema_of(inputs["table"]), params)
    wanted = {column.name for column in schema.columns} | {params["color"]} - {None}
    frame = (
        inputs["table"]
        .select(select.by_name(*wanted))
        .with_columns(select.by_dtype(pl.Float32, pl.Float64).fill_nan(None))
    )
    rows = frame.select(pl.len()).collect(engine="streaming").item()
    step = max(1, -(-rows // params["sample_rows"]))
    sample = frame.gather_every(step).collect(engine="streaming")
    context.progress(0.3, "distributions")
    columns = describe(frame, sample, schema, params["bins"], params["top_values"])
    context.progress(0.6, "correlations")
    related = correlations(sample, schema, params["correlation"])
    report = write_page(columns, related, sample, rows, params)
    return {
        "report": report,
        "metrics": _metrics(columns, related, rows),
        "columns": pl.DataFrame([column.figures for column in columns], schema=_figure_types()),
    }


def configure(schemas: Mapping[str, Any], params: Mapping[str, Any]) -> dict[str, Any]:
    schema = known_table(schemas, "table")
    if schema is not None:
        _chosen(schema, params)
    figures = TableSchema(tuple(Column(name, kind) for name, kind in FIGURES.items()))
    return {"columns": figures, "report": None, "metrics": None}


def _chosen(schema: TableSchema, params: Mapping[str, Any]) -> TableSchema:
    if params["color"] is not None:
        schema.column(params["color"], "/color")
    if not params["columns"]:
        return schema
    return TableSchema(tuple(schema.column(name, f"/columns/{index}") for index, name in enumerate(params["columns"])))


def _figure_types() -> dict[str, Any]:
    from operators.frames import polars_type

    return {name: polars_type(kind) for name, kind in FIGURES.items()}


def _metrics(columns: Any, related: Any, rows: int) -> dict[str, Any]:
    missing = sum(column.figures["missing"] for column in columns)
    cells = rows * len(columns)
    metrics = {"rows": rows, "columns": len(columns), "missing_cells": missing}
    metrics["missing_share"] = missing / cells if cells else 0.0
    strongest = related.pairs()[:1]
    if strongest:
        metrics["strongest_correlation"] = abs(strongest[0].value)
    return metrics
