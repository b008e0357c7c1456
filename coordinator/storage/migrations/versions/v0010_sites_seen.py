"""Who is here is counted at every poll of every site: by an index, not through all its rows."""

from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Add the index; a schema is never stepped down, only restored from a backup."""
    op.create_index("ix_sites_seen", "sites", ["study_id", "revoked_at", "last_seen_at"])
