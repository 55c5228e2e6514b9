"""Figures and charts for predicted numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from operators.errors import InputError
from operators.values import Report

from . import charts

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

DRAWN_POINTS = 2_000
HISTOGRAM_BINS = 30
BANDS = 10


def assess(table: pa.Table, params: Mapping[str, Any], seed: int) -> tuple[dict[str, float], Report, pa.Table]:
    """Metrics, report and a table of errors by bands of the true value.

    Errors are prediction minus truth, in the units of the target. R² is 1 minus the share of the target's variance
    that is left in the errors; it is left out where the target is constant.
    """
    import numpy as np
    import pyarrow as pa

    actual = np.asarray(table[params["target"]].cast(pa.float64()), float)
    predicted = np.asarray(table[params["prediction"]].cast(pa.float64()), float)
    finite = np.isfinite(actual) & np.isfinite(predicted)
    if not finite.any():
        raise InputError(
            f"There is no row in which {params['target']!r} and {params['prediction']!r} are finite numbers."
        )
    actual, predicted = actual[finite], predicted[finite]
    metrics = _metrics(actual, predicted)
    details = _bands(actual, predicted)
    return metrics, _report(params["target"], actual, predicted, metrics, details, seed), details


def _metrics(actual: np.ndarray, predicted: np.ndarray) -> dict[str, float]:
    import numpy as np

    error = predicted - actual
    metrics = {
        "rows": len(actual),
        "mae": float(np.abs(error).mean()),
        "rmse": float(np.sqrt((error**2).mean())),
        "median_absolute_error": float(np.median(np.abs(error))),
        "mean_error": float(error.mean()),
        "max_error": float(np.abs(error).max()),
    }
    spread = float(((actual - actual.mean()) ** 2).mean())
    if spread > 0:
        metrics["r2"] = 1.0 - float((error**2).mean()) / spread
    if (actual != 0).all():
        metrics["mape"] = float(np.abs(error / actual).mean())
    return metrics


def _bands(actual: np.ndarray, predicted: np.ndarray) -> pa.Table:
    """Errors within tenths of the rows, by rising truth."""
    import numpy as np
    import pyarrow as pa

    order = np.argsort(actual, kind="stable")
    rows = []
    for part in np.array_split(order, min(BANDS, len(order))):
        error = predicted[part] - actual[part]
        rows.append(
            {
                "from": float(actual[part[0]]),
                "to": float(actual[part[-1]]),
                "rows": len(part),
                "mean_error": float(error.mean()),
                "mae": float(np.abs(error).mean()),
                "rmse": float(np.sqrt((error**2).mean())),
            }
        )
    return pa.Table.from_pylist(rows)


def _report(
    target: str, actual: np.ndarray, predicted: np.ndarray, metrics: dict[str, float], details: pa.Table, seed: int
) -> Report:
    import numpy as np

    rows = np.sort(np.random.default_rng(seed).permutation(len(actual))[:DRAWN_POINTS])
    points = [
        {"actual": a, "predicted": p, "residual": p - a}
        for a, p in zip(actual[rows].tolist(), predicted[rows].tolist(), strict=True)
    ]
    low, high = float(actual.min()), float(actual.max())
    ends = float(predicted.min()), float(predicted.max())
    drawn = f" The charts show {len(points):,} of them." if len(points) < len(actual) else ""
    report = Report(f"How well {target!r} is predicted")
    report.text(f"{len(actual):,} rows were judged.{drawn}")
    report.table([{"metric": name, "value": value} for name, value in metrics.items()], _figure)
    report.text("## Predicted and actual\n\nOn the dashed line a prediction is exact.")
    report.chart(charts.scatter(points, "actual", "predicted", ((low, low), (high, high))))
    report.text("## Residuals\n\nPrediction minus truth. A shape in the cloud is something the model has not learned.")
    report.chart(charts.scatter(points, "predicted", "residual", ((ends[0], 0.0), (ends[1], 0.0))))
    report.chart(charts.histogram(_bins(predicted - actual), "residual"))
    report.text("## Errors by size of the truth")
    return report.table(details.to_pylist(), _figure)


def _bins(values: np.ndarray) -> list[dict[str, float]]:
    import numpy as np

    counts, edges = np.histogram(values, HISTOGRAM_BINS)
    return [
        {"from": float(edges[index]), "to": float(edges[index + 1]), "rows": int(count)}
        for index, count in enumerate(counts)
    ]


def _figure(value: Any) -> str:
    return f"{value:,.4g}" if isinstance(value, float) else str(value)
