"""What is wrong with an `operator.json`, said so that its author can mend it.

First the document is held against `operator.schema.json`, then against what no schema can say: names that are there
twice, migrations that lead nowhere, parameters whose own schema or annotations are wrong.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from msgspec import Struct

from form_specs.columns import closest
from form_specs.pointers import join

PARAMETERS = "/parameters"


class SpecProblem(Struct, frozen=True):
    """One thing that is wrong: the JSON Pointer in `operator.json`, what is wrong there, and how to mend it."""

    pointer: str
    message: str
    mend: str

    def __str__(self) -> str:
        return f"{self.pointer or '/'}: {self.message} {self.mend}"


def lint(document: object) -> tuple[SpecProblem, ...]:
    """Everything that is wrong with `document`, the JSON value of an `operator.json`; empty where nothing is.

    What is wrong in shape hides what could only be judged in the right shape, so mending may bring up more.
    """
    problems = tuple(_shape_problems(document))
    if problems or not isinstance(document, Mapping):
        return problems
    rules = (_port_problems, _parameter_problems, _requirement_problems, _migration_problems)
    return tuple(problem for rule in rules for problem in rule(document))


@cache
def spec_schema() -> Mapping[str, Any]:
    """The meta-schema, `operator.schema.json`. Shared: do not change it."""
    schema: Mapping[str, Any] = json.loads(files("operators").joinpath("operator.schema.json").read_bytes())
    return schema


def _shape_problems(document: object) -> Iterator[SpecProblem]:
    from jsonschema import Draft202012Validator

    errors = Draft202012Validator(spec_schema()).iter_errors(document)
    for error in sorted(errors, key=lambda error: [str(step) for step in error.absolute_path]):
        yield from _explain(error)


def _explain(error: Any) -> Iterator[SpecProblem]:
    pointer = join("", *error.absolute_path)
    mend = error.schema.get("x-mend", "")
    if error.validator == "required":
        yield _missing(error, pointer)
    elif error.validator == "additionalProperties":
        yield from _unknown(error, pointer)
    elif error.validator == "type":
        expected = " or ".join(_listed(error.validator_value))
        yield SpecProblem(pointer, f"Expected {expected}, found {_shown(error.instance)}.", mend)
    elif error.validator in ("const", "enum"):
        yield SpecProblem(pointer, f"{_shown(error.instance)} is not one of what may stand here.", mend)
    elif error.validator == "pattern":
        yield SpecProblem(pointer, f"{_shown(error.instance)} is not written as it must be.", mend)
    else:
        yield SpecProblem(pointer, f"{_shown(error.instance)} breaks {error.validator} {error.validator_value}.", mend)


def _missing(error: Any, pointer: str) -> SpecProblem:
    # jsonschema names the missing property only in its message, so it is found again here.
    name = next(name for name in error.validator_value if error.message.startswith(repr(name)))
    described = _resolved(error.schema.get("properties", {}).get(name, {}))
    return SpecProblem(pointer, f"{name!r} is missing.", f"Add {name!r}. {described.get('x-mend', '')}".strip())


def _unknown(error: Any, pointer: str) -> Iterator[SpecProblem]:
    allowed = list(error.schema.get("properties", {}))
    for name in error.instance:
        if name not in allowed:
            meant = closest(name, allowed)
            mend = f"Did you mean {meant!r}?" if meant else f"Take it away; known here are {', '.join(allowed)}."
            yield SpecProblem(join(pointer, name), f"{name!r} is not known here.", mend)


def _resolved(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    reference = schema.get("$ref")
    return spec_schema()["$defs"][reference.rsplit("/", 1)[-1]] if reference else schema


def _port_problems(document: Mapping[str, Any]) -> Iterator[SpecProblem]:
    for side in ("inputs", "outputs"):
        ports = document.get(side, [])
        for index in _repeated([port["name"] for port in ports]):
            name = ports[index]["name"]
            yield SpecProblem(f"/{side}/{index}/name", f"Two {side} are called {name!r}.", "Give one another name.")
    for index, port in enumerate(document.get("inputs", [])):
        if port.get("handover") == "lazy" and port["type"] != "table":
            message = f"Only a table can be handed over lazily, and this port's type is {port['type']}."
            yield SpecProblem(f"/inputs/{index}/handover", message, "Take 'handover' away.")


def _parameter_problems(document: Mapping[str, Any]) -> Iterator[SpecProblem]:
    from form_specs import dialect

    schema = document["parameters"]
    for problem in dialect.lint(schema):
        yield SpecProblem(PARAMETERS + problem.pointer, problem.message, problem.mend)
    yield from _picker_problems(schema, [port["name"] for port in document.get("inputs", [])])


def _picker_problems(schema: Mapping[str, Any], inputs: Sequence[str]) -> Iterator[SpecProblem]:
    """Column pickers that offer the columns of an input that there is not."""
    for pointer, node in _nodes(schema, PARAMETERS):
        options = node.get("x-options")
        if isinstance(options, Mapping) and options.get("source") == "columns" and options.get("port") not in inputs:
            message = f"The columns of the input {options.get('port')!r} are offered, and there is no such input."
            yield SpecProblem(f"{pointer}/x-options/port", message, f"Name one of the inputs: {_names(inputs)}.")


def _requirement_problems(document: Mapping[str, Any]) -> Iterator[SpecProblem]:
    from packaging.requirements import InvalidRequirement, Requirement

    for index, text in enumerate(document.get("requirements", [])):
        try:
            Requirement(text)
        except InvalidRequirement as error:
            message = f"{text!r} is no requirement: {str(error).splitlines()[0]}."
            yield SpecProblem(f"/requirements/{index}", message, 'Write it as pip takes it: "scikit-learn>=1.5".')


def _migration_problems(document: Mapping[str, Any]) -> Iterator[SpecProblem]:
    migrations = document.get("migrations", [])
    for index in _repeated([migration["from"] for migration in migrations]):
        message = f"Two migrations start at {migrations[index]['from']}."
        yield SpecProblem(f"/migrations/{index}/from", message, "Keep one; what is saved can go only one way.")
    for index, migration in enumerate(migrations):
        start, end, own = migration["from"], migration["to"], document["version"]
        if precedence(start) >= precedence(end):
            message = f"The migration leads from {start} to {end}, which is not newer."
            yield SpecProblem(f"/migrations/{index}/to", message, "Lead to a newer version.")
        elif precedence(end) > precedence(own):
            message = f"The migration leads to {end}, and this package is version {own}."
            yield SpecProblem(f"/migrations/{index}/to", message, f"Lead to {own} at most, or raise the version.")
    yield from _change_problems(document)


def precedence(version: str) -> tuple[Any, ...]:
    """A key that sorts semantic versions as semver.org (section 11) orders them."""
    core, _, pre = version.partition("+")[0].partition("-")
    numbers = tuple(int(part) for part in core.split("."))
    labels = tuple((0, int(part), "") if part.isdigit() else (1, 0, part) for part in pre.split("."))
    return (*numbers, not pre, labels)


def _change_problems(document: Mapping[str, Any]) -> Iterator[SpecProblem]:
    """Changes of the migrations into this version that lead to parameters which are not there."""
    parameters = document["parameters"].get("properties", {})
    for index, migration in enumerate(document.get("migrations", [])):
        if migration["to"] != document["version"]:
            continue
        for number, change in enumerate(migration.get("changes", [])):
            field = "to" if change["op"] == "rename" else "path"
            name = change[field].split("/")[1].replace("~1", "/").replace("~0", "~")
            if change["op"] != "remove" and name not in parameters:
                message = f"The change leads to {change[field]!r}, and there is no parameter {name!r}."
                mend = f"Lead to one of {_names(parameters)}."
                yield SpecProblem(f"/migrations/{index}/changes/{number}/{field}", message, mend)


def _nodes(node: object, pointer: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every JSON object in `node` with its pointer, but for what is data and not schema."""
    if isinstance(node, Mapping):
        yield pointer, node
        for key, value in node.items():
            if key not in ("default", "const", "enum", "examples"):
                yield from _nodes(value, join(pointer, key))
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from _nodes(value, join(pointer, index))


def _repeated(names: Sequence[str]) -> list[int]:
    return [index for index, name in enumerate(names) if name in names[:index]]


def _listed(value: Any) -> list[str]:
    return value if isinstance(value, list) else [str(value)]


def _names(names: Iterable[str]) -> str:
    return ", ".join(repr(name) for name in names) or "none"


def _shown(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:57]}…"
