"""Opening a database: made, upgraded, refused; and what its failures are called."""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, text

from marketplace.errors import DatabaseBusy, DatabaseTooNew, DatabaseUnavailable, NotOurDatabase
from marketplace.store import Store, open_store
from marketplace.store import database as database_module
from marketplace.store.schema import newest
from marketplace.store.tables import metadata

SAMPLES = Path(__file__).parents[1] / "samples"


def execute(url: str, *statements: str) -> None:
    engine = create_engine(url)
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


def test_migrations_make_the_tables_that_the_code_knows(database_url: str) -> None:
    open_store(database_url).close()
    engine = create_engine(database_url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = compare_metadata(context, metadata)
    engine.dispose()
    assert differences == []


def test_every_version_has_a_sample() -> None:
    versions = {path.name for path in SAMPLES.glob("database_*.sql")}
    wanted = {
        f"database_{number:04}.{kind}.sql"
        for number in range(1, int(newest()) + 1)
        for kind in ("sqlite", "postgresql")
    }
    assert versions == wanted


@pytest.mark.parametrize("version", [f"{number:04}" for number in range(1, int(newest()) + 1)])
def test_a_database_of_every_version_is_upgraded_with_all_that_is_in_it(database_url: str, version: str) -> None:
    load_sample(database_url, version)
    with open_store(database_url) as store:
        assert [project.title for project in store.projects.list()] == ["Default", "实验室"]
        assert store.pipelines.get("default", "iris").document == '{"schema_version":1,"name":"iris","title":"鸢尾花"}'
        assert store.pipelines.get("default", "iris", 1).note == "first"
        assert store.people.verify("ann", "correct horse battery")
        assert store.runs.get("run-1").error == "broken"
        assert store.runs.step("run-1", "read").result == '{"state":"done"}'
        assert [event.kind for event in store.runs.events("run-1")] == ["run"]


def load_sample(url: str, version: str) -> None:
    if url.startswith("sqlite"):
        connection = sqlite3.connect(url.removeprefix("sqlite:///"))
        connection.executescript((SAMPLES / f"database_{version}.sqlite.sql").read_text(encoding="utf-8"))
        connection.close()
        return
    import psycopg

    with psycopg.connect(url.replace("+psycopg", "")) as server:
        server.execute((SAMPLES / f"database_{version}.postgresql.sql").read_text(encoding="utf-8").encode())


def test_opening_again_is_quick_and_loads_no_migrations(sqlite_url: str) -> None:
    open_store(sqlite_url).close()
    code = (
        "import sys, time\n"
        "import marketplace.store.store as module\n"
        "began = time.perf_counter()\n"
        f"module.open_store({sqlite_url!r}).close()\n"
        "print(time.perf_counter() - began, 'alembic' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    seconds, alembic = done.stdout.split()
    assert alembic == "False"
    # Some 10 ms with the first use of the driver; the bound leaves room for a busy machine.
    assert float(seconds) < 0.2


def test_a_newer_database_is_refused_by_both_versions(database_url: str) -> None:
    open_store(database_url).close()
    execute(database_url, "UPDATE alembic_version SET version_num = '0042'")
    with pytest.raises(DatabaseTooNew) as caught:
        open_store(database_url)
    assert "0042" in str(caught.value)
    assert newest() in str(caught.value)
    assert "Update Opyard" in str(caught.value)


def test_a_database_of_another_program_is_refused_and_left_alone(database_url: str) -> None:
    execute(
        database_url,
        "CREATE TABLE alembic_version (version_num VARCHAR(32))",
        "INSERT INTO alembic_version VALUES ('ae1027a6acf4')",
    )
    with pytest.raises(NotOurDatabase, match="ae1027a6acf4"):
        open_store(database_url)
    engine = create_engine(database_url)
    assert not engine.dialect.has_table(engine.connect(), "runs")
    engine.dispose()


def test_many_that_open_a_new_database_at_once_all_succeed(database_url: str) -> None:
    with ThreadPoolExecutor(6) as pool:
        stores = list(pool.map(open_store, [database_url] * 6))
    assert {len(store.projects.list()) for store in stores} == {1}
    for store in stores:
        store.close()


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "x.db").write_bytes(b"PK\x03\x04 not a database " * 100)
    with pytest.raises(NotOurDatabase, match=r"x\.db.*another file"):
        open_store(f"sqlite:///{tmp_path}/x.db")


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("sqlite://", "Name a file"),
        ("sqlite:///:memory:", "Name a file"),
        ("opyard.db", "not a URL"),
        ("mysql://u:hunter2@h/x", "Use sqlite or postgresql"),
        ("postgresql://u:hunter2@127.0.0.1:1/x", "does not answer"),
        ("sqlite:////proc/no/x.db", "cannot be made"),
    ],
)
def test_a_url_that_cannot_be_used(url: str, said: str) -> None:
    with pytest.raises(DatabaseUnavailable) as caught:
        open_store(url)
    assert said in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_a_folder_in_place_of_the_database(tmp_path: Path) -> None:
    (tmp_path / "x.db").mkdir()
    with pytest.raises(DatabaseUnavailable, match=r"x\.db"):
        open_store(f"sqlite:///{tmp_path}/x.db")


def test_the_folder_of_the_database_is_made(tmp_path: Path) -> None:
    open_store(f"sqlite:///{tmp_path}/a/b/x.db").close()
    assert (tmp_path / "a" / "b" / "x.db").is_file()


