"""Statistics of one column: numbers from one sort, strings and booleans from one count."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from operators.artifacts.arrow_types import column_type
from operators.artifacts.buffers import to_numpy
from operators.artifacts.json_values import finite, json_value
from operators.artifacts.summary.cells import cells

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

TOP = 10
BINS = 20
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


def summarize_column(column: pa.ChunkedArray) -> dict[str, Any]:
    """`distinct`, `min`, `max`, `mean`, `std`, `quantiles`, `histogram` or `top`: what makes sense for the type."""
    coarse = column_type(column.type)
    column = _decoded(column)
    if column.null_count == len(column):
        return {"distinct": 0} if coarse in _COUNTED or coarse in _NUMERIC else {}
    if coarse in _NUMERIC:
        return _numbers(column, coarse == "integer")
    if coarse in _COUNTED:
        return _counts(column)
    if coarse in _ORDERED:
        return _range(column)
    return {}


_NUMERIC = frozenset({"integer", "number"})
_COUNTED = frozenset({"string", "boolean"})
_ORDERED = frozenset({"date", "datetime", "time", "duration"})


def _decoded(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """The column in a layout that Arrow's functions know: no dictionaries, runs, views or extensions."""
    import pyarrow as pa
    import pyarrow.compute as pc

    while True:
        arrow = column.type
        if isinstance(arrow, pa.BaseExtensionType):
            column = pa.chunked_array([chunk.storage for chunk in column.chunks], arrow.storage_type)
        elif pa.types.is_dictionary(arrow):
            column = column.cast(arrow.value_type)
        elif pa.types.is_run_end_encoded(arrow):
            column = pa.chunked_array([pc.run_end_decode(chunk) for chunk in column.chunks], arrow.value_type)
        elif pa.types.is_string_view(arrow):
            column = column.cast(pa.large_string())
        else:
            return column


def _numbers(column: pa.ChunkedArray, whole: bool) -> dict[str, Any]:
    import numpy as np

    values = np.sort(_plain_numbers(column))
    values, not_finite = _finite_only(values)
    if not len(values):
        return {"distinct": 0, "not_finite": not_finite}
    low, high = values[0].item(), values[-1].item()
    numbers = values.astype(np.float64) if values.dtype != np.float64 else values
    facts: dict[str, Any] = {
        "distinct": 1 + int(np.count_nonzero(values[1:] != values[:-1])),
        "min": json_value(low),
        "max": json_value(high),
        **_moments(numbers),
        "quantiles": {f"{share:g}": _quantile(numbers, share) for share in QUANTILES},
        "histogram": _histogram(numbers, whole),
    }
    if not_finite:
        facts["not_finite"] = not_finite
    return facts


def _plain_numbers(column: pa.ChunkedArray) -> np.ndarray:
    """The values without nulls: integers as they are, every other number as float64."""
    import pyarrow as pa

    if pa.types.is_decimal(column.type):
        column = column.cast(pa.float64(), safe=False)
    return to_numpy(column.drop_null().combine_chunks())


def _finite_only(ordered: np.ndarray) -> tuple[np.ndarray, int]:
    """The finite stretch of sorted values (NaN sorts last), and how many were left out."""
    import numpy as np

    if ordered.dtype.kind != "f" or (math.isfinite(ordered[0]) and math.isfinite(ordered[-1])):
        return ordered, 0
    kept = ordered[np.isfinite(ordered)]
    return kept, len(ordered) - len(kept)


def _moments(numbers: np.ndarray) -> dict[str, Any]:
    import numpy as np

    with np.errstate(over="ignore", invalid="ignore"):
        mean = float(np.add.reduce(numbers)) / len(numbers)
        away = numbers - mean
        spread = float(np.dot(away, away))
    deviation = math.sqrt(spread / (len(numbers) - 1)) if len(numbers) > 1 and spread >= 0 else None
    return {"mean": finite(mean), "std": None if deviation is None else finite(deviation)}


def _quantile(ordered: np.ndarray, share: float) -> Any:
    place = share * (len(ordered) - 1)
    below = int(place)
    low, high = float(ordered[below]), float(ordered[min(below + 1, len(ordered) - 1)])
    return low if low == high else finite(low + (high - low) * (place - below))


def _histogram(ordered: np.ndarray, whole: bool) -> dict[str, Any]:
    """Equal bins from the least to the greatest value; a value on an edge is in the bin above it."""
    import numpy as np

    low, high = float(ordered[0]), float(ordered[-1])
    width = high - low
    bins = min(BINS, int(width) + 1) if whole else BINS
    if width == 0 or not math.isfinite(width):
        return {"edges": [low, high], "counts": [len(ordered)]}
    edges = [low + width * (place / bins) for place in range(bins)] + [high]
    below = np.searchsorted(ordered, edges[1:-1])
    places = [0, *below.tolist(), len(ordered)]
    return {"edges": edges, "counts": [after - before for before, after in pairwise(places)]}


def _counts(column: pa.ChunkedArray) -> dict[str, Any]:
    import numpy as np

    counted = column.drop_null().value_counts()
    values, counts = counted.field("values"), to_numpy(counted.field("counts"))
    first = np.argsort(-counts, kind="stable")[:TOP]
    top = zip(cells([values[place] for place in first.tolist()]), counts[first].tolist(), strict=True)
    return {"distinct": len(counts), "top": [{"value": value, "count": count} for value, count in top]}


def _range(column: pa.ChunkedArray) -> dict[str, Any]:
    import pyarrow as pa
    import pyarrow.compute as pc

    plain = column.cast(pa.int64()) if pa.types.is_duration(column.type) else column
    ends = pc.min_max(plain)
    return {end: cells([ends[end].cast(column.type)])[0] for end in ("min", "max")}
