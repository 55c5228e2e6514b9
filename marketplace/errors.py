"""The error tree of the marketplace floor.

::

    MarketplaceError
    ├── SettingsError              a setting that is unknown or has a wrong value
    ├── StoreError                 anything the metadata store raises
    │   ├── DatabaseUnavailable    it does not open, does not answer, or went away
    │   ├── DatabaseBusy           another process held its lock for too long
    │   ├── DatabaseFull           the disk it lies on is full, or may not be written
    │   ├── DatabaseTooNew         a newer Opyard has upgraded it
    │   ├── NotOurDatabase         a file or database of another program
    │   ├── RowRefused             a row whose id is taken, or that refers to nothing
    │   ├── EngineAlreadyRunning   another engine holds the lease of this database
    │   ├── RunNotFound            no run of that id
    │   ├── RunUnfinished          a run that must have ended first
    │   ├── PipelineNotFound       no saved pipeline of that name, or not that revision
    │   ├── RevisionConflict       the pipeline was changed since the revision that was edited
    │   ├── ProjectNotFound        no project of that id
    │   ├── ProjectExists          the id is taken
    │   ├── AccountNotFound        no account of that name
    │   ├── AccountExists          the name is taken, or a first account is there already
    │   └── AccountRefused         a name or password that cannot be accepted
    ├── OperatorUnknown            the catalogue has no operator of that id, or not that version
    └── PipelineError              anything about a pipeline document
        ├── PipelineUnreadable     not a pipeline document: no JSON, or not of the right shape (lists every place)
        ├── PipelineTooNew         a document of a schema version that this Opyard does not know
        └── PipelineParametersWrong   values that the pipeline's parameters refuse (lists every one)
"""

from __future__ import annotations

from collections.abc import Sequence


class MarketplaceError(Exception):
    """Base of every error of this floor."""


class SettingsError(MarketplaceError):
    """A setting that is unknown or has a wrong value; names the setting and where it was read."""


class StoreError(MarketplaceError):
    """Anything the metadata store raises."""


class DatabaseUnavailable(StoreError):
    """The database does not open, does not answer, or went away."""


class DatabaseBusy(StoreError):
    """Another process held the database's lock for too long."""


class DatabaseFull(StoreError):
    """The disk that the database lies on is full, or may not be written."""


class DatabaseTooNew(StoreError):
    """A newer Opyard has upgraded the database."""


class NotOurDatabase(StoreError):
    """A file or a database of another program."""


class RowRefused(StoreError):
    """A row whose id is taken, or that refers to nothing."""


class EngineAlreadyRunning(StoreError):
    """Another engine holds the lease of this database; `holder` is what it said of itself."""

    def __init__(self, message: str, holder: dict[str, object]) -> None:
        super().__init__(message)
        self.holder = holder


class RunNotFound(StoreError):
    """No run of that id."""


class RunUnfinished(StoreError):
    """A run that must have ended first."""


class PipelineNotFound(StoreError):
    """No saved pipeline of that name, or not that revision."""


class RevisionConflict(StoreError):
    """The pipeline was changed since the revision that was edited; `current` is the revision it has now (0: none)."""

    def __init__(self, message: str, current: int) -> None:
        super().__init__(message)
        self.current = current


class ProjectNotFound(StoreError):
    """No project of that id."""


class ProjectExists(StoreError):
    """The id of a project is taken."""


class AccountNotFound(StoreError):
    """No account of that name."""


class AccountExists(StoreError):
    """The name is taken, or a first account is there already."""


class AccountRefused(StoreError):
    """A name or password that cannot be accepted."""


class OperatorUnknown(MarketplaceError):
    """The catalogue has no operator of that id, or not that version; `closest` are those probably meant."""

    def __init__(self, message: str, closest: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.closest = tuple(closest)


class PipelineError(MarketplaceError):
    """Anything about a pipeline document."""


class PipelineUnreadable(PipelineError):
    """Not a pipeline document; `places` are pairs of JSON pointer and what is wrong there."""

    def __init__(self, message: str, places: Sequence[tuple[str, str]] = ()) -> None:
        super().__init__(message)
        self.places = tuple(places)


class PipelineTooNew(PipelineError):
    """A document of a schema version that this Opyard does not know."""


class PipelineParametersWrong(PipelineError):
    """Values that the pipeline's parameters refuse; `places` are pairs of JSON pointer and what is wrong there."""

    def __init__(self, message: str, places: Sequence[tuple[str, str]] = ()) -> None:
        super().__init__(message)
        self.places = tuple(places)
