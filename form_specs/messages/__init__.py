"""The one catalogue of screen texts: JSON pages beside this file, one for each floor, in English and Chinese.

A page maps a code with dots to its texts: `{"forms.check.required": {"en": "... {label} ...", "zh": "..."}}`.
Pages are read once, when the first text is asked for.
"""

import functools
import pathlib
import string
from collections.abc import Mapping

import msgspec

from form_specs.text import localized

FOLDER = pathlib.Path(__file__).parent


def message(code: str, language: str = "en", /, **values: object) -> str:
    """Return the text of `code` in `language` with its `{placeholders}` filled in from `values`.

    Raises:
        KeyError: no page has `code`, or `values` lacks one of its placeholders.
    """
    entry = catalogue().get(code)
    if entry is None:
        raise KeyError(f"no page of the message catalogue ({FOLDER}/*.json) has the code {code!r}")
    try:
        return localized(entry, language).format_map(values)
    except KeyError as cause:
        raise KeyError(
            f"the message {code!r} needs a value for {{{cause.args[0]}}}; given: {sorted(values)}"
        ) from cause


def has_message(code: str) -> bool:
    """Tell whether some page has `code`."""
    return code in catalogue()


@functools.cache
def catalogue() -> Mapping[str, Mapping[str, str]]:
    """Return every entry of every page. Shared: do not change it."""
    return read_pages(FOLDER)


def read_pages(folder: pathlib.Path) -> dict[str, dict[str, str]]:
    """Return the entries of all pages in `folder`.

    Raises:
        ValueError: a page is no mapping from code to texts, or two pages have one code.
    """
    entries: dict[str, dict[str, str]] = {}
    origin: dict[str, str] = {}
    for page in sorted(folder.glob("*.json")):
        for code, texts in _read_page(page).items():
            if code in entries:
                raise ValueError(f"the message code {code!r} is on two pages, {origin[code]} and {page.name}; keep one")
            entries[code], origin[code] = texts, page.name
    return entries


def placeholders(text: str) -> set[str]:
    """Return the names in braces of a message text."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def _read_page(page: pathlib.Path) -> dict[str, dict[str, str]]:
    try:
        return msgspec.json.decode(page.read_bytes(), type=dict[str, dict[str, str]])
    except msgspec.DecodeError as cause:
        raise ValueError(f"{page} is no page of messages, {{code: {{language: text}}}}: {cause}") from cause
