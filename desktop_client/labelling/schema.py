"""The tables of the label store, as ordered migrations that are never changed once released."""

from collections.abc import Callable
from typing import Final

from desktop_client.labelling.chain import Tables
from desktop_client.labelling.upgrade import chain_old_actions, tell_old_origins

Step = str | Callable[[Tables], None]
"""An SQL statement, or what SQL cannot say."""

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


_OWN_WORDS: Final[tuple[Step, ...]] = (
    # The kinds of actions became more, and a CHECK cannot be altered: the table is made anew.
    """
    CREATE TABLE draws (
        draw_id INTEGER PRIMARY KEY AUTOINCREMENT,
        reader TEXT NOT NULL,
        share REAL NOT NULL,
        seed INTEGER NOT NULL,
        drawn_at TEXT NOT NULL,
        ended_at TEXT
    )
    """,
    # draw_id: the second reading whose own line of undo an action belongs to; NULL outside.
    """
    CREATE TABLE new_actions (
        action_id INTEGER PRIMARY KEY AUTOINCREMENT,
        kind TEXT NOT NULL CHECK (kind IN (
            'label', 'exclude', 'note', 'settle', 'read', 'merge', 'import', 'undo', 'redo'
        )),
        draw_id INTEGER REFERENCES draws (draw_id),
        subject INTEGER REFERENCES new_actions (action_id),
        before INTEGER REFERENCES new_actions (action_id),
        after INTEGER REFERENCES new_actions (action_id),
        reader TEXT NOT NULL,
        happened_at TEXT NOT NULL
    )
    """,
    """
    INSERT INTO new_actions (action_id, kind, subject, before, after, reader, happened_at)
    SELECT action_id, kind, subject, before, after, reader, happened_at FROM actions
    """,
    "DROP TABLE actions",
    "ALTER TABLE new_actions RENAME TO actions",
    """
    CREATE INDEX acts_by_before ON actions (before)
    WHERE kind NOT IN ('undo', 'redo', 'import', 'merge')
    """,
    "CREATE INDEX redos_by_subject ON actions (subject) WHERE kind = 'redo'",
    "CREATE INDEX actions_by_draw ON actions (draw_id)",
    # origin: the action in which somebody said this; undo and redo only bring it back.
    "ALTER TABLE label_events ADD COLUMN origin INTEGER REFERENCES actions (action_id)",
    "ALTER TABLE label_events ADD COLUMN previous_origin INTEGER REFERENCES actions (action_id)",
    "ALTER TABLE samples ADD COLUMN origin INTEGER REFERENCES actions (action_id)",
    "ALTER TABLE samples ADD COLUMN exclusion TEXT",
    "ALTER TABLE samples ADD COLUMN note TEXT NOT NULL DEFAULT ''",
    "DROP TRIGGER label_events_keep_from_update",
    tell_old_origins,
    "DROP TRIGGER newest_event_is_the_label",
    """
    CREATE TRIGGER newest_event_is_the_label AFTER INSERT ON label_events BEGIN
        UPDATE samples
        SET class_id = NEW.class_id, event_id = NEW.event_id, origin = NEW.origin
        WHERE sample_id = NEW.sample_id;
    END
    """,
    # Why an image is excluded, or a note on it; words are NULL where it is not, or no more.
    """
    CREATE TABLE remark_events (
        event_id INTEGER PRIMARY KEY AUTOINCREMENT,
        action_id INTEGER NOT NULL REFERENCES actions (action_id),
        sample_id TEXT NOT NULL REFERENCES samples (sample_id),
        aspect TEXT NOT NULL CHECK (aspect IN ('exclusion', 'note')),
        words TEXT,
        previous_words TEXT
    )
    """,
    "CREATE INDEX remarks_by_action ON remark_events (action_id)",
    "CREATE INDEX remarks_by_sample ON remark_events (sample_id)",
    """
    CREATE TRIGGER newest_remark_is_in_force AFTER INSERT ON remark_events BEGIN
        UPDATE samples SET
            exclusion = CASE NEW.aspect WHEN 'exclusion' THEN NEW.words ELSE exclusion END,
            note = CASE NEW.aspect WHEN 'note' THEN coalesce(NEW.words, '') ELSE note END
        WHERE sample_id = NEW.sample_id;
    END
    """,
    # first_*: the label as it was when the image was drawn; class_id: what the second reader says.
    """
    CREATE TABLE drawn_samples (
        draw_id INTEGER NOT NULL REFERENCES draws (draw_id),
        position INTEGER NOT NULL,
        sample_id TEXT NOT NULL REFERENCES samples (sample_id),
        first_class_id TEXT NOT NULL REFERENCES classes (class_id),
        first_reader TEXT NOT NULL,
        class_id TEXT REFERENCES classes (class_id),
        action_id INTEGER REFERENCES actions (action_id),
        PRIMARY KEY (draw_id, sample_id)
    ) WITHOUT ROWID
    """,
    "CREATE INDEX draws_by_sample ON drawn_samples (sample_id)",
    """
    CREATE TABLE read_events (
        event_id INTEGER PRIMARY KEY AUTOINCREMENT,
        action_id INTEGER NOT NULL REFERENCES actions (action_id),
        draw_id INTEGER NOT NULL,
        sample_id TEXT NOT NULL,
        class_id TEXT REFERENCES classes (class_id),
        previous_class_id TEXT REFERENCES classes (class_id),
        FOREIGN KEY (draw_id, sample_id) REFERENCES drawn_samples (draw_id, sample_id)
    )
    """,
    "CREATE INDEX reads_by_action ON read_events (action_id)",
    "CREATE INDEX reads_by_sample ON read_events (draw_id, sample_id)",
    """
    CREATE TRIGGER newest_read_is_the_opinion AFTER INSERT ON read_events BEGIN
        UPDATE drawn_samples SET class_id = NEW.class_id, action_id = NEW.action_id
        WHERE draw_id = NEW.draw_id AND sample_id = NEW.sample_id;
    END
    """,
    "ALTER TABLE classes ADD COLUMN place INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE classes ADD COLUMN is_archived INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE classes ADD COLUMN merged_into TEXT REFERENCES classes (class_id)",
    "UPDATE classes SET place = position",
    "CREATE TABLE readers (position INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE)",
    """
    CREATE TABLE audit_entries (
        sequence INTEGER PRIMARY KEY,
        happened_at TEXT NOT NULL,
        reader TEXT NOT NULL,
        kind TEXT NOT NULL,
        details TEXT NOT NULL,
        action_id INTEGER UNIQUE REFERENCES actions (action_id),
        digest TEXT NOT NULL
    )
    """,
    chain_old_actions,
    *(
        f"""
        CREATE TRIGGER {table}_keep_from_{act.lower()} BEFORE {act} ON {table} BEGIN
            SELECT RAISE(ABORT, '{table} only grow: {act.lower()} is forbidden');
        END
        """
        for table in ("actions", "label_events", "remark_events", "read_events", "audit_entries")
        for act in ("UPDATE", "DELETE")
        if (table, act) != ("label_events", "DELETE")  # that one was never taken away
    ),
)
"""Exclusions, notes, second reads, readers, and the chain that all acts are written to."""

