"""The catalogue: versions side by side, search in both languages, and no operator code imported."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from marketplace.catalogue import Catalogue, load_catalogue
from marketplace.errors import OperatorUnknown
from marketplace.settings import load_settings
from tests.marketplace.packages import catalogue_of, ports, write_package


@pytest.fixture
def catalogue(tmp_path: Path) -> Catalogue:
    return catalogue_of(
        write_package(
            tmp_path,
            "shop.table.filter",
            "1.0.0",
            title={"en": "Filter rows", "zh": "筛选行"},
            summary={"en": "Keeps rows that a condition holds for.", "zh": "保留满足条件的行。"},
            category="table",
            tags=["where", "rows"],
            inputs=ports("table:table"),
            outputs=ports("table:table"),
        ),
        write_package(
            tmp_path, "shop.table.filter", "1.10.0", title={"en": "Filter rows", "zh": "筛选行"}, category="table"
        ),
        write_package(tmp_path, "shop.table.filter", "1.9.0"),
        write_package(tmp_path, "shop.table.filter", "2.0.0-beta.1"),
        write_package(
            tmp_path,
            "shop.learn.train",
            title={"en": "Train", "zh": "训练"},
            summary={"en": "Learns from rows.", "zh": "从行中学习。"},
            category="learn",
            tags=["model"],
            inputs=ports("table:table"),
            outputs=ports("model:model"),
        ),
        write_package(
            tmp_path, "shop.vision.read", title="Read pictures", category="vision", outputs=ports("images:images")
        ),
        write_package(tmp_path, "shop.any.look", title="Look", category="explore", inputs=ports("any:any")),
    )


def test_versions_stand_side_by_side_with_the_newest_release_first(catalogue: Catalogue) -> None:
    assert catalogue.versions("shop.table.filter") == ("1.10.0", "1.9.0", "1.0.0", "2.0.0-beta.1")
    assert catalogue.get("shop.table.filter").spec.version == "1.10.0"
    assert catalogue.get("shop.table.filter", "2.0.0-beta.1").spec.version == "2.0.0-beta.1"
    assert catalogue.versions("nope") == ()


def test_pre_releases_are_newest_first_too(tmp_path: Path) -> None:
    versions = ("1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1")
    catalogue = catalogue_of(*(write_package(tmp_path, "a.b", version) for version in versions))
    assert catalogue.versions("a.b") == tuple(reversed(versions))


def test_what_is_unknown_is_answered_with_what_is_like_it(catalogue: Catalogue) -> None:
    with pytest.raises(OperatorUnknown, match=r"Did you mean shop\.table\.filter") as caught:
        catalogue.get("shop.table.filtr")
    assert caught.value.closest[0] == "shop.table.filter"
    with pytest.raises(OperatorUnknown, match=r"Did you mean shop\.learn\.train"):
        catalogue.get("x.y.z.train")
    with pytest.raises(OperatorUnknown, match="operators list"):
        catalogue.get("qqqqqqq")
    with pytest.raises(OperatorUnknown, match=r"no version 3\.0\.0.*1\.10\.0, 1\.9\.0, 1\.0\.0"):
        catalogue.get("shop.table.filter", "3.0.0")


def test_entries_are_one_an_operator_in_the_language(catalogue: Catalogue) -> None:
    entries = {entry.id: entry for entry in catalogue.entries("zh")}
    assert len(entries) == len(catalogue.entries()) == 4
    assert entries["shop.table.filter"].title == "筛选行"
    assert entries["shop.table.filter"].version == "1.10.0"
    assert entries["shop.table.filter"].versions[-1] == "2.0.0-beta.1"
    assert entries["shop.vision.read"].title == "Read pictures"
    assert [entry.category for entry in catalogue.entries()] == ["explore", "learn", "table", "vision"]
    assert catalogue.categories == ("explore", "learn", "table", "vision")
    assert catalogue.tags == ("model",)


def found(catalogue: Catalogue, words: str = "", **filters: str) -> list[str]:
    return [entry.id.removeprefix("shop.") for entry in catalogue.search(words, **filters)]


def test_search_needs_every_word_in_any_language(catalogue: Catalogue) -> None:
    assert found(catalogue, "筛选") == ["table.filter"]
    assert found(catalogue, "FILTER rows") == ["table.filter"]
    assert found(catalogue, "学习 rows") == ["learn.train"]
    assert found(catalogue, "train nothing") == []
    assert len(found(catalogue, "")) == len(found(catalogue, "shop")) == 4


def test_a_title_counts_more_than_a_summary(catalogue: Catalogue) -> None:
    assert found(catalogue, "rows") == ["table.filter", "learn.train"]
    assert found(catalogue, "train")[0] == "learn.train"


def test_filters(catalogue: Catalogue) -> None:
    assert found(catalogue, category="learn") == ["learn.train"]
    assert found(catalogue, tag="model") == ["learn.train"]
    assert found(catalogue, gives="model") == ["learn.train"]
    assert found(catalogue, takes="images") == ["any.look", "learn.train"]
    assert found(catalogue, takes="model") == ["any.look"]
    assert found(catalogue, gives="table") == ["vision.read"]
    assert found(catalogue, "pictures", category="learn") == []


def test_folders_of_the_settings_are_in_and_what_is_broken_is_shown(tmp_path: Path) -> None:
    good, bad = tmp_path / "good", tmp_path / "bad"
    write_package(good, "mine.good")
    (bad / "x").mkdir(parents=True)
    (bad / "x" / "operator.json").write_text("{}")
    settings = load_settings({"OPYARD_HOME": str(tmp_path)}, operator_folders=[good, bad, tmp_path / "missing"])
    catalogue = load_catalogue(settings)
    assert catalogue.get("mine.good").spec.version == "1.0.0"
    sources = [broken.source for broken in catalogue.broken]
    assert str(bad / "x") in sources
    assert str(tmp_path / "missing") in sources


def test_a_clash_is_broken_and_names_both(tmp_path: Path) -> None:
    for folder in ("one", "two"):
        write_package(tmp_path / folder, "mine.same")
    settings = load_settings({"OPYARD_HOME": str(tmp_path)}, operator_folders=[tmp_path / "one", tmp_path / "two"])
    catalogue = load_catalogue(settings)
    assert catalogue.versions("mine.same") == ()
    reasons = [broken.reason for broken in catalogue.broken if "mine.same" in broken.reason]
    assert len(reasons) == 2
    assert all("one" in reason and "two" in reason for reason in reasons)


def test_listing_and_searching_import_no_operator_code_and_nothing_heavy() -> None:
    code = (
        "import sys\n"
        "from marketplace.catalogue import load_catalogue\n"
        "from marketplace.settings import load_settings\n"
        "catalogue = load_catalogue(load_settings({}))\n"
        "catalogue.entries('zh'); catalogue.search('table')\n"
        "heavy = ('sklearn', 'streamlit', 'sqlalchemy', 'airflow', 'polars', 'pyarrow', 'numpy', 'jsonschema')\n"
        "print([name for name in sys.modules if name.startswith(heavy) or name.startswith('opyard_operator_')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
