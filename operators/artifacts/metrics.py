"""Metrics artifacts: a JSON object of names to numbers or short texts."""

from __future__ import annotations

import math
import numbers
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from operators.artifacts.files import read_bytes, unreadable
from operators.artifacts.json_values import short_text
from operators.documents import Artifact
from operators.errors import OutputError
from operators.spec import PortSpec

MetricValue = bool | int | float | str | None


def write(port: PortSpec, value: object, folder: Path, name: str) -> Artifact:
    """Write a mapping of names to numbers or texts. What is not finite becomes null; the summary says what it was."""
    if not isinstance(value, Mapping):
        raise OutputError(
            f"The output {port.name!r} must be metrics (a dict of name to number or text);"
            f" found {type(value).__name__}."
        )
    values: dict[str, MetricValue] = {}
    not_finite: dict[str, str] = {}
    for key, given in value.items():
        plain = _plain(port, key, given)
        if isinstance(plain, float) and not math.isfinite(plain):
            not_finite[str(key)] = str(plain)
            plain = None
        values[str(key)] = plain
    data = msgspec.json.encode(values)
    path = folder / f"{name}.json"
    path.write_bytes(data)
    summary: dict[str, Any] = {"values": values}
    if not_finite:
        summary["not_finite"] = not_finite
    return Artifact("metrics", "json", path.name, len(data), summary=summary, media_type="application/json")


def read(artifact: Artifact, path: Path, port: PortSpec) -> dict[str, MetricValue]:
    """The metrics in the file; None where a number was not finite."""
    try:
        return msgspec.json.decode(read_bytes(path), type=dict[str, MetricValue])
    except msgspec.DecodeError as error:
        raise unreadable(path, error) from error


def _plain(port: PortSpec, key: object, given: Any) -> MetricValue:
    if isinstance(given, str):
        return short_text(given)
    value = given.item() if getattr(given, "shape", None) == () and hasattr(given, "item") else given
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, numbers.Integral) and -(2**63) <= int(value) < 2**63:
        return int(value)
    if isinstance(value, numbers.Real) or type(value).__name__ == "Decimal":
        return float(value)
    raise OutputError(
        f"The metric {key!r} of the output {port.name!r} must be one number or a short text;"
        f" found {type(given).__name__}. Put tables of numbers into a table or a report."
    )
