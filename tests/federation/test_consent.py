"""Joining with an invitation: what is shown before, what is recorded, what is then trained."""

import json
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest

from coordinator.invitation import Invitation
from desktop_client.demo.processes import Coordinator
from desktop_client.errors import (
    CoordinatorRefusedError,
    EnrolmentIncompleteError,
    StudyUnsuitableError,
)
from desktop_client.federation.consent import (
    Consent,
    ask_what_for,
    invitation_in,
    join_with_consent,
)
from desktop_client.federation.membership import Contribution, membership_of, memberships
from desktop_client.federation.site import labelled_samples
from desktop_client.labelling.audit import AuditEntry
from desktop_client.labelling.store import LabelStore
from desktop_client.paths import Home
from tests.scenes import CLASS_IDS, new_site, write_study

NOTHING = Contribution()


@pytest.fixture(scope="module")
def study_id(coordinator: Coordinator) -> str:
    return coordinator.create_study(write_study(coordinator.folder / "study.toml"))


@pytest.fixture(scope="module")
def codes(coordinator: Coordinator, study_id: str) -> Iterator[str]:
    return iter(coordinator.invite(study_id, 3))


@pytest.fixture
def invitation(coordinator: Coordinator, study_id: str, codes: Iterator[str]) -> Invitation:
    return Invitation(coordinator.url, study_id, next(codes))


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return new_site(tmp_path, {"dot": 6, "circle": 6, "smudge": 2})


def entries(home: Home) -> list[AuditEntry]:
    with LabelStore(home.labels_path) as store:
        store.audit.verify()
        return [e for e in store.audit.entries() if e.kind.startswith("study_")]


def test_a_study_is_seen_joined_by_name_and_trained_as_was_agreed(
    home: Home, invitation: Invitation, study_id: str
) -> None:
    seen = ask_what_for(home, invitation)
    assert (seen.study.name, seen.site_count, memberships(home)) == ("Dots and rings", 0, [])
    with LabelStore(home.labels_path) as store:
        own = {c.name: c.class_id for c in store.classes()}
        (domain,) = store.domains()
    dot, ring = (UUID(CLASS_IDS[name]) for name in ("dot", "ring"))
    contribution = Contribution(
        classes={own["dot"]: None, own["circle"]: ring, own["smudge"]: dot},
        domain_ids=frozenset({domain.domain_id}),
    )
    consent = Consent("Dr. Ada", "St. Anna", seen.study_digest, contribution)
    membership = join_with_consent(home, invitation, consent)

    assert membership_of(home, study_id).contribution == contribution  # outlives the program
    samples, labels = labelled_samples(home.labels_path, membership.study, contribution)
    assert labels == {own["circle"]: 1, own["smudge"]: 0}
    assert len(samples) == 8
    agreed, joined = entries(home)
    assert (agreed.kind, joined.kind) == ("study_consented", "study_joined")
    assert {agreed.reader, joined.reader} == {"Dr. Ada"}
    told = json.loads(agreed.details)
    assert told["classes"] == "circle = ring; dot = –; smudge = dot"
    assert told["scanners"] == str(domain.domain_id)
    assert (told["study_digest"], told["certificate"]) == (seen.study_digest, "not named")


def test_images_of_scanners_that_were_not_chosen_stay_out(
    home: Home, invitation: Invitation
) -> None:
    study = ask_what_for(home, invitation).study
    with pytest.raises(StudyUnsuitableError, match="None of the scanners that take part"):
        labelled_samples(home.labels_path, study, Contribution(domain_ids=frozenset()))


def test_without_a_name_or_for_another_study_nobody_joins(
    home: Home, invitation: Invitation
) -> None:
    with pytest.raises(EnrolmentIncompleteError, match="by name"):
        join_with_consent(home, invitation, Consent(" ", "St. Anna", "0" * 64, NOTHING))
    with pytest.raises(StudyUnsuitableError, match="look at it again"):
        join_with_consent(home, invitation, Consent("Dr. Ada", "St. Anna", "0" * 64, NOTHING))
    assert entries(home) == []
    assert memberships(home) == []


def test_a_code_for_another_study_than_the_invitation_names_is_refused(
    home: Home, coordinator: Coordinator, study_id: str
) -> None:
    (code,) = coordinator.invite(study_id, 1)
    with pytest.raises(StudyUnsuitableError, match="another study than the invitation"):
        ask_what_for(home, Invitation(coordinator.url, "f" * 32, code))
    with pytest.raises(CoordinatorRefusedError, match="not known"):
        ask_what_for(home, Invitation(coordinator.url, study_id, "0000"))


def test_a_text_without_an_invitation_is_refused_in_words() -> None:
    with pytest.raises(EnrolmentIncompleteError, match="begins with SITEBLIND1"):
        invitation_in("Dear colleague, the code is 7K2M")
