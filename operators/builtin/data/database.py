"""The way to a database: its URL, the secret that belongs to it, and errors that never show the secret."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from operators.errors import InputError, ParameterError, RequirementMissing

if TYPE_CHECKING:
    from sqlalchemy import URL, Engine

# How each driver is told to give up when nobody answers.
TIMEOUTS = {"sqlite": "timeout", "mssql": "timeout", "oracle": "tcp_connect_timeout"}
WHOLE_URL = "url"
URL_EXAMPLES = "postgresql+psycopg://user@host:5432/name or sqlite:////folder/file.db"


def check_url(params: Mapping[str, Any]) -> None:
    """`ParameterError` where the URL that stands in the parameters is none, or has a password in it."""
    if params["secret_holds"] != WHOLE_URL:
        _parsed(params["url"], "/url", "")


@contextmanager
def database(params: Mapping[str, Any], context: Any, must_exist: bool) -> Iterator[Engine]:
    """An engine that has been answered once.

    Raises:
        ParameterError: the URL is none, has a password in it, or names a database that SQLAlchemy does not know.
        RequirementMissing: its driver is not installed.
        InputError: it does not answer, or (with `must_exist`) its file is not there. The secret is not in the message.
    """
    url, secret = _url(params, context)
    name = _shown(url)
    if params["secret_holds"] == WHOLE_URL:
        name = f"The database of the secret {params['secret']!r}"
    if must_exist:
        _require_file(url, name)
    engine = _engine(url, name, secret, params["timeout"])
    try:
        with explained(f"{name} does not answer (waited at most {params['timeout']} s)", secret):
            engine.connect().close()
        with explained(f"{name} refuses", secret):
            yield engine
    finally:
        engine.dispose()


def _engine(url: URL, name: str, secret: str, timeout: int) -> Engine:
    import sqlalchemy

    arguments = {TIMEOUTS.get(url.get_backend_name(), "connect_timeout"): timeout}
    try:
        with explained(f"{name} cannot be opened", secret):
            # One connection, kept: a database in memory lasts as long as it does.
            return sqlalchemy.create_engine(url, poolclass=sqlalchemy.pool.StaticPool, connect_args=arguments)
    except ModuleNotFoundError as error:
        package = "'opyard[postgres]'" if url.get_backend_name() == "postgresql" else error.name
        raise RequirementMissing(
            f"To reach {name} the package {error.name!r} is needed and not installed. Install it: pip install {package}"
        ) from error


@contextmanager
def explained(what: str, secret: str) -> Iterator[None]:
    """Turn the errors of a database into an `InputError` that begins with `what`."""
    import sqlalchemy.exc

    try:
        yield
    except sqlalchemy.exc.SQLAlchemyError as error:
        cause = getattr(error, "orig", None) or error
        told = " ".join(str(cause).split())
        message = f"{what}: {told}. Check the database and what is asked of it."
        if secret and secret in f"{error}{cause}":
            # The chain would show what the message leaves out.
            raise InputError(message.replace(secret, "***")) from None
        raise InputError(message) from error


def _url(params: Mapping[str, Any], context: Any) -> tuple[URL, str]:
    """The URL with its password, and the secret in it."""
    secret = context.secret(params["secret"]) if params["secret"] else ""
    if params["secret_holds"] == WHOLE_URL:
        url = _parsed(secret, "/secret", secret)
        return url, url.password or ""
    url = _parsed(params["url"], "/url", "")
    if secret and url.get_backend_name() == "sqlite":
        raise ParameterError("A SQLite file has no password. Take the secret's name away.", "/secret")
    return (url.set(password=secret) if secret else url), secret


def _parsed(text: str, pointer: str, secret: str) -> URL:
    import sqlalchemy

    shown = "What the secret holds" if secret else repr(text)
    try:
        url = sqlalchemy.make_url(text)
        url.get_dialect()
    except sqlalchemy.exc.NoSuchModuleError as error:
        raise ParameterError(
            f"{shown} names a database that no installed package knows: {error}. Write a URL such as {URL_EXAMPLES}.",
            pointer,
        ) from (None if secret else error)
    except (sqlalchemy.exc.ArgumentError, ValueError):
        message = f"{shown} is no database URL. Write one such as {URL_EXAMPLES}."
        raise ParameterError(message, pointer) from None
    if (url.password is not None or "password" in url.query) and not secret:
        raise ParameterError(
            f"{_shown(url)} holds a password. Take it out, keep it as a secret, and write the secret's name.", pointer
        )
    return url


def _require_file(url: URL, name: str) -> None:
    path = url.database
    if url.get_backend_name() == "sqlite" and path and path != ":memory:" and not Path(path).is_file():
        raise InputError(f"There is no file of {name}. Check the path; it is looked for where the step runs.")


def _shown(url: URL) -> str:
    return url.set(password=None, query={}).render_as_string()
