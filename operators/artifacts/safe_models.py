"""Fitted estimators as skops files, and the policy that says what such a file may hold.

A file is trusted to hold what skops trusts by itself (containers, numbers, scikit-learn's public estimators, ufuncs),
and classes of scikit-learn, numpy and scipy that are plain data or estimators. Functions (but for a few that
scikit-learn itself keeps in models), methods and every class of another package are refused, when the file is written
and again when it is read. So are numpy's and scipy's classes that open files when they are made. Trees, whose compiled
code trusts the indices it is given, are checked to stay inside their own arrays.
"""

from __future__ import annotations

import json
import zipfile
import zlib
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from operators.artifacts.files import read_bytes
from operators.artifacts.tree_bounds import check_trees
from operators.errors import UnsafeModel

_PACKAGES = ("sklearn", "numpy", "scipy")
# What scikit-learn keeps in models of its own: histogram boosting with categories, splines. None of them does anything
# but hand arrays over; `partial` can only be made of what is trusted itself.
_TRUSTED_BY_NAME = frozenset(
    {
        "functools.partial",
        "sklearn.utils.validation.check_array",
        "scipy._lib.array_api_compat.numpy._aliases.asarray",
    }
)
_NOT_FOR_MODELS = ("sklearn.externals", "sklearn.datasets", "sklearn.utils._testing", "sklearn.conftest")


def dump(estimator: Any) -> bytes:
    """The bytes of a skops file that `load` takes.

    Raises:
        UnsafeModel: names the types that it may not hold, and says what to do.
    """
    import skops.io

    try:
        data: bytes = skops.io.dumps(estimator)
        refused = _refused(skops.io.get_untrusted_types(data=data))
    except (TypeError, ValueError, AttributeError) as error:
        raise UnsafeModel(
            f"{type(estimator).__name__} cannot be kept in a format that is safe to load: {error}."
            " Return a scikit-learn estimator that is made of scikit-learn's and numpy's own parts."
        ) from error
    if refused:
        raise UnsafeModel(
            f"{type(estimator).__name__} holds what a safe model file may not hold: {', '.join(refused)}."
            " Only scikit-learn's, numpy's and scipy's own classes can be kept. Replace your own functions and classes"
            " by their like there, or do their work in an operator before the model."
        )
    return data


def load(path: Path) -> Any:
    """The estimator in a skops file.

    Raises:
        UnsafeModel: it is none, or holds what the policy does not trust. Nothing of it has been run then.
    """
    import skops.io

    data = read_bytes(path)
    try:
        untrusted = skops.io.get_untrusted_types(data=data)
        refused = _refused(untrusted)
        if refused:
            raise UnsafeModel(
                f"The model file {path.name} was not loaded: it holds {', '.join(refused)}, which may run code."
                " Train the model again with scikit-learn's own parts."
            )
        estimator = skops.io.loads(data, trusted=untrusted)
        check_trees(estimator)
    except UnsafeModel:
        raise
    except _DAMAGE as error:
        raise UnsafeModel(
            f"The model file {path.name} is no skops file, or a damaged one ({type(error).__name__}: {error});"
            " it was not loaded. Only models in the skops format are read, never pickles."
        ) from error
    return estimator


_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    json.JSONDecodeError,
    LookupError,
    ValueError,
    TypeError,
    AttributeError,
    ImportError,
    EOFError,
    OverflowError,
    RecursionError,
    NotImplementedError,
)


def _refused(untrusted: Sequence[str]) -> list[str]:
    return [name for name in untrusted if not _is_trusted(name)]


def _is_trusted(name: str) -> bool:
    """Whether the policy lets a file hold the type of that dotted name."""
    if name in _TRUSTED_BY_NAME:
        return True
    module_name, _, type_name = name.rpartition(".")
    if module_name.partition(".")[0] not in _PACKAGES or module_name.startswith(_NOT_FOR_MODELS):
        return False
    try:
        found = getattr(import_module(module_name), type_name)
    except (ImportError, AttributeError):
        return False
    if not isinstance(found, type) or found.__module__.partition(".")[0] not in _PACKAGES:
        return False
    return module_name.startswith("sklearn") or _is_plain_data(found)


def _is_plain_data(found: type) -> bool:
    """Whether one of numpy's or scipy's classes is data: others, such as `numpy.memmap`, write files when made."""
    import numpy as np
    import scipy.sparse
    import scipy.stats

    if issubclass(found, np.memmap):
        return False
    data = (np.generic, np.ndarray, np.dtype, np.random.Generator, np.random.RandomState, np.random.BitGenerator)
    sparse = (scipy.sparse.spmatrix, scipy.sparse.sparray)
    spread = (scipy.stats.rv_continuous, scipy.stats.rv_discrete)
    return issubclass(found, data + sparse + spread) or found.__module__.startswith("scipy.interpolate")
