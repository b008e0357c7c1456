import json
from pathlib import Path

from sqlalchemy import update

from coordinator.storage.store import Store
from coordinator.storage.tables import audit_entries
from tests.coordinator.command_line import CommandLine


def test_acts_of_the_operator_are_shown_the_newest_first(
    command: CommandLine, study_toml: Path
) -> None:
    study_id = command("study", "create", str(study_toml))
    command("owner", "issue", "Dr. Huber")
    _, newest, oldest = command("audit", "show").splitlines()
    assert newest.split()[0] == "2"
    assert "operator  owner issued" in newest
    assert "name Dr. Huber" in newest
    assert f"operator  study created  {study_id}" in oldest
    (entry,) = json.loads(command("audit", "show", "--study", study_id, "--json"))
    assert (entry["sequence"], entry["action"]) == (1, "study_created")


def test_whole_log_gives_the_digest_to_keep_elsewhere(command: CommandLine) -> None:
    assert "whole: 0 entries" in command("audit", "verify")
    command("owner", "issue", "Dr. Huber")
    (entry,) = json.loads(command("audit", "show", "--json"))
    assert json.loads(command("audit", "verify", "--json")) == {
        "entry_count": 1,
        "newest_digest": entry["digest"],
    }
    assert f"1 {entry['digest']}" in command("audit", "verify")


def test_altered_entry_is_named_and_the_exit_code_is_1(command: CommandLine, store: Store) -> None:
    for name in ("Huber", "Maier", "Gruber"):
        command("owner", "issue", name)
    second = audit_entries.c.sequence == 2
    with store.writing() as connection:
        connection.execute(update(audit_entries).where(second).values(actor="nobody"))
    assert "missing entry 2, or it was altered" in command.refused("audit", "verify")
