"""Routes over the catalogue."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from fastapi.responses import Response

from operators.ports import PortType
from scheduler.application import Application
from ui.api.answers import answer
from ui.views.operators import operator_card, operator_page

Language = Annotated[Literal["en", "zh"], Query(description="Language of titles and summaries.")]


def routes(application: Application) -> APIRouter:
    """`/operators`: search, and one operator in full."""
    router = APIRouter(prefix="/operators", tags=["operators"])
    catalogue = application.catalogue

    @router.get("", summary="Search the catalogue")
    def search(
        words: Annotated[str, Query(description="Words of id, title, summary or tags; all must match.")] = "",
        category: str | None = None,
        tag: str | None = None,
        takes: Annotated[PortType | None, Query(description="A port type that an input takes.")] = None,
        gives: Annotated[PortType | None, Query(description="A port type that an output gives.")] = None,
        language: Language = "en",
    ) -> Response:
        found = catalogue.search(words, category=category, tag=tag, takes=takes, gives=gives, language=language)
        return answer(
            {
                "operators": [operator_card(catalogue.get(each.id, each.version), language) for each in found],
                "broken": catalogue.broken,
            }
        )

    @router.get("/{id}", summary="One operator: ports, parameters, documentation, versions")
    def one(id: str, version: str | None = None, language: Language = "en") -> Response:
        return answer(operator_page(catalogue.get(id, version), catalogue.versions(id), language))

    return router
