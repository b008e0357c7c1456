"""The tables of the label store, as ordered migrations that are never changed once released."""

from typing import Final

APPLICATION_ID: Final = 0x5342_4C42
"""``SBLB``; marks an SQLite file as a label store, so that no other database is altered."""

_FIRST: Final = (
    "CREATE TABLE properties (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID",
    """
    CREATE TABLE domains (
        position INTEGER PRIMARY KEY,
        domain_id TEXT NOT NULL UNIQUE,
        name TEXT NOT NULL UNIQUE
    )
    """,
    """
    CREATE TABLE classes (
        position INTEGER PRIMARY KEY,
        class_id TEXT NOT NULL UNIQUE,
        name TEXT NOT NULL UNIQUE,
        key TEXT NOT NULL,
        colour TEXT NOT NULL
    )
    """,
    "CREATE UNIQUE INDEX classes_by_key ON classes (key) WHERE key <> ''",
    # class_id and event_id repeat the newest label event; a trigger keeps them so.
    """
    CREATE TABLE samples (
        position INTEGER PRIMARY KEY,
        sample_id TEXT NOT NULL UNIQUE,
        path TEXT NOT NULL,
        frame INTEGER NOT NULL,
        width_px INTEGER NOT NULL,
        height_px INTEGER NOT NULL,
        patient TEXT NOT NULL,
        domain_id TEXT NOT NULL REFERENCES domains (domain_id),
        class_id TEXT REFERENCES classes (class_id),
        event_id INTEGER REFERENCES label_events (event_id)
    )
    """,
    # Every file, by the SHA-256 of its bytes, in which a sample was ever found.
    """
    CREATE TABLE files (
        file_digest TEXT NOT NULL,
        frame INTEGER NOT NULL,
        sample_id TEXT NOT NULL REFERENCES samples (sample_id),
        PRIMARY KEY (file_digest, frame)
    ) WITHOUT ROWID
    """,
    # What one press of a key did. before (of a labelling): the labelling in force when it was
    # made. subject (of undo and redo): the labelling they concern; after: the one then in force.
    """
    CREATE TABLE actions (
        action_id INTEGER PRIMARY KEY AUTOINCREMENT,
        kind TEXT NOT NULL CHECK (kind IN ('label', 'undo', 'redo', 'import')),
        subject INTEGER REFERENCES actions (action_id),
        before INTEGER REFERENCES actions (action_id),
        after INTEGER REFERENCES actions (action_id),
        reader TEXT NOT NULL,
        happened_at TEXT NOT NULL
    )
    """,
    "CREATE INDEX labellings_by_before ON actions (before) WHERE kind = 'label'",
    "CREATE INDEX redos_by_subject ON actions (subject) WHERE kind = 'redo'",
    """
    CREATE TABLE label_events (
        event_id INTEGER PRIMARY KEY AUTOINCREMENT,
        action_id INTEGER NOT NULL REFERENCES actions (action_id),
        sample_id TEXT NOT NULL REFERENCES samples (sample_id),
        class_id TEXT REFERENCES classes (class_id),
        previous_class_id TEXT REFERENCES classes (class_id)
    )
    """,
    "CREATE INDEX events_by_action ON label_events (action_id)",
    "CREATE INDEX events_by_sample ON label_events (sample_id)",
    """
    CREATE TRIGGER newest_event_is_the_label AFTER INSERT ON label_events BEGIN
        UPDATE samples SET class_id = NEW.class_id, event_id = NEW.event_id
        WHERE sample_id = NEW.sample_id;
    END
    """,
    *(
        f"""
        CREATE TRIGGER {table}_keep_from_{act.lower()} BEFORE {act} ON {table} BEGIN
            SELECT RAISE(ABORT, '{table} only grow: {act.lower()} is forbidden');
        END
        """
        for table in ("actions", "label_events")
        for act in ("UPDATE", "DELETE")
    ),
)

_SUGGESTIONS: Final = (
    # At most one: a newer model's suggestions replace those of the model before it.
    """
    CREATE TABLE suggesting_models (
        digest TEXT PRIMARY KEY,
        name TEXT NOT NULL,
        classes TEXT NOT NULL,
        temperature REAL
    )
    """,
    # probabilities: JSON, in the order of the model's classes; features: little-endian float32.
    """
    CREATE TABLE suggestions (
        sample_id TEXT PRIMARY KEY REFERENCES samples (sample_id) ON DELETE CASCADE,
        probabilities TEXT NOT NULL,
        features BLOB NOT NULL,
        place INTEGER,
        made_at TEXT NOT NULL
    )
    """,
)

MIGRATIONS: Final[tuple[tuple[str, ...], ...]] = (_FIRST, _SUGGESTIONS)
"""Statements that lead from each version to the next; version 0 is an empty database."""
