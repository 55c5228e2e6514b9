"""What `run` takes and gives on each port: the Python values of the port types.

==========  ==========================================================================================
port type   value
==========  ==========================================================================================
table       in: `pyarrow.Table`, or `polars.LazyFrame` (port says ``"handover": "lazy"``);
            out: either of them, a `polars.DataFrame` or a `pandas.DataFrame`
images      `Images`
text        `str`
vectors     `Vectors`
model       `Model`
metrics     ``dict`` of name to number (or a short string)
report      `Report`
file        in: `pathlib.Path`; out: `pathlib.Path` of a file in ``context.scratch``
any         in: what the type of the artifact says; out: any of the above
==========  ==========================================================================================
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

    from form_specs.columns import Column


@dataclass(frozen=True)
class Images:
    """Pictures with a row of attributes each.

    Attributes:
        pixels: one array a picture, uint8, of shape (height, width) for grey or (height, width, 3) for RGB.
        table: one row of attributes a picture, in the same order (labels, file names, …).
    """

    pixels: Sequence[np.ndarray]
    table: pa.Table

    def __len__(self) -> int:
        return len(self.pixels)

    def __iter__(self) -> Iterator[np.ndarray]:
        return iter(self.pixels)


@dataclass(frozen=True)
class Vectors:
    """Vectors with a row of attributes each.

    Attributes:
        values: float32 array of shape (count, dimension).
        table: one row of attributes a vector, in the same order.
    """

    values: np.ndarray
    table: pa.Table


@dataclass(frozen=True)
class Model:
    """A fitted estimator and the facts that are needed to use it.

    Attributes:
        estimator: a fitted scikit-learn estimator or pipeline; kept with skops.
        task: 'classification', 'regression', 'clustering' or 'transform'.
        features: the columns it reads, in the order it was fitted with.
        target: the column it predicts, or None.
        classes: the labels of a classifier, in the order of its probabilities.
        facts: what else is worth showing, such as parameters or training rows; JSON values.
    """

    estimator: Any
    task: str
    features: Sequence[Column]
    target: Column | None = None
    classes: Sequence[Any] | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class Report:
    """A page for people: Markdown paragraphs, Vega-Lite charts and small tables, in order.

    Made by `Report("Title").text("…").chart(spec).table(rows)`; kept as Markdown, charts as fenced `vega-lite` blocks.
    """

    title: str
    parts: list[str] = field(default_factory=list)

    def text(self, markdown: str) -> Report:
        """Add a paragraph of Markdown."""
        self.parts.append(markdown)
        return self

    def chart(self, spec: Mapping[str, Any], title: str | None = None) -> Report:
        """Add a chart: a Vega-Lite 5 or 6 spec with its data inline (JSON values, or numpy's numbers and arrays)."""
        import msgspec

        titled = {**spec, "title": title} if title else spec
        self.parts.append(f"```vega-lite\n{msgspec.json.encode(titled, enc_hook=_plain).decode()}\n```")
        return self

    def table(self, rows: Sequence[Mapping[str, Any]], format_value: Callable[[Any], str] = str) -> Report:
        """Add a small table, a row for each mapping; the first one's keys are the heads."""
        if rows:
            heads = list(rows[0])
            lines = [heads, ["---"] * len(heads)]
            lines += [[format_value(row.get(head, "")) for head in heads] for row in rows]
            self.parts.append("\n".join("| " + " | ".join(_cell(cell) for cell in line) + " |" for line in lines))
        return self

    def markdown(self) -> str:
        """The whole page as Markdown."""
        return "\n\n".join([f"# {self.title}", *self.parts]) + "\n"


def _plain(value: Any) -> Any:
    """What numpy's numbers and arrays, and dates of pandas, are in JSON."""
    if hasattr(value, "tolist"):
        return value.tolist()
    if hasattr(value, "isoformat"):
        return value.isoformat()
    raise TypeError(f"A chart holds JSON values; found {type(value).__name__}.")


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
