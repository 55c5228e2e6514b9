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


def facts_of(artifact: Artifact) -> list[tuple[str, str]]:
    """What is worth knowing of an artifact beside its columns: codes of names, and values."""
    known = {
        "table": ("rows",),
        "images": ("count", "width", "height", "channels"),
        "vectors": ("count", "dimension"),
        "model": ("estimator", "task", "target", "feature_count", "features", "classes"),
        "text": ("characters", "lines"),
        "file": ("name", "media_type"),
        "report": ("title", "charts"),
    }
    pairs = [(f"ui.fact.{key}", readable_list(artifact.summary.get(key))) for key in known.get(artifact.type, ())]
    return [*((name, value) for name, value in pairs if value), ("ui.fact.bytes", readable_bytes(artifact.bytes))]


def readable_list(value: Any) -> str:
    """A value of a summary as one line; a range as `8…64`, a list by its entries."""
    if isinstance(value, dict):
        ends = [readable_value(value[key]) for key in ("min", "max") if key in value]
        return "…".join(dict.fromkeys(ends))
    if isinstance(value, list | tuple):
        return ", ".join(map(readable_value, value[:20])) + (" …" if len(value) > 20 else "")
    return readable_value(value)
