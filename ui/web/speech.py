"""The visitor's language, and texts in it."""

from __future__ import annotations

from urllib.parse import quote

import streamlit as st

from form_specs.messages import message
from form_specs.text import LANGUAGES
from ui.language import LANGUAGE_COOKIE, closest_language
from ui.web.application import application


def language() -> str:
    """The language chosen by the switch, else the one of the settings, else the browser's."""
    chosen = st.context.cookies.get(LANGUAGE_COOKIE)
    if chosen in LANGUAGES:
        return chosen
    setting = application().settings.language
    return closest_language(st.context.locale) if setting == "auto" else setting


def t(code: str, /, **values: object) -> str:
    """The text of `code` in the visitor's language."""
    return message(code, language(), **values)


def switch_link(target: str) -> str:
    """A link as HTML to `target` in the other language."""
    other = next(each for each in LANGUAGES if each != language())
    address = f"/language?to={other}&next={quote(target)}"
    name = message("ui.language.name", other)
    return f'<a class="opyard-quiet" href="{address}" target="_self" lang="{other}">{name}</a>'
