"""Report artifacts: Markdown whose fenced `vega-lite` blocks are charts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import msgspec

from operators.artifacts.files import read_text
from operators.artifacts.json_values import short_text
from operators.artifacts.text import encode_text
from operators.documents import Artifact
from operators.errors import OutputError
from operators.spec import PortSpec
from operators.values import Report

Part = tuple[Literal["markdown"], str] | tuple[Literal["chart"], dict[str, Any]]

EXCERPT = 300
_HEADING = re.compile(r"^(#{1,6})[ \t]+(.*?)[ \t]*#*[ \t]*$", re.MULTILINE)
_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})[ \t]*([^`]*?)[ \t]*$")


def write(port: PortSpec, value: object, folder: Path, name: str) -> Artifact:
    """Write a `Report`, or a `str` of Markdown as it is."""
    if not isinstance(value, (Report, str)):
        raise OutputError(
            f"The output {port.name!r} must be a report (operators.values.Report, or str of Markdown);"
            f" found {type(value).__name__}."
        )
    markdown = value if isinstance(value, str) else value.markdown()
    data = encode_text(port, markdown)
    path = folder / f"{name}.md"
    path.write_bytes(data)
    return Artifact(
        "report",
        "markdown",
        path.name,
        len(data),
        summary=_summary(markdown),
        media_type="text/markdown; charset=utf-8",
    )


def read(artifact: Artifact, path: Path, port: PortSpec) -> Report:
    """The report in the file: its title, and a part for each stretch of Markdown and each chart."""
    markdown = read_text(path)
    first, _, rest = markdown.partition("\n")
    heading = _HEADING.fullmatch(first)
    if heading is None or heading[1] != "#":
        return Report(artifact.summary.get("title") or path.stem, _blocks(markdown))
    return Report(heading[2], _blocks(rest))


def report_parts(markdown: str) -> list[Part]:
    """The stretches of Markdown and the Vega-Lite specs of a report, in order.

    A fenced block that says `vega-lite` and holds no JSON object stays Markdown, so that a reader sees what is there.
    """
    parts: list[Part] = []
    for chart, text in _split(markdown):
        spec = _spec(text) if chart else None
        if spec is not None:
            parts.append(("chart", spec))
        elif parts and parts[-1][0] == "markdown":
            parts[-1] = ("markdown", f"{parts[-1][1]}\n{text}".strip("\n"))
        elif text.strip():
            parts.append(("markdown", text.strip("\n")))
    return parts


def _blocks(markdown: str) -> list[str]:
    return [text.strip("\n") for _, text in _split(markdown) if text.strip()]


def _split(markdown: str) -> Iterator[tuple[bool, str]]:
    """Stretches of lines, and whether each is a chart's block with its fences."""
    lines: list[str] = []
    closing: str | None = None
    chart = False
    for line in markdown.splitlines():
        fence = _FENCE.match(line)
        if closing is None and fence:
            closing, chart = fence[1], fence[2].split(" ")[0] == "vega-lite"
            if chart:
                yield False, "\n".join(lines)
                lines = []
            lines.append(line)
        elif closing and fence and not fence[2] and fence[1].startswith(closing):
            lines.append(line)
            if chart:
                yield True, "\n".join(lines)
                lines = []
            closing, chart = None, False
        else:
            lines.append(line)
    yield False, "\n".join(lines)


def _spec(block: str) -> dict[str, Any] | None:
    try:
        return msgspec.json.decode("\n".join(block.splitlines()[1:-1]), type=dict[str, Any])
    except msgspec.DecodeError:
        return None


def _summary(markdown: str) -> dict[str, Any]:
    parts = report_parts(markdown)
    prose = "\n\n".join(part[1] for part in parts if part[0] == "markdown")
    headings = _headings(prose)
    return {
        "title": headings[0]["text"] if headings else "",
        "headings": headings,
        "charts": sum(part[0] == "chart" for part in parts),
        "characters": len(markdown),
        "excerpt": short_text(prose, EXCERPT),
    }


def _headings(prose: str) -> list[dict[str, Any]]:
    outside, closing = [], None
    for line in prose.splitlines():
        fence = _FENCE.match(line)
        if fence and (closing is None or (not fence[2] and fence[1].startswith(closing))):
            closing = fence[1] if closing is None else None
        elif closing is None:
            outside.append(line)
    found = _HEADING.finditer("\n".join(outside))
    return [{"level": len(match[1]), "text": short_text(match[2])} for match in found][:100]
