"""Figures and charts for predicted classes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from operators.builtin.learn.labels import PROBABILITY, label_text
from operators.errors import ParameterError
from operators.values import Report

from . import charts

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

CURVE_POINTS = 200
CURVE_CLASSES = 10
CALIBRATION_BINS = 10


def assess(table: pa.Table, params: Mapping[str, Any]) -> tuple[dict[str, float], Report, pa.Table]:
    """Metrics, report and a table of precision, recall and F1 by class.

    Of two classes, `params["positive"]` (or the last in order) is the one that precision, recall, ROC and PR are
    about; of more, they are means over classes, and a curve is drawn for each class against all others.
    """
    import numpy as np

    actual = np.array([label_text(value) for value in table[params["target"]].to_pylist()])
    predicted = np.array([label_text(value) for value in table[params["prediction"]].to_pylist()])
    classes = _ordered(set(actual.tolist()) | set(predicted.tolist()) | _with_probability(table))
    positive = _positive(classes, params["positive"])
    probabilities = _probabilities(table, classes)
    matrix = _confusion(actual, predicted, classes)
    details = _by_class(matrix, classes)
    metrics = _metrics(matrix, details, classes, positive)
    judged = [positive] if positive else _seen(classes, actual)
    curves = {}
    if probabilities is not None:
        curves = {name: (actual == name, probabilities[:, classes.index(name)]) for name in judged}
        metrics |= _probability_metrics(actual, probabilities, classes, curves)
    return metrics, _report(params["target"], matrix, classes, metrics, details, curves), details


def _ordered(labels: set[str]) -> list[str]:
    """Labels in order: as numbers where all are, else as texts."""
    try:
        return sorted(labels, key=float)
    except ValueError:
        return sorted(labels)


def _seen(classes: Sequence[str], actual: np.ndarray) -> list[str]:
    present = set(actual)
    return [name for name in classes if name in present]


def _with_probability(table: pa.Table) -> set[str]:
    return {name.removeprefix(PROBABILITY) for name in table.column_names if name.startswith(PROBABILITY)}


def _positive(classes: Sequence[str], asked: str | None) -> str | None:
    if asked and asked not in classes:
        raise ParameterError(f"There is no class {asked!r}. The classes are {', '.join(classes)}.", "/positive")
    return (asked or classes[-1]) if len(classes) == 2 else None


def _probabilities(table: pa.Table, classes: Sequence[str]) -> np.ndarray | None:
    """Of shape (rows, classes), or None where not every class has a column of finite probabilities."""
    import numpy as np

    names = [PROBABILITY + name for name in classes]
    if any(name not in table.column_names for name in names):
        return None
    values = np.column_stack([np.asarray(table[name], float) for name in names])
    return values if np.isfinite(values).all() else None


def _confusion(actual: np.ndarray, predicted: np.ndarray, classes: Sequence[str]) -> np.ndarray:
    from sklearn.metrics import confusion_matrix

    matrix: np.ndarray = confusion_matrix(actual, predicted, labels=list(classes))
    return matrix


def _by_class(matrix: np.ndarray, classes: Sequence[str]) -> pa.Table:
    """Precision, recall and F1 of each class; 0 where nothing was predicted or nothing is there to be found."""
    import numpy as np
    import pyarrow as pa

    hits, rows, guesses = np.diag(matrix), matrix.sum(axis=1), matrix.sum(axis=0)
    return pa.table(
        {
            "class": pa.array(classes, pa.string()),
            "precision": hits / np.maximum(guesses, 1),
            "recall": hits / np.maximum(rows, 1),
            "f1": 2 * hits / np.maximum(rows + guesses, 1),
            "rows": pa.array(rows, pa.int64()),
        }
    )


def _metrics(matrix: np.ndarray, details: pa.Table, classes: Sequence[str], positive: str | None) -> dict[str, float]:
    import numpy as np

    total, there = matrix.sum(), matrix.sum(axis=1) > 0
    by_class = {name: np.asarray(details[name]) for name in ("precision", "recall", "f1")}
    metrics = {
        "rows": int(total),
        "accuracy": float(np.trace(matrix) / total),
        "balanced_accuracy": float(by_class["recall"][there].mean()),
        "matthews": _matthews(matrix),
    }
    if positive is not None:
        index = classes.index(positive)
        metrics |= {name: float(values[index]) for name, values in by_class.items()}
    return metrics | {f"{name}_macro": float(values[there].mean()) for name, values in by_class.items()}


def _matthews(matrix: np.ndarray) -> float:
    """Matthews' correlation of truth and prediction for any number of classes (Gorodkin, 2004); 0 where undefined."""
    import numpy as np

    rows, guesses, total = matrix.sum(axis=1).astype(float), matrix.sum(axis=0).astype(float), float(matrix.sum())
    shared = np.trace(matrix) * total - rows @ guesses
    spread = np.sqrt(total**2 - rows @ rows) * np.sqrt(total**2 - guesses @ guesses)
    return float(shared / spread) if spread > 0 else 0.0


