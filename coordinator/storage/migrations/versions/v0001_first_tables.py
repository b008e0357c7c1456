"""The tables of the first version: studies, sites, domains, rounds, updates, parameters."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create every table; a schema is never stepped down, only restored from a backup."""
    op.create_table(
        "studies",
        sa.Column("study_id", sa.String(length=32), nullable=False),
        sa.Column("study", sa.Text(), nullable=False),
        sa.Column("manifest", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("study_id", name="pk_studies"),
    )
    op.create_table(
        "global_parameters",
        sa.Column("study_id", sa.String(length=32), nullable=False),
        sa.Column("round_number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("blob", sa.String(length=64), nullable=False),
        sa.Column("published_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["study_id"], ["studies.study_id"], name="fk_global_parameters_study_id"
        ),
        sa.PrimaryKeyConstraint("study_id", "round_number", name="pk_global_parameters"),
    )
    op.create_table(
        "rounds",
        sa.Column("study_id", sa.String(length=32), nullable=False),
        sa.Column("round_number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("attempt", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("opened_at", sa.DateTime(), nullable=False),
        sa.Column("deadline_at", sa.DateTime(), nullable=False),
        sa.Column("closed_at", sa.DateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["study_id"], ["studies.study_id"], name="fk_rounds_study_id"),
        sa.PrimaryKeyConstraint("study_id", "round_number", "attempt", name="pk_rounds"),
    )
    op.create_index(
        "ix_rounds_collecting",
        "rounds",
        ["study_id"],
        unique=True,
        sqlite_where=sa.text("state = 'collecting'"),
        postgresql_where=sa.text("state = 'collecting'"),
    )
    op.create_table(
        "sites",
        sa.Column("site_id", sa.String(length=32), nullable=False),
        sa.Column("study_id", sa.String(length=32), nullable=False),
        sa.Column("site_name", sa.String(length=200), nullable=False),
        sa.Column("credential_hash", sa.String(length=64), nullable=False),
        sa.Column("enrolled_at", sa.DateTime(), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(), nullable=False),
        sa.Column("revoked_at", sa.DateTime(), nullable=True),
        sa.Column("is_marked", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.ForeignKeyConstraint(["study_id"], ["studies.study_id"], name="fk_sites_study_id"),
        sa.PrimaryKeyConstraint("site_id", name="pk_sites"),
        sa.UniqueConstraint(
            "study_id", "credential_hash", name="uq_sites_study_id_credential_hash"
        ),
        sa.UniqueConstraint("study_id", "site_id", name="uq_sites_study_id_site_id"),
    )
    op.create_table(
        "domains",
        sa.Column("study_id", sa.String(length=32), nullable=False),
        sa.Column("domain_index", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("site_id", sa.String(length=32), nullable=False),
        sa.Column("domain_id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["sites.site_id"], name="fk_domains_site_id"),
        sa.ForeignKeyConstraint(["study_id"], ["studies.study_id"], name="fk_domains_study_id"),
        sa.PrimaryKeyConstraint("study_id", "domain_index", name="pk_domains"),
        sa.UniqueConstraint(
            "study_id", "site_id", "domain_id", name="uq_domains_study_id_site_id_domain_id"
        ),
    )
    op.create_table(
        "enrolment_codes",
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("study_id", sa.String(length=32), nullable=False),
        sa.Column("expires_at", sa.DateTime(), nullable=False),
        sa.Column("used_by", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(
            ["study_id"], ["studies.study_id"], name="fk_enrolment_codes_study_id"
        ),
        sa.ForeignKeyConstraint(["used_by"], ["sites.site_id"], name="fk_enrolment_codes_used_by"),
        sa.PrimaryKeyConstraint("code_hash", name="pk_enrolment_codes"),
    )
    op.create_table(
        "picks",
        sa.Column("study_id", sa.String(length=32), nullable=False),
        sa.Column("round_number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("attempt", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("site_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["study_id", "round_number", "attempt"],
            ["rounds.study_id", "rounds.round_number", "rounds.attempt"],
            name="fk_picks_study_id_round_number_attempt",
        ),
        sa.ForeignKeyConstraint(
            ["study_id", "site_id"],
            ["sites.study_id", "sites.site_id"],
            name="fk_picks_study_id_site_id",
        ),
        sa.PrimaryKeyConstraint("study_id", "round_number", "attempt", "site_id", name="pk_picks"),
    )
    op.create_table(
        "proposals",
        sa.Column("study_id", sa.String(length=32), nullable=False),
        sa.Column("site_id", sa.String(length=32), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("blob", sa.String(length=64), nullable=False),
        sa.Column("proposed_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["sites.site_id"], name="fk_proposals_site_id"),
        sa.ForeignKeyConstraint(["study_id"], ["studies.study_id"], name="fk_proposals_study_id"),
        sa.PrimaryKeyConstraint("study_id", name="pk_proposals"),
    )
    op.create_table(
        "updates",
        sa.Column("study_id", sa.String(length=32), nullable=False),
        sa.Column("round_number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("site_id", sa.String(length=32), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("sample_count", sa.Integer(), nullable=False),
        sa.Column("domain_indices", sa.JSON(), nullable=False),
        sa.Column("moment_indices", sa.JSON(), nullable=False),
        sa.Column("metrics_before", sa.JSON(), nullable=False),
        sa.Column("blob", sa.String(length=64), nullable=True),
        sa.Column("kept_blob", sa.String(length=64), nullable=True),
        sa.Column("received_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["study_id", "site_id"],
            ["sites.study_id", "sites.site_id"],
            name="fk_updates_study_id_site_id",
        ),
        sa.PrimaryKeyConstraint("study_id", "round_number", "site_id", name="pk_updates"),
    )
