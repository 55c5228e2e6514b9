"""How states of runs and steps look: one word and one colour each."""

from __future__ import annotations

import streamlit as st

from ui.web.speech import t

COLORS = {
    "queued": "gray",
    "waiting": "gray",
    "running": "blue",
    "done": "green",
    "reused": "violet",
    "failed": "red",
    "cancelled": "orange",
    "skipped": "gray",
}

# For what is drawn without Streamlit's own colours; readable on light and dark.
PAINT = {
    "gray": "#8a94a3",
    "blue": "#2f7dd1",
    "green": "#2e9e5b",
    "violet": "#7d6bc4",
    "red": "#d64545",
    "orange": "#d98324",
}


def badge(state: str) -> None:
    """Show a state as a badge."""
    st.badge(t(f"ui.state.{state}"), color=COLORS[state])  # type: ignore[arg-type]


def dot(state: str) -> str:
    """A coloured dot for a state, as Markdown."""
    return f":{COLORS[state]}[●]"


def paint(state: str) -> str:
    """The colour of a state for drawings."""
    return PAINT[COLORS[state]]
