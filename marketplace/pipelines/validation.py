"""Validation: everything that is wrong with a pipeline, at once."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain
from pathlib import Path

import msgspec

from form_specs.findings import FieldError
from marketplace.catalogue import Catalogue
from marketplace.pipelines.checks import (
    check_declaration,
    check_groups,
    check_node,
    check_params,
    check_placeholders,
    check_schedule,
    refused_nodes,
)
from marketplace.pipelines.document import Pipeline
from marketplace.pipelines.flow import Flow, SchemaFlow, columns_into
from marketplace.pipelines.parameters import with_default_parameters
from marketplace.pipelines.problems import Problem, Severity, parameter_problem
from marketplace.pipelines.wiring import Wiring, wire

__all__ = ["Problem", "Severity", "validate"]

# An operator's own refusal is left out where the form has found something at the same place.
_SAID_BY_FORMS = ("refused_parameter", "configure_failed")

_OF_THE_GRAPH = ("duplicate_node", "cycle", "unknown_node")


def validate(
    pipeline: Pipeline, catalogue: Catalogue, flow: SchemaFlow | None = None, *, base: Path | None = None
) -> tuple[Problem, ...]:
    """Every problem of a pipeline, errors and warnings: those of the document, then node by node.

    Pipeline parameters count with their defaults; what depends on one without a default is checked when it is given.

    Args:
        flow: finds what flows between the nodes, so that columns can be checked; None leaves columns unchecked.
        base: the folder that relative paths in parameters start from; None for the current one.
    """
    return check(pipeline, catalogue, flow, base=base)[0]


def check(
    pipeline: Pipeline, catalogue: Catalogue, flow: SchemaFlow | None = None, *, base: Path | None = None
) -> tuple[tuple[Problem, ...], Flow | None]:
    """What `validate` gives, and with it the schemas that were found on the way."""
    if flow is not None:
        flow.start()
    design = with_default_parameters(pipeline)
    wiring = wire(design, catalogue)
    found = None if flow is None else flow.of(wiring, base)
    problems = [
        *check_declaration(pipeline),
        *check_schedule(pipeline),
        *check_groups(pipeline),
        *check_placeholders(pipeline),
        *wiring.problems,
        *chain.from_iterable(check_node(node) for node in pipeline.nodes),
        *_parameter_problems(wiring, found),
    ]
    return _in_order(pipeline, [_as_severe_as_it_is(problem, wiring) for problem in problems]), found


def _parameter_problems(wiring: Wiring, flow: Flow | None) -> Iterable[Problem]:
    errors = refused_nodes(wiring)
    if flow is not None:
        errors |= _column_errors(wiring, flow)
    places = {(id, error.pointer) for id, found in errors.items() for error in found}
    for id, found in errors.items():
        yield from (parameter_problem(id, error) for error in found)
    for problem in flow.problems if flow else ():
        known = (problem.node, problem.parameter or "") in places or (not problem.parameter and problem.node in errors)
        if problem.code not in _SAID_BY_FORMS or not known:
            yield problem


def _column_errors(wiring: Wiring, flow: Flow) -> dict[str, tuple[FieldError, ...]]:
    """What is wrong with parameters, for nodes that pick columns which are known."""
    found = {}
    picking: dict[str, bool] = {}
    for id, package in wiring.packages.items():
        reference = package.spec.reference
        if reference not in picking:
            picking[reference] = b'"x-options"' in msgspec.json.encode(package.spec.parameters)
        columns = columns_into(wiring, flow.schemas, id) if picking[reference] else {}
        if columns:
            errors = check_params(wiring.nodes[id], package.spec.parameters, columns)
            if errors:
                found[id] = errors
    return found


def _as_severe_as_it_is(problem: Problem, wiring: Wiring) -> Problem:
    """What is wrong with a node that does not run keeps nothing from running, unless it is the graph itself."""
    if problem.node in wiring.idle and not problem.code.startswith(_OF_THE_GRAPH):
        return msgspec.structs.replace(problem, severity="warning")
    return problem


def _in_order(pipeline: Pipeline, problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Those of the document first, then by node in the document's order."""
    position = {node.id: at for at, node in reversed(list(enumerate(pipeline.nodes)))}
    return tuple(sorted(problems, key=lambda problem: position.get(problem.node or "", -1)))
