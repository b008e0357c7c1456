"""What a round changed, as a file of its own beside the parameters that came of it."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add the column; a schema is never stepped down, only restored from a backup."""
    op.add_column("global_parameters", sa.Column("difference", sa.String(64), nullable=True))
