"""Updates no longer list their moments: what was sent is read from what was kept of it."""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Drop the list; a schema is never stepped down, only restored from a backup."""
    op.drop_column("updates", "moment_indices")
