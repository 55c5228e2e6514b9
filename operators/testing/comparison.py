"""Holds what came out of a case against what was expected, and two runs against each other."""

from __future__ import annotations

import datetime
import math
import zipfile
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from operators.documents import Artifact
from operators.schemas import columns_of
from operators.testing.cases import Expected
from operators.testing.subject import Outcome

if TYPE_CHECKING:
    import pyarrow as pa

SHOWN = 300


def differences(outcome: Outcome, expect: Mapping[str, Expected]) -> Iterator[str]:
    """What of `expect` does not hold."""
    outputs = outcome.result.outputs
    for name, expected in expect.items():
        if expected.absent and name in outputs:
            yield f"{name}: expected nothing to come out, found {outputs[name].type}."
        elif not expected.absent and name not in outputs:
            yield f"{name}: nothing came out; outputs are {', '.join(outputs) or 'none'}."
        elif not expected.absent:
            yield from (f"{name}: {problem}" for problem in _of_port(outcome, name, expected))


def _of_port(outcome: Outcome, name: str, expected: Expected) -> Iterator[str]:
    artifact = outcome.result.outputs[name]
    if expected.metrics is not None:
        yield from _of_metrics(outcome.value(name), expected)
    if expected.schema is not None:
        yield from _of_schema(artifact, expected.schema)
    texts = [expected.contains] if isinstance(expected.contains, str) else expected.contains or []
    if texts:
        content = outcome.path(name).read_text(encoding="utf-8", errors="replace")
        yield from (
            f"does not contain {text!r}; it begins {content[:SHOWN]!r}." for text in texts if text not in content
        )
    if any(part is not None for part in (expected.rows, expected.columns, expected.table, expected.types)):
        yield from _of_table(table_in(outcome.value(name)), artifact, expected)


def table_in(value: Any) -> pa.Table:
    """The table of a value: itself, or the attributes of pictures and vectors."""
    return getattr(value, "table", value)


def _of_table(table: pa.Table, artifact: Artifact, expected: Expected) -> Iterator[str]:
    if expected.rows is not None and table.num_rows != expected.rows:
        yield f"expected {expected.rows} rows, found {table.num_rows}."
    if expected.columns is not None and table.column_names != expected.columns:
        yield f"expected the columns {expected.columns}, found {table.column_names}."
    known = {column.name: column.type for column in columns_of(artifact.schema) or ()}
    for name, kind in (expected.types or {}).items():
        if known.get(name) != kind:
            yield f"expected column {name!r} of type {kind}, found {known.get(name, 'no such column')}."
    for name, values in (expected.table or {}).items():
        if name not in table.column_names:
            yield f"there is no column {name!r}; the columns are {table.column_names}."
            continue
        found = [plain(value) for value in table[name].to_pylist()]
        if not alike(found, values, expected.tolerance):
            yield f"column {name!r}: expected {str(values)[:SHOWN]}, found {str(found)[:SHOWN]}."


def _of_metrics(found: Mapping[str, Any], expected: Expected) -> Iterator[str]:
    for name, wanted in (expected.metrics or {}).items():
        value = found.get(name)
        if name not in found:
            yield f"there is no metric {name!r}; found {', '.join(found)}."
        elif not isinstance(wanted, Mapping):
            if not alike(value, wanted, expected.tolerance):
                yield f"metric {name!r}: expected {wanted}, found {value}."
        elif not isinstance(value, int | float) or not (
            wanted.get("min", -math.inf) <= value <= wanted.get("max", math.inf)
        ):
            yield f"metric {name!r}: expected {dict(wanted)}, found {value}."


def _of_schema(artifact: Artifact, wanted: Mapping[str, Any]) -> Iterator[str]:
    found = msgspec.json.decode(msgspec.json.encode(artifact.schema)) or {}
    for name, value in wanted.items():
        if found.get(name) != value:
            yield f"schema: expected {name} {value!r}, found {found.get(name)!r}."


def plain(value: Any) -> Any:
    """A cell of a table as JSON has it: dates as ISO texts, decimals as numbers, durations as seconds."""
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    if isinstance(value, datetime.timedelta):
        return value.total_seconds()
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    return value


def alike(found: Any, wanted: Any, tolerance: float) -> bool:
    """Whether two JSON values are equal, numbers within `tolerance` (absolute, and relative to the wanted one)."""
    if isinstance(found, list) and isinstance(wanted, list):
        return len(found) == len(wanted) and all(alike(*pair, tolerance) for pair in zip(found, wanted, strict=True))
    if isinstance(found, Mapping) and isinstance(wanted, Mapping):
        return found.keys() == wanted.keys() and all(alike(found[key], wanted[key], tolerance) for key in wanted)
    if isinstance(found, bool) or isinstance(wanted, bool):
        return found is wanted
    if isinstance(found, int | float) and isinstance(wanted, int | float):
        return math.isclose(found, wanted, rel_tol=tolerance, abs_tol=tolerance)
    if isinstance(found, float) and math.isnan(found):
        return isinstance(wanted, str) and wanted == "NaN"
    return bool(found == wanted)


def same_output(first: Outcome, second: Outcome) -> Iterator[str]:
    """What differs between two runs of one case."""
    if first.result.outputs.keys() != second.result.outputs.keys():
        yield f"the first run gave {sorted(first.result.outputs)}, the second {sorted(second.result.outputs)}."
        return
    for name, artifact in first.result.outputs.items():
        if _content(first.path(name), artifact) != _content(second.path(name), second.result.outputs[name]):
            yield f"{name}: another content in the second run. Draw everything random from context.seed."


def _content(path: Path, artifact: Artifact) -> object:
    if artifact.type == "model":
        # A skops file carries times and memory addresses; its arrays and facts are what it computes.
        with zipfile.ZipFile(path) as archive:
            arrays = sorted(entry.CRC for entry in archive.infolist() if not entry.filename.endswith(".json"))
        facts = {key: value for key, value in artifact.summary.items() if key != "bytes"}
        return arrays, facts, artifact.schema
    return path.read_bytes()
