"""The fields of a form as rows of a table."""

from __future__ import annotations

from typing import Any

import msgspec

from form_specs.fields import Field
from form_specs.form import Form
from form_specs.values import ABSENT


def field_lines(form: Form, language: str) -> list[dict[str, Any]]:
    """A row for each top field that is shown: name, label, kind, default and description."""
    return [_line(field, language) for field in form.fields() if not field.hidden]


def _line(field: Field, language: str) -> dict[str, Any]:
    return {
        "name": field.name + ("*" if field.required else ""),
        "label": field.label(language),
        "kind": _kind(field),
        "default": "" if field.default is ABSENT else msgspec.json.encode(field.default).decode(),
        "about": field.description(language),
    }


def _kind(field: Field) -> str:
    if field.choices and field.kind == "enum":
        return " | ".join(str(option.value) for option in field.choices[:8])
    limits = field.constraints
    low, high = (
        limits.get("minimum", limits.get("exclusiveMinimum")),
        limits.get("maximum", limits.get("exclusiveMaximum")),
    )
    if low is None and high is None:
        return field.kind
    return f"{field.kind} {'' if low is None else low}…{'' if high is None else high}"
