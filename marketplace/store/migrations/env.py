"""Runs the migrations on the connection that `marketplace.store.schema` hands over, inside its transaction."""

from alembic import context

from marketplace.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,
    # SQLite alters a table by making it anew.
    render_as_batch=True,
)
context.run_migrations()
