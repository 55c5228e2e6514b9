"""The route that keeps the chosen language in a cookie and goes back to the page."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from form_specs.text import LANGUAGES
from ui.access.targets import local_target
from ui.language import LANGUAGE_COOKIE

YEAR = 365 * 24 * 3600


async def _switch(request: Request) -> Response:
    response = RedirectResponse(local_target(request.query_params.get("next", "/")), status_code=303)
    chosen = request.query_params.get("to", "")
    if chosen in LANGUAGES:
        response.set_cookie(LANGUAGE_COOKIE, chosen, max_age=YEAR, samesite="lax", httponly=True)
    return response


route = Route("/language", _switch)
