"""Pictures as arrays and as PNG, by OpenCV. Colours are RGB here and everywhere outside this file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, overload

from operators.errors import ArtifactError, OutputError
from operators.spec import PortSpec

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa


class EncodedPixels(Sequence["np.ndarray"]):
    """Pictures that are decoded each time they are asked for, so that never all of them are in memory.

    Args:
        column: PNG bytes, one a picture.
    """

    def __init__(self, column: pa.ChunkedArray) -> None:
        self._column = column

    def __len__(self) -> int:
        return len(self._column)

    @overload
    def __getitem__(self, place: int) -> np.ndarray: ...

    @overload
    def __getitem__(self, place: slice) -> EncodedPixels: ...

    def __getitem__(self, place: int | slice) -> np.ndarray | EncodedPixels:
        if isinstance(place, slice):
            import pyarrow as pa

            return EncodedPixels(self._column.take(pa.array(range(*place.indices(len(self))), pa.int64())))
        return decode_png(self.png(place))

    def png(self, place: int) -> bytes:
        """The PNG of one picture."""
        data: bytes = self._column[place].as_py()
        return data


def check_pixels(port: PortSpec, picture: Any, place: int) -> tuple[int, int, int]:
    """Height, width and channels (1 or 3) of a picture.

    Raises:
        OutputError: names the picture that is no uint8 array of shape (height, width) or (height, width, 3).
    """
    shape, dtype = getattr(picture, "shape", None), str(getattr(picture, "dtype", type(picture).__name__))
    fits = shape is not None and (len(shape) == 2 or (len(shape) == 3 and shape[2] == 3)) and all(shape)
    if shape is None or not fits or dtype != "uint8":
        raise OutputError(
            f"Picture {place} on the output {port.name!r} must be a uint8 array of shape (height, width) for grey or"
            f" (height, width, 3) for RGB, of at least one pixel; found {dtype} of shape {shape}."
        )
    return shape[0], shape[1], 3 if len(shape) == 3 else 1


def encode_png(picture: np.ndarray) -> bytes:
    """A picture of shape (height, width) or (height, width, 3) as PNG, compressed lightly."""
    import cv2

    stored = cv2.cvtColor(picture, cv2.COLOR_RGB2BGR) if picture.ndim == 3 else picture
    _, data = cv2.imencode(".png", stored, (cv2.IMWRITE_PNG_COMPRESSION, 1))
    return data.tobytes()


def decode_png(data: bytes) -> np.ndarray:
    """The picture in a PNG: (height, width) where it is grey, else (height, width, 3)."""
    import cv2
    import numpy as np

    stored = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if stored is None:
        raise ArtifactError("A picture of the artifact is no PNG. Run the step that makes it again.")
    return cv2.cvtColor(stored, cv2.COLOR_BGR2RGB) if stored.ndim == 3 else stored
