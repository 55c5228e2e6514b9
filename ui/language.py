"""Which of our two languages somebody sees."""

from __future__ import annotations

import os
from collections.abc import Mapping

from form_specs.text import LANGUAGES

LANGUAGE_COOKIE = "opyard_language"


def closest_language(tag: str | None) -> str:
    """Our language for a locale tag such as `zh-CN`, `zh_CN.UTF-8` or `de`; English where we have none better."""
    base = (tag or "").replace("_", "-").split("-")[0].split(".")[0].lower()
    return base if base in LANGUAGES else LANGUAGES[0]


def terminal_language(environ: Mapping[str, str] = os.environ) -> str:
    """The language that a terminal's environment asks for."""
    named = (environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    return closest_language(next(filter(None, named), None))
