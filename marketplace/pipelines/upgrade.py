"""The upgrade chain of pipeline documents: each link makes the JSON of one schema version into that of the next."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from marketplace.errors import PipelineTooNew, PipelineUnreadable

SCHEMA_VERSION = 1

Link = Callable[[dict[str, Any]], dict[str, Any]]

# From schema version to the function that makes the next one of it. Version 1 is the first.
LINKS: Mapping[int, Link] = {}


def upgraded(document: dict[str, Any], origin: str) -> dict[str, Any]:
    """The document in the newest schema version.

    Raises:
        PipelineUnreadable: it does not say its version.
        PipelineTooNew: its version is above ours.
    """
    version = document.get("schema_version")
    if isinstance(version, bool) or not isinstance(version, int) or version < 1:
        found = "none" if version is None else repr(version)
        raise PipelineUnreadable(
            f"{origin} is not a pipeline: `schema_version` must be a number from 1 to {SCHEMA_VERSION}, found {found}.",
            [("/schema_version", f"expected a number from 1 to {SCHEMA_VERSION}, found {found}")],
        )
    if version > SCHEMA_VERSION:
        raise PipelineTooNew(
            f"{origin} has the schema version {version}; this Opyard reads up to {SCHEMA_VERSION}. Update Opyard,"
            " or save the pipeline again with the older one."
        )
    for number in range(version, SCHEMA_VERSION):
        document = {**LINKS[number](document), "schema_version": number + 1}
    return document
