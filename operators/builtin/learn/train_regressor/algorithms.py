"""The regressors on offer: from parameters to a scikit-learn pipeline."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from operators.builtin.learn.preparation import Preparation, prepared
from operators.schemas import Column

Options = Mapping[str, Any]


def estimator_for(params: Options, columns: Sequence[Column], seed: int) -> Any:
    """An unfitted pipeline for `params`."""
    options = params["algorithm"]
    make, preparation = _ALGORITHMS[options["kind"]]
    missing = params["missing_numbers"] if preparation.missing else None
    chosen = Preparation(missing, preparation.categories, preparation.scale, params["max_categories"])
    return prepared(make(options, seed), columns, chosen)


def _linear(options: Options, seed: int) -> Any:
    from sklearn.linear_model import LinearRegression

    return LinearRegression()


def _ridge(options: Options, seed: int) -> Any:
    from sklearn.linear_model import Ridge

    return Ridge(alpha=options["alpha"])


def _lasso(options: Options, seed: int) -> Any:
    from sklearn.linear_model import Lasso

    return Lasso(alpha=options["alpha"], max_iter=options["max_iter"])


def _elastic_net(options: Options, seed: int) -> Any:
    from sklearn.linear_model import ElasticNet

    return ElasticNet(alpha=options["alpha"], l1_ratio=options["l1_ratio"], max_iter=options["max_iter"])


def _random_forest(options: Options, seed: int) -> Any:
    from sklearn.ensemble import RandomForestRegressor

    from operators.builtin.learn.assessment import workers

    return RandomForestRegressor(
        n_estimators=options["trees"],
        max_depth=options["max_depth"],
        min_samples_leaf=options["min_samples_leaf"],
        max_features=options["max_features"],
        n_jobs=workers(),
        random_state=seed,
    )


def _gradient_boosting(options: Options, seed: int) -> Any:
    from sklearn.ensemble import HistGradientBoostingRegressor

    return HistGradientBoostingRegressor(
        loss=options["loss"],
        learning_rate=options["learning_rate"],
        max_iter=options["iterations"],
        max_leaf_nodes=options["max_leaf_nodes"],
        min_samples_leaf=options["min_samples_leaf"],
        l2_regularization=options["l2"],
        early_stopping=options["early_stopping"],
        random_state=seed,
    )


def _nearest_neighbours(options: Options, seed: int) -> Any:
    from sklearn.neighbors import KNeighborsRegressor

    return KNeighborsRegressor(
        n_neighbors=options["neighbours"], weights=options["weights"], p=1 if options["metric"] == "manhattan" else 2
    )


def _svr(options: Options, seed: int) -> Any:
    from sklearn.compose import TransformedTargetRegressor
    from sklearn.preprocessing import StandardScaler
    from sklearn.svm import SVR

    machine = SVR(C=options["C"], epsilon=options["epsilon"], kernel=options["kernel"], gamma=options["gamma"])
    # C and epsilon are in units of the target, so they only mean the same everywhere on a scaled one.
    return TransformedTargetRegressor(machine, transformer=StandardScaler())


_SCALED = Preparation(scale=True)
_ALGORITHMS: Mapping[str, tuple[Callable[[Options, int], Any], Preparation]] = {
    "linear": (_linear, _SCALED),
    "ridge": (_ridge, _SCALED),
    "lasso": (_lasso, _SCALED),
    "elastic_net": (_elastic_net, _SCALED),
    "random_forest": (_random_forest, Preparation(categories="ordinal")),
    "gradient_boosting": (_gradient_boosting, Preparation(missing=None, categories="ordinal")),
    "nearest_neighbours": (_nearest_neighbours, _SCALED),
    "svr": (_svr, _SCALED),
}
