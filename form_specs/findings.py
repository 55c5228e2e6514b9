"""What is wrong with an instance, as data: where, which rule, and in words."""

import json
from collections.abc import Mapping
from typing import Any

import msgspec

from form_specs.fields import humanised
from form_specs.messages import message
from form_specs.pointers import split
from form_specs.text import Text, localized

_LONGEST_VALUE = 60


class FieldError(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is wrong.

    `pointer` is the deepest place it is about: for a missing value the place where it should be, for a key that is
    not allowed that key. `field` is the pointer of the form's field that owns the place. `code` names the entry of the
    message catalogue, `values` its facts as plain JSON.
    """

    pointer: str
    field: str
    code: str
    values: Mapping[str, Any] = {}
    label: Text = ""

    @property
    def message(self) -> str:
        """The message in English."""
        return self.text("en")

    def text(self, language: str = "en") -> str:
        """Return the message in `language`; it names the field, what was expected and what was found."""
        if self.code == "forms.check.custom":
            return localized(self.values["text"], language)
        name = localized(self.label, language) or self._place_name(language)
        shown = {key: _shown(key, value, language) for key, value in self.values.items()}
        return message(self.code, language, **{**shown, "label": name})

    def _place_name(self, language: str) -> str:
        tokens = split(self.pointer)
        return humanised(tokens[-1]) if tokens else message("forms.root", language)


class Finding(msgspec.Struct, frozen=True):
    """An error on its way to become a `FieldError`: the place it is led to, the rule, and its facts."""

    pointer: str
    code: str
    values: dict[str, Any] = {}


def _shown(key: str, value: Any, language: str) -> str:
    """Return one fact of a message as text. Lists are named `types` (of JSON), `names` (of places) or `options`."""
    if key == "types":
        return message("forms.or", language).join(message(f"forms.type.{name}", language) for name in value)
    if key in ("names", "options"):
        return ", ".join(_json(entry) if key == "options" else str(entry) for entry in value)
    if key in ("found", "expected"):
        return _json(value)
    return str(value)


def _json(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST_VALUE else f"{text[: _LONGEST_VALUE - 1]}…"
