"""Saved parameters that are brought to another version of their operator."""

from __future__ import annotations

from typing import Any

import pytest

from operators.errors import MigrationImpossible
from operators.migrations import Difference, differences, migrate, migrations_between
from operators.spec import Change, Migration, OperatorSpec


def spec(*migrations: Migration, version: str = "3.0.0") -> OperatorSpec:
    return OperatorSpec(1, "acme.text.count", version, "Count", "Counts.", "text", migrations=migrations)


def changed(params: dict[str, Any], *changes: Change) -> dict[str, Any]:
    return migrate(spec(Migration("1.0.0", "3.0.0", changes)), params, "1.0.0")


@pytest.mark.parametrize(
    ("change", "before", "after"),
    [
        (Change("rename", "/col", "/column"), {"col": "a", "n": 1}, {"column": "a", "n": 1}),
        (Change("rename", "/col", "/column"), {"n": 1}, {"n": 1}),
        (Change("rename", "/col", "/column"), {"col": {"$param": "which"}}, {"column": {"$param": "which"}}),
        (Change("rename", "/depth", "/algorithm/depth"), {"depth": 3}, {"algorithm": {"depth": 3}}),
        (Change("rename", "/algorithm/depth", "/depth"), {"algorithm": {"depth": 3}}, {"algorithm": {}, "depth": 3}),
        (Change("rename", "/depth", "/kind/depth"), {"depth": 3, "kind": "tree"}, {"depth": 3, "kind": "tree"}),
        (Change("rename", "/a~1b", "/c~0d"), {"a/b": 1}, {"c~d": 1}),
        (Change("remove", "/verbose"), {"verbose": True, "n": 1}, {"n": 1}),
        (Change("remove", "/verbose"), {"n": 1}, {"n": 1}),
        (Change("remove", "/list/0"), {"list": [1]}, {"list": [1]}),
        (Change("set", "/n", value=5), {}, {"n": 5}),
        (Change("set", "/n", value=5), {"n": 7}, {"n": 7}),
        (Change("set", "/n", value=None), {}, {"n": None}),
        (Change("set", "/deep/er/n", value=[1]), {"deep": {}}, {"deep": {"er": {"n": [1]}}}),
        (Change("set", "/deep/n", value=1), {"deep": 3}, {"deep": 3}),
        (Change("map", "/how", values={"avg": "mean"}), {"how": "avg"}, {"how": "mean"}),
        (Change("map", "/how", values={"avg": "mean"}), {"how": "sum"}, {"how": "sum"}),
        (Change("map", "/how", values={"true": "all", "2": "two"}), {"how": True}, {"how": "all"}),
        (Change("map", "/how", values={"true": "all", "2": "two"}), {"how": 2}, {"how": "two"}),
        (Change("map", "/how", values={"avg": "mean"}), {"how": {"$param": "how"}}, {"how": {"$param": "how"}}),
        (Change("map", "/how", values={"avg": "mean"}), {}, {}),
    ],
)
def test_each_change_does_what_its_name_says(change: Change, before: dict[str, Any], after: dict[str, Any]) -> None:
    assert changed(before, change) == after


def test_changes_follow_one_another_and_leave_what_was_saved_alone() -> None:
    saved = {"column": {"name": "a", "how": "avg"}}
    changes = (
        Change("rename", "/column/name", "/name"),
        Change("map", "/column/how", values={"avg": "mean"}),
        Change("rename", "/column/how", "/method"),
        Change("remove", "/column"),
        Change("set", "/drop_missing", value=False),
    )
    assert changed(saved, *changes) == {"name": "a", "method": "mean", "drop_missing": False}
    assert saved == {"column": {"name": "a", "how": "avg"}}


CHAIN = (
    Migration("2.0.0", "3.0.0", (Change("rename", "/b", "/c"),)),
    Migration("1.0.0", "2.0.0", (Change("rename", "/a", "/b"),)),
)


@pytest.mark.parametrize(
    ("saved_for", "params"),
    [
        ("1.0.0", {"a": 1}),
        ("1.4.2", {"a": 1}),
        ("2.0.0-rc.1", {"a": 1}),
        ("2.0.0", {"b": 1}),
        ("2.9.9", {"b": 1}),
        ("3.0.0", {"c": 1}),
        ("3.0.1", {"c": 1}),
    ],
)
def test_migrations_are_a_chain_whatever_their_order(saved_for: str, params: dict[str, Any]) -> None:
    assert migrate(spec(*CHAIN, version="3.2.0"), params, saved_for) == {"c": 1}


def test_without_a_migration_parameters_stay_what_they_are() -> None:
    assert migrate(spec(), {"a": 1}, "1.0.0") == {"a": 1}
    assert migrate(spec(*CHAIN), {"a": 1}, "0.9.0") == {"a": 1}


def test_the_nearest_start_is_taken() -> None:
    far, near = Migration("1.0.0", "3.0.0"), Migration("1.5.0", "3.0.0")
    assert migrations_between(spec(far, near), "1.6.0") == (near,)
    assert migrations_between(spec(far, near), "1.1.0") == (far,)


def test_there_is_no_way_back() -> None:
    with pytest.raises(MigrationImpossible, match=r"acme.text.count@4.0.0 cannot go back to version 3.0.0"):
        migrate(spec(*CHAIN), {}, "4.0.0")


def test_differences_name_each_place() -> None:
    before = {"a": 1, "b": {"c": 1, "d": [1]}, "same": None, "flag": 1}
    after = {"b": {"c": 2, "d": [1]}, "same": None, "new": None, "flag": True}
    assert set(differences(before, after)) == {
        Difference("/a", before=1),
        Difference("/b/c", 1, 2),
        Difference("/new", after=None),
        Difference("/flag", 1, True),
    }
    assert differences(before, before) == ()
