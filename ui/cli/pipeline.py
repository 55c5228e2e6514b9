"""`opyard pipeline`: list saved pipelines; validate and show pipeline files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ui.cli.console import Console, json_option, print_json
from ui.cli.opening import application, catalogue, pipeline_file

FILE = click.argument("file", type=click.Path(path_type=Path))


@click.group()
def pipeline() -> None:
    """List saved pipelines; check and show pipeline files."""


@pipeline.command("validate")
@FILE
@json_option
@click.pass_context
def validate_pipeline(ctx: click.Context, file: Path, as_json: bool) -> None:
    """Check a pipeline file: every problem at once, each with its place and a way to mend it."""
    from marketplace.pipelines.validation import check
    from ui.views.pipelines import check_view, pipeline_title

    console: Console = ctx.obj
    document = pipeline_file(file)
    with application() as opened:
        problems, flow = check(document, opened.catalogue, opened.flow, base=file.absolute().parent)
    view = check_view(problems, flow, console.language)
    if as_json:
        print_json(view)
    else:
        print_problems(console, view["problems"])
        if view["valid"]:
            console.say("ui.pipeline.valid", name=pipeline_title(document, console.language), nodes=len(document.nodes))
    ctx.exit(0 if view["valid"] else 2)


@pipeline.command("show")
@FILE
@json_option
@click.pass_obj
def show_pipeline(console: Console, file: Path, as_json: bool) -> None:
    """Show a pipeline file: parameters, nodes and wires."""
    document = pipeline_file(file)
    if as_json:
        print_json(document)
        return
    from ui.views.pipelines import pipeline_title

    shelf = catalogue()
    known = {entry.id: entry.title for entry in shelf.entries(console.language)}
    click.secho(pipeline_title(document, console.language), bold=True)
    heads = ("ui.node.id", "ui.node.operator", "ui.node.title", "ui.node.inputs")
    console.table(
        heads,
        [
            (
                node.id,
                f"{node.operator}@{node.version}",
                node.label or known.get(node.operator, ""),
                _wires(document, node.id),
            )
            for node in document.nodes
        ],
    )


@pipeline.command("list")
@json_option
@click.pass_obj
def list_pipelines(console: Console, as_json: bool) -> None:
    """List the saved pipelines of all projects."""
    import msgspec

    from ui.views.quantities import readable_time

    with application() as opened:
        saved = opened.store.pipelines.list()
    if as_json:
        print_json({"pipelines": msgspec.to_builtins(saved)})
        return
    heads = ("ui.pipeline.project", "ui.pipeline.name", "ui.pipeline.revision", "ui.pipeline.updated")
    console.table(heads, [(each.project, each.name, str(each.revision), readable_time(each.updated)) for each in saved])


def print_problems(console: Console, problems: list[dict[str, Any]]) -> None:
    """Print problems of a pipeline, errors first, to the error stream."""
    from ui.views.pipelines import problem_place

    for problem in sorted(problems, key=lambda problem: problem["severity"] != "error"):
        place = problem_place(problem)
        head = console.text(f"ui.problem.{problem['severity']}")
        color = "red" if problem["severity"] == "error" else "yellow"
        click.echo(
            f"{click.style(head, fg=color, bold=True)}{f' {place}' if place else ''}: {problem['message']}", err=True
        )
        if problem["mend"]:
            click.echo(f"  {problem['mend']}", err=True)


def _wires(document: Any, node: str) -> str:
    into = [edge for edge in document.edges if edge.target.node == node]
    return ", ".join(f"{edge.target.port} ← {edge.source.node}.{edge.source.port}" for edge in into)
