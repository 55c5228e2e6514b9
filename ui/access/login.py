"""Logging in and out, and making the first account through a one-time link."""

from __future__ import annotations

import hmac
import secrets
from functools import partial
from typing import TYPE_CHECKING

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.types import Receive, Scope

from form_specs.messages import message
from marketplace.errors import StoreError
from ui.access import pages
from ui.access.attempts import Attempts
from ui.access.targets import local_target

if TYPE_CHECKING:
    from marketplace.store.people import People

COOKIE = "opyard_session"
COOKIE_SECONDS = 14 * 24 * 3600


class Login:
    """The login's state: the accounts, the failed attempts and, until there is an account, the setup token.

    Attributes:
        setup_token: the secret of the setup link; None once an account is there.
    """

    def __init__(self, people: People) -> None:
        self._people = people
        self._attempts = Attempts()
        self.setup_token: str | None = None if people.count() else secrets.token_urlsafe(24)

    async def who(self, token: str) -> str | None:
        """The account whose session `token` is, or None."""
        session = await to_thread.run_sync(self._people.lookup, token) if token else None
        return session.account if session else None

    async def respond(self, scope: Scope, receive: Receive) -> Response:
        """Answer one of the gate's own pages."""
        request = Request(scope, receive)
        language = pages.language_of(request.headers.get("accept-language", ""), request.query_params.get("lang", ""))
        if request.url.path == "/api/login":
            return await self._api_login(request)
        if request.url.path == "/logout":
            return await self._logout(request, language)
        if self.setup_token is not None:
            return await self._setup(request, language, self.setup_token)
        if request.url.path == "/setup":
            return RedirectResponse("/login", status_code=303)
        return await self._login(request, language)

    async def _login(self, request: Request, language: str) -> Response:
        if request.method != "POST":
            target = local_target(request.query_params.get("next", "/"))
            return _html(pages.login_page(language, target=target))
        form = await request.form()
        name, password = str(form.get("name", "")).strip(), str(form.get("password", ""))
        target = local_target(str(form.get("next", "/")))
        token, problem, status = await self._try(request, name, password, language)
        if token is None:
            return _html(pages.login_page(language, target=target, problem=problem, name=name), status)
        return _with_cookie(RedirectResponse(target, status_code=303), request, token)

    async def _api_login(self, request: Request) -> Response:
        try:
            body = await request.json() if request.method == "POST" else {}
            name, password = str(body["name"]).strip(), str(body["password"])
        except (ValueError, KeyError, TypeError):
            text = 'POST a JSON object {"name": "...", "password": "..."}.'
            return JSONResponse({"error": "wrong_use", "message": text}, status_code=422)
        token, problem, status = await self._try(request, name, password, "en")
        if token is None:
            return JSONResponse({"error": "unauthorized", "message": problem}, status_code=status)
        return JSONResponse({"token": token})

    async def _try(self, request: Request, name: str, password: str, language: str) -> tuple[str | None, str, int]:
        address = request.client.host if request.client else ""
        wait = self._attempts.wait(address, name)
        if wait > 0:
            return None, message("ui.login.wait", language, minutes=int(wait // 60) + 1), 429
        # Counted before the answer is known, so that attempts at once count as well.
        self._attempts.failed(address, name)
        if not await to_thread.run_sync(self._people.verify, name, password):
            return None, message("ui.login.refused", language), 401
        self._attempts.succeeded(address)
        return await to_thread.run_sync(self._people.create_session, name), "", 200

    async def _logout(self, request: Request, language: str) -> Response:
        if request.method != "POST":
            return _html(pages.logout_page(language))
        token = request.cookies.get(COOKIE, "")
        if token:
            await to_thread.run_sync(self._people.expire, token)
        response = RedirectResponse("/login", status_code=303)
        response.delete_cookie(COOKIE, httponly=True, samesite="lax")
        return response

    async def _setup(self, request: Request, language: str, expected: str) -> Response:
        form = await request.form() if request.method == "POST" else request.query_params
        token, name, password = (str(form.get(key, "")) for key in ("token", "name", "password"))
        if request.url.path != "/setup" or not hmac.compare_digest(token.encode(), expected.encode()):
            problem = message("ui.setup.wrong_link", language) if token else ""
            return _html(pages.setup_hint_page(language, problem), 403)
        if request.method != "POST":
            return _html(pages.setup_page(language, token=token))
        # Taken before the first wait, so that the link makes one account however often it is posted at once.
        self.setup_token = None
        try:
            await to_thread.run_sync(partial(self._people.create, name, password, first=True))
        except StoreError as error:
            self.setup_token = expected
            return _html(pages.setup_page(language, token=token, problem=str(error), name=name), 422)
        session = await to_thread.run_sync(self._people.create_session, name.strip())
        return _with_cookie(RedirectResponse("/", status_code=303), request, session)


def _html(page: str, status: int = 200) -> Response:
    return HTMLResponse(page, status_code=status, headers=pages.HEADERS)


def _with_cookie(response: Response, request: Request, token: str) -> Response:
    response.set_cookie(
        COOKIE, token, max_age=COOKIE_SECONDS, httponly=True, samesite="lax", secure=request.url.scheme == "https"
    )
    return response
