"""Tables from their summaries: sample rows, and statistics of every column with a small histogram."""

from __future__ import annotations

from typing import Any

import streamlit as st

from operators.documents import Artifact
from ui.views.quantities import readable_value
from ui.web.speech import t


def show_sample(artifact: Artifact) -> None:
    """The first rows, as they were written into the summary."""
    import pandas as pd

    summary = artifact.summary
    names = [column["name"] for column in summary["columns"]]
    rows = summary.get("sample", [])
    frame = pd.DataFrame(
        [row[: len(names)] for row in rows], columns=pd.Index(names[: len(rows[0])] if rows else names)
    )
    st.dataframe(frame.convert_dtypes(), hide_index=True, height="content" if len(rows) <= 10 else 390)
    if summary.get("rows", len(rows)) > len(rows):
        st.caption(t("ui.artifact.first_rows", count=len(rows), rows=readable_value(summary["rows"])))


def show_columns(artifact: Artifact) -> None:
    """A row for each column: type, missing values, distinct values, range, mean, histogram, most frequent values."""
    summary = artifact.summary
    st.dataframe(
        [_line(column) for column in summary["columns"]],
        hide_index=True,
        column_config={
            "histogram": st.column_config.BarChartColumn(t("ui.column.histogram"), width="medium"),
            **{key: st.column_config.Column(t(f"ui.column.{key}")) for key in KEYS},
        },
        column_order=["name", "type", "nulls", "distinct", "min", "mean", "max", "std", "histogram", "top"],
    )
    if not summary.get("exact", True):
        st.caption(t("ui.artifact.sampled", count=readable_value(summary.get("sampled_rows"))))
    if left_out := summary.get("columns_left_out"):
        st.caption(t("ui.artifact.left_out", count=left_out))


KEYS = ("name", "type", "nulls", "distinct", "min", "mean", "max", "std", "top")


def _line(column: dict[str, Any]) -> dict[str, Any]:
    line = {key: readable_value(column.get(key)) for key in KEYS[:-1]}
    top = column.get("top", [])
    return {
        **line,
        "histogram": (column.get("histogram") or {}).get("counts"),
        "top": ", ".join(f"{readable_value(each['value'])} ({each['count']})" for each in top[:5]),
    }
