import re

import pytest
import requests
from sqlalchemy import select, text

from coordinator import protocol
from coordinator.access.audit import entries, verify
from coordinator.access.ending import revoke_site
from coordinator.errors import SiteUnknownError
from coordinator.rounds.naming import site_names
from coordinator.storage.tables import sites
from tests.coordinator.conftest import LiveCoordinator, LiveSite, refusal

CREDENTIAL = "c" * 43


@pytest.fixture
def study_id(live: LiveCoordinator, member: LiveSite) -> str:
    live.clock.turn(1)  # sites that enrol from here on are listed behind the member
    return member.study_id


@pytest.fixture
def member(live: LiveCoordinator) -> LiveSite:
    (site,) = live.running_study(1)
    return site


def test_code_is_readable_and_has_a_hundred_random_bits(
    live: LiveCoordinator, study_id: str
) -> None:
    codes = {live.invite(study_id) for _ in range(20)}
    assert len(codes) == 20
    # 20 signs of 5 bits, without I, L, O and U.
    assert all(re.fullmatch(r"([0-9A-HJKMNP-TV-Z]{4}-){4}[0-9A-HJKMNP-TV-Z]{4}", c) for c in codes)


def test_right_code_makes_a_member(live: LiveCoordinator, study_id: str) -> None:
    response = live.enrol(live.invite(study_id), CREDENTIAL, site_name="Vienna")
    reply = protocol.EnrolmentReply.model_validate_json(response.content)
    assert reply.study_id == study_id
    with live.store.reading() as connection:
        assert site_names(connection, study_id)[reply.site_id] == "Vienna"


def test_code_may_be_typed_carelessly(live: LiveCoordinator, study_id: str) -> None:
    code = live.invite(study_id).replace("0", "o").replace("1", "l").replace("-", " ").lower()
    assert live.enrol(code, CREDENTIAL).status_code == 200


def test_wrong_code_is_refused(live: LiveCoordinator, study_id: str) -> None:
    status, code, sentence = refusal(live.enrol("0000-0000-0000-0000-0000", CREDENTIAL))
    assert (status, code) == (403, "code_refused")
    assert "not known" in sentence


def test_used_code_is_refused_for_another_credential(live: LiveCoordinator, study_id: str) -> None:
    code = live.invite(study_id)
    live.enrol(code, CREDENTIAL)
    status, error_code, sentence = refusal(live.enrol(code, "d" * 43))
    assert (status, error_code) == (403, "code_refused")
    assert "already used" in sentence


def test_enrolling_again_with_the_same_credential_gives_the_same_reply(
    live: LiveCoordinator, study_id: str
) -> None:
    code = live.invite(study_id, days=1)
    first = live.enrol(code, CREDENTIAL)
    live.clock.turn(2 * 86_400)  # a lost reply may be noticed late
    assert live.enrol(code, CREDENTIAL).json() == first.json()


def test_expired_code_is_refused(live: LiveCoordinator, study_id: str) -> None:
    code = live.invite(study_id, days=1)
    live.clock.turn(86_400)
    status, error_code, sentence = refusal(live.enrol(code, CREDENTIAL))
    assert (status, error_code) == (403, "code_refused")
    assert "expired on 2026-11-23" in sentence


def invited(live: LiveCoordinator, code: str, credential: str = CREDENTIAL) -> requests.Response:
    message = protocol.InvitedRequest(
        protocol_version=protocol.PROTOCOL_VERSION, code=code, credential=credential
    )
    return live.request("POST", protocol.INVITED_PATH, json=message.model_dump())


def test_a_code_tells_what_it_is_for_and_is_as_good_afterwards(
    live: LiveCoordinator, study_id: str
) -> None:
    code = live.invite(study_id)
    reply = protocol.InvitedReply.model_validate_json(invited(live, code).content)
    assert (reply.study_id, reply.study.name, reply.site_count) == (study_id, "Moles", 1)
    assert reply.study_digest == reply.study.digest
    assert reply.parameters_bytes == 4 * (3 * 2 + 2 * 2 + 2 + 8 * 2 + 8)
    assert live.enrol(code, CREDENTIAL).status_code == 200
    assert invited(live, code).status_code == 200  # whoever lost the reply looks again


def test_a_code_that_is_wrong_used_or_expired_tells_nothing(
    live: LiveCoordinator, study_id: str
) -> None:
    used, old = live.invite(study_id), live.invite(study_id, days=1)
    live.enrol(used, CREDENTIAL)
    live.clock.turn(86_400)
    for code, reason in (("0000", "not known"), (used, "already used"), (old, "expired")):
        status, error_code, sentence = refusal(invited(live, code, "d" * 43))
        assert (status, error_code) == (403, "code_refused")
        assert reason in sentence


def test_one_credential_cannot_be_two_sites_of_a_study(
    live: LiveCoordinator, study_id: str
) -> None:
    live.enrol(live.invite(study_id), CREDENTIAL)
    second = live.invite(study_id)
    status, code, sentence = refusal(live.enrol(second, CREDENTIAL))
    assert (status, code) == (403, "code_refused")
    assert "already belongs to a site" in sentence
    assert live.enrol(second, "d" * 43).status_code == 200  # the code is not lost


