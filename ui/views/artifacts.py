"""Artifacts as the ways in show them: what their summaries say, without opening them."""

from __future__ import annotations

from pathlib import PurePath
from typing import Any

import msgspec

from operators.documents import Artifact
from ui.views.quantities import readable_bytes, readable_value


def artifact_view(artifact: Artifact) -> dict[str, Any]:
    """An artifact with its schema and summary."""
    view: dict[str, Any] = msgspec.to_builtins(artifact)
    return view


def file_name(node: str, port: str, artifact: Artifact) -> str:
    """The name that an artifact's file gets where it is downloaded."""
    return PurePath(artifact.name).name if artifact.name else f"{node}-{port}{PurePath(artifact.path).suffix}"


def one_line(artifact: Artifact) -> str:
    """An artifact in a few words, the same in both languages: sizes, names, numbers."""
    summary, size = artifact.summary, readable_bytes(artifact.bytes)
    known = {
        "table": lambda: f"{readable_value(summary['rows'])} × {len(summary['columns'])}",
        "images": lambda: readable_value(summary["count"]),
        "vectors": lambda: f"{readable_value(summary['count'])} × {summary['dimension']}",
        "model": lambda: str(summary["estimator"]),
        "metrics": lambda: ", ".join(f"{name} {readable_value(value)}" for name, value in _first(summary["values"])),
        "report": lambda: str(summary["title"]),
        "file": lambda: str(summary["name"]),
    }
    try:
        return f"{known[artifact.type]()} · {size}"
    except KeyError:
        return size


def _first(values: dict[str, Any], count: int = 3) -> list[tuple[str, Any]]:
    return list(values.items())[:count]
