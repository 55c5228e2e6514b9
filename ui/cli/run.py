"""`opyard run FILE`: submit a pipeline, follow it, say how it ended."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ui.cli.console import Console, json_option, print_json
from ui.cli.opening import application, pipeline_file

if TYPE_CHECKING:
    from marketplace.store.records import RunRecord
    from scheduler.application import Application


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--param", "params", multiple=True, metavar="NAME=VALUE", help="Value of a parameter of the pipeline.")
@click.option("--to", multiple=True, metavar="NODE", help="Run up to this node; may be given several times.")
@click.option("--only", multiple=True, metavar="NODE", help="Run this node alone, on what the others made before.")
@click.option("--seed", type=int, default=0, help="Seed for everything random.")
@click.option("--fresh", is_flag=True, help="Run steps again whose results are there.")
@json_option
@click.pass_context
def run(ctx: click.Context, /, file: Path, params: tuple[str, ...], as_json: bool, **options: Any) -> None:
    """Run a pipeline file and follow it. Ctrl-C cancels the run.

    FILE may also be the name of an example.
    """
    console: Console = ctx.obj
    document = _document(file)
    with application() as opened:
        submitted = opened.runs.submit(
            document,
            params=read_params(params, document.parameters),
            base=file.absolute().parent,
            by=_caller(),
            **options,
        )
        ended = follow_run(console, opened, submitted.id, quiet=as_json)
        _print_end(console, opened, ended, as_json)
    ctx.exit(0 if ended.state == "done" else 1)


def follow_run(console: Console, opened: Application, id: str, *, quiet: bool, after: int = 0) -> RunRecord:
    """Print a run's progress until it has ended; Ctrl-C cancels it."""
    from ui.cli.progress import Progress

    progress = Progress(console, quiet=quiet)
    while True:
        try:
            for event in opened.runs.follow(id, after):
                after = event.id
                progress.show(event)
            progress.close()
            return opened.runs.get(id)
        except KeyboardInterrupt:
            progress.close()
            click.echo(console.text("ui.run.cancelling"), err=True)
            opened.runs.cancel(id)


def read_params(given: tuple[str, ...], schema: dict[str, Any]) -> dict[str, Any]:
    """The values of `name=value` texts: JSON where it is JSON, unless the parameter is a text.

    Raises:
        WrongUse: a text without `=`.
    """
    import msgspec

    from ui.errors import WrongUse

    values = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals:
            raise WrongUse(f"--param takes NAME=VALUE, found {text!r}.")
        declared = schema.get("properties", {}).get(name, {})
        try:
            values[name] = value if declared.get("type") == "string" else msgspec.json.decode(value)
        except msgspec.DecodeError:
            values[name] = value
    return values


def _document(file: Path) -> Any:
    from ui.example_pipelines import example, examples

    if not file.exists() and file.name == str(file) and str(file) in [each.name for each in examples()]:
        return example(str(file)).pipeline
    return pipeline_file(file)


def _caller() -> str:
    from getpass import getuser

    try:
        return getuser()
    except OSError:
        return ""


def _print_end(console: Console, opened: Application, ended: RunRecord, as_json: bool) -> None:
    from ui.views.runs import failed_steps, run_view, step_view

    steps = opened.runs.steps(ended.id)
    if as_json:
        print_json({**run_view(ended), "steps": [step_view(step) for step in steps]})
        return
    for step in failed_steps(steps):
        error = step.result.error if step.result else None
        if error is not None:
            click.secho(f"{step.record.node}: {error.kind}: {error.message}", fg="red", err=True)
            click.echo(error.traceback, err=True)
    view = run_view(ended)
    from ui.views.quantities import readable_seconds

    console.say(f"ui.run.ended.{ended.state}", id=ended.id, name=ended.name, seconds=readable_seconds(view["seconds"]))
