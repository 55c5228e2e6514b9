"""`opyard operators check`: the conformance suite, printed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ui.cli.console import Console, print_json

if TYPE_CHECKING:
    from marketplace.catalogue import Catalogue
    from operators.package import Package
    from operators.testing import Report


def check_packages(console: Console, shelf: Catalogue, target: str | None, as_json: bool) -> int:
    """Check the packages that `target` names and print what was found; the exit code."""
    from operators.testing import check_package, step_runner

    reports: list[dict[str, Any]] = []
    with step_runner() as run_step:
        for package in chosen_packages(shelf, target):
            view = report_view(check_package(package, run_step))
            reports.append(view)
            if not as_json:
                _print(console, view)
    passed = all(report["passed"] for report in reports)
    if as_json:
        print_json({"passed": passed, "packages": reports})
    else:
        console.say("ui.check.passed" if passed else "ui.check.failed", count=len(reports))
    return 0 if passed else 1


def chosen_packages(shelf: Catalogue, target: str | None) -> list[Package]:
    """The packages that an id, an id with version, a folder, or nothing (all) names.

    Raises:
        OperatorUnknown: there is none of that id or version.
        WrongUse: the folder holds no package.
    """
    from operators.package import FolderPackage, packages_in
    from ui.errors import WrongUse

    if target is None:
        return [shelf.get(id, version) for id in shelf.ids for version in shelf.versions(id)]
    folder = Path(target)
    if folder.is_dir():
        found = [FolderPackage(folder)] if (folder / "operator.json").is_file() else packages_in(folder)
        if not found:
            raise WrongUse(f"The folder {folder} holds no operator package: there is no operator.json in or below it.")
        return list(found)
    identifier, _, version = target.partition("@")
    return [shelf.get(identifier, version or None)]


def report_view(report: Report) -> dict[str, Any]:
    """What came of all checks of one package."""
    checks = [
        {"name": each.name, "passed": each.passed, "problems": list(each.problems), "seconds": round(each.seconds, 3)}
        for each in report.checks
    ]
    return {"operator": report.reference, "source": report.source, "passed": report.passed, "checks": checks}


def _print(console: Console, view: dict[str, Any]) -> None:
    passed = view["passed"]
    word = click.style(console.text("ui.check.good" if passed else "ui.check.bad"), fg="green" if passed else "red")
    click.echo(f"{word}  {view['operator']}  ({len(view['checks'])})")
    for check in view["checks"]:
        for problem in check["problems"]:
            click.echo(f"  {click.style(check['name'], fg=None if check['passed'] else 'red')}: {problem}")
