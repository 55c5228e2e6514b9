"""Why a document is not a pipeline: every place where it is wrong, by the meta-schema."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from form_specs import pointers
from marketplace.errors import PipelineUnreadable

META_SCHEMA = Path(__file__).with_name("pipeline.schema.json")

_MOST_SHOWN = 10


def unreadable(document: dict[str, Any], origin: str, reason: str) -> PipelineUnreadable:
    """The error that lists every place of `document` that is wrong; `reason` where the meta-schema finds none."""
    places = _places(document) or [("", reason)]
    lines = [f"\n  {pointer or '/'}: {reason}" for pointer, reason in places[:_MOST_SHOWN]]
    more = f"\n  … and {len(places) - _MOST_SHOWN} more" if len(places) > _MOST_SHOWN else ""
    count = "one place is" if len(places) == 1 else f"{len(places)} places are"
    return PipelineUnreadable(f"{origin} is not a pipeline; {count} wrong:{''.join(lines)}{more}", places)


def _places(document: dict[str, Any]) -> list[tuple[str, str]]:
    from form_specs.validation import validator_for

    errors = sorted(validator_for(_meta_schema()).errors(document), key=lambda error: [*map(str, error.absolute_path)])
    return [(pointers.join("", *error.absolute_path), _reason(error)) for error in map(_deepest, errors)]


def _deepest(error: Any) -> Any:
    """Of an error in all branches of an `anyOf`, the one in the branch that is meant: not the `null`."""
    meant = [
        each for each in error.context or () if each.validator != "type" or each.absolute_path != error.absolute_path
    ]
    return _deepest(meant[0]) if meant else error


def _reason(error: Any) -> str:
    text: str = error.message
    return text if len(text) <= 300 else f"{text[:299]}…"


@cache
def _meta_schema() -> dict[str, Any]:
    schema: dict[str, Any] = msgspec.json.decode(META_SCHEMA.read_bytes())
    return schema


def where_in(reason: str, raw: bytes) -> str:
    """The decoder's reason, with line and column for its byte."""
    head, found, tail = reason.partition("(byte ")
    number = tail.rstrip(")")
    if not found or not number.isdecimal():
        return reason
    before = raw[: int(number)]
    column = len(before) - (before.rfind(b"\n") + 1) + 1
    return (
        f"{head.removeprefix('JSON is malformed: ').strip()} at line {before.count(bytes([10])) + 1}, column {column}"
    )


def kind_of(value: object) -> str:
    """What people call the type of a JSON value."""
    names = {list: "a list", str: "text", bool: "true or false", type(None): "null"}
    return names.get(type(value), "a number")
