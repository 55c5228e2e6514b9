"""The event stream of a run: server-sent events that can be taken up again where they broke off."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Annotated

import msgspec
from anyio import to_thread
from fastapi import APIRouter, Header, Query
from fastapi.responses import StreamingResponse

from marketplace.store.records import EventRecord
from scheduler.application import Application
from scheduler.runs import Runs
from scheduler.states import ENDED_RUN
from ui.views.runs import event_view

POLL = 0.25
HEARTBEAT = 15.0


def routes(application: Application) -> APIRouter:
    """`/runs/{id}/events`."""
    router = APIRouter(tags=["runs"])

    @router.get("/runs/{id}/events", summary="What happens in a run, as server-sent events")
    async def events(
        id: str,
        after: Annotated[int, Query(description="Only events after that id.")] = 0,
        last_event_id: Annotated[int | None, Header()] = None,
    ) -> StreamingResponse:
        """Each event has the id, kind and data that the run's record keeps. `end` says that no more will come."""
        await to_thread.run_sync(application.runs.get, id)
        stream = _stream(application.runs, id, last_event_id if last_event_id is not None else after)
        return StreamingResponse(stream, media_type="text/event-stream", headers={"Cache-Control": "no-store"})

    return router


async def _stream(runs: Runs, id: str, after: int) -> AsyncIterator[bytes]:
    spoke = time.monotonic()
    while True:
        # The state first: an event written between the two is then in what is read.
        ended = (await to_thread.run_sync(runs.get, id)).state in ENDED_RUN
        found = await to_thread.run_sync(runs.events, id, after)
        for event in found:
            after = event.id
            yield _encoded(event)
        if ended and not found:
            yield b"event: end\ndata: {}\n\n"
            return
        if found:
            spoke = time.monotonic()
            continue
        if time.monotonic() - spoke > HEARTBEAT:
            spoke = time.monotonic()
            yield b": still here\n\n"
        await asyncio.sleep(POLL)


def _encoded(event: EventRecord) -> bytes:
    return b"id: %d\nevent: %s\ndata: %s\n\n" % (event.id, event.kind.encode(), msgspec.json.encode(event_view(event)))
