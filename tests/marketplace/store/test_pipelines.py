"""Projects and saved pipelines, on both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from marketplace.errors import PipelineNotFound, ProjectExists, ProjectNotFound, RevisionConflict
from marketplace.store import Store


def test_there_is_a_default_project(store: Store) -> None:
    assert [project.id for project in store.projects.list()] == ["default"]
    assert store.projects.get("default").title == "Default"


def test_projects_are_made_and_deleted(store: Store) -> None:
    store.projects.create("lab", "实验室")
    assert store.projects.get("lab").title == "实验室"
    with pytest.raises(ProjectExists, match="'lab'"):
        store.projects.create("lab")
    store.pipelines.save("lab", "p", "{}")
    store.projects.delete("lab")
    assert list(store.pipelines.list()) == []
    with pytest.raises(ProjectNotFound, match="'default'"):
        store.projects.get("lab")
    with pytest.raises(ProjectNotFound):
        store.projects.delete("lab")


def test_each_save_is_a_revision_that_stays_as_it_was(store: Store) -> None:
    assert store.pipelines.save("default", "p", '{"a":1}', by="ann", note="first") == 1
    assert store.pipelines.save("default", "p", '{"a":2}', 1, by="bob") == 2
    assert store.pipelines.get("default", "p").document == '{"a":2}'
    first = store.pipelines.get("default", "p", 1)
    assert (first.document, first.by, first.note, first.revision) == ('{"a":1}', "ann", "first", 1)
    assert [(each.revision, each.by) for each in store.pipelines.revisions("default", "p")] == [(2, "bob"), (1, "ann")]
    (summary,) = store.pipelines.list("default")
    assert (summary.name, summary.revision, summary.by) == ("p", 2, "bob")
    assert summary.created <= summary.updated


def test_saving_what_is_there_already_makes_no_revision(store: Store) -> None:
    store.pipelines.save("default", "p", "{}")
    assert store.pipelines.save("default", "p", "{}", 1) == 1
    assert len(store.pipelines.revisions("default", "p")) == 1


def test_a_stale_base_is_a_conflict_and_saves_nothing(store: Store) -> None:
    store.pipelines.save("default", "p", "1")
    store.pipelines.save("default", "p", "2", 1)
    with pytest.raises(RevisionConflict, match=r"revision 1 was edited.*2 is the newest") as caught:
        store.pipelines.save("default", "p", "3", 1)
    assert caught.value.current == 2
    with pytest.raises(RevisionConflict, match="Choose another name"):
        store.pipelines.save("default", "p", "3")
    store.pipelines.delete("default", "p")
    with pytest.raises(RevisionConflict, match="was deleted"):
        store.pipelines.save("default", "p", "3", 2)
    assert list(store.pipelines.list()) == []


@pytest.mark.parametrize("base", [None, 1])
def test_of_many_saves_on_one_base_one_succeeds(store: Store, base: int | None) -> None:
    if base:
        store.pipelines.save("default", "p", "before")

    def save(number: int) -> bool:
        try:
            store.pipelines.save("default", "p", str(number), base)
        except RevisionConflict:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(save, range(8))) == 1
    assert len(store.pipelines.revisions("default", "p")) == (base or 0) + 1


def test_names_belong_to_their_project(store: Store) -> None:
    store.projects.create("lab")
    store.pipelines.save("default", "p", "1")
    store.pipelines.save("lab", "p", "2")
    assert store.pipelines.get("lab", "p").document == "2"
    assert [summary.project for summary in store.pipelines.list()] == ["default", "lab"]
    store.pipelines.delete("default", "p")
    assert store.pipelines.get("lab", "p").document == "2"


def test_what_is_not_there_is_said_so(store: Store) -> None:
    store.pipelines.save("default", "p", "1")
    with pytest.raises(PipelineNotFound, match="'nope' in the project 'default'"):
        store.pipelines.get("default", "nope")
    with pytest.raises(PipelineNotFound, match="revision 9"):
        store.pipelines.get("default", "p", 9)
    with pytest.raises(PipelineNotFound):
        store.pipelines.revisions("default", "nope")
    with pytest.raises(PipelineNotFound):
        store.pipelines.delete("default", "nope")
    with pytest.raises(ProjectNotFound, match="'nope'"):
        store.pipelines.save("nope", "p", "1")
