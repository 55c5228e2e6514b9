"""Which version of the tables a database has, and bringing it to the newest.

Versions are the numbers of the files in `migrations/versions`: a database is too new when its number is above ours. An
up-to-date database costs one SELECT; Alembic is only loaded to upgrade.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from sqlalchemy import Connection, text

from marketplace.errors import DatabaseTooNew, NotOurDatabase, StoreError
from marketplace.store.database import Database

MIGRATIONS = Path(__file__).parent / "migrations"

# Any number that nothing else on the server uses: upgrades of one database wait for one another.
_UPGRADE_LOCK = 7_406_223_001


@cache
def newest() -> str:
    """The version that this Opyard reads and writes."""
    return max(path.name[:4] for path in (MIGRATIONS / "versions").glob("[0-9][0-9][0-9][0-9]_*.py"))


def upgrade(database: Database) -> None:
    """Bring the database to the newest version; in one transaction, and only one process at a time.

    Raises:
        DatabaseTooNew: a newer Opyard has upgraded it.
        NotOurDatabase: another program's.
        StoreError: it does not open, or a migration failed; then nothing was changed.
    """
    with database.read() as connection:
        found = _version(connection)
    if found == newest():
        return
    _refuse(found, database)
    with database.write() as connection:
        if database.file is None:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _UPGRADE_LOCK})
        if _version(connection) != newest():
            _migrate(connection, database.name)


def _version(connection: Connection) -> str | None:
    if not connection.dialect.has_table(connection, "alembic_version"):
        return None
    version: str | None = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    return version


def _refuse(found: str | None, database: Database) -> None:
    if found is None:
        return
    if not re.fullmatch(r"\d{4}", found):
        raise NotOurDatabase(
            f"The database {database.name} belongs to another program (its version is {found!r})."
            " Name one of its own for Opyard by the setting `database`."
        )
    if found > newest():
        raise DatabaseTooNew(
            f"The database {database.name} has version {found}; this Opyard knows versions up to {newest()}."
            " Update Opyard, or name another database by the setting `database`."
        )


def _migrate(connection: Connection, name: str) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise StoreError(f"The database {name} could not be upgraded: {error}. Nothing was changed.") from error
