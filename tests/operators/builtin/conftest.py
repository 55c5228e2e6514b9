"""Runs built-in operators in this process, as a step does it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from form_specs import Form
from operators.builtin import provider
from operators.context import RunContext
from operators.errors import ParameterError
from operators.package import LoadedOperator
from operators.parameters import with_defaults

LOADED: dict[str, LoadedOperator] = {}


def loaded(name: str) -> LoadedOperator:
    """The operator `opyard.<name>`."""
    if not LOADED:
        LOADED.update({package.spec.id: package.load() for package in provider() if "vision" not in package.spec.id})
    return LOADED[f"opyard.{name}"]


def completed(operator: LoadedOperator, params: dict[str, Any]) -> dict[str, Any]:
    for error in Form.from_schema(operator.spec.parameters).check(params):
        raise ParameterError(error.message, error.pointer)
    return with_defaults(operator.spec.parameters, params)


@pytest.fixture
def run_operator(tmp_path: Path) -> Callable[..., Any]:
    """`run_operator("data.read_csv", inputs, seed=0, **params)` gives what `run` returns."""

    def run(name: str, inputs: dict[str, Any] | None = None, /, seed: int = 0, **params: Any) -> Any:
        operator = loaded(name)
        scratch = tmp_path / "scratch"
        scratch.mkdir(exist_ok=True)
        names = tuple(value for key, value in params.items() if key == "secret" and value)
        log = logging.getLogger("step")
        context = RunContext(seed=seed, scratch=scratch, secrets=names, emit=lambda event: None, logger=log)
        return operator.run(inputs or {}, completed(operator, params), context)

    return run


@pytest.fixture
def configure_operator() -> Callable[..., Any]:
    """`configure_operator("data.read_csv", schemas, **params)` gives what `configure` says."""

    def configure(name: str, schemas: dict[str, Any] | None = None, /, **params: Any) -> Any:
        operator = loaded(name)
        assert operator.configure is not None
        return operator.configure(schemas or {}, completed(operator, params))

    return configure
