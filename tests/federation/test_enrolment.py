"""Joining a study against a real coordinator."""

import stat
from pathlib import Path

import pytest

from desktop_client.demo.processes import Coordinator
from desktop_client.errors import (
    CoordinatorAwayError,
    CoordinatorRefusedError,
    EnrolmentIncompleteError,
    MembershipError,
)
from desktop_client.federation.enrolment import enrol
from desktop_client.federation.membership import MEMBERSHIP_FILE, membership_of, memberships
from desktop_client.paths import Home
from tests.scenes import write_study


@pytest.fixture
def code(coordinator: Coordinator, tmp_path: Path) -> str:
    study_id = coordinator.create_study(write_study(tmp_path / "study.toml"))
    return coordinator.invite(study_id, 1)[0]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


def test_a_code_becomes_a_membership_that_outlives_the_program(
    coordinator: Coordinator, code: str, home: Home
) -> None:
    membership = enrol(home, coordinator.url, code, "Ward 3")
    assert membership.study.name == "Dots and rings"
    assert memberships(home) == [membership]
    assert membership_of(home, membership.study_id).site_name == "Ward 3"


def test_the_file_with_the_credential_is_the_users_alone(
    coordinator: Coordinator, code: str, home: Home
) -> None:
    membership = enrol(home, coordinator.url, code, "Ward 3")
    path = home.memberships_path / membership.study_id / MEMBERSHIP_FILE
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(home.memberships_path.stat().st_mode) == 0o700
    assert list(home.memberships_path.iterdir()) == [path.parent]


def test_a_wrong_code_is_refused_with_the_coordinators_sentence(
    coordinator: Coordinator, home: Home
) -> None:
    with pytest.raises(CoordinatorRefusedError, match="code"):
        enrol(home, coordinator.url, "AAAAA-BBBBB-CCCCC-DDDDD", "Ward 3")
    assert memberships(home) == []


def test_a_used_code_does_not_work_for_another_site(
    coordinator: Coordinator, code: str, home: Home, tmp_path: Path
) -> None:
    enrol(home, coordinator.url, code, "Ward 3")
    with pytest.raises(CoordinatorRefusedError, match="used"):
        enrol(Home(tmp_path / "other"), coordinator.url, code, "Ward 4")


def test_if_the_reply_was_lost_the_same_code_works_again(
    coordinator: Coordinator, code: str, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lose_reply(*_: object) -> None:
        raise CoordinatorAwayError("the cable was pulled")

    with monkeypatch.context() as patch:
        patch.setattr("desktop_client.federation.client.CoordinatorClient.study", lose_reply)
        with pytest.raises(CoordinatorAwayError):
            enrol(home, coordinator.url, code, "Ward 3")
    assert enrol(home, coordinator.url, code, "Ward 3").study.name == "Dots and rings"


def test_the_same_code_may_be_typed_otherwise_when_the_reply_was_lost(
    coordinator: Coordinator, code: str, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lose_reply(*_: object) -> None:
        raise CoordinatorAwayError("the cable was pulled")

    with monkeypatch.context() as patch:
        patch.setattr("desktop_client.federation.client.CoordinatorClient.study", lose_reply)
        with pytest.raises(CoordinatorAwayError):
            enrol(home, coordinator.url, code, "Ward 3")
    typed = code.replace("-", " ").lower()
    assert enrol(home, coordinator.url, typed, "Ward 3").study.name == "Dots and rings"


@pytest.mark.parametrize(("code", "name"), [("", "Ward 3"), ("ABC", "  "), ("A" * 101, "Ward 3")])
def test_a_missing_code_or_name_is_noticed_before_anything_is_sent(
    home: Home, code: str, name: str
) -> None:
    with pytest.raises(EnrolmentIncompleteError, match="missing or too long"):
        enrol(home, "http://127.0.0.1:9", code, name)


def test_a_damaged_membership_is_named_without_its_credential(
    coordinator: Coordinator, code: str, home: Home
) -> None:
    membership = enrol(home, coordinator.url, code, "Ward 3")
    path = home.memberships_path / membership.study_id / MEMBERSHIP_FILE
    path.write_text(path.read_text().replace('"site_id"', '"site_if"'))
    with pytest.raises(MembershipError, match="damaged") as caught:
        memberships(home)
    assert membership.credential not in str(caught.value)
