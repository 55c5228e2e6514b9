"""An artifact's summary as one HTML page that needs nothing else: for `opyard artifacts show --html`."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from html import escape
from pathlib import Path
from typing import Any

from form_specs.messages import message
from operators.documents import Artifact
from ui.views.artifacts import facts_of, one_line
from ui.views.quantities import readable_value

STYLE = Path(__file__).with_name("artifact.css").read_text(encoding="utf-8")
COLUMN_FACTS = ("name", "type", "nulls", "distinct", "min", "mean", "max", "std")
WIDTH, HEIGHT = 120, 24


def artifact_page(artifact: Artifact, title: str, language: str, read: Callable[[str], bytes]) -> str:
    """The page of an artifact.

    Args:
        read: gives the bytes of a file beside the artifact; only previews and reports are read.
    """
    parts = [f"<h1>{escape(title)}</h1>", f"<p>{escape(one_line(artifact))}</p>", _facts(artifact, language)]
    if artifact.preview:
        parts.append(f'<img alt="" src="data:image/png;base64,{b64encode(read(artifact.preview)).decode()}">')
    if artifact.summary.get("columns"):
        parts += [_columns(artifact.summary["columns"], language), _sample(artifact.summary)]
    if artifact.type == "metrics":
        parts.append(_grid([(name, readable_value(value)) for name, value in artifact.summary["values"].items()], ()))
    if artifact.type in ("report", "text"):
        parts.append(f"<pre>{escape(read(artifact.path).decode('utf-8', 'replace'))}</pre>")
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f"<style>{STYLE}</style></head><body>{''.join(parts)}</body></html>\n"
    )


def histogram_svg(counts: list[int]) -> str:
    """A small histogram: a bar for each count, the highest as high as the picture."""
    highest, step = max(counts, default=0) or 1, WIDTH / max(len(counts), 1)
    bars = "".join(
        f'<rect x="{at * step:.1f}" y="{HEIGHT - HEIGHT * count / highest:.1f}" width="{max(step - 1, 0.5):.1f}"'
        f' height="{HEIGHT * count / highest:.1f}"/>'
        for at, count in enumerate(counts)
    )
    return f'<svg width="{WIDTH}" height="{HEIGHT}" role="img">{bars}</svg>'


def _facts(artifact: Artifact, language: str) -> str:
    rows = "".join(
        f"<dt>{escape(message(name, language))}</dt><dd>{escape(value)}</dd>" for name, value in facts_of(artifact)
    )
    return f"<dl>{rows}</dl>"


def _columns(columns: list[dict[str, Any]], language: str) -> str:
    heads = [message(f"ui.column.{key}", language) for key in (*COLUMN_FACTS, "histogram")]
    rows = [
        (
            *(escape(readable_value(column.get(key))) for key in COLUMN_FACTS),
            histogram_svg((column.get("histogram") or {}).get("counts", [])),
        )
        for column in columns
    ]
    return _table(heads, rows)


def _sample(summary: dict[str, Any]) -> str:
    heads = [column["name"] for column in summary["columns"]]
    return _grid(summary.get("sample", []), heads)


def _grid(rows: Any, heads: Any) -> str:
    return _table(heads, [[escape(readable_value(value)) for value in row] for row in rows])


def _table(heads: Any, rows: Any) -> str:
    head = "".join(f"<th>{escape(str(each))}</th>" for each in heads)
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return f"<div class=wide><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
