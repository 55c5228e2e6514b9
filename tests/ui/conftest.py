"""What tests of this floor share: an installation with a really started server, and runs in it."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest

from marketplace.store import open_store

COMMAND = [sys.executable, "-c", "from ui.cli.main import main; main()"]
OPERATORS = Path(__file__).parent / "operators"
CHROMIUM = "/usr/bin/chromium"


class Installation:
    """A home folder of its own, and the command in it."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("OPYARD_")},
            "OPYARD_HOME": str(home),
            "OPYARD_OPERATOR_FOLDERS": str(OPERATORS),
            "OPYARD_WORKERS": "2",
            "LANG": "C.UTF-8",
        }

    def opyard(self, *arguments: str | Path, check: int | None = 0) -> subprocess.CompletedProcess[str]:
        """Run the command and expect its exit code."""
        done = subprocess.run(
            [*COMMAND, *map(str, arguments)], env=self.environment, capture_output=True, text=True, timeout=120
        )
        if check is not None:
            assert done.returncode == check, f"exit code {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done

    def json(self, *arguments: str | Path, check: int = 0) -> Any:
        """Run the command with --json and decode what it prints."""
        return json.loads(self.opyard(*arguments, "--json", check=check).stdout)

    def engine(self) -> int | None:
        """The process id of the engine of this installation, None where there is none."""
        with open_store(f"sqlite:///{self.home / 'opyard.db'}") as store:
            holder = store.engine_holder()
        return None if holder is None else int(str(holder["pid"]))

    def end_engine(self) -> None:
        """End the engine that a command has started; it would leave by itself later."""
        engine = self.engine()
        if engine is not None:
            os.kill(engine, signal.SIGTERM)

    def up(self, *arguments: str) -> "Server":
        """Start the server on a free port and wait until it says that it answers."""
        process = subprocess.Popen(
            [*COMMAND, "up", "--port", "0", "--json", *arguments],
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        said = {}
        for line in process.stdout:
            event = json.loads(line)
            said[event["event"]] = event["address"]
            if "ready" in said:
                return Server(process, said)
        raise AssertionError(f"the server did not start:\n{process.stderr.read()}")


class Server:
    """A server that runs."""

    def __init__(self, process: subprocess.Popen[str], said: dict[str, str]) -> None:
        self.process = process
        self.address = said["ready"]
        self.setup_link = said.get("setup")

    def stop(self, how: int = signal.SIGTERM) -> int:
        """Ask it to leave; its exit code."""
        self.process.send_signal(how)
        code = self.process.wait(30)
        self.process.stdout.close()
        self.process.stderr.close()
        return code


@pytest.fixture(scope="session")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    made = Installation(tmp_path_factory.mktemp("home"))
    yield made
    made.end_engine()


@pytest.fixture(scope="session")
def server(installation: Installation) -> Iterator[Server]:
    started = installation.up()
    yield started
    started.stop()


@pytest.fixture(scope="session")
def api(server: Server) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"{server.address}/api", timeout=60) as client:
        yield client


@pytest.fixture
def pipeline_file(tmp_path: Path) -> Path:
    path = tmp_path / "counting.json"
    path.write_text(json.dumps(counting()))
    return path


def counting(rows: object = 5, pause: float = 0.0) -> dict[str, Any]:
    """A pipeline of one step that works."""
    node = {"id": "count", "operator": "tests.slow", "version": "1.0.0", "params": {"rows": rows, "pause": pause}}
    return {"schema_version": 1, "name": "counting", "nodes": [node]}


def failing(unless: Path) -> dict[str, Any]:
    """A pipeline whose second step fails until the file is there."""
    node = {"id": "fail", "operator": "tests.failing", "version": "1.0.0", "params": {"unless": str(unless)}}
    edge = {"source": {"node": "count", "port": "table"}, "target": {"node": "fail", "port": "table"}}
    document = counting()
    return {**document, "name": "failing", "nodes": [*document["nodes"], node], "edges": [edge]}


def run_to_end(api: httpx.Client, pipeline: dict[str, Any], **options: Any) -> dict[str, Any]:
    """Submit over the API and follow the event stream to its end; the run as it then is."""
    submitted = api.post("/runs", json={"pipeline": pipeline, **options})
    assert submitted.status_code == 201, submitted.text
    id = submitted.json()["id"]
    with api.stream("GET", f"/runs/{id}/events") as stream:
        for line in stream.iter_lines():
            if line == "event: end":
                break
    return api.get(f"/runs/{id}").json()
