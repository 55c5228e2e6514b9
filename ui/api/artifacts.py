"""Routes over what steps have made: summaries, previews, files."""

from __future__ import annotations

import mimetypes
import tempfile
from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import FileResponse, Response
from starlette.background import BackgroundTask

from scheduler.application import Application
from ui.api.answers import answer
from ui.errors import NotThere
from ui.views.artifacts import artifact_view, file_name

# An artifact is somebody's data: a browser must neither guess what it is nor run what is in it.
HARMLESS = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "sandbox; default-src 'none'"}


def routes(application: Application) -> APIRouter:
    """`/runs/{id}/artifacts/{node}/{port}`."""
    router = APIRouter(prefix="/runs/{id}/artifacts/{node}/{port}", tags=["artifacts"])

    @router.get("", summary="What an artifact is: type, schema, summary")
    def summary(id: str, node: str, port: str) -> Response:
        return answer(artifact_view(application.runs.artifact(id, node, port).artifact))

    @router.get("/data", summary="The artifact's file")
    def data(id: str, node: str, port: str) -> Response:
        found = application.runs.artifact(id, node, port)
        artifact = found.artifact
        name = file_name(node, port, artifact)
        return _file(application, f"{found.folder}/{artifact.path}", name, artifact.media_type, "attachment")

    @router.get("/preview", summary="The artifact's picture")
    def preview(id: str, node: str, port: str) -> Response:
        found = application.runs.artifact(id, node, port)
        if found.artifact.preview is None:
            raise NotThere(f"The output {port!r} of {node!r} is a {found.artifact.type}; it has no picture.")
        name = found.artifact.preview
        return _file(application, f"{found.folder}/{name}", name, "image/png", "inline")

    return router


def _file(application: Application, uri: str, name: str, media_type: str | None, disposition: str) -> Response:
    scratch = tempfile.TemporaryDirectory(prefix="opyard-download-")
    try:
        path = application.artifacts.fetch(uri, Path(scratch.name))
    except BaseException:
        scratch.cleanup()
        raise
    kind = media_type or mimetypes.guess_type(name)[0] or "application/octet-stream"
    return FileResponse(
        path,
        media_type=kind,
        filename=name,
        content_disposition_type=disposition,
        headers=HARMLESS,
        background=BackgroundTask(scratch.cleanup),
    )
