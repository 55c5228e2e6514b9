"""The gate before an app: hosts, sites, login, setup, sockets. People are kept in a real database."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect

from marketplace.store import Store, open_store
from ui.access.addresses import LOOPBACK_NAMES
from ui.access.gate import Gate
from ui.access.login import COOKIE, Login
from ui.access.targets import local_target

PASSWORD = "correct horse"


async def _who(request: Request) -> PlainTextResponse:
    return PlainTextResponse(getattr(request.state, "account", "nobody"))


async def _echo(socket: WebSocket) -> None:
    await socket.accept()
    await socket.send_text("hello")
    await socket.close()


def behind() -> Starlette:
    paths = ["/", "/runs", "/api/runs", "/static/app.js"]
    return Starlette(
        routes=[
            *(Route(path, _who, methods=["GET", "POST"]) for path in paths),
            WebSocketRoute("/_stcore/stream", _echo),
        ]
    )


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(f"sqlite:///{tmp_path / 'opyard.db'}")
    yield opened
    opened.close()


@pytest.fixture
def local() -> TestClient:
    return TestClient(Gate(behind(), names=LOOPBACK_NAMES, login=None), base_url="http://127.0.0.1:8501")


def guarded(store: Store) -> TestClient:
    gate = Gate(behind(), names=None, login=Login(store.people))
    return TestClient(gate, base_url="http://opyard.test", follow_redirects=False)


@pytest.fixture
def client(store: Store) -> TestClient:
    store.people.create("ada", PASSWORD)
    return guarded(store)


def log_in(client: TestClient, **changes: Any) -> Any:
    return client.post("/login", data={"name": "ada", "password": PASSWORD, "next": "/runs", **changes})


def test_loopback_needs_no_login(local: TestClient) -> None:
    assert local.get("/runs").text == "nobody"
    assert local.post("/api/runs").status_code == 200


def test_a_rebound_name_is_refused_on_loopback(local: TestClient) -> None:
    answer = local.get("/api/runs", headers={"Host": "evil.example:8501"})
    assert answer.status_code == 421
    assert "localhost" in answer.text


def test_another_sites_post_is_refused_on_loopback(local: TestClient) -> None:
    assert local.post("/api/runs", headers={"Origin": "http://evil.example"}).status_code == 403
    assert local.post("/api/runs", headers={"Origin": "http://127.0.0.1:8501"}).status_code == 200


def test_another_sites_socket_is_refused(local: TestClient) -> None:
    with (
        pytest.raises(WebSocketDisconnect),
        local.websocket_connect("ws://127.0.0.1:8501/_stcore/stream", headers={"Origin": "http://evil.example"}),
    ):
        pass
    with local.websocket_connect(
        "ws://127.0.0.1:8501/_stcore/stream", headers={"Origin": "http://127.0.0.1:8501"}
    ) as socket:
        assert socket.receive_text() == "hello"


@pytest.mark.parametrize("path", ["/", "/runs", "/static/app.js", "/nowhere", "/_stcore/health", "//login", "/login/"])
def test_every_page_leads_to_the_login(client: TestClient, path: str) -> None:
    answer = client.get(f"http://opyard.test{path}")
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/login?next=")


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
def test_the_api_answers_401_without_a_session(client: TestClient, method: str) -> None:
    answer = client.request(method, "/api/runs")
    assert answer.status_code == 401
    assert answer.json()["error"] == "unauthorized"


def test_a_socket_without_a_session_is_refused(client: TestClient) -> None:
    with pytest.raises(WebSocketDisconnect), client.websocket_connect("ws://opyard.test/_stcore/stream"):
        pass


def test_login_opens_pages_api_and_sockets_and_logout_closes_them(client: TestClient) -> None:
    answer = log_in(client)
    assert (answer.status_code, answer.headers["location"]) == (303, "/runs")
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "samesite=lax" in cookie.lower()
    assert client.get("/runs").text == "ada"
    assert client.get("/api/runs").text == "ada"
    with client.websocket_connect("ws://opyard.test/_stcore/stream") as socket:
        assert socket.receive_text() == "hello"
    token = client.cookies[COOKIE]
    assert client.post("/logout").status_code == 303
    client.cookies.set(COOKIE, token)
    assert client.get("/api/runs").status_code == 401


def test_the_cookie_is_secure_over_https(client: TestClient) -> None:
    client.base_url = "https://opyard.test"
    assert "Secure" in log_in(client).headers["set-cookie"]


def test_a_wrong_password_is_refused_and_the_name_kept(client: TestClient) -> None:
    answer = log_in(client, password="wrong wrong")
    assert answer.status_code == 401
    assert 'value="ada"' in answer.text
    assert COOKIE not in client.cookies


def test_many_wrong_passwords_make_one_wait_even_with_the_right_one(client: TestClient) -> None:
    statuses = [log_in(client, password=f"wrong {number}").status_code for number in range(11)]
    assert statuses == [401] * 10 + [429]
    assert log_in(client).status_code == 429


def test_what_is_typed_comes_back_escaped(client: TestClient) -> None:
    answer = log_in(client, name='"><script>alert(1)</script>', next='/"><script>')
    assert "<script>" not in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]


@pytest.mark.parametrize(
    "target", ["//evil.example", "https://evil.example", "/\\evil.example", "/a\nb", "javascript:x"]
)
def test_the_login_leads_to_paths_of_ours_only(client: TestClient, target: str) -> None:
    assert local_target(target) == "/"
    assert log_in(client, next=target).headers["location"] == "/"


def test_the_login_page_speaks_both_languages(client: TestClient) -> None:
    assert "登录" in client.get("/login", headers={"Accept-Language": "zh-CN,zh;q=0.9"}).text
    assert "Password" in client.get("/login", headers={"Accept-Language": "de"}).text
    assert "密码" in client.get("/login?lang=zh").text


def test_a_bearer_token_opens_the_api(client: TestClient) -> None:
    token = client.post("/api/login", json={"name": "ada", "password": PASSWORD}).json()["token"]
    client.cookies.clear()
    assert client.get("/api/runs", headers={"Authorization": f"Bearer {token}"}).text == "ada"
    assert client.get("/api/runs", headers={"Authorization": "Bearer nonsense"}).status_code == 401


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b'{"name": "ada"}', b"\xff"])
def test_a_login_that_is_no_login_is_422(client: TestClient, body: bytes) -> None:
    assert client.post("/api/login", content=body).status_code == 422


def test_a_wrong_api_login_is_401_and_counted(client: TestClient) -> None:
    wrong = {"name": "ada", "password": "wrong wrong"}
    statuses = [client.post("/api/login", json=wrong).status_code for _ in range(11)]
    assert statuses == [401] * 10 + [429]


def test_the_first_account_is_made_once_through_the_setup_link(store: Store) -> None:
    login = Login(store.people)
    client = TestClient(Gate(behind(), names=None, login=login), base_url="http://opyard.test", follow_redirects=False)
    token = login.setup_token
    assert token
    assert client.get("/setup").status_code == 403
    assert client.get("/setup?token=guess").status_code == 403
    assert client.get("/login").status_code == 403
    assert client.get(f"/setup?token={token}").status_code == 200
    short = client.post("/setup", data={"token": token, "name": "ada", "password": "short"})
    assert short.status_code == 422
    done = client.post("/setup", data={"token": token, "name": " ada ", "password": PASSWORD})
    assert (done.status_code, done.headers["location"]) == (303, "/")
    assert client.get("/runs").text == "ada"
    again = client.post("/setup", data={"token": token, "name": "eve", "password": PASSWORD})
    assert again.headers["location"] == "/login"
    assert [account.name for account in store.people.list()] == ["ada"]


def test_there_is_no_setup_once_an_account_is_there(client: TestClient) -> None:
    answer = client.get("/setup?token=")
    assert (answer.status_code, answer.headers["location"]) == (303, "/login")
