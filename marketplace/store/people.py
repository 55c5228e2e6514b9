"""People: accounts with passwords, and the sessions and API tokens they hold.

A password is kept as its scrypt hash; a token as its SHA-256, so that who reads the database cannot log in with it.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from base64 import b64decode, b64encode
from collections.abc import Sequence

from sqlalchemy import Connection, bindparam, delete, func, insert, select, text, update

from marketplace.errors import AccountExists, AccountNotFound, AccountRefused, RowRefused
from marketplace.store.database import Database
from marketplace.store.records import Account, Session
from marketplace.store.tables import accounts, sessions

SHORTEST_PASSWORD = 8
LONGEST_PASSWORD = 1024
SESSION_SECONDS = 14 * 24 * 3600.0

# scrypt's cost: 16 MiB and some 50 ms for each guess. Kept with each hash, so that it can be raised later.
_COST = (2**14, 8, 1)

_LOOKUP = select(sessions.c.account, sessions.c.label, sessions.c.created, sessions.c.expires).where(
    sessions.c.digest == bindparam("token"), sessions.c.expires > bindparam("now")
)


class People:
    """Accounts and sessions in the metadata store. Every method is one transaction; any thread may call it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(self, name: str, password: str, *, first: bool = False) -> Account:
        """Make an account.

        Args:
            first: refuse where there is any account already; of two at one time, one succeeds.

        Raises:
            AccountRefused: the name is empty or too long, or the password too short.
            AccountExists: the name is taken, or there is a first account already.
        """
        account = Account(_name(name), time.time())
        row = {"name": account.name, "password": _hash(_password(password)), "created": account.created}
        try:
            with self._database.write() as connection:
                if first:
                    _refuse_second(connection)
                connection.execute(insert(accounts), row)
        except RowRefused as error:
            raise AccountExists(f"There is an account {account.name!r} already. Choose another name.") from error
        return account

    def verify(self, name: str, password: str) -> bool:
        """Whether that is the password of that account. Takes as long where there is no such account."""
        with self._database.read() as connection:
            kept = connection.scalar(select(accounts.c.password).where(accounts.c.name == name.strip()))
        return _matches(password, kept or _NOBODY) and kept is not None

    def set_password(self, name: str, password: str) -> None:
        """Give an account another password, and end all its sessions; raises `AccountNotFound`, `AccountRefused`."""
        hashed = _hash(_password(password))
        with self._database.write() as connection:
            if not connection.execute(update(accounts).where(accounts.c.name == name).values(password=hashed)).rowcount:
                raise AccountNotFound(f"There is no account {name!r}.")
            connection.execute(delete(sessions).where(sessions.c.account == name))

    def delete(self, name: str) -> None:
        """Delete an account and end its sessions; raises `AccountNotFound`."""
        with self._database.write() as connection:
            if not connection.execute(delete(accounts).where(accounts.c.name == name)).rowcount:
                raise AccountNotFound(f"There is no account {name!r}.")

    def count(self) -> int:
        """How many accounts there are."""
        with self._database.read() as connection:
            return connection.scalar(select(func.count()).select_from(accounts)) or 0

    def list(self) -> Sequence[Account]:
        """All accounts by name."""
        with self._database.read() as connection:
            rows = connection.execute(select(accounts.c.name, accounts.c.created).order_by(accounts.c.name))
            return [Account(*row) for row in rows]

    def create_session(self, name: str, *, seconds: float = SESSION_SECONDS, label: str = "") -> str:
        """Begin a session of that account, and give its token; the token cannot be read back later.

        Raises:
            AccountNotFound: there is no such account.
        """
        token = secrets.token_urlsafe(32)
        now = time.time()
        row = {"digest": _digest(token), "account": name, "label": label, "created": now, "expires": now + seconds}
        try:
            with self._database.write() as connection:
                connection.execute(delete(sessions).where(sessions.c.expires <= now))
                connection.execute(insert(sessions), row)
        except RowRefused as error:
            raise AccountNotFound(f"There is no account {name!r}.") from error
        return token

    def lookup(self, token: str) -> Session | None:
        """The session that the token opens; None where there is none, or it has expired."""
        with self._database.read() as connection:
            row = connection.execute(_LOOKUP, {"token": _digest(token), "now": time.time()}).first()
        return Session(*row) if row else None

    def expire(self, token: str) -> None:
        """End the session of that token; harmless where there is none."""
        with self._database.write() as connection:
            connection.execute(delete(sessions).where(sessions.c.digest == _digest(token)))


def _refuse_second(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("LOCK TABLE accounts IN EXCLUSIVE MODE"))
    if connection.scalar(select(func.count()).select_from(accounts)):
        raise AccountExists("The first account was made already. Log in with it.")


def _name(name: str) -> str:
    stripped = name.strip()
    if not 1 <= len(stripped) <= 100 or not stripped.isprintable():
        raise AccountRefused("The name of an account is 1 to 100 printable characters.")
    return stripped


def _password(password: str) -> str:
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise AccountRefused(f"A password has {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters; use a longer one.")
    return password


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def _hash(password: str) -> str:
    salt = secrets.token_bytes(16)
    parts = (*map(str, _COST), b64encode(salt).decode(), b64encode(_scrypt(password, salt, _COST)).decode())
    return "$".join(("scrypt", *parts))


def _matches(password: str, kept: str) -> bool:
    _, n, r, p, salt, expected = kept.split("$")
    found = _scrypt(password[:LONGEST_PASSWORD], b64decode(salt), (int(n), int(r), int(p)))
    return hmac.compare_digest(found, b64decode(expected))


def _scrypt(password: str, salt: bytes, cost: tuple[int, int, int]) -> bytes:
    n, r, p = cost
    return hashlib.scrypt(
        password.encode("utf-8", "surrogatepass"), salt=salt, n=n, r=r, p=p, dklen=32, maxmem=64 * 2**20
    )


# What a wrong name is compared with: no password has this hash.
_NOBODY = "$".join(("scrypt", *map(str, _COST), b64encode(bytes(16)).decode(), b64encode(bytes(32)).decode()))
