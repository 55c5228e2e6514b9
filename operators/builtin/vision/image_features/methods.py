"""The ways to describe a picture by numbers. Pictures are uint8 of shape (height, width) or (height, width, 3), RGB."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from operators.errors import ParameterError

if TYPE_CHECKING:
    import numpy as np

Options = Mapping[str, Any]

HU_MOMENTS = 7
CLIP = 0.2
TINY = 1e-7


class Method(Struct, frozen=True):
    """How many numbers a method gives with its options, and how it gets them from a picture."""

    count: Callable[[Options], int]
    measure: Callable[[np.ndarray, Options], np.ndarray]


def hog_count(options: Options) -> int:
    """How many numbers `hog` gives; `ParameterError` where cells or blocks do not fit into the picture."""
    cells, left = divmod(options["size"], options["cell"])
    if left:
        raise ParameterError(
            f"Cells of {options['cell']} pixels do not fill a side of {options['size']}. Choose a divisor of it.",
            "/method/cell",
        )
    if options["block"] > cells:
        raise ParameterError(
            f"A block of {options['block']} cells is wider than the picture, which has {cells} cells on a side.",
            "/method/block",
        )
    blocks = cells - options["block"] + 1
    return int(blocks**2 * options["block"] ** 2 * options["bins"])


def hog(picture: np.ndarray, options: Options) -> np.ndarray:
    """Histograms of oriented gradients (Dalal and Triggs, 2005): unsigned directions, L2-Hys over overlapping blocks.

    Of one vote to the two nearest directions, weighted by nearness; none to neighbouring cells.
    """
    import cv2
    import numpy as np

    grey = _resized(_grey(picture), options["size"], options["size"]).astype(np.float32)
    across = cv2.Sobel(grey, cv2.CV_32F, 1, 0, ksize=1)
    down = cv2.Sobel(grey, cv2.CV_32F, 0, 1, ksize=1)
    strength, angle = cv2.cartToPolar(across, down)
    votes = _votes(strength, angle, options["bins"])
    cells, side = options["size"] // options["cell"], options["cell"]
    histograms = votes.reshape(cells, side, cells, side, -1).sum(axis=(1, 3))
    blocks = np.lib.stride_tricks.sliding_window_view(histograms, (options["block"],) * 2, axis=(0, 1))
    return _normalised(blocks.reshape(blocks.shape[0] * blocks.shape[1], -1)).ravel()


def _votes(strength: np.ndarray, angle: np.ndarray, bins: int) -> np.ndarray:
    """The strength of each pixel shared out over directions: shape (height, width, bins)."""
    import numpy as np

    place = (angle % np.pi) / np.pi * bins - 0.5
    lower = np.floor(place)
    share = (place - lower).astype(np.float32)
    directions = np.arange(bins)
    first = (lower.astype(int) % bins)[..., None] == directions
    second = ((lower.astype(int) + 1) % bins)[..., None] == directions
    votes: np.ndarray = strength[..., None] * (first * (1 - share)[..., None] + second * share[..., None])
    return votes


def _normalised(blocks: np.ndarray) -> np.ndarray:
    """Each row of length 1, clipped at 0.2, and of length 1 again."""
    import numpy as np

    scaled = blocks / np.sqrt((blocks**2).sum(axis=1, keepdims=True) + TINY)
    clipped = np.minimum(scaled, CLIP)
    result: np.ndarray = clipped / np.sqrt((clipped**2).sum(axis=1, keepdims=True) + TINY)
    return result


def histogram(picture: np.ndarray, options: Options) -> np.ndarray:
    """The share of pixels in each band of brightness, for grey or for red, green and blue one after the other."""
    import cv2
    import numpy as np

    channels = cv2.split(_in_colour(picture) if options["colour"] else _grey(picture))
    counts = [cv2.calcHist([channel], [0], None, [options["bins"]], [0, 256]).ravel() for channel in channels]
    return np.concatenate(counts) / channels[0].size


def pixels(picture: np.ndarray, options: Options) -> np.ndarray:
    """The picture itself at a given size, 0 to 1, row by row (with colour: red, green, blue of each pixel)."""
    import numpy as np

    shown = _in_colour(picture) if options["colour"] else _grey(picture)
    values: np.ndarray = _resized(shown, options["width"], options["height"]).astype(np.float32).ravel() / 255
    return values


def hu_moments(picture: np.ndarray, options: Options) -> np.ndarray:
    """Seven moments that do not change when the picture is moved, scaled or turned (Hu, 1962).

    They span many powers of ten, so with `log` each is minus its sign times its logarithm to base 10.
    """
    import cv2
    import numpy as np

    moments: np.ndarray = cv2.HuMoments(cv2.moments(_grey(picture))).ravel()
    if not options["log"]:
        return moments
    sizes = np.abs(moments)
    logarithms: np.ndarray = -np.sign(moments) * np.log10(sizes, where=sizes > 0, out=np.zeros_like(sizes))
    return logarithms


def _grey(picture: np.ndarray) -> np.ndarray:
    import cv2

    grey: np.ndarray = picture if picture.ndim == 2 else cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    return grey


def _in_colour(picture: np.ndarray) -> np.ndarray:
    import cv2

    colour: np.ndarray = picture if picture.ndim == 3 else cv2.cvtColor(picture, cv2.COLOR_GRAY2RGB)
    return colour


def _resized(picture: np.ndarray, width: int, height: int) -> np.ndarray:
    import cv2

    if picture.shape[:2] == (height, width):
        return picture
    # Averaging keeps fine detail from flickering when a picture gets smaller; it would make blocks of a larger one.
    smaller = width * height < picture.shape[0] * picture.shape[1]
    resized: np.ndarray = cv2.resize(
        picture, (width, height), interpolation=cv2.INTER_AREA if smaller else cv2.INTER_LINEAR
    )
    return resized


def _channels(options: Options) -> int:
    return 3 if options["colour"] else 1


METHODS: Mapping[str, Method] = MappingProxyType(
    {
        "hog": Method(hog_count, hog),
        "histogram": Method(lambda options: options["bins"] * _channels(options), histogram),
        "pixels": Method(lambda options: options["width"] * options["height"] * _channels(options), pixels),
        "hu_moments": Method(lambda options: HU_MOMENTS, hu_moments),
    }
)
"""Every method by the name it has in the parameters."""
