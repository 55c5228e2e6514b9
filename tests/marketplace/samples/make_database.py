"""Makes the sample of the newest database version: run it once for each new one, before it is released.

python tests/marketplace/samples/make_database.py sqlite:////tmp/sample.db > database_0001.sqlite.sql
python tests/marketplace/samples/make_database.py postgresql+psycopg://…    (then pg_dump --inserts)
"""

from __future__ import annotations

import sqlite3
import sys

from marketplace.store import Store, open_store
from marketplace.store.records import NewEvent, RunRecord, StepRecord


def fill(store: Store) -> None:
    """Something in every table."""
    store.projects.create("lab", "实验室")
    store.pipelines.save("default", "iris", '{"schema_version":1,"name":"iris"}', by="ann", note="first")
    store.pipelines.save("default", "iris", '{"schema_version":1,"name":"iris","title":"鸢尾花"}', 1, by="bob")
    store.people.create("ann", "correct horse battery")
    store.people.create_session("ann", seconds=1e10, label="token")
    run = RunRecord(
        id="run-1",
        project="default",
        pipeline="iris",
        revision=2,
        name="iris",
        state="failed",
        created=1.5,
        started=2.5,
        ended=3.5,
        by="ann",
        document='{"name":"iris"}',
        plan='{"steps":[]}',
        options="{}",
        cancel_requested=True,
        error="broken",
    )
    step = StepRecord("run-1", "read", 0, "done", 1, "k", "file:///o", "", 2.5, 3.0, 1.0, "read", '{"state":"done"}')
    store.runs.create(run, [step], [NewEvent("run-1", "run", "", '{"state":"queued"}', 1.5)])


def main(url: str) -> None:
    """Make the database at `url` and, for SQLite, print it as SQL."""
    with open_store(url) as store:
        fill(store)
    if url.startswith("sqlite"):
        connection = sqlite3.connect(url.removeprefix("sqlite:///"))
        print("\n".join(connection.iterdump()))
        connection.close()


if __name__ == "__main__":
    main(sys.argv[1])
