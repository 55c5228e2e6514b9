"""Every built-in package passes every check of the conformance suite."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from operators.builtin import provider
from operators.discovery import discover
from operators.package import FolderPackage
from operators.testing import CHECKS, RunStep, run_check, step_runner
from operators.testing.subject import Subject

PACKAGES = {package.spec.id: package for package in provider()}


@pytest.fixture(scope="module")
def run_step() -> Iterator[RunStep]:
    with step_runner() as run:
        yield run


@pytest.fixture(scope="module")
def subjects(run_step: RunStep, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Subject]:
    """A subject for each package, kept so that its cases run once for all checks."""
    folder: Path = tmp_path_factory.mktemp("suite")
    made: dict[str, Subject] = {}
    for identifier, package in PACKAGES.items():
        (folder / identifier).mkdir()
        made[identifier] = Subject(package, run_step, folder / identifier)
    return made


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize("identifier", PACKAGES)
def test_package(identifier: str, check: str, subjects: dict[str, Subject]) -> None:
    assert run_check(check, subjects[identifier]).problems == ()


def test_built_in_packages_are_found_like_all_others() -> None:
    found = discover()
    assert {package.spec.id for package in found.packages} >= set(PACKAGES)
    assert found.broken == ()


@pytest.mark.parametrize("identifier", PACKAGES)
def test_the_id_says_where_a_built_in_package_lies(identifier: str) -> None:
    package: FolderPackage = PACKAGES[identifier]
    family, name = package.folder.parts[-2:]
    assert (identifier, package.spec.category) == (f"opyard.{family}.{name}", family)
    assert (package.icon() or "").startswith("<svg")