def test_a_relative_database_stays_where_it_was_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with open_store("sqlite:///x.db") as store:
        (tmp_path / "elsewhere").mkdir()
        monkeypatch.chdir(tmp_path / "elsewhere")
        with ThreadPoolExecutor(1) as pool:
            assert pool.submit(store.people.count).result() == 0
    assert not (tmp_path / "elsewhere" / "x.db").exists()


def test_a_lock_that_is_held_too_long_is_said_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database_module, "BUSY_SECONDS", 0.2)
    with open_store(f"sqlite:///{tmp_path}/x.db") as store:
        other = sqlite3.connect(tmp_path / "x.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(DatabaseBusy, match="locked by another process"):
            store.projects.create("p")
        other.execute("ROLLBACK")
        other.close()
        store.projects.create("p")


def test_a_full_disk_is_said_so_and_loses_nothing(sqlite_url: str) -> None:
    """A limit on the size of files stands for a full disk; it holds in a process of its own."""
    with open_store(sqlite_url) as store:
        store.projects.create("before")
    file = Path(sqlite_url.removeprefix("sqlite:///"))
    code = (
        "import resource, signal, sys\n"
        "from marketplace.errors import DatabaseFull\n"
        "from marketplace.store import open_store\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        f"store = open_store({sqlite_url!r})\n"
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({file.stat().st_size + 40_000},) * 2)\n"
        "try:\n"
        "    for number in range(1000): store.projects.create(f'p{number}', 'x' * 5000)\n"
        "except DatabaseFull as error: print(number, error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "cannot be written" in done.stdout, done
    assert "Make room" in done.stdout
    written = int(re.match(r"\d+", done.stdout)[0])  # type: ignore[index]
    with open_store(sqlite_url) as store:
        assert len(store.projects.list()) == 2 + written
        store.projects.create("after")


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that other users can reach, unlike `tmp_path`."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def test_a_database_that_may_not_be_written(open_folder: Path) -> None:
    url = f"sqlite:///{open_folder}/opyard.db"
    open_store(url).close()
    script = (
        "import os\n"
        "from marketplace.errors import StoreError\n"
        "from marketplace.store import open_store\n"
        f"open_store('sqlite:///{open_folder}/warm/up.db').close()\n"
        # Root may write everything; nobody may not. What needs importing was imported by then.
        "if os.geteuid() == 0: os.setegid(65534); os.seteuid(65534)\n"
        "try:\n"
        f"    open_store({url!r}).projects.create('p')\n"
        "except StoreError as error: print(type(error).__name__, error)\n"
    )
    (open_folder / "opyard.db").chmod(0o444)
    (open_folder / "warm").mkdir()
    open_folder.chmod(0o555)
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    open_folder.chmod(0o755)
    assert done.stdout.split()[0] in ("DatabaseFull", "DatabaseUnavailable"), done
    assert "opyard.db" in done.stdout


def test_what_was_committed_survives_sigkill(database_url: str) -> None:
    """A writer is killed amid its writes; what it said was written is there, and nothing of what came after half."""
    open_store(database_url).close()
    code = (
        "import sys\n"
        "from marketplace.store import open_store\n"
        f"store = open_store({database_url!r})\n"
        "for number in range(100000):\n"
        "    store.pipelines.save('default', f'p{number}', '{}')\n"
        "    print(number, flush=True)\n"
    )
    writer = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert writer.stdout is not None
    said = -1
    until = time.monotonic() + 0.7
    while said < 20 or time.monotonic() < until:
        said = int(writer.stdout.readline())
    writer.kill()
    rest = writer.stdout.read().splitlines()
    writer.wait()
    writer.stdout.close()
    said = int(rest[-1]) if rest else said
    with open_store(database_url) as store:
        names = {summary.name for summary in store.pipelines.list()}
        assert {f"p{number}" for number in range(said + 1)} <= names
        assert len(names) <= said + 2
        for name in names:
            assert store.pipelines.get("default", name).document == "{}"


def test_a_closed_store_opens_no_file(sqlite_url: str) -> None:
    def open_files() -> int:
        return sum("opyard.db" in os.readlink(entry) for entry in Path("/proc/self/fd").iterdir() if entry.is_symlink())

    store = open_store(sqlite_url)
    assert store.people.count() == 0
    assert open_files() > 0
    store.close()
    assert open_files() == 0


def test_the_store_says_its_name_without_the_password(store: Store) -> None:
    assert "sqlite" in store.name or "postgresql" in store.name


def test_a_server_that_was_started_anew_is_found_again(postgres_url: str) -> None:
    import psycopg

    with open_store(postgres_url) as store:
        assert store.people.count() == 0
        with psycopg.connect(postgres_url.replace("+psycopg", ""), autocommit=True) as server:
            server.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        assert store.people.count() == 0
        store.projects.create("after")


def test_a_database_that_has_gone_is_said_so(postgres_url: str, postgres_folder: Path) -> None:
    import psycopg

    name = postgres_url.split("@/")[1].partition("?")[0]
    server_url = f"host={postgres_folder} user=postgres dbname=postgres"
    with open_store(postgres_url) as store, psycopg.connect(server_url, autocommit=True) as server:
        server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
        with pytest.raises(DatabaseUnavailable, match="does not answer"):
            store.people.count()
        server.execute(f'CREATE DATABASE "{name}"')
