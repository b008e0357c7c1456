"""What sites have measured of a finished study's result."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add the table; a schema is never stepped down, only restored from a backup."""
    op.create_table(
        "result_metrics",
        sa.Column("study_id", sa.String(32), nullable=False),
        sa.Column("site_id", sa.String(32), nullable=False),
        sa.Column("round_number", sa.Integer(), nullable=False),
        sa.Column("metrics", sa.JSON(), nullable=False),
        sa.Column("received_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("study_id", "site_id", name="pk_result_metrics"),
        sa.ForeignKeyConstraint(
            ["study_id", "site_id"],
            ["sites.study_id", "sites.site_id"],
            name="fk_result_metrics_study_id",
        ),
    )
