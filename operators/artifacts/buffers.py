"""Numbers as numpy's and as Arrow's arrays over the same memory.

pyarrow's own conversions import pandas wherever it is installed: a third of a second, and 40 MB in every worker.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa


def to_numpy(values: pa.Array) -> np.ndarray:
    """An Arrow array of numbers without nulls, as a read-only view."""
    import numpy as np

    array: np.ndarray = np.from_dlpack(values)
    return array


def to_arrow(values: np.ndarray) -> pa.Array:
    """A contiguous array of int64 or float32, of one dimension, as a view."""
    import pyarrow as pa

    kind = {"int64": pa.int64(), "float32": pa.float32()}[values.dtype.name]
    return pa.Array.from_buffers(kind, len(values), [None, pa.py_buffer(values)])