def test_credential_that_is_no_256_bits_is_refused_without_repeating_it(
    live: LiveCoordinator, study_id: str
) -> None:
    status, code, sentence = refusal(live.enrol(live.invite(study_id), "hunter2"))
    assert (status, code) == (422, "malformed_body")
    assert "credential" in sentence
    assert "hunter2" not in sentence


def test_neither_codes_nor_credentials_are_kept(live: LiveCoordinator, study_id: str) -> None:
    code = live.invite(study_id)
    live.enrol(code, CREDENTIAL)
    with live.store.reading() as connection:
        rows = [
            *connection.execute(text("SELECT * FROM enrolment_codes")),
            *connection.execute(text("SELECT * FROM sites")),
        ]
    kept = repr(rows)
    assert CREDENTIAL not in kept
    assert code not in kept
    assert code.replace("-", "") not in kept


def test_name_of_a_site_cannot_command_a_terminal(live: LiveCoordinator, study_id: str) -> None:
    live.enrol(live.invite(study_id), CREDENTIAL, site_name="Graz\x1b[2J")
    with live.store.reading() as connection:
        assert "Graz [2J" in site_names(connection, study_id).values()


def rotate(site: LiveSite, credential: str) -> requests.Response:
    return site.request(
        "PUT", protocol.credential_path(site.study_id), json={"credential": credential}
    )


def test_new_credential_takes_the_place_of_the_old_one(
    live: LiveCoordinator, member: LiveSite
) -> None:
    reply = protocol.CredentialReply.model_validate_json(rotate(member, CREDENTIAL).content)
    assert reply.site_id == member.site_id
    path = protocol.study_path(member.study_id)
    assert refusal(member.request("GET", path))[:2] == (401, "credential_refused")
    member.credential = CREDENTIAL
    assert member.request("GET", path).status_code == 200


def test_rotation_whose_reply_was_lost_is_repeated_with_the_new_credential(
    live: LiveCoordinator, member: LiveSite
) -> None:
    first = rotate(member, CREDENTIAL)
    member.credential = CREDENTIAL
    again = rotate(member, CREDENTIAL)
    assert (again.status_code, again.content) == (200, first.content)
    with live.store.reading() as connection:
        rotated = [e for e in entries(connection, member.study_id) if e.action == "site_rotated"]
    assert len(rotated) == 1


def test_credential_of_another_site_cannot_be_taken(
    live: LiveCoordinator, member: LiveSite
) -> None:
    live.enrol(live.invite(member.study_id), CREDENTIAL)
    status, code, sentence = refusal(rotate(member, CREDENTIAL))
    assert (status, code) == (409, "credential_in_use")
    assert CREDENTIAL not in sentence
    assert member.request("GET", protocol.study_path(member.study_id)).status_code == 200


def test_new_credential_that_is_no_256_bits_is_refused_without_repeating_it(
    member: LiveSite,
) -> None:
    status, code, sentence = refusal(rotate(member, "hunter2"))
    assert (status, code) == (422, "malformed_body")
    assert "hunter2" not in sentence


def test_invitation_enrolment_rotation_and_revocation_are_audited_without_any_secret(
    live: LiveCoordinator, member: LiveSite
) -> None:
    rotate(member, CREDENTIAL)
    with live.store.writing() as connection:
        for _ in range(2):  # ending it again changes nothing
            revoke_site(connection, member.study_id, member.site_id, live.clock())
        log = entries(connection, member.study_id)
        assert verify(connection) is None
    told = [entry for entry in reversed(log) if entry.action.startswith("site_")]
    expires_at = "2026-12-06T12:00:00+00:00"  # fourteen days on
    site, name = f"site {member.site_id}", {"name": "Hospital"}
    assert [(entry.action, entry.actor, dict(entry.subject)) for entry in told] == [
        ("site_invited", "operator", {"code_count": 1, "expires_at": expires_at}),
        ("site_enrolled", site, name),
        ("site_rotated", site, {}),
        ("site_revoked", "operator", {"site_id": member.site_id, **name, "file_count": 0}),
    ]
    assert CREDENTIAL not in str(log)
    assert member.credential not in str(log)


def test_site_whose_membership_ended_is_told_so(live: LiveCoordinator, member: LiveSite) -> None:
    with live.store.writing() as connection:
        revoke_site(connection, member.study_id, member.site_id, live.clock())
    status, code, sentence = refusal(member.request("GET", protocol.round_path(member.study_id)))
    assert (status, code) == (401, "credential_refused")
    assert "membership has ended" in sentence


def test_only_a_site_of_the_study_can_be_revoked(live: LiveCoordinator, member: LiveSite) -> None:
    (stranger,) = live.running_study(1)
    with pytest.raises(SiteUnknownError, match=stranger.site_id), live.store.writing() as c:
        revoke_site(c, member.study_id, stranger.site_id, live.clock())


def test_every_request_of_a_member_counts_as_seen(live: LiveCoordinator, member: LiveSite) -> None:
    live.clock.turn(100)
    member.request("GET", protocol.study_path(member.study_id))
    with live.store.reading() as connection:
        assert connection.execute(select(sites.c.last_seen_at)).scalar_one() == live.clock()
