"""Runs the checks of the conformance suite over a package."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import MappingProxyType

from msgspec import Struct

from operators.errors import PackageError
from operators.package import Package
from operators.testing import checks
from operators.testing.runner import RunStep
from operators.testing.subject import Subject

CHECKS: Mapping[str, Callable[[Subject], Iterable[str]]] = MappingProxyType(
    {
        "spec": checks.check_spec,
        "defaults": checks.check_defaults,
        "documentation": checks.check_documentation,
        "import": checks.check_import,
        "cases": checks.check_cases,
        "bad parameters": checks.check_bad_parameters,
        "configure": checks.check_configure,
        "same seed": checks.check_same_seed,
    }
)
"""Every check by name, in the order in which they are run."""

ADVICE = frozenset({"import"})
"""Checks whose problems are advice: they are shown, and fail nothing."""


class Check(Struct, frozen=True):
    """What came of one check: `problems` are empty where all is well; `advice` means that they fail nothing.

    `final` means that a part of the package cannot be used at all, so that later checks could only repeat it.
    """

    name: str
    problems: tuple[str, ...]
    seconds: float
    advice: bool = False
    final: bool = False

    @property
    def passed(self) -> bool:
        return self.advice or not self.problems

    @property
    def message(self) -> str:
        """The problems, one a line."""
        return "\n".join(self.problems)


class Report(Struct, frozen=True):
    """What came of all checks of one package."""

    reference: str
    source: str
    checks: tuple[Check, ...]

    @property
    def passed(self) -> bool:
        return all(check.passed for check in self.checks)

    @property
    def failures(self) -> tuple[Check, ...]:
        return tuple(check for check in self.checks if not check.passed)


def check_package(package: Package, run_step: RunStep, on_check: Callable[[Check], None] | None = None) -> Report:
    """Run every check over a package; `on_check` is told of each as it ends.

    Where the spec is not valid, or cases or code cannot be read, the others are not run: they would only repeat it.
    """
    found: list[Check] = []
    with tempfile.TemporaryDirectory(prefix="opyard-check-") as folder:
        subject = Subject(package, run_step, Path(folder))
        for name in CHECKS:
            check = run_check(name, subject)
            found.append(check)
            if on_check is not None:
                on_check(check)
            if check.final or (name == "spec" and not check.passed):
                break
    reference = package.spec.reference if found[0].passed else package.source
    return Report(reference, package.source, tuple(found))


def run_check(name: str, subject: Subject) -> Check:
    """Run one check. An error that it does not expect is a problem like any other."""
    begun = time.perf_counter()
    final = False
    try:
        problems = tuple(CHECKS[name](subject))
    except Exception as error:
        problems = (f"{type(error).__name__}: {error}",)
        final = isinstance(error, PackageError)
    return Check(name, problems, time.perf_counter() - begun, name in ADVICE, final)
