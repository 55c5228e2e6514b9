"""`opyard up`: starting, stopping, the engine beside it, the login elsewhere than on loopback."""

import os
import re
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2 as httpx
import pytest

from tests.ui.conftest import COMMAND, Installation, Server, counting, run_to_end

PASSWORD = "correct horse"


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Installation]:
    made = Installation(tmp_path / "home")
    yield made
    made.end_engine()


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return "Z" not in Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]


def wait_until(condition: object, seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_stopping_the_server_stops_its_engine(own: Installation, how: int) -> None:
    server = own.up()
    wait_until(own.engine)
    engine = own.engine()
    assert engine is not None
    assert alive(engine)
    assert server.stop(how) == 0
    wait_until(lambda: not alive(engine))
    with pytest.raises(httpx.TransportError):
        httpx.get(f"{server.address}/api/health")


def test_an_engine_that_dies_is_started_again(own: Installation) -> None:
    server = own.up()
    wait_until(own.engine)
    first = own.engine()
    assert first is not None
    os.kill(first, signal.SIGKILL)
    wait_until(lambda: own.engine() not in (None, first))
    with httpx.Client(base_url=f"{server.address}/api", timeout=60) as api:
        assert run_to_end(api, counting())["state"] == "done"
    assert server.stop() == 0


def test_a_port_in_use_gives_one_clear_message(own: Installation) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = own.opyard("up", "--port", str(port), check=1)
    assert f"127.0.0.1:{port}" in done.stderr
    assert f"--port {port + 1}" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_address_that_is_not_ours_gives_one_clear_message(own: Installation) -> None:
    done = own.opyard("up", "--host", "203.0.113.7", "--port", "0", check=1)
    assert "203.0.113.7" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_server_says_nothing_but_where_it_is(own: Installation) -> None:
    process = subprocess.Popen(
        [*COMMAND, "up", "--port", "0"], env=own.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    line = process.stdout.readline()
    address = re.search(r"http://127\.0\.0\.1:\d+", line)
    assert address
    assert httpx.get(address[0]).status_code == 200
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out, err) == (0, "", "")


def test_pages_and_engine_are_small_when_idle(own: Installation) -> None:
    server = own.up()
    httpx.get(server.address)
    wait_until(own.engine)
    engine = own.engine()
    pids = [server.process.pid, engine, *children(engine)]
    shared = sum(
        int(re.search(r"^Pss: +(\d+)", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.M)[1]) for pid in pids
    )
    server.stop()
    assert shared < 500_000


def children(pid: int | None) -> list[int]:
    found = [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return found + [below for child in found for below in children(child)]


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    made = Installation(tmp_path_factory.mktemp("guarded"))
    started = made.up("--host", "0.0.0.0")
    yield started
    started.stop()


def test_elsewhere_than_on_loopback_everything_asks_for_a_login(guarded: Server) -> None:
    with httpx.Client(base_url=guarded.address) as client:
        for path in (
            "/",
            "/runs",
            "/operator?id=x",
            "/_stcore/health",
            "/_stcore/host-config",
            "/static/x.js",
            "/media/x",
        ):
            answer = client.get(path)
            assert answer.status_code == 303, path
            assert answer.headers["location"].startswith("/login"), path
        for path in ("/api/health", "/api/docs", "/api/openapi.json", "/api/runs"):
            assert client.get(path).status_code == 401, path
        assert client.post("/api/runs", json={"pipeline": counting()}).status_code == 401
        assert client.put("/_stcore/upload_file/x/y").status_code == 401
        upgrade = {
            "Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        }  # fmt: skip
        assert client.get("/_stcore/stream", headers=upgrade).status_code == 403


def test_the_setup_link_makes_the_first_account_and_the_login_opens_everything(guarded: Server) -> None:
    assert guarded.setup_link
    token = httpx.URL(guarded.setup_link).params["token"]
    with httpx.Client(base_url=guarded.address, timeout=30) as client:
        assert client.get(guarded.setup_link).status_code == 200
        done = client.post("/setup", data={"token": token, "name": "ada", "password": PASSWORD})
        assert done.status_code == 303
        assert client.get("/").status_code == 200
        assert client.get("/api/health").json()["version"]
        assert "swagger" not in client.get("/api/docs").text
    with httpx.Client(base_url=guarded.address, timeout=30) as client:
        login = client.post("/api/login", json={"name": "ada", "password": PASSWORD})
        bearer = {"Authorization": f"Bearer {login.json()['token']}"}
        assert client.get("/api/health").status_code == 401
        run = client.post("/api/runs", json={"pipeline": {"schema_version": 1, "name": "empty"}}, headers=bearer)
        assert run.json().get("by", "ada") == "ada"
