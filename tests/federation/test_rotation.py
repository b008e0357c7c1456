"""A site's new credential, against a real coordinator and through lost replies."""

from pathlib import Path

import pytest

from desktop_client.cli import app
from desktop_client.demo.processes import Coordinator
from desktop_client.errors import CoordinatorAwayError, CoordinatorRefusedError, MembershipError
from desktop_client.federation.client import CoordinatorClient
from desktop_client.federation.enrolment import enrol
from desktop_client.federation.membership import Membership, membership_of, save_membership
from desktop_client.federation.rotation import finish_rotation, rotate_credential
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


def is_member(membership: Membership, credential: str) -> bool:
    with CoordinatorClient(membership.coordinator_url, credential) as client:
        try:
            client.study(membership.study_id)
        except CoordinatorRefusedError:
            return False
        return True


def test_new_credential_counts_and_the_old_one_is_void(home: Home, joined: Membership) -> None:
    renewed = rotate_credential(home, joined.study_id)
    assert renewed.credential != joined.credential
    assert renewed.model_copy(update={"credential": joined.credential}) == joined
    assert membership_of(home, joined.study_id) == renewed
    assert is_member(renewed, renewed.credential)
    assert not is_member(renewed, joined.credential)


def test_what_was_begun_while_nobody_answered_is_finished_later(
    home: Home, joined: Membership
) -> None:
    away = joined.model_copy(update={"coordinator_url": "http://127.0.0.1:9"})
    save_membership(home, away)
    with pytest.raises(CoordinatorAwayError):
        rotate_credential(home, joined.study_id)
    begun = membership_of(home, joined.study_id)
    assert begun.credential == joined.credential  # it still counts
    assert begun.next_credential is not None

    back = begun.model_copy(update={"coordinator_url": joined.coordinator_url})
    renewed = finish_rotation(home, back)
    assert (renewed.credential, renewed.next_credential) == (begun.next_credential, None)
    assert is_member(renewed, renewed.credential)


def test_lost_reply_loses_nothing(home: Home, joined: Membership) -> None:
    """The coordinator has changed the credential; the site was cut off before it knew."""
    done = rotate_credential(home, joined.study_id)
    unaware = joined.model_copy(update={"next_credential": done.credential})
    save_membership(home, unaware)
    assert finish_rotation(home, unaware) == done
    assert membership_of(home, joined.study_id) == done


def test_nothing_begun_is_nothing_to_finish(home: Home, joined: Membership) -> None:
    nowhere = joined.model_copy(update={"coordinator_url": "http://127.0.0.1:9"})
    assert finish_rotation(home, nowhere) is nowhere


def test_site_that_was_removed_is_told_so(
    coordinator: Coordinator, home: Home, joined: Membership
) -> None:
    coordinator.revoke(joined.study_id, joined.site_id)
    with pytest.raises(CoordinatorRefusedError) as caught:
        rotate_credential(home, joined.study_id)
    assert caught.value.code == "credential_refused"


def test_study_that_was_never_joined_has_no_credential(home: Home) -> None:
    with pytest.raises(MembershipError, match="not in a study"):
        rotate_credential(home, "nowhere")


def test_command_renews_the_credential_and_does_not_print_it(
    home: Home, joined: Membership, capsys: pytest.CaptureFixture[str]
) -> None:
    LabelStore(home.labels_path).close()  # which makes the home a project
    app(["rotate-credential", "--home", str(home.path)], standalone_mode=False)
    renewed = membership_of(home, joined.study_id)
    assert renewed.credential != joined.credential
    said = capsys.readouterr().out
    assert "a new credential in the study Dots and rings" in said
    assert renewed.credential not in said
