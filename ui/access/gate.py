"""The gate: one ASGI middleware in front of pages, websockets, API and static files.

It refuses what other sites' pages send, and, where a login is asked for, everything that comes without a session.
"""

from __future__ import annotations

from urllib.parse import quote

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from ui.access.addresses import comes_from_elsewhere, host_is_ours
from ui.access.login import COOKIE, Login

PUBLIC = frozenset({"/login", "/setup", "/logout", "/api/login"})


class Gate:
    """Lets a request through to `app`, or answers it.

    Args:
        app: what lies behind.
        names: the Host names under which we are reached; None: any.
        login: who may come in; None: everybody who gets here, as on loopback.
    """

    def __init__(self, app: ASGIApp, *, names: frozenset[str] | None, login: Login | None) -> None:
        self._app = app
        self._names = names
        self._login = login

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        answer = self._refusal(scope) or await self._asked_to_login(scope, receive)
        if answer is None:
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            # Closing before accepting answers the handshake with 403.
            await send({"type": "websocket.close", "code": 1008, "reason": "not allowed"})
        else:
            await answer(scope, receive, send)

    def _refusal(self, scope: Scope) -> Response | None:
        headers = Headers(scope=scope)
        if not host_is_ours(headers.get("host", ""), self._names):
            listed = ", ".join(sorted(self._names or ()))
            return PlainTextResponse(f"This server answers to the names {listed} only.\n", status_code=421)
        # A socket can do all that a form can, so its handshake is judged like a POST.
        method = "WEBSOCKET" if scope["type"] == "websocket" else scope["method"]
        if comes_from_elsewhere(method, headers):
            return PlainTextResponse("A page of another site sent this request. It was refused.\n", status_code=403)
        return None

    async def _asked_to_login(self, scope: Scope, receive: Receive) -> Response | None:
        if self._login is None:
            return None
        path = scope["path"]
        if scope["type"] == "http" and path in PUBLIC:
            return await self._login.respond(scope, receive)
        name = await self._login.who(token_of(HTTPConnection(scope)))
        if name is not None:
            scope.setdefault("state", {})["account"] = name
            return None
        if path.startswith("/api/") or path == "/api" or scope["type"] == "websocket" or scope["method"] != "GET":
            return JSONResponse({"error": "unauthorized", "message": "Log in first: POST /api/login."}, status_code=401)
        query = scope.get("query_string", b"").decode("latin-1")
        return RedirectResponse(f"/login?next={quote(path + ('?' + query if query else ''))}", status_code=303)


def token_of(connection: HTTPConnection) -> str:
    """The session token that a request carries: `Authorization: Bearer` before the cookie; empty for none."""
    kind, _, token = connection.headers.get("authorization", "").partition(" ")
    return token.strip() if kind.lower() == "bearer" else connection.cookies.get(COOKIE, "")
