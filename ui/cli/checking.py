"""`opyard operators check`: the conformance suite, printed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ui.cli.console import Console, print_json

if TYPE_CHECKING:
    from marketplace.catalogue import Catalogue
    from operators.package import Package


def check_packages(console: Console, shelf: Catalogue, target: str | None, as_json: bool) -> int:
    """Check the packages that `target` names and print what was found; the exit code."""
    import msgspec

    from operators.testing import check_package, step_runner

    reports: list[dict[str, Any]] = []
    with step_runner() as run_step:
        for package in chosen_packages(shelf, target):
            report = check_package(package, run_step)
            view = {"package": package.source, "passed": report.passed, "checks": msgspec.to_builtins(report.checks)}
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


def _print(console: Console, view: dict[str, Any]) -> None:
    failed = [check for check in view["checks"] if not check["passed"]]
    word = console.text("ui.check.bad" if failed else "ui.check.good")
    click.echo(f"{click.style(word, fg='red' if failed else 'green')}  {view['package']}  ({len(view['checks'])})")
    for check in failed:
        click.echo(f"  {click.style(check['name'], bold=True)}: {check['message']}")
