"""How good a pipeline is and what it goes by: cross-validation scores and the importance of every column."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from operators.context import RunContext
from operators.errors import InputError
from operators.schemas import Column

if TYPE_CHECKING:
    import numpy as np
    import polars as pl
    import pyarrow as pa

# A permutation costs a prediction of so many rows; all together a training should not wait for long for them.
PERMUTED_ROWS = (50, 500)
PERMUTED_IN_ALL = 30_000
PERMUTATIONS = 3
SMALL_ROWS = 10_000
_MOST_WORKERS = 8


def workers() -> int:
    """How many threads an estimator may use: the cores this process may run on, at most 8."""
    return min(len(os.sched_getaffinity(0)), _MOST_WORKERS)


def unthreaded(pipeline: Any) -> Any:
    """The pipeline without the number of threads of this machine, so that equal training gives an equal file.

    A forest that predicts with several threads also adds up its trees in another order each time, and so gives other
    last digits; with one it does not.
    """
    if "n_jobs" in pipeline.named_steps["model"].get_params():
        pipeline.set_params(model__n_jobs=None)
    return pipeline


def require_neighbours(options: Mapping[str, Any], rows: int, folds: int) -> None:
    """`InputError` where an algorithm asks for more neighbours than the rows of a fold's training part."""
    wanted, least = options.get("neighbours", 0), rows - -(-rows // folds) if folds > 1 else rows
    if wanted > least:
        raise InputError(
            f"{wanted} neighbours are asked for, and only {least} rows are there to learn from. Ask for fewer."
        )


@contextmanager
def bounded_threads(rows: int) -> Iterator[None]:
    """Let native code use one thread for a small table, else as many as `workers` says.

    Below some ten thousand rows threads gain nothing, and on a busy machine they wait for each other many times longer
    than they work.
    """
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1 if rows < SMALL_ROWS else workers()):
        yield


@contextmanager
def told_warnings(context: RunContext) -> Iterator[None]:
    """Put what a library warns of into the step's log, each text once."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield
    for text in dict.fromkeys(str(warning.message).split("\n", 1)[0] for warning in caught):
        context.logger.warning(text)


def cross_validation(
    make: Callable[[], Any],
    frame: pl.DataFrame,
    target: np.ndarray,
    splitter: Any,
    scorings: Mapping[str, str],
    context: RunContext,
) -> dict[str, float]:
    """Scores of pipelines that `make` gives, each trained on all folds but the one it is scored on.

    `scorings` maps the name of a metric to scikit-learn's scorer; where the scorer's name begins with ``neg_`` the
    sign is turned, so that an error is an error. Gives ``cv_<name>`` (mean over folds) and ``cv_<name>_std``.
    """
    import numpy as np
    from sklearn.metrics import get_scorer

    scorers = {name: get_scorer(scoring) for name, scoring in scorings.items()}
    scores: dict[str, list[float]] = {name: [] for name in scorings}
    folds = splitter.get_n_splits()
    for fold, (train, test) in enumerate(splitter.split(frame, target)):
        context.progress(fold / (folds + 1), f"fold {fold + 1} of {folds}")
        pipeline = unthreaded(make().fit(frame[train], target[train]))
        for name, scorer in scorers.items():
            sign = -1.0 if scorings[name].startswith("neg_") else 1.0
            scores[name].append(sign * float(scorer(pipeline, frame[test], target[test])))
    means = {f"cv_{name}": float(np.mean(values)) for name, values in scores.items()}
    return means | {f"cv_{name}_std": float(np.std(values)) for name, values in scores.items()}


def importances(
    pipeline: Any, frame: pl.DataFrame, target: np.ndarray, columns: Sequence[Column], seed: int
) -> pa.Table:
    """How much each column counts, most first: columns `feature` (text) and `importance` (shares that sum to 1).

    Taken from the model where it knows (impurity of trees; size of the coefficients of scaled columns), else by
    permuting each column on 50 to 500 rows, the fewer the more columns there are, and measuring the loss of score
    (Breiman, Random Forests, 2001).
    """
    import numpy as np
    import pyarrow as pa

    native = _native(pipeline.named_steps["model"])
    if native is not None:
        weights = _by_column(pipeline.named_steps["prepare"], native, columns)
    else:
        weights = _by_permutation(pipeline, frame, target, seed)
    total = weights.sum()
    shares = weights / total if total > 0 else weights
    order = np.argsort(-shares, kind="stable")
    return pa.table(
        {
            "feature": pa.array([columns[index].name for index in order], pa.string()),
            "importance": pa.array(shares[order], pa.float64()),
        }
    )


def _native(model: Any) -> np.ndarray | None:
    """The weight of each prepared column, or None where the model does not know."""
    import numpy as np

    if hasattr(model, "feature_importances_"):
        return np.asarray(model.feature_importances_, float)
    if hasattr(model, "coef_"):
        sizes: np.ndarray = np.abs(np.atleast_2d(model.coef_)).mean(axis=0)
        return sizes
    return None


def _by_column(prepare: Any, weights: np.ndarray, columns: Sequence[Column]) -> np.ndarray:
    import numpy as np

    sums = dict.fromkeys((column.name for column in columns), 0.0)
    for name, _, names in prepare.transformers_:
        if name == "remainder":
            continue
        part = weights[prepare.output_indices_[name]]
        if name.startswith("text_"):
            sums[names[0]] += float(part.sum())
        else:
            sums.update(zip(names, part.tolist(), strict=True))
    return np.array([sums[column.name] for column in columns])


def _by_permutation(pipeline: Any, frame: pl.DataFrame, target: np.ndarray, seed: int) -> np.ndarray:
    import numpy as np

    generator = np.random.default_rng(seed)
    repeats = PERMUTATIONS if frame.width * PERMUTATIONS * 100 <= PERMUTED_IN_ALL else 1
    least, most = PERMUTED_ROWS
    count = min(most, max(least, PERMUTED_IN_ALL // (frame.width * repeats)))
    rows = np.sort(generator.permutation(frame.height)[:count])
    frame, target = frame[rows], target[rows]
    base = pipeline.score(frame, target)
    losses = np.zeros(frame.width)
    for index, name in enumerate(frame.columns):
        for _ in range(repeats):
            shuffled = frame[name][generator.permutation(frame.height)]
            losses[index] += base - pipeline.score(frame.with_columns(shuffled), target)
    return np.maximum(losses, 0.0)
