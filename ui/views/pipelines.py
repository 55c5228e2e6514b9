"""Pipelines and what is wrong with them, as the ways in show them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from form_specs.text import localized
from marketplace.pipelines.document import Pipeline
from marketplace.pipelines.flow import Flow
from marketplace.pipelines.validation import Problem


def problem_view(problem: Problem, language: str) -> dict[str, Any]:
    """A problem with its texts."""
    return {
        "severity": problem.severity,
        "code": problem.code,
        "node": problem.node,
        "port": problem.port,
        "parameter": problem.parameter,
        "message": problem.text(language),
        "mend": problem.mend(language),
    }


def pipeline_title(pipeline: Pipeline, language: str) -> str:
    """What people call a pipeline."""
    return localized(pipeline.title, language) or pipeline.name


def check_view(problems: Iterable[Problem], flow: Flow | None, language: str) -> dict[str, Any]:
    """What a check of a pipeline found: whether it can run, every problem, the schema of every output."""
    listed = [problem_view(problem, language) for problem in problems]
    return {
        "valid": not any(problem["severity"] == "error" for problem in listed),
        "problems": listed,
        "schemas": msgspec.to_builtins(flow.schemas) if flow else {},
    }


def problem_place(problem: Mapping[str, Any]) -> str:
    """Where a problem is, as one short word: node, then port or parameter."""
    parts = [problem["node"] or "", problem["port"] or "", problem["parameter"] or ""]
    return " ".join(part for part in parts if part)
