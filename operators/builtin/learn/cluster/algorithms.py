"""The clusterings on offer: from parameters to a scikit-learn pipeline."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from operators.builtin.learn.preparation import Preparation, prepared
from operators.errors import InputError
from operators.schemas import Column

Options = Mapping[str, Any]

CAN_PREDICT = frozenset({"k_means", "gaussian_mixture"})
"""The algorithms that can tell the cluster of a row they have not seen."""

AGGLOMERATIVE_ROWS = 20_000


def estimator_for(params: Options, columns: Sequence[Column], seed: int) -> Any:
    """An unfitted pipeline for `params`."""
    options = params["algorithm"]
    preparation = Preparation(params["missing_numbers"], "onehot", params["scale"], params["max_categories"])
    return prepared(_ALGORITHMS[options["kind"]](options, seed), columns, preparation)


def check_rows(options: Options, rows: int) -> None:
    """`InputError` where there are too few rows for the clusters asked for, or too many for the algorithm."""
    wanted = options.get("clusters", 1)
    if rows < wanted or not rows:
        raise InputError(f"{wanted} clusters need at least as many rows; {rows} came in. Ask for fewer clusters.")
    if options["kind"] == "agglomerative" and rows > AGGLOMERATIVE_ROWS:
        raise InputError(
            "Agglomerative clustering compares every row with every other, so it takes at most"
            f" {AGGLOMERATIVE_ROWS:,} rows; {rows:,} came in. Take a sample, or choose k-means."
        )


def _k_means(options: Options, seed: int) -> Any:
    from sklearn.cluster import KMeans

    return KMeans(n_clusters=options["clusters"], n_init=options["restarts"], random_state=seed)


def _dbscan(options: Options, seed: int) -> Any:
    from sklearn.cluster import DBSCAN

    return DBSCAN(eps=options["distance"], min_samples=options["min_rows"])


def _agglomerative(options: Options, seed: int) -> Any:
    from sklearn.cluster import AgglomerativeClustering

    return AgglomerativeClustering(n_clusters=options["clusters"], linkage=options["linkage"])


def _gaussian_mixture(options: Options, seed: int) -> Any:
    from sklearn.mixture import GaussianMixture

    return GaussianMixture(
        n_components=options["clusters"],
        covariance_type=options["covariance"],
        n_init=options["restarts"],
        random_state=seed,
    )


_ALGORITHMS: Mapping[str, Callable[[Options, int], Any]] = {
    "k_means": _k_means,
    "dbscan": _dbscan,
    "agglomerative": _agglomerative,
    "gaussian_mixture": _gaussian_mixture,
}
