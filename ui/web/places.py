"""The pages by name, and links to them. Streamlit's page objects live as long as a visit."""

from __future__ import annotations

from typing import NoReturn

import streamlit as st

KEY = "opyard.places"


def remember(places: dict[str, st.Page]) -> None:
    """Keep the pages of this visit by their names."""
    st.session_state[KEY] = places


def link(place: str, label: str, **query: str) -> None:
    """Show a link to a page."""
    st.page_link(st.session_state[KEY][place], label=label, query_params=query or None)


def go(place: str, **query: str) -> NoReturn:
    """Go to a page."""
    st.switch_page(st.session_state[KEY][place], query_params=query or None)
