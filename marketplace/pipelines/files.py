"""Reading and writing pipeline documents as JSON."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from form_specs import pointers
from marketplace.errors import PipelineUnreadable
from marketplace.pipelines.document import Pipeline
from marketplace.pipelines.upgrade import upgraded

META_SCHEMA = Path(__file__).with_name("pipeline.schema.json")

_MOST_SHOWN = 10


def read_pipeline(data: bytes | str, origin: str) -> Pipeline:
    """The pipeline in `data`, upgraded to the newest schema version.

    Args:
        origin: what to call it in messages: a file, a revision.

    Raises:
        PipelineUnreadable: not JSON, or not of a pipeline's shape; says where, for every place.
        PipelineTooNew: its schema version is unknown here.
    """
    raw = data.encode() if isinstance(data, str) else data
    try:
        document = msgspec.json.decode(raw.removeprefix(b"\xef\xbb\xbf"))
    except (msgspec.DecodeError, RecursionError) as error:
        raise PipelineUnreadable(f"{origin} is not JSON: {_where(str(error), raw)}.") from error
    if not isinstance(document, dict):
        raise PipelineUnreadable(f"{origin} is not a pipeline: expected a JSON object, found {_kind(document)}.")
    document = upgraded(document, origin)
    try:
        return msgspec.convert(document, Pipeline)
    except msgspec.ValidationError as error:
        raise _unreadable(document, origin, error) from error


def write_pipeline(pipeline: Pipeline) -> bytes:
    """The document as JSON to be read by people too: indented, keys in a fixed order, what is as always left out."""
    return msgspec.json.format(msgspec.json.encode(pipeline), indent=2) + b"\n"


def _unreadable(document: dict[str, Any], origin: str, error: msgspec.ValidationError) -> PipelineUnreadable:
    places = _places(document) or [("", str(error))]
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


def _where(reason: str, raw: bytes) -> str:
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


def _kind(value: object) -> str:
    names = {list: "a list", str: "text", bool: "true or false", type(None): "null"}
    return names.get(type(value), "a number")
