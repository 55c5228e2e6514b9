"""`opyard runs`: list, show, logs, cancel, resume."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import click

from ui.cli.console import Console, json_option, print_json
from ui.cli.opening import application

if TYPE_CHECKING:
    from scheduler.application import Application

STATES = ("queued", "running", "done", "failed", "cancelled")
POLL_SECONDS = 0.3

RUN = click.argument("id", metavar="RUN")


@click.group()
def runs() -> None:
    """List, show, follow, cancel and resume runs."""


@runs.command("list")
@click.option("--state", "states", multiple=True, type=click.Choice(STATES), help="Only runs in this state.")
@click.option("--limit", default=20, type=click.IntRange(1, 500), help="How many, the newest first.")
@json_option
@click.pass_obj
def list_runs(console: Console, states: tuple[str, ...], limit: int, as_json: bool) -> None:
    """List runs, the newest first."""
    from ui.views.quantities import readable_seconds, readable_time
    from ui.views.runs import run_view

    with application() as opened:
        views = [run_view(run) for run in opened.runs.list(states=states, limit=limit)]
    if as_json:
        print_json({"runs": views})
        return
    heads = ("ui.run.id", "ui.run.name", "ui.run.state", "ui.run.created", "ui.run.duration")
    console.table(
        heads,
        [
            (
                view["id"],
                view["name"],
                console.text(f"ui.state.{view['state']}"),
                readable_time(view["created"]),
                readable_seconds(view["seconds"]),
            )
            for view in views
        ],
    )


@runs.command("show")
@RUN
@json_option
@click.pass_obj
def show_run(console: Console, id: str, as_json: bool) -> None:
    """Show one run with its steps and what they made."""
    from ui.views.artifacts import one_line
    from ui.views.quantities import readable_seconds
    from ui.views.runs import run_view, step_view

    with application() as opened:
        run, steps = opened.runs.get(id), opened.runs.steps(id)
    view = run_view(run)
    if as_json:
        print_json({**view, "steps": [step_view(step) for step in steps]})
        return
    click.secho(f"{view['name']}  {view['id']}", bold=True)
    console.facts([("ui.run.state", console.text(f"ui.state.{run.state}")), ("ui.run.error", run.error)])
    heads = ("ui.step.node", "ui.run.state", "ui.run.duration", "ui.step.outputs", "ui.step.note")
    rows = []
    for step in steps:
        line = step_view(step)
        made = step.result.outputs if step.result else {}
        outputs = "; ".join(f"{port}: {one_line(artifact)}" for port, artifact in made.items())
        note = line["error"]["message"] if line["error"] else line["reason"]
        rows.append(
            (line["node"], console.text(f"ui.state.{line['state']}"), readable_seconds(line["seconds"]), outputs, note)
        )
    console.table(heads, rows)


@runs.command("logs")
@RUN
@click.argument("node", required=False)
@click.option("-f", "--follow", is_flag=True, help="Go on until the run has ended.")
@click.option("--attempt", type=int, help="Which attempt; the last one if not given.")
@json_option
def show_logs(id: str, node: str | None, follow: bool, attempt: int | None, as_json: bool) -> None:
    """Print the log of one step, or of all steps of a run."""
    with application() as opened:
        nodes = [node] if node else [step.record.node for step in opened.runs.steps(id)]
        places = dict.fromkeys(nodes, 0)
        while True:
            ended = opened.runs.get(id).state in ("done", "failed", "cancelled")
            for each in nodes:
                places[each] = _print_log(opened, id, each, attempt, places[each], as_json, len(nodes) > 1)
            if ended or not follow:
                return
            time.sleep(POLL_SECONDS)


@runs.command("cancel")
@RUN
@json_option
@click.pass_obj
def cancel_run(console: Console, id: str, as_json: bool) -> None:
    """Cancel a run that is queued or running."""
    with application() as opened:
        opened.runs.cancel(id)
        _say_state(console, opened, id, as_json, "ui.run.cancel_asked")


@runs.command("resume")
@RUN
@click.option("--wait/--no-wait", default=True, help="Follow the run until it has ended.")
@json_option
@click.pass_context
def resume_run(ctx: click.Context, id: str, wait: bool, as_json: bool) -> None:
    """Go on with a failed or cancelled run; steps that had finished are used again."""
    from ui.cli.run import follow_run

    with application() as opened:
        events = opened.runs.events(id)
        opened.runs.resume(id)
        if wait:
            follow_run(ctx.obj, opened, id, quiet=as_json, after=events[-1].id if events else 0)
        _say_state(ctx.obj, opened, id, as_json, "ui.run.state_is")
        state = opened.runs.get(id).state
    ctx.exit(1 if state in ("failed", "cancelled") else 0)


def _say_state(console: Console, opened: Application, id: str, as_json: bool, code: str) -> None:
    from ui.views.runs import run_view

    run = opened.runs.get(id)
    if as_json:
        print_json(run_view(run))
    else:
        console.say(code, id=id, state=console.text(f"ui.state.{run.state}"))


def _print_log(
    opened: Application, id: str, node: str, attempt: int | None, after: int, as_json: bool, named: bool
) -> int:
    import msgspec

    chunk = opened.runs.log(id, node, attempt, after)
    for line in chunk.lines:
        if as_json:
            click.echo(msgspec.json.encode({"node": node, **msgspec.to_builtins(line)}).decode())
        else:
            clock = time.strftime("%H:%M:%S", time.localtime(line.time))
            click.echo(f"{clock} {f'{node}  ' if named else ''}{line.level:<7} {line.text}")
    return chunk.next
