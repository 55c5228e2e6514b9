"""Turn pictures into rows of numbers that a model can learn from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from operators.errors import ParameterError
from operators.schemas import Column, ImagesSchema, PortSchema, TableSchema

from .methods import METHODS

if TYPE_CHECKING:
    import numpy as np

    from operators.context import RunContext
    from operators.values import Images

PROGRESS_EVERY = 64


def configure(schemas: Mapping[str, PortSchema | None], params: Mapping[str, Any]) -> dict[str, PortSchema | None]:
    names = feature_names(params)
    images = schemas["images"]
    if not isinstance(images, ImagesSchema):
        return {"table": None}
    attributes = [column.name for column in images.columns]
    _refuse_taken(names, attributes)
    return {"table": TableSchema((*images.columns, *(Column(name, "number") for name in names)))}


def run(inputs: Mapping[str, Any], params: Mapping[str, Any], context: RunContext) -> dict[str, Any]:
    import pyarrow as pa

    images: Images = inputs["images"]
    names = feature_names(params)
    _refuse_taken(names, images.table.column_names)
    values = _measure(images, params["method"], len(names), context)
    attributes = {name: images.table[name] for name in images.table.column_names}
    features = {name: pa.array(values[:, index]) for index, name in enumerate(names)}
    return {"table": pa.table(attributes | features)}


def feature_names(params: Mapping[str, Any]) -> list[str]:
    """The names of the feature columns; `ParameterError` where the method's settings do not fit each other."""
    method = params["method"]
    count = METHODS[method["kind"]].count(method)
    prefix = params["prefix"] or method["kind"]
    digits = len(str(count - 1))
    return [f"{prefix}_{index:0{digits}d}" for index in range(count)]


def _refuse_taken(names: Sequence[str], attributes: Sequence[str]) -> None:
    taken = [name for name in names if name in set(attributes)]
    if taken:
        raise ParameterError(
            f"The pictures have an attribute {taken[0]!r} already. Choose another prefix for the features.", "/prefix"
        )


def _measure(images: Images, method: Mapping[str, Any], count: int, context: RunContext) -> np.ndarray:
    """Of shape (pictures, features), float32."""
    import numpy as np

    measure = METHODS[method["kind"]].measure
    values = np.empty((len(images), count), np.float32)
    for index, picture in enumerate(images):
        if index % PROGRESS_EVERY == 0:
            context.progress(index / len(images), f"picture {index:,} of {len(images):,}")
        values[index] = measure(picture, method)
    return values
