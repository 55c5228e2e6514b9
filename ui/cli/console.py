"""What commands print with: texts in the caller's language, tables for people, JSON for programs."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import click

from form_specs.messages import message
from ui.language import terminal_language

Command = TypeVar("Command", bound=Callable[..., Any])

GAP = "  "
JSON_KEY = "opyard.json"


class Console:
    """How to speak to whoever called: `language` is 'en' or 'zh'."""

    def __init__(self, language: str | None = None) -> None:
        self.language = language or terminal_language()

    def text(self, code: str, /, **values: object) -> str:
        """The text of `code` in the caller's language."""
        return message(code, self.language, **values)

    def say(self, code: str, /, **values: object) -> None:
        """Print the text of `code`."""
        click.echo(self.text(code, **values))

    def table(self, heads: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
        """Print rows under heads (codes of texts), columns aligned; wide characters count as two."""
        lines = [[self.text(head) for head in heads], *[[_cell(value) for value in row] for row in rows]]
        widths = [max(_width(line[at]) for line in lines) for at in range(len(heads))]
        for number, line in enumerate(lines):
            padded = [cell + " " * (width - _width(cell)) for cell, width in zip(line, widths, strict=True)]
            click.secho(GAP.join(padded).rstrip(), bold=True if number == 0 else None)

    def facts(self, pairs: Sequence[tuple[str, object]]) -> None:
        """Print names (codes of texts) and values, one a line; pairs without a value are left out."""
        shown = [(self.text(name), _cell(value)) for name, value in pairs if value not in (None, "")]
        width = max((_width(name) for name, _ in shown), default=0)
        for name, value in shown:
            click.echo(f"{click.style(name, bold=True)}{' ' * (width - _width(name))}{GAP}{value}")


def print_json(value: object) -> None:
    """Print `value` as readable JSON."""
    import msgspec

    click.echo(msgspec.json.format(msgspec.json.encode(value), indent=2).decode())


def json_option(command: Command) -> Command:
    """Give a command the option `--json`, as its argument `as_json`."""
    return click.option("--json", "as_json", is_flag=True, callback=_remember, help="Print JSON.")(command)


def wants_json() -> bool:
    """Whether the command that runs was called with `--json`."""
    return bool(click.get_current_context().meta.get(JSON_KEY))


def _remember(ctx: click.Context, _: click.Parameter, wanted: bool) -> bool:
    # `meta` is shared by a command and its groups, so that the group that explains an error knows how.
    ctx.meta[JSON_KEY] = wanted
    return wanted


def _cell(value: object) -> str:
    return "" if value is None else " ".join(str(value).split("\n"))


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)
