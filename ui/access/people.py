"""What the gate needs of accounts and sessions; `marketplace.store` keeps them."""

from __future__ import annotations

from typing import Protocol


class People(Protocol):
    """Accounts and their sessions. Every method may block, so the gate calls them in threads."""

    def count(self) -> int:
        """How many accounts there are."""

    def create(self, name: str, password: str) -> object:
        """Make an account; raises an error that says why where it cannot be made."""

    def verify(self, name: str, password: str) -> bool:
        """Whether the account is there and this is its password; takes as long either way."""

    def open_session(self, name: str) -> str:
        """A new session's token."""

    def session_name(self, token: str) -> str | None:
        """Whose session that is; None for one that is not there or over."""

    def close_session(self, token: str) -> None:
        """End a session."""
