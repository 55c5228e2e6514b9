"""`opyard artifacts`: look at what steps have made."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ui.cli.console import Console, json_option, print_json
from ui.cli.opening import application

if TYPE_CHECKING:
    from operators.documents import Artifact, InputRef
    from scheduler.application import Application


@click.group()
def artifacts() -> None:
    """Look at what steps have made."""


@artifacts.command("show")
@click.argument("id", metavar="RUN")
@click.argument("node")
@click.argument("port")
@click.option("--output", type=click.Path(path_type=Path), help="Copy the artifact's file to this path.")
@click.option("--html", type=click.Path(path_type=Path), help="Write the summary as a page of its own to this path.")
@json_option
@click.pass_obj
def show_artifact(
    console: Console, id: str, node: str, port: str, output: Path | None, html: Path | None, as_json: bool
) -> None:
    """Show the summary of one output of one step."""
    from ui.views.artifacts import artifact_view

    with application() as opened:
        found = opened.runs.artifact(id, node, port)
        if output is not None:
            _copy(opened, found, output)
        if html is not None:
            _write_page(console, opened, found, f"{node}.{port}", html)
    if as_json:
        print_json(artifact_view(found.artifact))
    elif output is None and html is None:
        _print_summary(console, found.artifact)


def _copy(opened: Application, found: InputRef, target: Path) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        source = opened.artifacts.fetch(f"{found.folder}/{found.artifact.path}", Path(scratch))
        shutil.copyfile(source, target)


def _write_page(console: Console, opened: Application, found: InputRef, title: str, target: Path) -> None:
    from ui.views.artifact_html import artifact_page

    with tempfile.TemporaryDirectory() as scratch:

        def read(name: str) -> bytes:
            return opened.artifacts.fetch(f"{found.folder}/{name}", Path(scratch)).read_bytes()

        target.write_text(artifact_page(found.artifact, title, console.language, read), encoding="utf-8")


def _print_summary(console: Console, artifact: Artifact) -> None:
    from ui.views.artifacts import facts_of, one_line
    from ui.views.quantities import readable_value

    click.secho(f"{console.text(f'ui.type.{artifact.type}')}  {one_line(artifact)}", bold=True)
    console.facts(facts_of(artifact))
    for name, value in artifact.summary.get("values", {}).items():
        click.echo(f"{name}  {readable_value(value)}")
    columns: list[dict[str, Any]] = artifact.summary.get("columns", [])
    if columns:
        _print_columns(console, columns)
        _print_sample(artifact)
    elif excerpt := artifact.summary.get("excerpt"):
        click.echo(f"\n{excerpt}")


def _print_columns(console: Console, columns: list[dict[str, Any]]) -> None:
    from ui.views.quantities import readable_value

    heads = ("ui.column.name", "ui.column.type", "ui.column.nulls", "ui.column.min", "ui.column.mean", "ui.column.max")
    click.echo()
    rows = [[column.get(key) for key in ("name", "type", "nulls", "min", "mean", "max")] for column in columns]
    console.table(heads, [[readable_value(value) for value in row] for row in rows])


def _print_sample(artifact: Artifact) -> None:
    from ui.views.quantities import readable_value

    sample: list[list[Any]] = artifact.summary.get("sample", [])
    click.echo()
    for row in sample[:10]:
        click.echo("  ".join(readable_value(value)[:24] for value in row))
