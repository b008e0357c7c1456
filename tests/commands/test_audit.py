"""The audit trail by command."""

import sqlite3
from contextlib import closing
from pathlib import Path

from desktop_client.labelling.store import LabelStore
from tests.commands.conftest import Command
from tests.scenes import new_site


def test_the_audit_trail_is_checked_and_written_out(siteblind: Command, tmp_path: Path) -> None:
    home = new_site(tmp_path, {"dot": 2, "ring": 1})
    with LabelStore(home.labels_path) as store:
        count = len(list(store.audit.entries()))  # more where the import was slow
    code, out, _ = siteblind("audit", "verify", "--home", home.path)
    assert code == 0
    assert f"The audit trail is whole: {count} entries" in out
    code, out, _ = siteblind("audit", "export", tmp_path / "trail.csv", "--home", home.path)
    assert code == 0
    assert (tmp_path / "trail.csv").read_text().startswith("entry,time,reader,act,sample")


def test_a_broken_audit_trail_names_its_first_broken_entry(
    siteblind: Command, tmp_path: Path
) -> None:
    home = new_site(tmp_path, {"dot": 2, "ring": 1})
    with closing(sqlite3.connect(home.labels_path)) as connection, connection:
        connection.execute("DROP TRIGGER audit_entries_keep_from_update")
        connection.execute("UPDATE audit_entries SET reader = 'Eve' WHERE sequence = 3")
    code, _, told = siteblind("audit", "verify", "--home", home.path)
    assert code == 1
    assert "Entry 3 of the audit trail is missing or was altered" in told
