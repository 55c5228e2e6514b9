"""The engine's lease: at most one engine on a database, and whoever holds it loses it by dying.

On SQLite it is a lock on the file `<database>.engine`, which the kernel frees; on PostgreSQL an advisory lock of a
connection of its own, which the server frees. What the holder said of itself lies in the file or in a row.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import socket
import time
import weakref
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import Connection, delete, insert, select, text
from sqlalchemy.exc import SQLAlchemyError

from marketplace.errors import DatabaseUnavailable, EngineAlreadyRunning
from marketplace.store.database import Database
from marketplace.store.tables import engine_lease

# The two halves of PostgreSQL's advisory lock; the lock belongs to one database of the server.
_LOCK = {"class": 740_622, "object": 1}
_PROBE_SECONDS = 2.0


class Lease(Protocol):
    """The right to be the only engine, as long as it is held."""

    def held(self) -> bool:
        """Whether it is still held: not released, and not lost with a connection to the server."""

    def release(self) -> None:
        """Give it back; harmless when done twice."""

    def __enter__(self) -> Lease: ...

    def __exit__(self, *_: object) -> None: ...


def acquire(database: Database, details: dict[str, Any]) -> Lease:
    """The lease, or `EngineAlreadyRunning`."""
    told = {"host": socket.gethostname(), "pid": os.getpid(), "since": time.time(), **details}
    if database.file:
        return FileLease(_lease_file(database.file), database, told)
    return PostgresLease(database, told)


def holder(database: Database) -> dict[str, Any] | None:
    """What the holder said of itself, or None where nobody alive holds the lease."""
    return _file_holder(_lease_file(database.file)) if database.file else _postgres_holder(database)


class FileLease:
    """A lock on a file. A forked child lets go of it, so that it ends with the engine and not with its children."""

    def __init__(self, path: Path, database: Database, details: dict[str, Any]) -> None:
        self._descriptor: int | None = _locked(path, database)
        os.truncate(self._descriptor, 0)
        os.pwrite(self._descriptor, json.dumps(details).encode(), 0)
        _leases.add(self)

    def held(self) -> bool:
        return self._descriptor is not None

    def release(self) -> None:
        # The file stays: removing it would let two engines lock two files of one name.
        self.forget()

    def forget(self) -> None:
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            os.close(descriptor)

    def __enter__(self) -> FileLease:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()


class PostgresLease:
    """An advisory lock of a connection that does nothing else. A forked child lets go of the connection."""

    def __init__(self, database: Database, details: dict[str, Any]) -> None:
        self._database = database
        self._connection: Connection | None = _connection_of_its_own(database)
        try:
            if not self._connection.scalar(text("SELECT pg_try_advisory_lock(:class, :object)"), _LOCK):
                raise _running(database, _postgres_holder(database) or {})
            self._connection.execute(delete(engine_lease))
            self._connection.execute(insert(engine_lease), {"id": 1, "details": json.dumps(details)})
        except BaseException:
            self.release()
            raise
        _leases.add(self)

    def held(self) -> bool:
        try:
            return self._connection is not None and self._connection.scalar(text("SELECT 1")) == 1
        except SQLAlchemyError:
            return False

    def release(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            # The server would free the lock soon after the connection is closed; said so, it is free when we return.
            with contextlib.suppress(SQLAlchemyError):
                connection.execute(text("SELECT pg_advisory_unlock_all()"))
            connection.close()

    def forget(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            raw: Any = connection.connection.dbapi_connection
            os.close(raw.pgconn.socket)
            _forgotten.append(connection)

    def __enter__(self) -> PostgresLease:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()


_leases: weakref.WeakSet[FileLease | PostgresLease] = weakref.WeakSet()
# Connections of the parent, kept from being closed politely by a child: that would end the parent's session.
_forgotten: list[Connection] = []


def _after_fork() -> None:
    for lease in list(_leases):
        lease.forget()


os.register_at_fork(after_in_child=_after_fork)


def _lease_file(database: Path) -> Path:
    return database.with_name(database.name + ".engine")


def _locked(path: Path, database: Database) -> int:
    """A descriptor of the file that holds its exclusive lock.

    Who asks for the holder takes a shared lock for a moment: that is waited for, an engine's lock is not.
    """
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise DatabaseUnavailable(f"The engine's lock {path} cannot be opened: {error.strerror}.") from error
    deadline = time.monotonic() + _PROBE_SECONDS
    while not _lock(descriptor, fcntl.LOCK_EX):
        if not _lock(descriptor, fcntl.LOCK_SH) or time.monotonic() > deadline:
            os.close(descriptor)
            raise _running(database, _read_details(path))
        _lock(descriptor, fcntl.LOCK_UN)
        time.sleep(0.01)
    return descriptor


def _lock(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _file_holder(path: Path) -> dict[str, Any] | None:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        return None if _lock(descriptor, fcntl.LOCK_SH) else _read_details(path)
    finally:
        os.close(descriptor)


def _read_details(path: Path) -> dict[str, Any]:
    try:
        details = json.loads(path.read_bytes())
    except (OSError, ValueError):  # Taken a moment ago, and not written yet.
        return {}
    return details if isinstance(details, dict) else {}


def _connection_of_its_own(database: Database) -> Connection:
    with database.explained():
        connection = database.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        connection.detach()
        # A holder whose machine vanishes loses the lock in half a minute, not in the usual two hours.
        for name, value in (("idle", 10), ("interval", 5), ("count", 3)):
            connection.exec_driver_sql(f"SET tcp_keepalives_{name} = {value}")
    return connection


def _postgres_holder(database: Database) -> dict[str, Any] | None:
    held = text(
        "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND granted AND classid = :class AND objid = :object"
        " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    )
    with database.read() as connection:
        if connection.scalar(held, _LOCK) is None:
            return None
        details = connection.scalar(select(engine_lease.c.details))
    return dict(json.loads(details)) if details else {}


def _running(database: Database, found: dict[str, Any]) -> EngineAlreadyRunning:
    since = found.get("since")
    when = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(since)) if isinstance(since, int | float) else "just now"
    return EngineAlreadyRunning(
        f"Another engine works on the database {database.name}: process {found.get('pid', '?')} on the host"
        f" {found.get('host', '?')}, since {when}. Stop that one first, or name another database.",
        found,
    )
