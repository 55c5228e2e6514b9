"""The metadata store: projects, pipelines, people, runs and the engine's lease, on SQLite or PostgreSQL.

The only package that imports SQLAlchemy, and that only when a store is opened: records can be used without it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from marketplace.store.lease import Lease as Lease
    from marketplace.store.store import Store as Store
    from marketplace.store.store import open_store as open_store

__all__ = ["Lease", "Store", "open_store"]

_HOMES = {
    "Lease": "marketplace.store.lease",
    "Store": "marketplace.store.store",
    "open_store": "marketplace.store.store",
}


def __getattr__(name: str) -> Any:
    from importlib import import_module

    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
