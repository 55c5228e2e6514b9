"""Read SQL and write SQL: databases that do not answer, secrets that are never shown, and tables there and back."""

import socket
import time
import traceback
from datetime import UTC, date, datetime

import polars as pl
import pyarrow as pa
import pytest
import sqlalchemy

from operators.errors import InputError, ParameterError

PASSWORD = "hunter2-and-more"


@pytest.fixture
def secret(monkeypatch):
    monkeypatch.setenv("OPYARD_SECRET_DB", PASSWORD)


@pytest.fixture
def silent_port():
    """A port that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_a_database_that_never_answers(run_operator, silent_port):
    begun = time.monotonic()
    with pytest.raises(InputError, match=f"127.0.0.1:{silent_port}/db does not answer .waited at most 2 s"):
        url = f"postgresql+psycopg://ada@127.0.0.1:{silent_port}/db"
        run_operator("data.read_sql", url=url, query="SELECT 1", timeout=2)
    assert time.monotonic() - begun < 8


def shown(error):
    return "".join(traceback.format_exception(error))


@pytest.mark.parametrize("name, rest", [("read_sql", {"query": "SELECT 1"}), ("write_sql", {"name": "t"})])
def test_the_password_is_never_shown(run_operator, secret, name, rest):
    inputs = {"table": pa.table({"a": [1]})} if name == "write_sql" else {}
    with pytest.raises(InputError) as caught:
        run_operator(f"data.{name}", inputs, url="postgresql+psycopg://ada@127.0.0.1:1/db", secret="db", **rest)
    assert PASSWORD not in shown(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql+psycopg://ada:{PASSWORD}@127.0.0.1:1/db",
        f"oracel://ada:{PASSWORD}@host/db",
        f"postgresql+psycopg://ada:{PASSWORD}@host:port/db",
        f"{PASSWORD} is no URL",
        f"sqlite:////nonexistent/{PASSWORD}?mode=ro",
    ],
)
def test_a_whole_url_that_is_secret_is_never_shown(run_operator, monkeypatch, url):
    monkeypatch.setenv("OPYARD_SECRET_DB", url)
    with pytest.raises((InputError, ParameterError)) as caught:
        run_operator("data.read_sql", secret="db", secret_holds="url", query="SELECT 1")
    assert PASSWORD not in shown(caught.value)


def test_a_secret_in_what_the_database_says_is_left_out(run_operator, secret, postgres_url):
    with pytest.raises(InputError, match=r'relation "\*\*\*" does not exist') as caught:
        query = f'SELECT * FROM "{PASSWORD}"'
        run_operator("data.read_sql", url=postgres_url, secret="db", query=query)
    assert PASSWORD not in shown(caught.value)


def test_a_password_for_a_file(run_operator, secret):
    with pytest.raises(ParameterError, match="no password"):
        run_operator("data.read_sql", url="sqlite://", secret="db", query="SELECT 1")


@pytest.mark.parametrize("url", [f"postgresql://ada:{PASSWORD}@h/d", f"postgresql://ada@h/d?password={PASSWORD}"])
def test_a_password_in_the_url_is_refused_and_not_shown(configure_operator, url):
    with pytest.raises(ParameterError, match="holds a password") as caught:
        configure_operator("data.read_sql", url=url, query="SELECT 1")
    assert caught.value.pointer == "/url"
    assert PASSWORD not in shown(caught.value)


def test_reading_makes_no_database(run_operator, tmp_path):
    with pytest.raises(InputError, match="no file of"):
        run_operator("data.read_sql", url=f"sqlite:///{tmp_path}/new.db", query="SELECT 1")
    assert not (tmp_path / "new.db").exists()


def test_colons_and_per_cent_signs_are_no_placeholders(run_operator):
    made = run_operator("data.read_sql", url="sqlite://", query="SELECT '12:30' AS t, 'a%' AS p, ':x' AS x")
    assert made["table"].to_pylist() == [{"t": "12:30", "p": "a%", "x": ":x"}]


def test_types_that_change_on_the_way(run_operator):
    query = "SELECT 1 AS n, 1 AS t UNION ALL SELECT 2.5, 'x' UNION ALL SELECT NULL, NULL"
    made = run_operator("data.read_sql", url="sqlite://", query=query)["table"]
    assert made.to_pydict() == {"n": [1.0, 2.5, None], "t": ["1", "x", None]}


EVERYTHING = pa.table(
    {
        "id": [1, 2**40],
        "x": [1.5, None],
        "name": ["Ada, 艾达", None],
        "ok": [True, None],
        "day": [date(2024, 1, 31), None],
        "at": pa.array([datetime(2024, 1, 31, 12, 30), None], pa.timestamp("us")),
        "zoned": pa.array([datetime(2024, 1, 31, 12, 30, tzinfo=UTC), None], pa.timestamp("us", "UTC")),
        "raw": [b"\x00\xff", None],
        "list": [[1, 2], None],
    }
)


def test_there_and_back_on_postgresql(run_operator, postgres_url):
    made = run_operator("data.write_sql", {"table": EVERYTHING}, url=postgres_url, name="everything")
    assert made["metrics"] == {"rows": 2, "columns": 9, "table": "everything"}
    back = run_operator("data.read_sql", url=postgres_url, query='SELECT * FROM everything ORDER BY "id"')["table"]
    expected = {**EVERYTHING.to_pydict(), "list": ["[1, 2]", None]}
    assert back.to_pydict() == expected


def test_there_and_back_on_sqlite_in_many_rows(run_operator, tmp_path):
    url = f"sqlite:///{tmp_path}/a.db"
    table = pa.table({"n": range(45_000), "s": ["x"] * 44_999 + [None]})
    run_operator("data.write_sql", {"table": table}, url=url, name="t")
    back = run_operator("data.read_sql", url=url, query="SELECT * FROM t ORDER BY n")["table"]
    assert back.combine_chunks() == table
    assert run_operator("data.read_sql", url=url, query="SELECT * FROM t", max_rows=25_000)["table"].num_rows == 25_000


@pytest.mark.parametrize("existing", ["replace", "append"])
def test_after_an_error_the_database_is_as_it_was(run_operator, any_url, existing):
    engine = sqlalchemy.create_engine(any_url)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (n BIGINT CHECK (n < 100000))")
        connection.exec_driver_sql("INSERT INTO t VALUES (7)")
    # The last row, after several batches, is one that no database takes.
    too_large = pa.table({"n": pa.array([*range(12_000), 2**64 - 1], pa.uint64())})
    with pytest.raises((InputError, OverflowError)):
        run_operator("data.write_sql", {"table": too_large}, url=any_url, name="t", existing=existing)
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT n FROM t").all() == [(7,)]
    engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def any_url(request, tmp_path):
    return f"sqlite:///{tmp_path}/a.db" if request.param == "sqlite" else request.getfixturevalue("postgres_url")


def test_replacing_and_adding(run_operator, any_url):
    first = pa.table({"a": [1, 2], "b": ["x", "y"]})
    run_operator("data.write_sql", {"table": first}, url=any_url, name="t")
    run_operator("data.write_sql", {"table": first.slice(0, 1)}, url=any_url, name="t", existing="append")
    assert run_operator("data.read_sql", url=any_url, query="SELECT * FROM t")["table"].num_rows == 3
    other = pa.table({"c": [0.5]})
    run_operator("data.write_sql", {"table": other}, url=any_url, name="t", existing="replace")
    assert pl.from_arrow(run_operator("data.read_sql", url=any_url, query="SELECT * FROM t")["table"]).rows() == [
        (0.5,)
    ]


def test_a_statement_that_gives_no_rows(run_operator, tmp_path):
    path = tmp_path / "a.db"
    path.touch()
    with pytest.raises(InputError, match="expected a SELECT"):
        run_operator("data.read_sql", url=f"sqlite:///{path}", query="CREATE TABLE t (a INTEGER)")
