"""Progress of a run on a terminal: a bar for each step that runs, a line for each that has ended."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Any

import click
import msgspec

from ui.cli.console import Console
from ui.views.quantities import readable_seconds

if TYPE_CHECKING:
    from marketplace.store.records import EventRecord

BAR = 24
COLORS = {"done": "green", "reused": "cyan", "failed": "red", "cancelled": "yellow", "skipped": "yellow"}


class Progress:
    """Shows events as they come; bars are redrawn in place where the output is a terminal, else there are only lines.

    Args:
        quiet: show nothing at all.
    """

    def __init__(self, console: Console, *, quiet: bool = False) -> None:
        self._console = console
        self._quiet = quiet
        self._live = sys.stderr.isatty()
        self._running: dict[str, tuple[float, float, str]] = {}
        self._drawn = 0

    def show(self, event: EventRecord) -> None:
        """Take one event in."""
        if self._quiet:
            return
        data: dict[str, Any] = msgspec.json.decode(event.data) if event.data else {}
        if event.kind == "step":
            self._step(event, data)
        elif event.kind == "progress" and event.node in self._running:
            started = self._running[event.node][0]
            self._running[event.node] = (started, float(data.get("fraction", 0.0)), str(data.get("message", "")))
        self._draw()

    def close(self) -> None:
        """Leave the terminal as it should be."""
        self._running.clear()
        self._draw()

    def _step(self, event: EventRecord, data: dict[str, Any]) -> None:
        state = str(data.get("state", ""))
        if state == "running":
            self._running[event.node] = (event.time, 0.0, "")
            return
        started = self._running.pop(event.node, None)
        if state in COLORS:
            took = readable_seconds(event.time - started[0]) if started else ""
            word = click.style(self._console.text(f"ui.state.{state}"), fg=COLORS[state])
            reason = str(data.get("error") or data.get("reason") or "")
            self._line("  ".join(part for part in (word, event.node, took, reason) if part))

    def _line(self, text: str) -> None:
        self._wipe()
        click.echo(text, err=True)

    def _draw(self) -> None:
        if not self._live:
            return
        self._wipe()
        for node, (started, fraction, message) in self._running.items():
            full = round(BAR * fraction)
            bar = "█" * full + "░" * (BAR - full)
            click.echo(f"{bar}  {node}  {readable_seconds(time.time() - started)}  {message}"[:110], err=True)
        self._drawn = len(self._running)

    def _wipe(self) -> None:
        if self._drawn:
            click.echo(f"\x1b[{self._drawn}A\x1b[J", nl=False, err=True)
            self._drawn = 0
