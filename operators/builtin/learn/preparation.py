"""The first half of every trained pipeline: missing values, categories and scales, inside the model itself.

Kept with the model, so that new data is prepared exactly as the training data was.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from operators.schemas import Column


class Preparation(Struct, frozen=True):
    """What an algorithm needs of its input.

    `missing` is how missing numbers are filled ('median', 'mean', 'most_frequent'; None leaves them to the algorithm);
    categories become one column each ('onehot') or one number ('ordinal').
    """

    missing: str | None = "median"
    categories: str = "onehot"
    scale: bool = False
    max_categories: int = 50


def prepared(estimator: Any, columns: Sequence[Column], preparation: Preparation) -> Any:
    """A pipeline that prepares `columns` and hands them to `estimator`."""
    from sklearn.compose import ColumnTransformer
    from sklearn.pipeline import Pipeline

    # Every text column has a transformer of its own, so that what an importance belongs to can be told by its place.
    parts = [
        (f"text_{index}", _category_encoder(preparation), [column.name])
        for index, column in enumerate(columns)
        if column.type == "string"
    ]
    numbers = [column.name for column in columns if column.type not in ("string", "boolean")]
    booleans = [column.name for column in columns if column.type == "boolean"]
    if numbers:
        parts.append(("numbers", _number_steps(preparation), numbers))
    if booleans:
        parts.append(("booleans", _boolean_steps(preparation), booleans))
    return Pipeline([("prepare", ColumnTransformer(parts, sparse_threshold=0.0)), ("model", estimator)])


def _number_steps(preparation: Preparation) -> Any:
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import StandardScaler

    steps: list[tuple[str, Any]] = []
    if preparation.missing:
        steps.append(("fill", SimpleImputer(strategy=preparation.missing, keep_empty_features=True)))
    if preparation.scale:
        steps.append(("scale", StandardScaler()))
    return Pipeline(steps) if steps else "passthrough"


def _boolean_steps(preparation: Preparation) -> Any:
    from sklearn.impute import SimpleImputer

    if preparation.missing is None:
        return "passthrough"
    return SimpleImputer(strategy="most_frequent", keep_empty_features=True)


def _category_encoder(preparation: Preparation) -> Any:
    from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder

    # A text never seen in training is as a rare one, or as nothing where there were no rare ones.
    if preparation.categories == "onehot":
        return OneHotEncoder(
            handle_unknown="infrequent_if_exist", max_categories=preparation.max_categories, sparse_output=False
        )
    return OrdinalEncoder(
        handle_unknown="use_encoded_value",
        unknown_value=-1,
        encoded_missing_value=-2,
        max_categories=preparation.max_categories,
    )