_PROVENANCE: Final = (
    # series, instance, scanner: keyed hashes of what DICOM headers say.
    """
    CREATE TABLE provenance (
        sample_id TEXT PRIMARY KEY REFERENCES samples (sample_id) ON DELETE CASCADE,
        series TEXT,
        instance TEXT,
        fingerprint BLOB NOT NULL
    ) WITHOUT ROWID
    """,
    "CREATE INDEX samples_by_series ON provenance (series) WHERE series IS NOT NULL",
    "CREATE INDEX samples_by_instance ON provenance (instance) WHERE instance IS NOT NULL",
    "CREATE INDEX samples_by_path ON samples (path)",
    """
    CREATE TABLE scanners (
        scanner TEXT PRIMARY KEY,
        domain_id TEXT NOT NULL REFERENCES domains (domain_id)
    ) WITHOUT ROWID
    """,
    # Every place at which a file was read, with what tells that it is unchanged.
    """
    CREATE TABLE locations (
        path TEXT PRIMARY KEY,
        file_digest TEXT NOT NULL,
        size_bytes INTEGER NOT NULL,
        modified_ns INTEGER NOT NULL
    ) WITHOUT ROWID
    """,
    "CREATE INDEX locations_by_digest ON locations (file_digest)",
    "CREATE TABLE missing_files (path TEXT PRIMARY KEY) WITHOUT ROWID",
)
"""What headers and file systems say of images."""

MIGRATIONS: Final[tuple[tuple[Step, ...], ...]] = (
    _FIRST,
    _SUGGESTIONS,
    _OWN_WORDS,
    _PROVENANCE,
)
"""Statements that lead from each version to the next; version 0 is an empty database."""
