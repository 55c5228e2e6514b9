"""The application that all pages of this server process share."""

from __future__ import annotations

from scheduler.application import Application

_shared: list[Application] = []


def share(application: Application) -> None:
    """Let the pages use `application`; called once, before the server starts."""
    _shared[:] = [application]


def application() -> Application:
    """The application of this server.

    Raises:
        RuntimeError: the pages were started without `opyard up`.
    """
    if not _shared:
        raise RuntimeError("These pages are served by `opyard up`, not by `streamlit run`.")
    return _shared[0]
