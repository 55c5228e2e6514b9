"""The tables, as SQLAlchemy knows them. A test holds them equal to what the migrations make."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
)

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(referred_table_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    }
)

projects = Table(
    "projects",
    metadata,
    Column("id", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("created", Double, nullable=False),
    PrimaryKeyConstraint("id"),
)

pipelines = Table(
    "pipelines",
    metadata,
    Column("id", Text, nullable=False),
    Column("project", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    PrimaryKeyConstraint("id"),
    UniqueConstraint("project", "name"),
    ForeignKeyConstraint(["project"], ["projects.id"], ondelete="CASCADE"),
)

pipeline_revisions = Table(
    "pipeline_revisions",
    metadata,
    Column("pipeline", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("created", Double, nullable=False),
    Column("by", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("document", Text, nullable=False),
    PrimaryKeyConstraint("pipeline", "revision"),
    ForeignKeyConstraint(["pipeline"], ["pipelines.id"], ondelete="CASCADE"),
)

accounts = Table(
    "accounts",
    metadata,
    Column("name", Text, nullable=False),
    Column("password", Text, nullable=False),
    Column("created", Double, nullable=False),
    PrimaryKeyConstraint("name"),
)

sessions = Table(
    "sessions",
    metadata,
    Column("digest", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("label", Text, nullable=False),
    Column("created", Double, nullable=False),
    Column("expires", Double, nullable=False),
    PrimaryKeyConstraint("digest"),
    ForeignKeyConstraint(["account"], ["accounts.name"], ondelete="CASCADE"),
    Index(None, "account"),
)

# Runs outlive the pipeline and the project they came of, so they refer to them by name only.
runs = Table(
    "runs",
    metadata,
    Column("id", Text, nullable=False),
    Column("project", Text, nullable=False),
    Column("pipeline", Text),
    Column("revision", Integer),
    Column("name", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("created", Double, nullable=False),
    Column("started", Double),
    Column("ended", Double),
    Column("by", Text, nullable=False),
    Column("document", Text, nullable=False),
    Column("plan", Text, nullable=False),
    Column("options", Text, nullable=False),
    Column("cancel_requested", Boolean, nullable=False),
    Column("error", Text, nullable=False),
    PrimaryKeyConstraint("id"),
    Index(None, "created", "id"),
    Index(None, "state"),
)

steps = Table(
    "steps",
    metadata,
    Column("run", Text, nullable=False),
    Column("node", Text, nullable=False),
    Column("position", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("key", Text, nullable=False),
    Column("output", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("started", Double),
    Column("ended", Double),
    Column("progress", Double, nullable=False),
    Column("message", Text, nullable=False),
    Column("result", Text, nullable=False),
    PrimaryKeyConstraint("run", "node"),
    ForeignKeyConstraint(["run"], ["runs.id"], ondelete="CASCADE"),
)

# AUTOINCREMENT, so that SQLite never gives the id of a deleted event to a new one: followers ask for 'after id'.
events = Table(
    "events",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), nullable=False, autoincrement=True),
    Column("run", Text, nullable=False),
    Column("time", Double, nullable=False),
    Column("kind", Text, nullable=False),
    Column("node", Text, nullable=False),
    Column("data", Text, nullable=False),
    PrimaryKeyConstraint("id"),
    ForeignKeyConstraint(["run"], ["runs.id"], ondelete="CASCADE"),
    Index(None, "run", "id"),
    sqlite_autoincrement=True,
)

# At most one row: who holds, or last held, the lease. Whether it is held is told by PostgreSQL's advisory lock.
engine_lease = Table(
    "engine_lease",
    metadata,
    Column("id", Integer, nullable=False, autoincrement=False),
    Column("details", Text, nullable=False),
    PrimaryKeyConstraint("id"),
)
