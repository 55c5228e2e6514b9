"""The error tree of the ui floor.

::

    UiError
    ├── WrongUse            a command or request that cannot be meant: exit code 2, status 422
    ├── NotThere            what was asked for does not exist: exit code 1, status 404
    ├── PortInUse           something else listens where Opyard should
    ├── ServerFailed        the web server could not start, or the engine beside it did not
    └── ExtraMissing        a part of Opyard whose packages are not installed
"""

from __future__ import annotations


class UiError(Exception):
    """Base of every error of this floor."""


class WrongUse(UiError):
    """A command or request that cannot be meant."""


class NotThere(UiError):
    """What was asked for does not exist."""


class PortInUse(UiError):
    """Something else listens where Opyard should."""


class ServerFailed(UiError):
    """The web server could not start, or the engine beside it did not."""


class ExtraMissing(UiError):
    """A part of Opyard whose packages are not installed."""
