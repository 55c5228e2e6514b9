"""Passes a text of two lines on, or begins with one: what a task of Luigi's does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def run(inputs: Mapping[str, Any], params: Mapping[str, Any], context: Any) -> dict[str, Any]:
    """Pass the text on."""
    return {"text": inputs.get("text", "value\n1\n")}
