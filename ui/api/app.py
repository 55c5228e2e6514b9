"""The FastAPI app that is mounted at `/api`."""

from __future__ import annotations

from importlib.metadata import version

from fastapi import FastAPI
from fastapi.responses import HTMLResponse

from scheduler.application import Application
from ui.api import artifacts, events, operators, pipelines, runs
from ui.api.answers import explain_errors
from ui.api.documentation import documentation_page

PREFIX = "/api"
ABOUT = (
    "Operators, pipelines, runs and what they have made. Where a login is asked for, send `Authorization: Bearer TOKEN`"
    " with a token of POST /api/login."
)


def create_api(application: Application) -> FastAPI:
    """The API over one application."""
    api = FastAPI(
        title="Opyard API",
        version=version("opyard"),
        description=ABOUT,
        docs_url=None,
        redoc_url=None,
        servers=[{"url": PREFIX}],
    )
    for part in (operators, pipelines, runs, events, artifacts):
        api.include_router(part.routes(application))
    explain_errors(api)

    @api.get("/docs", include_in_schema=False)
    def docs() -> HTMLResponse:
        return HTMLResponse(documentation_page(api.openapi(), PREFIX))

    @api.get("/health", tags=["server"], summary="Whether server and engine are alive")
    def health() -> dict[str, object]:
        return {"version": api.version, "engine": application.store.engine_holder() is not None}

    return api
