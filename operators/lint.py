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
from form_specs.messages import message
from form_specs.pointers import join
from form_specs.text import LANGUAGES, localized
from operators.versions import precedence

PARAMETERS = "/parameters"


class SpecProblem(Struct, frozen=True):
    """One thing that is wrong: the JSON Pointer in `operator.json`, what is wrong there, and how to mend it.

    The texts are there in every language of the product: `texts` and `remedies` by language tag.
    """

    pointer: str
    texts: Mapping[str, str]
    remedies: Mapping[str, str]

    @property
    def message(self) -> str:
        """What is wrong, in English."""
        return self.text()

    @property
    def mend(self) -> str:
        """What to do about it, in English."""
        return self.remedy()

    def text(self, language: str = "en") -> str:
        """What is wrong, in `language`."""
        return localized(self.texts, language)

    def remedy(self, language: str = "en") -> str:
        """What to do about it, in `language`."""
        return localized(self.remedies, language)

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
    pointer, found = join("", *error.absolute_path), _shown(error.instance)
    mend = error.schema.get("x-mend", {})
    if error.validator == "required":
        yield _missing(error, pointer)
    elif error.validator == "additionalProperties":
        yield from _unknown(error, pointer)
    elif error.validator == "type":
        expected = " | ".join(_listed(error.validator_value))
        yield SpecProblem(pointer, _texts("type", expected=expected, found=found), mend)
    elif error.validator in ("const", "enum", "not"):
        yield SpecProblem(pointer, _texts("choice", found=found), mend)
    elif error.validator == "pattern":
        yield SpecProblem(pointer, _texts("pattern", found=found), mend)
    else:
        rule, limit = error.validator, error.validator_value
        yield SpecProblem(pointer, _texts("broken", found=found, rule=rule, limit=limit), mend)


def _missing(error: Any, pointer: str) -> SpecProblem:
    # jsonschema names the missing property only in its message, so it is found again here.
    name = next(name for name in error.validator_value if error.message.startswith(repr(name)))
    described = _resolved(error.schema.get("properties", {}).get(name, {})).get("x-mend", {})
    add = _texts("missing.mend", name=name)
    remedies = {tag: f"{text} {described.get(tag, '')}".strip() for tag, text in add.items()}
    return SpecProblem(pointer, _texts("missing", name=name), remedies)


def _unknown(error: Any, pointer: str) -> Iterator[SpecProblem]:
    allowed = list(error.schema.get("properties", {}))
    for name in error.instance:
        if name not in allowed:
            close = closest(name, allowed)
            mend = _texts("unknown.close", close=close) if close else _texts("unknown.mend", names=", ".join(allowed))
            yield SpecProblem(join(pointer, name), _texts("unknown", name=name), mend)


def _problem(pointer: str, code: str, /, **values: Any) -> SpecProblem:
    return SpecProblem(pointer, _texts(code, **values), _texts(f"{code}.mend", **values))


def _texts(code: str, /, **values: Any) -> dict[str, str]:
    return {language: message(f"operators.lint.{code}", language, **values) for language in LANGUAGES}


def _resolved(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    reference = schema.get("$ref")
    return spec_schema()["$defs"][reference.rsplit("/", 1)[-1]] if reference else schema


def _port_problems(document: Mapping[str, Any]) -> Iterator[SpecProblem]:
    for side in ("inputs", "outputs"):
        ports = document.get(side, [])
        for index in _repeated([port["name"] for port in ports]):
            name = ports[index]["name"]
            yield _problem(f"/{side}/{index}/name", "port.twice", side=side, name=name)
    for index, port in enumerate(document.get("inputs", [])):
        if port.get("handover") == "lazy" and port["type"] != "table":
            yield _problem(f"/inputs/{index}/handover", "port.lazy", type=port["type"])


def _parameter_problems(document: Mapping[str, Any]) -> Iterator[SpecProblem]:
    from form_specs import dialect

    schema = document["parameters"]
    for problem in dialect.lint(schema):
        texts = {language: problem.text(language) for language in LANGUAGES}
        remedies = {language: problem.remedy(language) for language in LANGUAGES}
        yield SpecProblem(PARAMETERS + problem.pointer, texts, remedies)
    yield from _picker_problems(schema, [port["name"] for port in document.get("inputs", [])])


def _picker_problems(schema: Mapping[str, Any], inputs: Sequence[str]) -> Iterator[SpecProblem]:
    """Column pickers that offer the columns of an input that there is not."""
    for pointer, node in _nodes(schema, PARAMETERS):
        options = node.get("x-options")
        if isinstance(options, Mapping) and options.get("source") == "columns" and options.get("port") not in inputs:
            yield _problem(f"{pointer}/x-options/port", "picker", port=options.get("port"), names=_names(inputs))


def _requirement_problems(document: Mapping[str, Any]) -> Iterator[SpecProblem]:
    from packaging.requirements import InvalidRequirement, Requirement

    for index, text in enumerate(document.get("requirements", [])):
        try:
            Requirement(text)
        except InvalidRequirement as error:
            reason = str(error).splitlines()[0]
            yield _problem(f"/requirements/{index}", "requirement", found=text, reason=reason)


def _migration_problems(document: Mapping[str, Any]) -> Iterator[SpecProblem]:
    migrations = document.get("migrations", [])
    for index in _repeated([migration["from"] for migration in migrations]):
        yield _problem(f"/migrations/{index}/from", "migration.twice", start=migrations[index]["from"])
    for index, migration in enumerate(migrations):
        start, end, own = migration["from"], migration["to"], document["version"]
        if precedence(start) >= precedence(end):
            yield _problem(f"/migrations/{index}/to", "migration.back", start=start, end=end)
        elif precedence(end) > precedence(own):
            yield _problem(f"/migrations/{index}/to", "migration.beyond", end=end, own=own)
    yield from _change_problems(document)


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
                place = f"/migrations/{index}/changes/{number}/{field}"
                yield _problem(place, "migration.lost", path=change[field], name=name, names=_names(parameters))


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
