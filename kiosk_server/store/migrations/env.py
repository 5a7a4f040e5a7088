"""Alembic's entry: runs on the connection that the store handed over, inside the store's own transaction."""

from alembic import context

from kiosk_server.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    # The caller's BEGIN IMMEDIATE covers all revisions; alembic must not begin or commit by itself.
    transaction_per_migration=False,
    transactional_ddl=False,
)
context.run_migrations()
