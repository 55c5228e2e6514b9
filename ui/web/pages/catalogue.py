"""The catalogue: all operators as cards, found by words, category, tag and port type."""

from __future__ import annotations

from typing import Any

import streamlit as st

from operators.ports import PORT_TYPES
from ui.views.operators import operator_card
from ui.web import places
from ui.web.application import application
from ui.web.speech import language, t

COLUMNS = 3


def show() -> None:
    """Show search, filters and the cards that match."""
    shelf = application().catalogue
    st.title(t("ui.catalogue.title"), anchor=False)
    cards = [operator_card(shelf.get(entry.id), language()) for entry in shelf.entries(language())]
    chosen = _filters(cards)
    found = [
        operator_card(shelf.get(entry.id), language())
        for entry in shelf.search(chosen.pop("words") or "", language=language(), **chosen)
    ]
    st.caption(t("ui.catalogue.count", found=len(found), all=len(cards)))
    for row in _rows(found):
        for column, card in zip(st.columns(COLUMNS), row, strict=False):
            with column:
                _card(card)
    if not found:
        st.info(t("ui.catalogue.nothing"))
    for broken in shelf.broken:
        st.error(t("ui.operator.broken", source=broken.source, reason=broken.reason))


def _filters(cards: list[dict[str, Any]]) -> dict[str, Any]:
    categories = sorted({card["category"] for card in cards})
    tags = sorted({tag for card in cards for tag in card["tags"]})
    words, category, tag, takes, gives = st.columns([3, 1.4, 1.4, 1.2, 1.2])
    return {
        "words": words.text_input(
            t("ui.catalogue.search"), placeholder=t("ui.catalogue.search_hint"), key="catalogue.words"
        ),
        "category": category.selectbox(
            t("ui.operator.category"),
            categories,
            None,
            category_name,
            key="catalogue.category",
            placeholder=t("ui.any"),
        ),
        "tag": tag.selectbox(t("ui.catalogue.tag"), tags, None, key="catalogue.tag", placeholder=t("ui.any")),
        "takes": takes.selectbox(
            t("ui.catalogue.takes"), PORT_TYPES, None, type_name, key="catalogue.takes", placeholder=t("ui.any")
        ),
        "gives": gives.selectbox(
            t("ui.catalogue.gives"), PORT_TYPES, None, type_name, key="catalogue.gives", placeholder=t("ui.any")
        ),
    }


def category_name(category: str) -> str:
    """A category's title; its own name where the catalogue of texts has none."""
    from form_specs.messages import has_message

    code = f"ui.category.{category}"
    return t(code) if has_message(code) else category


def type_name(kind: str) -> str:
    """A port type's title."""
    return t(f"ui.type.{kind}")


def ports_line(card: dict[str, Any]) -> str:
    """What goes in and what comes out, as one line."""
    ins = ", ".join(type_name(port["type"]) for port in card["inputs"])
    outs = ", ".join(type_name(port["type"]) for port in card["outputs"])
    return f"{ins or '∅'} → {outs or '∅'}"


def _rows(cards: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    return [cards[at : at + COLUMNS] for at in range(0, len(cards), COLUMNS)]


def _card(card: dict[str, Any]) -> None:
    with st.container(border=True, height="stretch", gap="xsmall"):
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            places.link("operator", card["title"], id=card["id"])
            st.badge(category_name(card["category"]), color="gray")
        st.markdown(card["summary"])
        if card["deprecated"]:
            st.caption(f":orange[{t('ui.operator.deprecated')}] {card['deprecated']}")
        st.html(f'<span class="opyard-ports">{ports_line(card)}</span>')
