"""An open store on each kind of database."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from marketplace.store import Store, open_store


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    with open_store(database_url) as store:
        yield store
