"""Saved pipelines: documents by project and name, in revisions that never change."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, and_, bindparam, delete, func, insert, select, update

from marketplace.errors import PipelineNotFound, ProjectNotFound, RevisionConflict, RowRefused
from marketplace.store.database import Database
from marketplace.store.records import PipelineRevision, PipelineSummary, SavedPipeline
from marketplace.store.tables import pipeline_revisions as revision_table
from marketplace.store.tables import pipelines as pipeline_table
from marketplace.store.tables import projects as project_table

_NAMED = and_(pipeline_table.c.project == bindparam("in_project"), pipeline_table.c.name == bindparam("called"))
_OF_PIPELINE = revision_table.c.pipeline == pipeline_table.c.id
_SAVED = (
    select(
        pipeline_table.c.project,
        pipeline_table.c.name,
        revision_table.c.revision,
        revision_table.c.created,
        revision_table.c.by,
        revision_table.c.note,
        revision_table.c.document,
    )
    .join(revision_table, _OF_PIPELINE)
    .where(_NAMED)
)
# Two saves at one time wait for one another here, so that the second one sees the first one's revision.
_HEAD = (
    select(pipeline_table.c.id, pipeline_table.c.revision, revision_table.c.document)
    .join(revision_table, and_(_OF_PIPELINE, revision_table.c.revision == pipeline_table.c.revision))
    .where(_NAMED)
    .with_for_update(of=pipeline_table)
)


class Pipelines:
    """Saved pipelines in the metadata store. Every method is one transaction; any thread may call it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def save(
        self,
        project: str,
        name: str,
        document: str,
        base_revision: int | None = None,
        *,
        by: str = "",
        note: str = "",
    ) -> int:
        """Save a document as the next revision, and give its number; revisions count from 1.

        A document equal to the newest revision makes no new one.

        Args:
            base_revision: the revision that was edited; None or 0 for a new pipeline.

        Raises:
            RevisionConflict: the newest revision is not `base_revision`. Nothing is saved.
            ProjectNotFound: there is no such project.
        """
        base = base_revision or 0
        row = {"document": document, "created": time.time(), "by": by, "note": note}
        try:
            with self._database.write() as connection:
                return _save(connection, project, name, base, row)
        except RowRefused as error:  # Somebody else made it between our look and our insert.
            raise _conflict(name, base, base + 1) from error

    def get(self, project: str, name: str, revision: int | None = None) -> SavedPipeline:
        """A saved pipeline at a revision, the newest when None; raises `PipelineNotFound`."""
        wanted = pipeline_table.c.revision if revision is None else revision
        query = _SAVED.where(revision_table.c.revision == wanted)
        with self._database.read() as connection:
            row = connection.execute(query, {"in_project": project, "called": name}).first()
        if row is None:
            which = f"revision {revision} of the pipeline" if revision is not None else "saved pipeline"
            raise PipelineNotFound(f"There is no {which} {name!r} in the project {project!r}.")
        return SavedPipeline(*row)

    def list(self, project: str | None = None) -> Sequence[PipelineSummary]:
        """Saved pipelines by name, of one project or of all."""
        first = select(revision_table.c.pipeline, func.min(revision_table.c.created).label("created"))
        made = first.group_by(revision_table.c.pipeline).subquery()
        newest = and_(_OF_PIPELINE, revision_table.c.revision == pipeline_table.c.revision)
        query = (
            select(
                pipeline_table.c.project,
                pipeline_table.c.name,
                pipeline_table.c.revision,
                made.c.created,
                revision_table.c.created,
                revision_table.c.by,
            )
            .join(revision_table, newest)
            .join(made, made.c.pipeline == pipeline_table.c.id)
            .order_by(pipeline_table.c.project, pipeline_table.c.name)
        )
        if project is not None:
            query = query.where(pipeline_table.c.project == project)
        with self._database.read() as connection:
            return [PipelineSummary(*row) for row in connection.execute(query)]

    def revisions(self, project: str, name: str) -> Sequence[PipelineRevision]:
        """The revisions of a saved pipeline, the newest first; raises `PipelineNotFound`."""
        table = revision_table.c
        query = select(table.revision, table.created, table.by, table.note).join(pipeline_table, _OF_PIPELINE)
        with self._database.read() as connection:
            rows = connection.execute(
                query.where(_NAMED).order_by(table.revision.desc()), {"in_project": project, "called": name}
            ).all()
        if not rows:
            raise PipelineNotFound(f"There is no saved pipeline {name!r} in the project {project!r}.")
        return [PipelineRevision(*row) for row in rows]

    def delete(self, project: str, name: str) -> None:
        """Delete a saved pipeline with its revisions; its runs stay. Raises `PipelineNotFound`."""
        with self._database.write() as connection:
            gone = connection.execute(delete(pipeline_table).where(_NAMED), {"in_project": project, "called": name})
            if not gone.rowcount:
                raise PipelineNotFound(f"There is no saved pipeline {name!r} in the project {project!r}.")


def _save(connection: Connection, project: str, name: str, base: int, row: dict[str, Any]) -> int:
    head = connection.execute(_HEAD, {"in_project": project, "called": name}).first()
    current = head.revision if head else 0
    if current != base:
        raise _conflict(name, base, current)
    if head and head.document == row["document"]:
        return base
    pipeline = _advance(connection, head.id, base + 1) if head else _begin(connection, project, name)
    connection.execute(insert(revision_table), {**row, "pipeline": pipeline, "revision": base + 1})
    return base + 1


def _begin(connection: Connection, project: str, name: str) -> str:
    if connection.execute(select(project_table.c.id).where(project_table.c.id == project)).first() is None:
        raise ProjectNotFound(f"There is no project {project!r}. Make it first.")
    pipeline = uuid4().hex
    connection.execute(insert(pipeline_table), {"id": pipeline, "project": project, "name": name, "revision": 1})
    return pipeline


def _advance(connection: Connection, pipeline: str, revision: int) -> str:
    connection.execute(update(pipeline_table).where(pipeline_table.c.id == pipeline).values(revision=revision))
    return pipeline


def _conflict(name: str, base: int, current: int) -> RevisionConflict:
    if not base:
        message = f"There is a pipeline {name!r} already (revision {current}). Choose another name, or edit that one."
    elif not current:
        message = f"The pipeline {name!r} was deleted since revision {base}. Save it as a new one."
    else:
        message = (
            f"The pipeline {name!r} was changed: revision {base} was edited, and revision {current} is the newest."
            " Look at what changed, and save again on top of it."
        )
    return RevisionConflict(message, current)
