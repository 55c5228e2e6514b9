"""One database: its engine, its connections, and what its errors mean.

SQLite is opened with WAL and `synchronous=NORMAL`: what was committed survives any death of a process; a power cut may
lose the last commits and never damages the file. The driver's own transaction control is off: a read is one
statement, and a write begins with `BEGIN IMMEDIATE`, so that it waits for its turn instead of failing half-way.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, NoSuchModuleError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from marketplace.errors import DatabaseBusy, DatabaseFull, DatabaseUnavailable, NotOurDatabase, RowRefused, StoreError

BUSY_SECONDS = 10
CONNECT_SECONDS = 10

_FULL = ("SQLITE_FULL", "SQLITE_READONLY", "SQLITE_IOERR", "53100", "25006")
_BUSY = ("SQLITE_BUSY", "SQLITE_LOCKED", "55P03", "40001", "40P01")
_STRANGE = ("SQLITE_NOTADB", "SQLITE_CORRUPT")


class Database:
    """Connections to one database; any number of threads may use it, a forked child may not.

    Attributes:
        name: the URL without its password, for messages.
        file: the SQLite file, or None for PostgreSQL.

    Raises:
        DatabaseUnavailable: the URL cannot be used. Nothing is opened yet.
    """

    def __init__(self, url: str) -> None:
        parsed = _parse(url)
        self.name = parsed.render_as_string(hide_password=True)
        self.file = _sqlite_file(parsed)
        self.engine = _sqlite_engine(parsed, self.file) if self.file else _postgres_engine(parsed)
        self._reading = self.engine if self.file else self.engine.execution_options(isolation_level="AUTOCOMMIT")

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection for SELECTs, each of which sees what is committed when it begins."""
        with self.explained(), self._reading.connect() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A connection inside one transaction: committed at the end, rolled back where something is raised."""
        with self.explained(), self.engine.begin() as connection:
            if self.file:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            yield connection

    @contextmanager
    def explained(self) -> Iterator[None]:
        """Turn the driver's errors into ours."""
        try:
            yield
        except DBAPIError as error:
            raise explain(error, self.name) from error
        except PoolTimeout as error:
            raise DatabaseBusy(f"All connections to the database {self.name} are in use: {error}.") from error

    def close(self) -> None:
        self.engine.dispose()


def explain(error: DBAPIError, name: str) -> StoreError:
    """The error of ours that says what the driver's error means."""
    original: Any = error.orig
    if isinstance(error, IntegrityError):
        return RowRefused(f"The database {name} refuses the row: {original}.")
    code = getattr(original, "sqlite_errorname", None) or getattr(original, "sqlstate", None) or ""
    if code.startswith(_FULL):
        return DatabaseFull(f"The database {name} cannot be written: {original}. Make room on its disk, and try again.")
    if code.startswith(_BUSY):
        return DatabaseBusy(f"The database {name} is locked by another process: {original}. Try again.")
    if code.startswith(_STRANGE):
        return NotOurDatabase(
            f"{name} is not a database that can be read: {original}. Restore it from a backup, or name another file by"
            " the setting `database`."
        )
    if (
        code.startswith("SQLITE_CANTOPEN")
        or error.connection_invalidated
        or (not code and not isinstance(original, sqlite3.Error))
    ):
        reason = " ".join(str(original).split()) or type(original).__name__
        return DatabaseUnavailable(f"The database {name} does not answer: {reason}. Check the setting `database`.")
    return StoreError(f"The database {name} refused: {original}.")


def _parse(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise DatabaseUnavailable(
            "The setting `database` is not a URL such as sqlite:////folder/opyard.db or"
            " postgresql+psycopg://user@host/name."
        ) from error
    if parsed.get_backend_name() == "postgresql":
        return parsed.set(drivername="postgresql+psycopg")
    if parsed.get_backend_name() == "sqlite":
        return parsed
    raise DatabaseUnavailable(
        f"The metadata store cannot be kept in {parsed.get_backend_name()!r}. Use sqlite or postgresql."
    )


def _sqlite_file(url: URL) -> Path | None:
    if url.get_backend_name() != "sqlite":
        return None
    if not url.database or url.database == ":memory:" or url.database.startswith("file:"):
        raise DatabaseUnavailable(
            "SQLite in memory is not shared between processes. Name a file: sqlite:////folder/opyard.db."
        )
    return Path(url.database).absolute()


def _sqlite_engine(url: URL, file: Path) -> Engine:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DatabaseUnavailable(
            f"The folder {file.parent} of the database cannot be made: {error.strerror}."
        ) from error
    engine = create_engine(
        url.set(database=str(file)), pool_size=4, max_overflow=60, connect_args={"timeout": BUSY_SECONDS}
    )
    event.listen(engine, "connect", _prepare_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _: Any) -> None:
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _postgres_engine(url: URL) -> Engine:
    try:
        return create_engine(
            url,
            pool_size=4,
            max_overflow=28,
            pool_pre_ping=True,
            connect_args={"connect_timeout": CONNECT_SECONDS, "application_name": "opyard"},
        )
    except (ImportError, NoSuchModuleError) as error:
        raise DatabaseUnavailable(
            "PostgreSQL needs a driver that is not installed. Install it: pip install 'opyard[postgres]'."
        ) from error
