"""Do the trees of a loaded model stay inside their own arrays? Compiled code does not look.

A crafted file could lead scikit-learn's trees to read memory that is not theirs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from operators.errors import UnsafeModel


def check_trees(estimator: Any) -> None:
    """Check every tree that can be reached from `estimator`.

    Raises:
        UnsafeModel: a node leads outside of its tree, or to a feature that its estimator does not take.
    """
    for tree, features in _trees(estimator):
        if not _CHECKS[type(tree).__name__](tree, features):
            raise UnsafeModel(
                "The model file was not loaded: one of its trees leads outside of its own nodes or of the features."
                " Train the model again."
            )


def _trees(root: Any) -> Iterator[tuple[Any, int]]:
    """All trees of scikit-learn's that `root` holds, and how many features the estimator around each lets through."""
    seen: set[tuple[int, int]] = set()
    waiting = [(root, 0)]
    while waiting:
        thing, features = waiting.pop()
        features = getattr(thing, "n_features_in_", features)
        if (id(thing), features) in seen:
            continue
        seen.add((id(thing), features))
        if type(thing).__name__ in _CHECKS:
            yield thing, features
        waiting += [(part, features) for part in _parts(thing)]


def _parts(thing: Any) -> list[Any]:
    if isinstance(thing, Mapping):
        return list(thing.values())
    if isinstance(thing, (list, tuple, set)):
        return [part for part in thing if not isinstance(part, (str, int, float))]
    if getattr(getattr(thing, "dtype", None), "kind", "") == "O":
        return list(thing.ravel())
    if type(thing).__module__.partition(".")[0] == "sklearn":
        return list(getattr(thing, "__dict__", {}).values())
    return []


def _decision_tree(tree: Any, features: int) -> bool:
    inner = tree.children_left != -1
    return (
        _within(tree.children_left[inner], tree.node_count)
        and _within(tree.children_right[inner], tree.node_count)
        and _within(tree.feature[inner], features)
    )


def _histogram_tree(tree: Any, features: int) -> bool:
    inner = tree.nodes[tree.nodes["is_leaf"] == 0]
    categorical = inner["bitset_idx"][inner["is_categorical"] != 0]
    return (
        _within(inner["left"], len(tree.nodes))
        and _within(inner["right"], len(tree.nodes))
        and _within(inner["feature_idx"], features)
        and _within(categorical, min(len(tree.raw_left_cat_bitsets), len(tree.binned_left_cat_bitsets)))
    )


def _neighbour_tree(tree: Any, features: int) -> bool:
    points, order, nodes, bounds = tree.__getstate__()[:4]
    (inner,) = (nodes["is_leaf"] == 0).nonzero()
    return (
        points.shape[1] == features == bounds.shape[2]
        and len(order) == len(points)
        and bounds.shape[1] == len(nodes)
        and _within(order, len(points))
        and _within(nodes["idx_start"], len(points) + 1)
        and _within(nodes["idx_end"], len(points) + 1)
        and _within(2 * inner + 2, len(nodes))
    )


def _within(indices: Any, end: int) -> bool:
    return not len(indices) or bool((indices >= 0).all() and (indices < end).all())


_CHECKS: Mapping[str, Callable[[Any, int], bool]] = MappingProxyType(
    {
        "Tree": _decision_tree,
        "TreePredictor": _histogram_tree,
        "KDTree": _neighbour_tree,
        "BallTree": _neighbour_tree,
    }
)
