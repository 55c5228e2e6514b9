"""How the API answers: JSON of our records, and errors of our floors with a status."""

from __future__ import annotations

from typing import Any

import msgspec
from fastapi import FastAPI, Request
from fastapi.responses import Response

from form_specs.errors import FormError
from marketplace.errors import (
    MarketplaceError,
    OperatorUnknown,
    PipelineError,
    PipelineNotFound,
    RunNotFound,
    RunUnfinished,
)
from operators.errors import ArtifactError, OperatorsError
from scheduler.errors import ArtifactAbsent, EngineUnavailable, NodeUnknown, PipelineInvalid, SchedulerError
from ui.errors import NotThere, UiError, WrongUse

# The first kind that fits counts.
STATUSES: tuple[tuple[type[Exception], int], ...] = (
    (RunNotFound, 404),
    (OperatorUnknown, 404),
    (PipelineNotFound, 404),
    (NotThere, 404),
    (NodeUnknown, 404),
    (ArtifactAbsent, 404),
    (EngineUnavailable, 503),
    (ArtifactError, 410),
    (RunUnfinished, 409),
    (PipelineInvalid, 422),
    (PipelineError, 422),
    (WrongUse, 422),
)


def answer(value: Any, status: int = 200) -> Response:
    """`value` (records, mappings, lists) as a JSON response."""
    return Response(msgspec.json.encode(value), status_code=status, media_type="application/json")


def explain_errors(api: FastAPI) -> None:
    """Answer errors of our floors as `{"error": kind, "message": text}`; a wrong pipeline lists its `problems`."""
    for tree in (FormError, OperatorsError, MarketplaceError, SchedulerError, UiError):
        api.add_exception_handler(tree, _explain)


def _explain(request: Request, error: Exception) -> Response:
    from ui.views.pipelines import problem_view

    status = next((status for kind, status in STATUSES if isinstance(error, kind)), 409)
    body: dict[str, Any] = {"error": type(error).__name__, "message": str(error)}
    if isinstance(error, PipelineInvalid):
        body["problems"] = [problem_view(problem, "en") for problem in error.problems]
    return answer(body, status)
