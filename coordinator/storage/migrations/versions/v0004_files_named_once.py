"""A file of parameters is named by its digest alone, not by a second column that repeats it."""

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Drop what repeats the digest; a schema is never stepped down, only restored from a backup."""
    op.drop_column("global_parameters", "blob")
    op.drop_column("proposals", "blob")
