"""Runs the migrations on the connection that ``coordinator.storage.store`` has opened.

Alembic executes this file; nothing imports it.
"""

from alembic import context

from coordinator.storage.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,  # SQLite cannot alter most things in place
)
with context.begin_transaction():
    context.run_migrations()
