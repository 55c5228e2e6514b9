"""Routes over pipeline documents and examples."""

from __future__ import annotations

from typing import Any

import msgspec
from fastapi import APIRouter, Body
from fastapi.responses import Response

from marketplace.pipelines.document import read_pipeline, write_pipeline
from marketplace.pipelines.validation import check
from scheduler.application import Application
from ui.api.answers import answer
from ui.api.operators import Language
from ui.example_pipelines import example, example_view, examples
from ui.views.pipelines import check_view


def routes(application: Application) -> APIRouter:
    """`/pipelines/validate` and `/examples`."""
    router = APIRouter()

    @router.post("/pipelines/validate", tags=["pipelines"], summary="Check a pipeline document")
    def validate(document: dict[str, Any] = Body(), language: Language = "en") -> Response:  # noqa: B008
        """Answers with every problem at once, each with its place and a way to mend it, and with all schemas."""
        pipeline = read_pipeline(msgspec.json.encode(document), "the document of the request")
        found = check(pipeline, application.catalogue, application.flow, base=application.settings.files)
        return answer(check_view(*found, language))

    @router.get("/examples", tags=["examples"], summary="The example pipelines")
    def listed(language: Language = "en") -> Response:
        return answer({"examples": [example_view(each, language) for each in examples()]})

    @router.get("/examples/{name}", tags=["examples"], summary="The document of one example")
    def one(name: str) -> Response:
        return Response(write_pipeline(example(name).pipeline), media_type="application/json")

    return router
