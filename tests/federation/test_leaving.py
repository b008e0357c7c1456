"""A site that leaves a study, against a real coordinator."""

import json
from pathlib import Path

import pytest

from desktop_client.cli import app
from desktop_client.demo.processes import Coordinator
from desktop_client.errors import CoordinatorAwayError
from desktop_client.federation.client import CoordinatorClient
from desktop_client.federation.enrolment import enrol
from desktop_client.federation.leaving import leave_study
from desktop_client.federation.membership import (
    Membership,
    global_model_path,
    memberships,
    save_membership,
)
from desktop_client.labelling.store import LabelStore
from desktop_client.paths import Home
from tests.scenes import write_study


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


@pytest.fixture
def joined(coordinator: Coordinator, home: Home, tmp_path: Path) -> Membership:
    study_id = coordinator.create_study(write_study(tmp_path / "study.toml"))
    return enrol(home, coordinator.url, coordinator.invite(study_id, 1)[0], "Ward 3")


def acts(home: Home) -> list[str]:
    with LabelStore(home.labels_path) as store:
        return [entry.kind for entry in store.audit.entries()]


def ended(coordinator: Coordinator, membership: Membership) -> bool:
    words = ("site", "list", membership.study_id, "--json")
    (site,) = json.loads(" ".join(coordinator._command(*words)))
    return bool(site["membership"] == "ended")


def test_leaving_is_known_at_both_ends_and_the_model_stays(
    coordinator: Coordinator, home: Home, joined: Membership
) -> None:
    model_path = global_model_path(home, joined.study_id)
    model_path.write_bytes(b"a model")
    assert leave_study(home, joined.study_id, "Dr. Huber") == joined
    assert memberships(home) == []
    assert model_path.read_bytes() == b"a model"
    assert ended(coordinator, joined)
    assert acts(home)[-1] == "study_left"


def test_a_site_that_cannot_reach_the_coordinator_is_a_member_still_and_leaves_later(
    coordinator: Coordinator, home: Home, joined: Membership
) -> None:
    save_membership(home, joined.model_copy(update={"coordinator_url": "http://127.0.0.1:9"}))
    with pytest.raises(CoordinatorAwayError):
        leave_study(home, joined.study_id, "Dr. Huber")
    assert len(memberships(home)) == 1
    save_membership(home, joined)
    with CoordinatorClient(joined.coordinator_url, joined.credential) as client:
        client.leave(joined.study_id)  # the reply to this one was lost
    leave_study(home, joined.study_id, "Dr. Huber")
    assert memberships(home) == []


def test_leaving_by_command_asks_first(
    coordinator: Coordinator, home: Home, joined: Membership
) -> None:
    from typer.testing import CliRunner

    with LabelStore(home.labels_path):
        pass  # what a project has
    words = ["leave", "--home", str(home.path)]
    assert CliRunner().invoke(app, words, input="n\n").exit_code == 1
    assert len(memberships(home)) == 1
    done = CliRunner().invoke(app, [*words, "--yes"])
    assert "has left the study Dots and rings" in done.output, done.output
    assert memberships(home) == []
