"""The error tree of the operators floor.

::

    OperatorsError
    ├── SpecError              an operator.json that does not say what it must
    ├── PackageError           a package folder that lacks a part, or whose code cannot be loaded
    ├── ClashError             two packages that claim one id and version
    ├── OperatorNotFound       no package of that id, or none of that version
    ├── RequirementMissing     a Python package that the operator needs is not installed
    ├── ParameterError         a parameter that the operator refuses (has a JSON pointer)
    │   └── ColumnMissing      a column that is named but does not come in
    ├── InputError             an input that the operator cannot work with
    ├── OutputError            what `run` returned is not what the spec promises
    ├── ArtifactError          an artifact that cannot be read or written
    │   └── UnsafeModel        a model that cannot be kept in a format that is safe to load
    ├── StepDocumentError      a step document that is not one
    ├── MigrationImpossible    parameters that were saved for a newer version than there is
    ├── SecretMissing          a secret that is asked for and not there
    └── Cancelled              raised inside `run` when the step was asked to stop

Operators raise `ParameterError`, `ColumnMissing` and `InputError`; everything else they raise is shown
with their own traceback.
"""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches


class OperatorsError(Exception):
    """Base of every error of this floor."""


class SpecError(OperatorsError):
    """An `operator.json` that does not say what it must."""


class PackageError(OperatorsError):
    """A package folder that lacks a part, or whose code cannot be loaded."""


class ClashError(OperatorsError):
    """Two packages that claim one id and version."""


class OperatorNotFound(OperatorsError):
    """No package of that id, or none of that version."""


class RequirementMissing(OperatorsError):
    """A Python package that the operator needs is not installed."""


class ParameterError(OperatorsError):
    """A parameter that the operator refuses.

    Args:
        message: what was expected, what was found, what to do.
        pointer: JSON pointer of the parameter, such as ``/columns/0``; empty for all of them.
    """

    def __init__(self, message: str, pointer: str = "") -> None:
        super().__init__(message)
        self.pointer = pointer


class ColumnMissing(ParameterError):
    """A column that is named but does not come in; says which there are and which was probably meant."""

    def __init__(self, column: str, available: Sequence[str], pointer: str = "") -> None:
        self.column = column
        self.available = tuple(available)
        close = get_close_matches(column, available, n=1)
        meant = f" Did you mean {close[0]!r}?" if close else ""
        listed = ", ".join(repr(name) for name in available[:12]) or "none"
        more = f" and {len(available) - 12} more" if len(available) > 12 else ""
        super().__init__(f"There is no column {column!r}. The columns are {listed}{more}.{meant}", pointer)


class InputError(OperatorsError):
    """An input that the operator cannot work with: an empty table, a text column where numbers are needed."""


class OutputError(OperatorsError):
    """What `run` returned is not what the spec promises."""


class ArtifactError(OperatorsError):
    """An artifact that cannot be read or written."""


class UnsafeModel(ArtifactError):
    """A model that cannot be kept in a format that is safe to load."""


class StepDocumentError(OperatorsError):
    """A step document that is not one."""


class MigrationImpossible(OperatorsError):
    """Parameters that were saved for a newer version of an operator than there is."""


class SecretMissing(OperatorsError):
    """A secret that is asked for and not there."""


class Cancelled(OperatorsError):
    """Raised inside `run` by `context.check_cancelled` when the step was asked to stop."""
