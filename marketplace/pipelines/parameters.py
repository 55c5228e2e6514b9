"""Parameters of a pipeline: their values, checked and put where nodes refer to them by `{"$param": name}`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec

from form_specs import pointers
from form_specs.columns import closest
from marketplace.errors import PipelineParametersWrong
from marketplace.pipelines.document import Node, Pipeline

PLACEHOLDER = "$param"


def placeholder(value: object) -> str | None:
    """The name of the pipeline parameter that `value` stands for; None where it stands for itself."""
    if isinstance(value, dict) and len(value) == 1 and isinstance(value.get(PLACEHOLDER), str):
        return str(value[PLACEHOLDER])
    return None


def is_placeholder(value: object) -> bool:
    """Whether `value` stands for a pipeline parameter."""
    return placeholder(value) is not None


def placeholders(value: Any, pointer: str = "") -> Iterator[tuple[str, str]]:
    """Every placeholder within `value`: its JSON pointer, and the parameter it names."""
    name = placeholder(value)
    if name is not None:
        yield pointer, name
    elif isinstance(value, dict):
        for key, part in value.items():
            yield from placeholders(part, pointers.join(pointer, key))
    elif isinstance(value, list):
        for index, part in enumerate(value):
            yield from placeholders(part, pointers.join(pointer, index))


def declared(pipeline: Pipeline) -> tuple[str, ...]:
    """The names of the parameters that the pipeline has."""
    properties = pipeline.parameters.get("properties")
    return tuple(properties) if isinstance(properties, Mapping) else ()


def resolve_parameters(pipeline: Pipeline, values: Mapping[str, Any]) -> Pipeline:
    """The pipeline with every placeholder replaced by its value: the given one, else the parameter's default.

    Raises:
        PipelineParametersWrong: a value is not what its parameter takes, is for no parameter of the pipeline, or is
            missing. Lists every one.
    """
    places = _unknown(pipeline, values)
    complete = _complete(pipeline, values)
    places += _wrong(pipeline, complete)
    told = {pointer for pointer, _ in places}
    for node in pipeline.nodes:
        for _, name in placeholders(node.params):
            place = pointers.join("", name)
            if name not in complete and place not in told:
                told.add(place)
                places.append((place, f"has no value, and the node {node.id!r} needs one"))
    if places:
        lines = "".join(f"\n  {pointer.removeprefix('/')}: {reason}" for pointer, reason in places)
        raise PipelineParametersWrong(f"The parameters of the pipeline {pipeline.name!r} are wrong:{lines}", places)
    return _filled(pipeline, complete)


def with_default_parameters(pipeline: Pipeline) -> Pipeline:
    """The pipeline as it is at design time: placeholders of parameters that have a default are replaced by it."""
    return _filled(pipeline, _complete(pipeline, {}))


def parse_parameters(pipeline: Pipeline, texts: Mapping[str, str]) -> dict[str, Any]:
    """Values from the texts that a command line gives: as JSON, unless the parameter takes text and no such JSON."""
    properties = pipeline.parameters.get("properties")
    schemas = properties if isinstance(properties, Mapping) else {}
    return {name: _parsed(schemas.get(name), text) for name, text in texts.items()}


def _parsed(schema: Any, text: str) -> Any:
    from form_specs.validation import validator_for

    try:
        value = msgspec.json.decode(text)
    except msgspec.DecodeError:
        return text
    if isinstance(schema, Mapping) and next(validator_for(schema).errors(text), None) is None:
        return text
    return value


def _complete(pipeline: Pipeline, values: Mapping[str, Any]) -> dict[str, Any]:
    from operators.parameters import with_defaults

    return with_defaults(pipeline.parameters, values)


def _unknown(pipeline: Pipeline, values: Mapping[str, Any]) -> list[tuple[str, str]]:
    names = declared(pipeline)
    there = f"the pipeline has {', '.join(names)}" if names else "the pipeline has no parameters"
    places = []
    for name in values:
        if name not in names:
            meant = closest(name, names)
            reason = f"is not a parameter; {there}" + (f". Did you mean {meant}?" if meant else "")
            places.append((pointers.join("", name), reason))
    return places


def _wrong(pipeline: Pipeline, values: Mapping[str, Any]) -> list[tuple[str, str]]:
    from form_specs.form import Form

    if not pipeline.parameters:
        return []
    known = {name: value for name, value in values.items() if name in declared(pipeline)}
    return [(error.pointer, error.message) for error in Form.from_schema(pipeline.parameters).check(known)]


def _filled(pipeline: Pipeline, values: Mapping[str, Any]) -> Pipeline:
    if not any(True for node in pipeline.nodes for _ in placeholders(node.params)):
        return pipeline

    def fill(value: Any) -> Any:
        name = placeholder(value)
        if name is not None:
            return values.get(name, value)
        return _mapped(value, fill)

    def filled(node: Node) -> Node:
        return msgspec.structs.replace(node, params=fill(node.params))

    return msgspec.structs.replace(pipeline, nodes=tuple(filled(node) for node in pipeline.nodes))


def _mapped(value: Any, change: Callable[[Any], Any]) -> Any:
    if isinstance(value, dict):
        return {key: change(part) for key, part in value.items()}
    if isinstance(value, list):
        return [change(part) for part in value]
    return value
