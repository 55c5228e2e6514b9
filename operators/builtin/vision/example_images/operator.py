"""Handwritten digits, as pictures with their label."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from operators.schemas import Column, ImagesSchema, PortSchema

if TYPE_CHECKING:
    from operators.context import RunContext

BRIGHTEST = 16


def configure(schemas: Mapping[str, PortSchema | None], params: Mapping[str, Any]) -> dict[str, PortSchema | None]:
    return {"images": ImagesSchema((Column("label", "integer"),))}


def run(inputs: Mapping[str, Any], params: Mapping[str, Any], context: RunContext) -> dict[str, Any]:
    import numpy as np
    import pyarrow as pa
    from sklearn.datasets import load_digits

    from operators.values import Images

    digits = load_digits()
    rows = np.flatnonzero(np.isin(digits.target, params["digits"]))
    if params["order"] == "random":
        rows = np.random.default_rng(context.seed).permutation(rows)
    rows = rows[: params["count"]]
    pixels = np.round(digits.images[rows] * (255 / BRIGHTEST)).astype(np.uint8)
    return {"images": Images(list(pixels), pa.table({"label": pa.array(digits.target[rows], pa.int64())}))}
