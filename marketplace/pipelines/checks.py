"""Checks of what nodes and the pipeline itself are given: parameters, sizes, schedule."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import msgspec

from form_specs import pointers
from form_specs.columns import Column, closest
from form_specs.errors import FormError
from form_specs.findings import FieldError
from form_specs.form import Form
from form_specs.text import LANGUAGES
from marketplace.pipelines.cron import cron_error
from marketplace.pipelines.document import Node, Pipeline
from marketplace.pipelines.parameters import declared, is_placeholder, placeholders
from marketplace.pipelines.problems import Problem
from marketplace.pipelines.wiring import Wiring
from marketplace.settings import bytes_of
from operators.parameters import with_defaults


def check_params(
    node: Node, schema: Mapping[str, Any], columns: Mapping[str, Sequence[Column]] | None = None
) -> tuple[FieldError, ...]:
    """What is wrong with a node's parameters, defaults filled in, placeholders let be.

    Args:
        columns: the columns that arrive at each port; a port that is missing is one whose columns are not known.
    """
    known = None if columns is None else msgspec.json.encode(columns)
    return _checked(msgspec.json.encode(schema), msgspec.json.encode(node.params), known)


# A page checks the same nodes again and again while one of them is edited.
@lru_cache(maxsize=8192)
def _checked(schema: bytes, params: bytes, columns: bytes | None) -> tuple[FieldError, ...]:
    decoded = _schema(schema)
    form = Form.from_schema(decoded, columns=None if columns is None else _decode_columns(columns))
    return form.check(with_defaults(decoded, msgspec.json.decode(params)), placeholders=is_placeholder)


_schema = lru_cache(maxsize=1024)(msgspec.json.decode)
_decode_columns = msgspec.json.Decoder(dict[str, tuple[Column, ...]]).decode


def refused_nodes(wiring: Wiring) -> dict[str, tuple[FieldError, ...]]:
    """The nodes whose parameters their operators' schemas refuse, with what is wrong."""
    found = ((id, check_params(wiring.nodes[id], package.spec.parameters)) for id, package in wiring.packages.items())
    return {id: errors for id, errors in found if errors}


def check_placeholders(pipeline: Pipeline) -> Iterable[Problem]:
    """Placeholders that name no parameter of the pipeline, and parameters that nothing names."""
    names = declared(pipeline)
    used = set()
    for node in pipeline.nodes:
        for pointer, name in placeholders(node.params):
            used.add(name)
            if name not in names:
                meant = closest(name, names)
                code = "unknown_pipeline_parameter" + ("_similar" if meant else "")
                yield Problem(code, node=node.id, parameter=pointer, values={"name": name, "closest": meant or ""})
    for name in names:
        if name not in used:
            place = pointers.join("/parameters/properties", name)
            yield Problem("unused_pipeline_parameter", "warning", parameter=place, values={"name": name})


def check_declaration(pipeline: Pipeline) -> Iterable[Problem]:
    """The pipeline's parameter schema, and the defaults in it."""
    if not pipeline.parameters:
        return
    from form_specs.validation import meta_schema_for, validator_for

    wrong = list(validator_for(meta_schema_for(pipeline.parameters)).errors(pipeline.parameters))
    for error in wrong:
        place = pointers.join("/parameters", *error.absolute_path)
        yield Problem("bad_parameter_schema", parameter=place, values={"detail": error.message})
    if wrong:
        return
    try:
        errors = Form.from_schema(pipeline.parameters).check(with_defaults(pipeline.parameters, {}))
    except FormError as error:
        yield Problem("bad_parameter_schema", parameter="/parameters", values={"detail": str(error)})
        return
    for found in errors:
        if found.code != "forms.check.required":
            detail = {language: found.text(language) for language in LANGUAGES}
            place = f"/parameters/properties{found.pointer}/default"
            yield Problem("bad_parameter_default", parameter=place, values={"detail": detail})


def check_node(node: Node) -> Iterable[Problem]:
    """What a node says about how it runs."""
    for name in ("memory", "gpu_memory"):
        size = getattr(node.resources, name)
        if size is not None:
            try:
                bytes_of(size)
            except ValueError:
                facts = {"name": name, "found": size}
                yield Problem("bad_size", node=node.id, values=facts)


def check_schedule(pipeline: Pipeline) -> Iterable[Problem]:
    """The schedule's cron expression and time zone."""
    schedule = pipeline.schedule
    if schedule is None:
        return
    reason = cron_error(schedule.cron)
    if reason is not None:
        yield Problem("bad_cron", parameter="/schedule/cron", values={"cron": schedule.cron, "detail": reason})
    if not _is_time_zone(schedule.timezone):
        yield Problem("bad_timezone", parameter="/schedule/timezone", values={"found": schedule.timezone})


def check_groups(pipeline: Pipeline) -> Iterable[Problem]:
    """Groups that name nodes which are not there."""
    ids = {node.id for node in pipeline.nodes}
    for index, group in enumerate(pipeline.groups):
        missing = [id for id in group.nodes if id not in ids]
        if missing:
            place = f"/groups/{index}/nodes"
            yield Problem("group_lacks_nodes", "warning", parameter=place, values={"group": group.id, "nodes": missing})


def _is_time_zone(name: str) -> bool:
    from zoneinfo import ZoneInfo

    try:
        ZoneInfo(name)
    except (OSError, ValueError, KeyError):
        return False
    return True
