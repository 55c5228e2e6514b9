"""The store as one object: its repositories, and the engine's lease."""

from __future__ import annotations

from typing import Any

from marketplace.store.database import Database
from marketplace.store.lease import Lease, acquire, holder
from marketplace.store.people import People
from marketplace.store.pipelines import Pipelines
from marketplace.store.projects import Projects
from marketplace.store.runs import Runs
from marketplace.store.schema import upgrade


class Store:
    """An open metadata store. Any number of threads may use it; open another one after a fork."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.projects = Projects(database)
        self.pipelines = Pipelines(database)
        self.people = People(database)
        self.runs = Runs(database)

    @property
    def name(self) -> str:
        """The URL without its password."""
        return self._database.name

    def engine_lease(self, details: dict[str, Any] | None = None) -> Lease:
        """Take the right to be the only engine on this database; gone with the process that took it.

        Raises:
            EngineAlreadyRunning: names the host, the process and since when.
        """
        return acquire(self._database, details or {})

    def engine_holder(self) -> dict[str, Any] | None:
        """What the engine that holds the lease said of itself (host, pid, since, …); None when there is none alive."""
        return holder(self._database)

    def close(self) -> None:
        self._database.close()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open_store(url: str) -> Store:
    """Open the metadata store at `url`, making it and bringing its tables to the newest version as needed.

    Args:
        url: `sqlite:////folder/opyard.db`, or `postgresql+psycopg://user:password@host/name`.

    Raises:
        DatabaseTooNew: a newer Opyard has upgraded it.
        NotOurDatabase: it is not a database, or another program's.
        DatabaseUnavailable: it does not open or does not answer.
    """
    database = Database(url)
    try:
        upgrade(database)
    except BaseException:
        database.close()
        raise
    return Store(database)
