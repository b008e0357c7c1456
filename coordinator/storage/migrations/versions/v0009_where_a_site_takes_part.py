"""On which of a site's computers it takes part, so that a second one is noticed."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Add the column; a schema is never stepped down, only restored from a backup."""
    op.add_column("sites", sa.Column("place", sa.String(32), nullable=True))
