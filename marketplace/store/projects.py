"""Projects: what pipelines and runs belong to. There is always the project `default`."""

from __future__ import annotations

import time
from collections.abc import Sequence

from msgspec import structs
from sqlalchemy import bindparam, delete, insert, select

from marketplace.errors import ProjectExists, ProjectNotFound, RowRefused
from marketplace.store.database import Database
from marketplace.store.records import Project
from marketplace.store.tables import projects

_ALL = select(projects.c.id, projects.c.title, projects.c.created).order_by(projects.c.created, projects.c.id)
_GET = _ALL.where(projects.c.id == bindparam("project"))


class Projects:
    """Projects in the metadata store. Every method is one transaction; any thread may call it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(self, id: str, title: str = "") -> Project:
        """Make a project; `ProjectExists` where the id is taken."""
        project = Project(id, title or id, time.time())
        try:
            with self._database.write() as connection:
                connection.execute(insert(projects), structs.asdict(project))
        except RowRefused as error:
            raise ProjectExists(f"There is a project {id!r} already. Choose another id.") from error
        return project

    def get(self, id: str) -> Project:
        """The project; raises `ProjectNotFound`."""
        with self._database.read() as connection:
            row = connection.execute(_GET, {"project": id}).first()
        if row is None:
            raise ProjectNotFound(f"There is no project {id!r}. {_those(self.list())}")
        return Project(*row)

    def list(self) -> Sequence[Project]:
        """All projects, the oldest first."""
        with self._database.read() as connection:
            return [Project(*row) for row in connection.execute(_ALL)]

    def delete(self, id: str) -> None:
        """Delete a project and its saved pipelines; its runs stay. Raises `ProjectNotFound`."""
        with self._database.write() as connection:
            if not connection.execute(delete(projects).where(projects.c.id == id)).rowcount:
                raise ProjectNotFound(f"There is no project {id!r}.")


def _those(there: Sequence[Project]) -> str:
    return f"There are {', '.join(repr(project.id) for project in there)}." if there else "There are none."
