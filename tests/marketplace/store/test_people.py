"""Accounts, passwords, sessions, on both databases."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import create_engine, text

from marketplace.errors import AccountExists, AccountNotFound, AccountRefused
from marketplace.store import Store


def everything_kept(url: str) -> str:
    engine = create_engine(url)
    with engine.connect() as connection:
        rows = [connection.execute(text(f"SELECT * FROM {table}")).all() for table in ("accounts", "sessions")]
    engine.dispose()
    return str(rows)


def test_a_password_is_verified_and_never_kept(store: Store, database_url: str) -> None:
    store.people.create(" ann ", "correct horse 鸢尾花")
    assert store.people.verify("ann", "correct horse 鸢尾花")
    assert not store.people.verify("ann", "correct horse")
    assert not store.people.verify("bob", "correct horse 鸢尾花")
    assert not store.people.verify("ann", "x" * 100_000)
    assert "horse" not in everything_kept(database_url)


def test_equal_passwords_are_kept_as_different_hashes(store: Store, database_url: str) -> None:
    store.people.create("ann", "correct horse")
    store.people.create("bob", "correct horse")
    engine = create_engine(database_url)
    with engine.connect() as connection:
        hashes = connection.execute(text("SELECT password FROM accounts")).scalars().all()
    engine.dispose()
    assert len(set(hashes)) == 2


def test_names_are_taken_once(store: Store) -> None:
    store.people.create("ann", "correct horse")
    with pytest.raises(AccountExists, match="'ann'"):
        store.people.create("ann", "another password")
    assert store.people.verify("ann", "correct horse")
    assert [account.name for account in store.people.list()] == ["ann"]


@pytest.mark.parametrize(
    ("name", "password"),
    [("", "correct horse"), ("a\nb", "correct horse"), ("x" * 101, "correct horse"), ("ann", "short")],
)
def test_names_and_passwords_that_are_refused(store: Store, name: str, password: str) -> None:
    with pytest.raises(AccountRefused):
        store.people.create(name, password)
    assert store.people.count() == 0


def test_of_many_first_accounts_at_once_one_is_made(store: Store) -> None:
    def create(number: int) -> bool:
        try:
            store.people.create(f"p{number}", "correct horse", first=True)
        except AccountExists:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(create, range(4))) == 1
    assert store.people.count() == 1


def test_a_session_is_opened_by_its_token_only(store: Store, database_url: str) -> None:
    store.people.create("ann", "correct horse")
    token = store.people.create_session("ann", label="browser")
    session = store.people.lookup(token)
    assert session is not None
    assert (session.account, session.label) == ("ann", "browser")
    assert store.people.lookup(token + "x") is None
    assert store.people.lookup("") is None
    assert token not in everything_kept(database_url)
    store.people.expire(token)
    assert store.people.lookup(token) is None
    store.people.expire(token)


def test_sessions_end_by_time(store: Store) -> None:
    store.people.create("ann", "correct horse")
    token = store.people.create_session("ann", seconds=0.05)
    time.sleep(0.06)
    assert store.people.lookup(token) is None


def test_a_new_password_ends_all_sessions(store: Store) -> None:
    store.people.create("ann", "correct horse")
    token = store.people.create_session("ann")
    store.people.set_password("ann", "battery staple")
    assert store.people.lookup(token) is None
    assert store.people.verify("ann", "battery staple")
    assert not store.people.verify("ann", "correct horse")


def test_deleting_an_account_ends_its_sessions(store: Store) -> None:
    store.people.create("ann", "correct horse")
    token = store.people.create_session("ann")
    store.people.delete("ann")
    assert store.people.lookup(token) is None
    assert store.people.count() == 0


def test_an_account_that_is_not_there(store: Store) -> None:
    with pytest.raises(AccountNotFound, match="'nope'"):
        store.people.create_session("nope")
    with pytest.raises(AccountNotFound):
        store.people.set_password("nope", "correct horse")
    with pytest.raises(AccountNotFound):
        store.people.delete("nope")
