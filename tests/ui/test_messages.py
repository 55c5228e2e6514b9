"""The texts of this floor: what is used is there, and what is there is used."""

import re
from pathlib import Path

import ui
from form_specs.messages import FOLDER, read_pages

SOURCES = {path: path.read_text(encoding="utf-8") for path in Path(ui.__file__).parent.rglob("*.py")}
QUOTED = re.compile(r"""(f?)["'](ui\.[a-z_.]*)([^"']*)""")


def codes() -> set[str]:
    return {code for code in read_pages(FOLDER) if code.startswith("ui.")}


def used() -> tuple[set[str], set[str]]:
    """Codes that stand in the sources whole, and beginnings of those that are put together."""
    found = [match for text in SOURCES.values() for match in QUOTED.findall(text)]
    whole = {code for formatted, code, rest in found if not formatted}
    begun = {code for formatted, code, rest in found if formatted and rest.startswith("{")}
    return whole, begun


def test_every_code_that_is_used_has_texts() -> None:
    modules = {"ui." + ".".join(path.relative_to(Path(ui.__file__).parent).with_suffix("").parts) for path in SOURCES}
    whole, begun = used()
    missing = {code for code in whole if code not in codes() and not any(name.startswith(code) for name in modules)}
    assert missing == set()
    assert {code for code in begun if not any(name.startswith(code) for name in codes())} == set()


def test_every_text_is_used() -> None:
    whole, begun = used()
    assert {code for code in codes() if code not in whole and not code.startswith(tuple(begun))} == set()