def _probability_metrics(
    actual: np.ndarray,
    probabilities: np.ndarray,
    classes: Sequence[str],
    curves: Mapping[str, tuple[np.ndarray, np.ndarray]],
) -> dict[str, float]:
    import numpy as np
    from sklearn.metrics import average_precision_score, roc_auc_score

    truth = actual[:, None] == np.array(classes)[None, :]
    given = np.clip((probabilities * truth).sum(axis=1), np.finfo(float).eps, 1.0)
    metrics = {
        "log_loss": float(-np.log(given).mean()),
        "brier": float(((probabilities - truth) ** 2).sum(axis=1).mean()) / (2.0 if len(classes) == 2 else 1.0),
    }
    # A curve needs rows of the class and rows of others.
    drawable = [curve for curve in curves.values() if 0 < curve[0].sum() < len(curve[0])]
    if drawable:
        metrics["roc_auc"] = float(np.mean([roc_auc_score(*curve) for curve in drawable]))
        metrics["average_precision"] = float(np.mean([average_precision_score(*curve) for curve in drawable]))
    return metrics


def _report(
    target: str,
    matrix: np.ndarray,
    classes: Sequence[str],
    metrics: Mapping[str, float],
    details: pa.Table,
    curves: Mapping[str, tuple[np.ndarray, np.ndarray]],
) -> Report:
    report = Report(f"How well {target!r} is predicted")
    report.text(f"{int(matrix.sum()):,} rows of {len(classes)} classes were judged.")
    report.table([{"metric": name, "value": value} for name, value in metrics.items()], _figure)
    report.text("## Confusion matrix\n\nRows of each actual class by the class that was predicted.")
    report.chart(charts.heat_map(_cells(matrix, classes), classes))
    report.text("## By class").table(details.to_pylist(), _figure)
    drawn = {name: curve for name, curve in curves.items() if 0 < curve[0].sum() < len(curve[0])}
    if drawn:
        _add_curves(report, drawn)
    return report


def _add_curves(report: Report, curves: Mapping[str, tuple[np.ndarray, np.ndarray]]) -> None:
    shown = dict(list(curves.items())[:CURVE_CLASSES])
    left_out = f" {len(curves) - len(shown)} more classes are left out." if len(shown) < len(curves) else ""
    report.text(f"## ROC\n\nThe dashed line is a guess.{left_out}")
    report.chart(charts.curves(_roc(shown), "false positive rate", "true positive rate", diagonal=True))
    report.text("## Precision and recall")
    report.chart(charts.curves(_precision_recall(shown), "recall", "precision"))
    report.text("## Calibration\n\nOn the dashed line, what is given 70% comes true in 70% of the cases.")
    report.chart(charts.calibration(_calibration(shown)))


def _cells(matrix: np.ndarray, classes: Sequence[str]) -> list[dict[str, Any]]:
    import numpy as np

    shares = matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
    return [
        {"actual": actual, "predicted": predicted, "rows": int(matrix[i, j]), "share": round(float(shares[i, j]), 4)}
        for i, actual in enumerate(classes)
        for j, predicted in enumerate(classes)
    ]


def _roc(curves: Mapping[str, tuple[np.ndarray, np.ndarray]]) -> list[dict[str, Any]]:
    from sklearn.metrics import roc_curve

    points: list[dict[str, Any]] = []
    for name, curve in curves.items():
        wrong, right, _ = roc_curve(*curve)
        points += _points(name, {"false positive rate": wrong, "true positive rate": right})
    return points


def _precision_recall(curves: Mapping[str, tuple[np.ndarray, np.ndarray]]) -> list[dict[str, Any]]:
    from sklearn.metrics import precision_recall_curve

    points: list[dict[str, Any]] = []
    for name, curve in curves.items():
        precision, recall, _ = precision_recall_curve(*curve)
        points += _points(name, {"recall": recall[::-1], "precision": precision[::-1]})
    return points


def _points(name: str, axes: Mapping[str, np.ndarray]) -> list[dict[str, Any]]:
    """At most 200 points of a curve, ends included, in order along it."""
    import numpy as np

    length = len(next(iter(axes.values())))
    chosen = np.unique(np.linspace(0, length - 1, min(length, CURVE_POINTS)).round().astype(int))
    return [
        {"class": name, "order": order, **{axis: round(float(values[index]), 5) for axis, values in axes.items()}}
        for order, index in enumerate(chosen)
    ]


def _calibration(curves: Mapping[str, tuple[np.ndarray, np.ndarray]]) -> list[dict[str, Any]]:
    import numpy as np

    points = []
    for name, (truth, probability) in curves.items():
        bins = np.minimum((probability * CALIBRATION_BINS).astype(int), CALIBRATION_BINS - 1)
        for index in np.unique(bins):
            inside = bins == index
            points.append(
                {
                    "class": name,
                    "predicted": round(float(probability[inside].mean()), 4),
                    "observed": round(float(truth[inside].mean()), 4),
                    "rows": int(inside.sum()),
                }
            )
    return points


def _figure(value: Any) -> str:
    return f"{value:.4f}" if isinstance(value, float) else str(value)
