"""The classifiers on offer: from parameters to a scikit-learn pipeline."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from operators.builtin.learn.preparation import Preparation, prepared
from operators.schemas import Column

Options = Mapping[str, Any]


def estimator_for(params: Options, columns: Sequence[Column], folds: int, seed: int) -> Any:
    """An unfitted pipeline for `params`. `folds` is how many folds the rows of every class can fill."""
    options = params["algorithm"]
    weights = "balanced" if params["class_weight"] == "balanced" else None
    make, _ = _ALGORITHMS[options["kind"]]
    return prepared(make(options, weights, folds, seed), columns, preparation_for(params))


def preparation_for(params: Options) -> Preparation:
    """How the columns are prepared for the algorithm that `params` choose."""
    _, preparation = _ALGORITHMS[params["algorithm"]["kind"]]
    missing = params["missing_numbers"] if preparation.missing else None
    return Preparation(missing, preparation.categories, preparation.scale, params["max_categories"])


def _logistic_regression(options: Options, weights: str | None, folds: int, seed: int) -> Any:
    from sklearn.linear_model import LogisticRegression

    share = options["l1_ratio"]
    return LogisticRegression(
        C=options["C"],
        l1_ratio=share,
        # Only saga can do L1; lbfgs is quicker without it.
        solver="saga" if share > 0 else "lbfgs",
        max_iter=options["max_iter"],
        class_weight=weights,
        random_state=seed,
    )


def _random_forest(options: Options, weights: str | None, folds: int, seed: int) -> Any:
    from sklearn.ensemble import RandomForestClassifier

    from operators.builtin.learn.assessment import workers

    return RandomForestClassifier(
        n_estimators=options["trees"],
        max_depth=options["max_depth"],
        min_samples_leaf=options["min_samples_leaf"],
        max_features=options["max_features"],
        class_weight=weights,
        n_jobs=workers(),
        random_state=seed,
    )


def _gradient_boosting(options: Options, weights: str | None, folds: int, seed: int) -> Any:
    from sklearn.ensemble import HistGradientBoostingClassifier

    return HistGradientBoostingClassifier(
        learning_rate=options["learning_rate"],
        max_iter=options["iterations"],
        max_leaf_nodes=options["max_leaf_nodes"],
        min_samples_leaf=options["min_samples_leaf"],
        l2_regularization=options["l2"],
        early_stopping=options["early_stopping"],
        class_weight=weights,
        random_state=seed,
    )


def _svm(options: Options, weights: str | None, folds: int, seed: int) -> Any:
    from sklearn.calibration import CalibratedClassifierCV
    from sklearn.svm import SVC

    machine = SVC(
        C=options["C"],
        kernel=options["kernel"],
        gamma=options["gamma"],
        degree=options["degree"],
        class_weight=weights,
        random_state=seed,
    )
    if not options["probabilities"] or folds < 2:
        return machine
    # A machine gives distances. Platt's scaling makes probabilities of them, fitted on held-out folds.
    return CalibratedClassifierCV(machine, method="sigmoid", cv=folds, ensemble=False)


def _nearest_neighbours(options: Options, weights: str | None, folds: int, seed: int) -> Any:
    from sklearn.neighbors import KNeighborsClassifier

    return KNeighborsClassifier(
        n_neighbors=options["neighbours"], weights=options["weights"], p=1 if options["metric"] == "manhattan" else 2
    )


_ALGORITHMS: Mapping[str, tuple[Callable[..., Any], Preparation]] = {
    "logistic_regression": (_logistic_regression, Preparation(scale=True)),
    "random_forest": (_random_forest, Preparation(categories="ordinal")),
    "gradient_boosting": (_gradient_boosting, Preparation(missing=None, categories="ordinal")),
    "svm": (_svm, Preparation(scale=True)),
    "nearest_neighbours": (_nearest_neighbours, Preparation(scale=True)),
}
