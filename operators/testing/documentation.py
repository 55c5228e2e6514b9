"""What the documentation of a package must have."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from operators.package import README_FILE, Package
from operators.spec import LocalizedText, OperatorSpec

if TYPE_CHECKING:
    from form_specs import Field

LANGUAGES = {"en": "English", "zh": "Chinese"}
SECTIONS = {
    "when to use it": re.compile(r"^#+ .*\bwhen\b", re.IGNORECASE | re.MULTILINE),
    "its source": re.compile(r"^#+ .*\b(source|reference)", re.IGNORECASE | re.MULTILINE),
}


def readme_problems(package: Package) -> Iterator[str]:
    """What the README lacks: what it does, when to use it, every parameter and port, its source."""
    text = package.readme()
    if not text or not text.strip():
        yield f"There is no {README_FILE}. Write what it does, when to use it, its parameters and ports, its source."
        return
    for what, pattern in SECTIONS.items():
        if not pattern.search(text):
            yield f"{README_FILE} has no section that says {what}. Add a heading for it."
    spec = package.spec
    names = [port.name for port in (*spec.inputs, *spec.outputs)] + list(spec.parameters.get("properties", {}))
    for name in dict.fromkeys(names):
        if not re.search(rf"(?<![\w]){re.escape(name)}(?![\w])", text):
            yield f"{README_FILE} does not mention {name!r}. Say what it is for."


def text_problems(spec: OperatorSpec) -> Iterator[str]:
    """Titles and summaries that are not there in English and in Chinese."""
    yield from _missing("/title", spec.title)
    yield from _missing("/summary", spec.summary)
    for side, ports in (("inputs", spec.inputs), ("outputs", spec.outputs)):
        for index, port in enumerate(ports):
            yield from _missing(f"/{side}/{index}/title", port.title)
            yield from _missing(f"/{side}/{index}/summary", port.summary)
    yield from _parameter_problems(spec)


def _parameter_problems(spec: OperatorSpec) -> Iterator[str]:
    from form_specs import Form

    seen: set[str] = set()
    for field in every_field(Form.from_schema(spec.parameters).root({})):
        if field.hidden or field.extra or field.kind == "const" or field.pointer in seen:
            continue
        seen.add(field.pointer)
        yield from (f"parameter {problem}" for problem in _field_problems(field))


def _field_problems(field: Field) -> Iterator[str]:
    # The items of a list are told apart by their number; what they are stands at the list.
    if not field.name.isdigit():
        yield from _missing(f"{field.pointer} title", field.title)
        yield from _missing(f"{field.pointer} description", field.about)
    for option in field.choices if field.kind == "enum" else ():
        if isinstance(option.value, str) and option.title:
            yield from _missing(f"{field.pointer} label of {option.value!r}", option.title)
    for branch in field.branches:
        yield from _missing(f"{field.pointer} branch {branch.index}", branch.title)


def every_field(field: Field) -> Iterator[Field]:
    """All fields below `field`, those of every branch too."""
    for child in field.children:
        yield child
        yield from every_field(child)
    for branch in field.branches:
        # A branch that refers back to what holds it would never end.
        if field.pointer.count("/") < 8:
            yield from every_field(branch.field)


def _missing(place: str, text: LocalizedText | Mapping[str, str]) -> Iterator[str]:
    if isinstance(text, str):
        yield f"{place} has no Chinese text." if text.strip() else f"{place} has no text."
        return
    for language, name in LANGUAGES.items():
        if not text.get(language, "").strip():
            yield f"{place} has no {name} text."
