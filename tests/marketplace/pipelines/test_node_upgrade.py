"""Nodes that are brought to a newer version of their operator, and back."""

from __future__ import annotations

from pathlib import Path

import pytest

from marketplace.catalogue import Catalogue
from marketplace.errors import OperatorUnknown
from marketplace.pipelines.document import Node, Pipeline
from marketplace.pipelines.node_upgrade import upgrade_node, upgrades, with_node
from operators.errors import MigrationImpossible
from operators.migrations import Difference
from tests.marketplace.packages import catalogue_of, write_package


def parameters(**properties: str) -> dict[str, object]:
    schemas = {name: {"type": kind} for name, kind in properties.items()}
    return {"type": "object", "properties": schemas, "additionalProperties": False}


MIGRATIONS = [
    {"from": "1.0.0", "to": "2.0.0", "changes": [{"op": "rename", "path": "/col", "to": "/column"}]},
]


@pytest.fixture
def shelf(tmp_path: Path) -> Catalogue:
    new = {"migrations": MIGRATIONS, "parameters": parameters(column="string", n="integer")}
    return catalogue_of(
        write_package(tmp_path, "t.count", "1.0.0", parameters=parameters(col="string", n="integer")),
        write_package(tmp_path, "t.count", "2.0.0", **new),
        write_package(tmp_path, "t.count", "3.0.0-rc.1", **new),
        write_package(tmp_path, "t.other", "1.0.0"),
    )


OLD = Node("a", "t.count", "1.0.0", "Words", {"col": "text", "n": 2})


def test_an_upgrade_says_what_differs_and_changes_nothing_else(shelf: Catalogue) -> None:
    upgrade = upgrade_node(OLD, shelf)
    assert upgrade.before is OLD
    assert upgrade.after == Node("a", "t.count", "2.0.0", "Words", {"column": "text", "n": 2})
    assert set(upgrade.differences) == {Difference("/col", before="text"), Difference("/column", after="text")}
    assert upgrade.refused == ()


def test_an_upgrade_can_be_taken_back(shelf: Catalogue) -> None:
    pipeline = Pipeline(name="p", nodes=(OLD, Node("b", "t.other", "1.0.0"), Node("c", "t.none", "1.0.0")))
    (upgrade,) = upgrades(pipeline, shelf)
    upgraded = with_node(pipeline, upgrade.after)
    assert upgraded.node("a") == upgrade.after
    assert upgrades(upgraded, shelf) == ()
    assert with_node(upgraded, upgrade.before) == pipeline


def test_what_the_new_version_refuses_is_said(shelf: Catalogue) -> None:
    upgrade = upgrade_node(Node("a", "t.count", "1.0.0", params={"col": "text", "n": "two"}), shelf)
    assert [error.pointer for error in upgrade.refused] == ["/n"]


def test_versions_that_there_is_no_way_to(shelf: Catalogue) -> None:
    with pytest.raises(OperatorUnknown, match=r"no version 9\.0\.0"):
        upgrade_node(OLD, shelf, "9.0.0")
    with pytest.raises(MigrationImpossible, match="forward only"):
        upgrade_node(Node("a", "t.count", "2.0.0"), shelf, "1.0.0")
    assert upgrade_node(OLD, shelf, "3.0.0-rc.1").after.params == {"column": "text", "n": 2}
