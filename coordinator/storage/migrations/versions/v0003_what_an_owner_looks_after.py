"""What an owner looks after: pauses, picks that can be drawn again, refusals, access, audit."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add columns and tables; a schema is never stepped down, only restored from a backup."""
    op.add_column(
        "studies", sa.Column("course", sa.String(20), nullable=False, server_default="running")
    )
    op.add_column("sites", sa.Column("program", sa.String(100), nullable=True))
    op.add_column("rounds", sa.Column("draw", sa.JSON(), nullable=True))
    op.add_column("global_parameters", sa.Column("leakage", sa.JSON(), nullable=True))
    op.create_table(
        "refusals",
        sa.Column("refusal_id", sa.Integer(), nullable=False),
        sa.Column("study_id", sa.String(32), nullable=False),
        sa.Column("round_number", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.String(32), nullable=False),
        sa.Column("code", sa.String(50), nullable=False),
        sa.Column("sentence", sa.Text(), nullable=False),
        sa.Column("refused_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("refusal_id", name="pk_refusals"),
        sa.ForeignKeyConstraint(
            ["study_id", "site_id"],
            ["sites.study_id", "sites.site_id"],
            name="fk_refusals_study_id",
        ),
    )
    op.create_index("ix_refusals_round", "refusals", ["study_id", "round_number"])
    op.create_table(
        "owner_credentials",
        sa.Column("owner_id", sa.String(32), nullable=False),
        sa.Column("study_id", sa.String(32), nullable=True),
        sa.Column("owner_name", sa.String(200), nullable=False),
        sa.Column("credential_hash", sa.String(64), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("revoked_at", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("owner_id", name="pk_owner_credentials"),
        sa.ForeignKeyConstraint(
            ["study_id"], ["studies.study_id"], name="fk_owner_credentials_study_id"
        ),
        sa.UniqueConstraint("credential_hash", name="uq_owner_credentials_credential_hash"),
    )
    op.create_table(
        "owner_sessions",
        sa.Column("session_hash", sa.String(64), nullable=False),
        sa.Column("owner_id", sa.String(32), nullable=False),
        sa.Column("expires_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("session_hash", name="pk_owner_sessions"),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["owner_credentials.owner_id"], name="fk_owner_sessions_owner_id"
        ),
    )
    op.create_table(
        "audit_entries",
        sa.Column("sequence", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("actor", sa.String(200), nullable=False),
        sa.Column("action", sa.String(50), nullable=False),
        sa.Column("study_id", sa.String(32), nullable=True),
        sa.Column("subject", sa.JSON(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("sequence", name="pk_audit_entries"),
    )
    op.create_index("ix_audit_entries_study", "audit_entries", ["study_id", "sequence"])
    op.create_table(
        "installation",
        sa.Column("installation_id", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("installation_id", name="pk_installation"),
    )
