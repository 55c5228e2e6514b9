"""What tests of every floor share: a database of each kind, PostgreSQL from a private cluster that the tests start."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

# Tests never see the settings of who runs them.
for variable in [name for name in os.environ if name.startswith("OPYARD_")]:
    del os.environ[variable]


def _postgres_programs() -> Path:
    versions = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]), reverse=True
    )
    found = shutil.which("initdb")
    if not versions and not found:
        pytest.fail("These tests need PostgreSQL's server. Install Debian's package `postgresql`, then run them again.")
    return (versions[0] if versions else Path(str(found))).parent


@pytest.fixture(scope="session")
def postgres_folder() -> Iterator[Path]:
    """The folder of the socket of a running PostgreSQL cluster, in which everybody is trusted as `postgres`."""
    programs = _postgres_programs()
    folder = Path(tempfile.mkdtemp(prefix="opyard-pg-"))
    # The server refuses to run as root.
    user = "postgres" if os.geteuid() == 0 else None
    if user:
        shutil.chown(folder, user)

    def call(program: str, *arguments: str) -> None:
        subprocess.run(
            [programs / program, *arguments],
            check=True,
            user=user,
            cwd=folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.STDOUT,
        )

    data = str(folder / "data")
    unsafe = "-c fsync=off -c full_page_writes=off -c synchronous_commit=off"
    try:
        call("initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync", "--locale=C")
        options = f"-c listen_addresses='' -c max_connections=200 -k {folder} {unsafe}"
        call("pg_ctl", "-D", data, "-w", "-l", str(folder / "log"), "-o", options, "start")
        yield folder
        call("pg_ctl", "-D", data, "-w", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def postgres_url(postgres_folder: Path) -> Iterator[str]:
    """The URL of an empty PostgreSQL database."""
    import psycopg

    name = "t" + uuid4().hex
    with psycopg.connect(f"host={postgres_folder} user=postgres dbname=postgres", autocommit=True) as server:
        server.execute(f'CREATE DATABASE "{name}"')
        yield f"postgresql+psycopg://postgres@/{name}?host={postgres_folder}"
        server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The URL of a SQLite database that is not there yet."""
    return f"sqlite:///{tmp_path / 'opyard.db'}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The URL of an empty database, one of each kind."""
    return str(request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url"))
