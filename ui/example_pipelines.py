"""The example pipelines that come with Opyard: beside this file in an installation, in `examples/` in a checkout."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from msgspec import Struct

from form_specs.text import localized
from marketplace.pipelines.document import Pipeline, read_pipeline, write_pipeline
from marketplace.store import Store
from ui.errors import NotThere
from ui.views.pipelines import pipeline_title

FOLDERS = (Path(__file__).parent / "examples", Path(__file__).parent.parent / "examples")


class Example(Struct, frozen=True):
    """One example: its name, its file and the document in it."""

    name: str
    path: Path
    pipeline: Pipeline


def examples() -> list[Example]:
    """All examples by name."""
    folder = next((folder for folder in FOLDERS if folder.is_dir()), None)
    paths = sorted(folder.glob("*.json")) if folder else []
    return [Example(path.stem, path, read_pipeline(path.read_bytes(), str(path))) for path in paths]


def example(name: str) -> Example:
    """The example of that name; `NotThere` lists those there are."""
    shelf = examples()
    for each in shelf:
        if each.name == name:
            return each
    listed = ", ".join(each.name for each in shelf) or "none"
    raise NotThere(f"There is no example {name!r}. The examples are: {listed}.")


def example_view(each: Example, language: str) -> dict[str, Any]:
    """An example as a list shows it."""
    return {
        "name": each.name,
        "title": pipeline_title(each.pipeline, language),
        "description": localized(each.pipeline.description, language),
        "nodes": len(each.pipeline.nodes),
        "path": str(each.path),
    }


def install(store: Store, project: str = "default") -> list[str]:
    """Save the examples as pipelines of a project; gives the names of those that were not there yet.

    A pipeline of the same name stays as it is: somebody may have changed it.
    """
    there = {saved.name for saved in store.pipelines.list(project)}
    new = [each for each in examples() if each.pipeline.name not in there]
    for each in new:
        store.pipelines.save(project, each.pipeline.name, write_pipeline(each.pipeline).decode())
    return [each.pipeline.name for each in new]


def saved_as(store: Store, pipeline: Pipeline, project: str = "default") -> tuple[str, int] | None:
    """Name and revision of the saved pipeline that is this very document; None where there is none."""
    saved = next((each for each in store.pipelines.list(project) if each.name == pipeline.name), None)
    if saved is None:
        return None
    document = store.pipelines.get(project, saved.name, saved.revision).document
    return (saved.name, saved.revision) if document == write_pipeline(pipeline).decode() else None
