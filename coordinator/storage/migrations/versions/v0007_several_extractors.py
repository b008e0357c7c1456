"""A study may have several feature extractors: manifests and global parameters by extractor."""

import json
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

_DEFAULT = "small_cnn"
_STUDIES = sa.table(
    "studies",
    sa.column("study_id", sa.String),
    sa.column("study", sa.Text),
    sa.column("manifests", sa.JSON(none_as_null=True)),
)


def upgrade() -> None:
    """Name the one extractor there was; a schema is never stepped down, only restored."""
    op.add_column("sites", sa.Column("extractor", sa.String(50), nullable=True))
    op.alter_column("studies", "manifest", new_column_name="manifests")
    connection = op.get_bind()
    extractors = {}
    for study in connection.execute(sa.select(_STUDIES)).all():
        extractors[study.study_id] = _extractor_of(json.loads(study.study))
        if study.manifests is not None:
            manifests = {extractors[study.study_id]: study.manifests}
            of_study = _STUDIES.c.study_id == study.study_id
            connection.execute(sa.update(_STUDIES).where(of_study).values(manifests=manifests))
    # The primary key changes, which SQLite cannot do in place; there is a row for each round.
    before = sa.table("global_parameters", *(sa.column(c.name, c.type) for c in _columns()))
    rows = [dict(row) for row in connection.execute(sa.select(before)).mappings()]
    op.drop_table("global_parameters")
    after = op.create_table(
        "global_parameters",
        *_columns(),
        sa.Column("extractor", sa.String(50), nullable=False),
        sa.ForeignKeyConstraint(
            ["study_id"], ["studies.study_id"], name="fk_global_parameters_study_id"
        ),
        sa.PrimaryKeyConstraint(
            "study_id", "round_number", "extractor", name="pk_global_parameters"
        ),
    )
    for row in rows:
        row["extractor"] = extractors[row["study_id"]]
    op.bulk_insert(after, rows)


def _columns() -> list[sa.Column[Any]]:
    """Return those that the table has had so far."""
    return [
        sa.Column("study_id", sa.String(32), nullable=False),
        sa.Column("round_number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("difference", sa.String(64), nullable=True),
        sa.Column("published_at", sa.DateTime(), nullable=False),
        sa.Column("leakage", sa.JSON(none_as_null=True), nullable=True),
    ]


def _extractor_of(study: Mapping[str, Any]) -> str:
    """Return what a kept study has; it is kept without what is the default."""
    extractor: str = study.get("model", {}).get("extractor", _DEFAULT)
    return extractor
