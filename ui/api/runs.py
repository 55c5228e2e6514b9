"""Routes over runs."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from marketplace.pipelines.document import Pipeline, read_pipeline
from scheduler.application import Application
from ui.api.answers import answer
from ui.errors import WrongUse
from ui.example_pipelines import example
from ui.views.runs import document_of, run_view, step_view


class RunRequest(BaseModel):
    """What to run: a pipeline document, or the name of an example."""

    model_config = ConfigDict(extra="forbid")

    pipeline: dict[str, Any] | None = Field(None, description="A pipeline document.")
    example: str | None = Field(None, description="The name of an example, instead of a document.")
    params: dict[str, Any] = Field({}, description="Values of the pipeline's parameters.")
    to: list[str] = Field([], description="Run these nodes and what they need; empty: all.")
    only: list[str] = Field([], description="Run these nodes alone, on what the others made before.")
    seed: int = Field(0, description="The seed for everything random.")
    fresh: bool = Field(False, description="Run steps again whose results are there.")
    project: str = Field("default", description="The project that the run belongs to.")


def routes(application: Application) -> APIRouter:
    """`/runs`: start, list, look at, cancel, resume, logs."""
    router = APIRouter(prefix="/runs", tags=["runs"])
    runs = application.runs

    @router.post("", status_code=201, summary="Start a run")
    def submit(wanted: RunRequest, request: Request) -> Response:
        run = runs.submit(
            _pipeline(wanted),
            params=wanted.params,
            to=wanted.to,
            only=wanted.only,
            base=application.settings.files,
            seed=wanted.seed,
            by=getattr(request.state, "account", ""),
            project=wanted.project,
            fresh=wanted.fresh,
        )
        return answer(run_view(run), 201)

    @router.get("", summary="Runs, the newest first")
    def listed(
        state: Annotated[list[str], Query(description="Only runs in one of these states.")] = [],  # noqa: B006
        project: str | None = None,
        pipeline: str | None = None,
        by: str | None = None,
        since: Annotated[float | None, Query(description="Made at or after, seconds since the epoch.")] = None,
        before: Annotated[str | None, Query(description="Only runs made before that one (its id).")] = None,
        limit: Annotated[int, Query(ge=1, le=500)] = 50,
    ) -> Response:
        found = runs.list(
            states=tuple(state), project=project, pipeline=pipeline, by=by, since=since, before=before, limit=limit
        )
        return answer({"runs": [run_view(run) for run in found]})

    @router.get("/{id}", summary="One run with its steps")
    def one(id: str) -> Response:
        return answer({**run_view(runs.get(id)), "steps": [step_view(step) for step in runs.steps(id)]})

    @router.get("/{id}/pipeline", summary="The document that a run was made from")
    def document(id: str) -> Response:
        return answer(document_of(runs.get(id)))

    @router.post("/{id}/cancel", summary="Cancel a run")
    def cancel(id: str) -> Response:
        runs.cancel(id)
        return answer(run_view(runs.get(id)))

    @router.post("/{id}/resume", summary="Go on with a failed or cancelled run")
    def resume(id: str) -> Response:
        runs.resume(id)
        return answer(run_view(runs.get(id)))

    @router.get("/{id}/steps/{node}/log", summary="The log of a step")
    def log(
        id: str,
        node: str,
        attempt: Annotated[int | None, Query(description="Which attempt; the last one if not given.")] = None,
        after: Annotated[int, Query(description="`next` of the answer before, to go on there.")] = 0,
    ) -> Response:
        return answer(runs.log(id, node, attempt, after))

    return router


def _pipeline(wanted: RunRequest) -> Pipeline:
    if (wanted.pipeline is None) == (wanted.example is None):
        raise WrongUse("Give either `pipeline`, a document, or `example`, the name of one of the examples.")
    if wanted.example is not None:
        return example(wanted.example).pipeline
    return read_pipeline(msgspec.json.encode(wanted.pipeline), "the pipeline of the request")
