"""Text in several languages, as schemas and catalogues carry it."""

from collections.abc import Mapping
from typing import Any

Text = str | Mapping[str, str]
"""Either one string for every language, or a mapping from language tag (`en`, `zh`) to string."""

LANGUAGES = ("en", "zh")
"""The languages that every text of the product itself comes in, the fallback first."""


def localized(text: Text, language: str = "en") -> str:
    """Return `text` in `language`; failing that its base language, English, any; `""` for an empty mapping."""
    if isinstance(text, str):
        return text
    for tag in (language, language.replace("_", "-").split("-")[0], LANGUAGES[0]):
        if tag in text:
            return text[tag]
    return next(iter(text.values()), "")


def is_text(value: object) -> bool:
    """Tell whether `value` can be read as `Text`."""
    if isinstance(value, str):
        return True
    return isinstance(value, Mapping) and all(
        isinstance(key, str) and isinstance(entry, str) for key, entry in value.items()
    )


def as_text(value: object) -> Text:
    """Return `value` if it is text, `""` for anything else."""
    return value if is_text(value) else ""  # type: ignore[return-value]


def annotated_text(schema: Mapping[str, Any], keyword: str) -> Text:
    """Return the `title` or `description` (`keyword`) of a schema with its translations of `x-i18n`."""
    plain = as_text(schema.get(keyword))
    languages = schema.get("x-i18n")
    if not isinstance(languages, Mapping):
        return plain
    found = {tag: texts[keyword] for tag, texts in languages.items() if isinstance(texts, Mapping) and keyword in texts}
    combined = {**({"en": plain} if isinstance(plain, str) else plain), **found}
    return as_text(combined) if found else plain
