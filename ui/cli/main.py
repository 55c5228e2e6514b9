"""The command `opyard`: its groups, each imported when it is called."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from importlib import import_module
from typing import Any

import click

from ui.cli.console import Console
from ui.cli.failures import explained


class LazyGroup(click.Group):
    """A group whose commands are named first and imported when they are used.

    Args:
        lazy: command name to `module:attribute` and the one line that the list of commands says of it.
    """

    def __init__(self, *args: Any, lazy: Mapping[str, tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._lazy = lazy

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self._lazy)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self._lazy:
            return None
        module, _, attribute = self._lazy[cmd_name][0].partition(":")
        command: click.Command = getattr(import_module(module), attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in self._lazy.items()])

    def invoke(self, ctx: click.Context) -> Any:
        return explained(lambda: super(LazyGroup, self).invoke(ctx))


COMMANDS = {
    "up": ("ui.cli.up:up", "Start the web pages, the REST API and the engine."),
    "run": ("ui.cli.run:run", "Run a pipeline file."),
    "runs": ("ui.cli.runs:runs", "List, show, follow, cancel and resume runs."),
    "artifacts": ("ui.cli.artifacts:artifacts", "Look at what steps have made."),
    "pipeline": ("ui.cli.pipeline:pipeline", "Check and show pipeline files."),
    "operators": ("ui.cli.operators:operators", "List, show and check operators."),
    "examples": ("ui.cli.examples:examples", "List and copy the example pipelines."),
}


@click.command(
    cls=LazyGroup,
    lazy=COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option("--language", type=click.Choice(["en", "zh"]), help="Language of what is printed.")
@click.option("--version", is_flag=True, is_eager=True, expose_value=False, callback=lambda *given: _version(*given))
@click.pass_context
def cli(ctx: click.Context, language: str | None) -> None:
    """Opyard: an operator marketplace for machine learning."""
    ctx.obj = Console(language)


def _version(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted and not ctx.resilient_parsing:
        from importlib.metadata import version

        click.echo(f"opyard {version('opyard')}")
        ctx.exit()


def main() -> None:
    """The entry point; never returns."""
    cli(prog_name="opyard")
    sys.exit(0)
