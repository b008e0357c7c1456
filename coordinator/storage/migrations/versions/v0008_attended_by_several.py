"""When some process said last that it serves the database, for those that share no folder."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Add the column; a schema is never stepped down, only restored from a backup."""
    op.add_column("installation", sa.Column("attended_at", sa.DateTime(), nullable=True))
