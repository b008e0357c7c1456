"""The coordinator's tables; only ``migrations`` makes or changes them in a database."""

from datetime import UTC, datetime

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    DateTime,
    Dialect,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    false,
    text,
)


class UtcDateTime(TypeDecorator[datetime]):
    """A point in time, kept without its zone as UTC, since SQLite has no zones."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn an aware time into UTC without zone."""
        return None if value is None else value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give the zone back."""
        return None if value is None else value.replace(tzinfo=UTC)


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

studies = Table(
    "studies",
    metadata,
    Column("study_id", String(32), primary_key=True),
    Column("study", Text, nullable=False),
    # By extractor; None before the study has initial parameters.
    Column("manifests", JSON(none_as_null=True), nullable=True),
    Column("created_at", UtcDateTime, nullable=False),
    # running, paused or stopped, as the owner wishes.
    Column("course", String(20), nullable=False, server_default="running"),
)

sites = Table(
    "sites",
    metadata,
    Column("site_id", String(32), primary_key=True),
    Column("study_id", ForeignKey(studies.c.study_id), nullable=False),
    Column("site_name", String(200), nullable=False),
    Column("credential_hash", String(64), nullable=False),
    Column("enrolled_at", UtcDateTime, nullable=False),
    Column("last_seen_at", UtcDateTime, nullable=False),
    Column("revoked_at", UtcDateTime, nullable=True),
    Column("is_marked", Boolean, nullable=False, server_default=false()),
    # As the site's program names itself; None before its first request with a name.
    Column("program", String(100), nullable=True),
    # The feature extractor that it has chosen for good; None for the study's first.
    Column("extractor", String(50), nullable=True),
    # Which of its computers takes part, as that names itself; None before one has.
    Column("place", String(32), nullable=True),
    UniqueConstraint("study_id", "credential_hash"),
    UniqueConstraint("study_id", "site_id"),
    # All that counting the members who were heard of recently takes.
    Index("ix_sites_seen", "study_id", "revoked_at", "last_seen_at"),
)

enrolment_codes = Table(
    "enrolment_codes",
    metadata,
    Column("code_hash", String(64), primary_key=True),
    Column("study_id", ForeignKey(studies.c.study_id), nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("used_by", ForeignKey(sites.c.site_id), nullable=True),
)

domains = Table(
    "domains",
    metadata,
    Column("study_id", ForeignKey(studies.c.study_id), primary_key=True),
    Column("domain_index", Integer, primary_key=True, autoincrement=False),
    Column("site_id", ForeignKey(sites.c.site_id), nullable=False),
    Column("domain_id", String(36), nullable=False),
    UniqueConstraint("study_id", "site_id", "domain_id"),
)

proposals = Table(
    "proposals",
    metadata,
    Column("study_id", ForeignKey(studies.c.study_id), primary_key=True),
    Column("site_id", ForeignKey(sites.c.site_id), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("size_bytes", Integer, nullable=False),
    Column("proposed_at", UtcDateTime, nullable=False),
)

global_parameters = Table(
    "global_parameters",
    metadata,
    Column("study_id", ForeignKey(studies.c.study_id), primary_key=True),
    Column("round_number", Integer, primary_key=True, autoincrement=False),
    # A round has a model for each of the study's extractors; their classifiers are the same.
    Column("extractor", String(50), primary_key=True),
    Column("digest", String(64), nullable=False),
    Column("size_bytes", Integer, nullable=False),
    # File of what the round changed; None where the study's parameters travel as they are.
    Column("difference", String(64), nullable=True),
    Column("published_at", UtcDateTime, nullable=False),
    # How well the round's feature moments tell the domains apart; None where nothing can be said.
    Column("leakage", JSON(none_as_null=True), nullable=True),
)

rounds = Table(
    "rounds",
    metadata,
    Column("study_id", ForeignKey(studies.c.study_id), primary_key=True),
    Column("round_number", Integer, primary_key=True, autoincrement=False),
    Column("attempt", Integer, primary_key=True, autoincrement=False),
    Column("state", String(20), nullable=False),
    Column("opened_at", UtcDateTime, nullable=False),
    Column("deadline_at", UtcDateTime, nullable=False),
    Column("closed_at", UtcDateTime, nullable=True),
    # What the pick was drawn from, so that anyone can draw it again; None before schema 0003.
    Column("draw", JSON(none_as_null=True), nullable=True),
    # Grows with every accepted update and every site that leaves: an average that misses the one
    # or has the other cannot be committed.
    Column("version", Integer, nullable=False),
    # At most one open round per study, whatever the program does.
    Index(
        "ix_rounds_collecting",
        "study_id",
        unique=True,
        sqlite_where=text("state = 'collecting'"),
        postgresql_where=text("state = 'collecting'"),
    ),
)

picks = Table(
    "picks",
    metadata,
    Column("study_id", String(32), primary_key=True),
    Column("round_number", Integer, primary_key=True, autoincrement=False),
    Column("attempt", Integer, primary_key=True, autoincrement=False),
    Column("site_id", String(32), primary_key=True),
    ForeignKeyConstraint(
        ["study_id", "round_number", "attempt"],
        [rounds.c.study_id, rounds.c.round_number, rounds.c.attempt],
    ),
    ForeignKeyConstraint(["study_id", "site_id"], [sites.c.study_id, sites.c.site_id]),
)

updates = Table(
    "updates",
    metadata,
    Column("study_id", String(32), primary_key=True),
    Column("round_number", Integer, primary_key=True, autoincrement=False),
    Column("site_id", String(32), primary_key=True),
    Column("digest", String(64), nullable=False),
    Column("sample_count", Integer, nullable=False),
    Column("domain_indices", JSON, nullable=False),
    Column("metrics_before", JSON, nullable=False),
    # The whole body; forgotten when its round is averaged.
    Column("blob", String(64), nullable=True),
    # Domain classifier, moments and styles, which count in later averages; forgotten when too old.
    Column("kept_blob", String(64), nullable=True),
    Column("received_at", UtcDateTime, nullable=False),
    ForeignKeyConstraint(["study_id", "site_id"], [sites.c.study_id, sites.c.site_id]),
)

# How the result of a study that is over does at each site that has fetched it.
result_metrics = Table(
    "result_metrics",
    metadata,
    Column("study_id", String(32), primary_key=True),
    Column("site_id", String(32), primary_key=True),
    # The round that the result was published by.
    Column("round_number", Integer, nullable=False),
    Column("metrics", JSON, nullable=False),
    Column("received_at", UtcDateTime, nullable=False),
    ForeignKeyConstraint(["study_id", "site_id"], [sites.c.study_id, sites.c.site_id]),
)

# Updates that were not accepted, and why; for the owner to look at.
refusals = Table(
    "refusals",
    metadata,
    Column("refusal_id", Integer, primary_key=True),
    Column("study_id", String(32), nullable=False),
    Column("round_number", Integer, nullable=False),
    Column("site_id", String(32), nullable=False),
    Column("code", String(50), nullable=False),
    Column("sentence", Text, nullable=False),
    Column("refused_at", UtcDateTime, nullable=False),
    ForeignKeyConstraint(["study_id", "site_id"], [sites.c.study_id, sites.c.site_id]),
    Index("ix_refusals_round", "study_id", "round_number"),
)

# Who may look at a study, or at all of them where study_id is None.
owner_credentials = Table(
    "owner_credentials",
    metadata,
    Column("owner_id", String(32), primary_key=True),
    Column("study_id", ForeignKey(studies.c.study_id), nullable=True),
    Column("owner_name", String(200), nullable=False),
    Column("credential_hash", String(64), nullable=False, unique=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("revoked_at", UtcDateTime, nullable=True),
)

owner_sessions = Table(
    "owner_sessions",
    metadata,
    Column("session_hash", String(64), primary_key=True),
    Column("owner_id", ForeignKey(owner_credentials.c.owner_id), nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
)

# Append-only; each entry's digest covers the one before it.
audit_entries = Table(
    "audit_entries",
    metadata,
    Column("sequence", Integer, primary_key=True, autoincrement=False),
    Column("at", UtcDateTime, nullable=False),
    Column("actor", String(200), nullable=False),
    Column("action", String(50), nullable=False),
    # None for what concerns no study, or all; no reference, since the log outlives what it is of.
    Column("study_id", String(32), nullable=True),
    Column("subject", JSON, nullable=False),
    Column("digest", String(64), nullable=False),
    Index("ix_audit_entries_study", "study_id", "sequence"),
)

# One row: which folder of parameter files belongs to this database, and when some process of
# those that share it said last that it serves it; None where they share a data folder.
installation = Table(
    "installation",
    metadata,
    Column("installation_id", String(32), primary_key=True),
    Column("attended_at", UtcDateTime, nullable=True),
)
