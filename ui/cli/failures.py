"""Errors of our floors as one clear message and an exit code: 1 it failed, 2 it could not be meant."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from ui.cli.console import Console, wants_json

FAILED = 1
WRONG = 2


def explained(call: Callable[[], Any]) -> Any:
    """What `call` returns; an error of ours is printed as a message, without a traceback, and ends the command."""
    try:
        return call()
    except Exception as error:
        if not _is_ours(error):
            raise
        _print(error)
        raise click.exceptions.Exit(_code(error)) from error


def _is_ours(error: Exception) -> bool:
    from form_specs.errors import FormError
    from marketplace.errors import MarketplaceError
    from operators.errors import OperatorsError
    from scheduler.errors import SchedulerError
    from ui.errors import UiError

    return isinstance(error, FormError | OperatorsError | MarketplaceError | SchedulerError | UiError)


def _code(error: Exception) -> int:
    from marketplace.errors import PipelineError, SettingsError
    from scheduler.errors import PipelineInvalid
    from ui.errors import WrongUse

    return WRONG if isinstance(error, PipelineError | PipelineInvalid | SettingsError | WrongUse) else FAILED


def _print(error: Exception) -> None:
    from scheduler.errors import PipelineInvalid
    from ui.cli.pipeline import print_problems
    from ui.views.pipelines import problem_view

    if wants_json():
        import msgspec

        document: dict[str, Any] = {"kind": type(error).__name__, "message": str(error)}
        if isinstance(error, PipelineInvalid):
            document["problems"] = [problem_view(problem, _console().language) for problem in error.problems]
        click.echo(msgspec.json.encode({"error": document}).decode())
    elif isinstance(error, PipelineInvalid):
        print_problems(_console(), [problem_view(problem, _console().language) for problem in error.problems])
    else:
        click.secho(f"{error}", fg="red", err=True)


def _console() -> Console:
    found = click.get_current_context().find_object(Console)
    return found or Console()
