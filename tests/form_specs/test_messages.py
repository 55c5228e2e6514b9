"""Localized text, and the catalogue of messages."""

import json
import re

import pytest

from form_specs.messages import FOLDER, catalogue, has_message, message, placeholders, read_pages
from form_specs.text import LANGUAGES, is_text, localized


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("plain", "zh", "plain"),
        ({"en": "Rows", "zh": "行"}, "zh", "行"),
        ({"en": "Rows", "zh": "行"}, "zh-CN", "行"),
        ({"en": "Rows", "zh": "行"}, "zh_TW", "行"),
        ({"en": "Rows", "zh": "行"}, "fr", "Rows"),
        ({"zh": "行"}, "en", "行"),
        ({}, "en", ""),
    ],
)
def test_text_falls_back_to_the_base_language_then_english_then_any(text, language, expected):
    assert localized(text, language) == expected


def test_text_is_told_from_what_is_none():
    assert is_text("a")
    assert is_text({"en": "a"})
    assert not is_text(3)
    assert not is_text({"en": 3})


def test_every_entry_of_every_page_is_in_both_languages_with_the_same_placeholders():
    assert len(catalogue()) > 40
    for code, texts in catalogue().items():
        assert set(texts) == set(LANGUAGES), code
        assert placeholders(texts["en"]) == placeholders(texts["zh"]), code
        assert all(text.strip() for text in texts.values()), code


def test_every_message_of_this_floor_that_the_code_names_exists_and_is_used():
    source = "\n".join(path.read_text(encoding="utf-8") for path in FOLDER.parent.glob("*.py"))
    named = set(re.findall(r'"(forms\.(?:check|lint)\.[A-Za-z_.]+)"', source))
    assert all(has_message(code) for code in named)
    ours = {code for code in catalogue() if re.match(r"forms\.(check|lint)\.", code) and not code.endswith(".mend")}
    assert ours - named <= set()


def test_a_message_is_filled_in():
    assert message("forms.check.required", label="Age") == "“Age” is missing; give it a value."
    assert "“年龄”" in message("forms.check.required", "zh", label="年龄")


def test_an_unknown_code_and_a_missing_value_are_named():
    with pytest.raises(KeyError, match=r"forms\.nothing"):
        message("forms.nothing")
    with pytest.raises(KeyError, match="label"):
        message("forms.check.required")


def test_a_code_on_two_pages_is_an_error_that_names_both(tmp_path):
    for name in ("one.json", "two.json"):
        (tmp_path / name).write_text(json.dumps({"a.b": {"en": "x", "zh": "y"}}))
    with pytest.raises(ValueError, match=r"'a\.b'.*one\.json.*two\.json"):
        read_pages(tmp_path)


def test_a_page_that_is_none_is_named(tmp_path):
    (tmp_path / "broken.json").write_text("{")
    with pytest.raises(ValueError, match=r"broken\.json"):
        read_pages(tmp_path)
