"""Do the trees of a loaded model stay inside their own arrays? Compiled code does not look.

A crafted file could lead scikit-learn's `Tree` or `TreePredictor` to read memory that is not theirs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from operators.errors import UnsafeModel


def check_trees(estimator: Any) -> None:
    """Check every tree that can be reached from `estimator`.

    Raises:
        UnsafeModel: a node leads outside of its tree or to a feature that is not there.
    """
    for tree in _trees(estimator):
        if not _stays_inside(tree):
            raise UnsafeModel(
                "The model file was not loaded: one of its trees leads outside of its own nodes. Train the model again."
            )


def _trees(root: Any) -> Iterator[Any]:
    """Everything named like a tree of scikit-learn's that `root` holds."""
    seen: set[int] = set()
    waiting = [root]
    while waiting:
        thing = waiting.pop()
        if id(thing) in seen:
            continue
        seen.add(id(thing))
        if type(thing).__name__ in ("Tree", "TreePredictor"):
            yield thing
        waiting += _parts(thing)


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


def _stays_inside(tree: Any) -> bool:
    if type(tree).__name__ == "Tree":
        leaf = tree.children_left == -1
        lefts, rights, features = tree.children_left[~leaf], tree.children_right[~leaf], tree.feature[~leaf]
        return (
            _within(lefts, tree.node_count) and _within(rights, tree.node_count) and _within(features, tree.n_features)
        )
    inner = tree.nodes[tree.nodes["is_leaf"] == 0]
    whole = len(tree.nodes)
    splits = inner["bitset_idx"][inner["is_categorical"] != 0]
    return (
        _within(inner["left"], whole)
        and _within(inner["right"], whole)
        and _within(splits, min(len(tree.raw_left_cat_bitsets), len(tree.binned_left_cat_bitsets)))
    )


def _within(indices: Any, end: int) -> bool:
    return not len(indices) or bool((indices >= 0).all() and (indices < end).all())
