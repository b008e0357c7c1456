import json

from tests.coordinator.command_line import CommandLine
from tests.coordinator.conftest import LiveCoordinator, tiny_study


def test_owner_is_issued_listed_and_revoked(command: CommandLine) -> None:
    assert command("owner", "list") == "No owner credential was issued yet"
    credential = command("owner", "issue", "Dr. Huber")
    assert len(credential) == 43
    listed = command("owner", "list")
    assert "Dr. Huber  all studies" in listed
    assert credential not in listed
    (row,) = json.loads(command("owner", "list", "--json"))
    assert row["credential"] == "valid"
    assert "add --yes" in command.refused("owner", "revoke", row["owner_id"])
    command("owner", "revoke", row["owner_id"], "--yes")
    (row,) = json.loads(command("owner", "list", "--json"))
    assert row["credential"] == "revoked"


def test_owner_of_one_study_is_listed_with_it(live: LiveCoordinator, command: CommandLine) -> None:
    study_id, other_id = (live.create_study(tiny_study()) for _ in range(2))
    issued = json.loads(command("owner", "issue", "Dr. Huber", "--study", study_id, "--json"))
    (row,) = json.loads(command("owner", "list", "--study", study_id, "--json"))
    assert (row["owner_id"], row["sees"]) == (issued["owner_id"], study_id)
    assert json.loads(command("owner", "list", "--study", other_id, "--json")) == []


def test_owner_of_what_is_not_there_is_a_sentence(command: CommandLine) -> None:
    words = ["owner", "issue", "Dr. Huber", "--study", "nowhere"]
    assert "no study 'nowhere'" in command.refused(*words)
    assert "no owner 'nobody'" in command.refused("owner", "revoke", "nobody", "--yes")
