from uuid import UUID, uuid4

import pytest

from coordinator import protocol
from coordinator.access.audit import entries
from coordinator.errors import StudyUnknownError
from coordinator.storage.studies import find_study, list_studies
from tests.coordinator.conftest import LiveCoordinator, LiveSite, refusal, tiny_study


def indices_of(site: LiveSite, domain_ids: tuple[UUID, ...]) -> list[int]:
    message = protocol.DomainsRequest(domain_ids=domain_ids)
    path = protocol.domains_path(site.study_id)
    response = site.request("POST", path, data=message.model_dump_json())
    reply = protocol.DomainsReply.model_validate_json(response.content)
    return [reply.indices[domain_id] for domain_id in domain_ids]


def test_member_reads_the_study_as_its_owner_wrote_it(live: LiveCoordinator) -> None:
    (site,) = live.running_study(1)
    response = site.request("GET", protocol.study_path(site.study_id))
    reply = protocol.StudyReply.model_validate_json(response.content)
    assert reply.study == site.study
    assert reply.study_digest == site.study.digest == reply.study.digest


def test_studies_are_listed_in_order_of_creation(live: LiveCoordinator) -> None:
    ids = []
    for _ in range(3):
        ids.append(live.create_study(tiny_study()))
        live.clock.turn(1)
    with live.store.reading() as connection:
        assert [record.study_id for record in list_studies(connection)] == ids


def test_study_that_is_not_here_is_named(live: LiveCoordinator) -> None:
    with pytest.raises(StudyUnknownError, match="no study 'nowhere'"), live.store.reading() as c:
        find_study(c, "nowhere")


def test_domains_get_the_next_free_indices_and_keep_them(live: LiveCoordinator) -> None:
    first, second = live.running_study(2)  # their first domains have 0 and 1
    mri, ct, x_ray = uuid4(), uuid4(), uuid4()
    assert indices_of(first, (mri, ct)) == [2, 3]
    assert indices_of(second, (x_ray,)) == [4]
    assert indices_of(first, (ct, mri)) == [3, 2]


def test_same_scanner_id_at_two_sites_is_two_domains(live: LiveCoordinator) -> None:
    first, second = live.running_study(2)
    scanner = uuid4()
    assert indices_of(first, (scanner,)) != indices_of(second, (scanner,))


def test_domain_named_twice_in_one_request_gets_one_index(live: LiveCoordinator) -> None:
    (site,) = live.running_study(1)
    scanner = uuid4()
    assert indices_of(site, (scanner, scanner)) == [1, 1]


def test_domains_beyond_the_studys_capacity_are_refused_all_or_none(live: LiveCoordinator) -> None:
    first, second = live.running_study(2)
    indices_of(first, tuple(uuid4() for _ in range(4)))  # 2 are left
    message = protocol.DomainsRequest(domain_ids=tuple(uuid4() for _ in range(3)))
    path = protocol.domains_path(second.study_id)
    response = second.request("POST", path, data=message.model_dump_json())
    status, code, sentence = refusal(response)
    assert (status, code) == (409, "domain_capacity")
    assert "room for 8 scanners in all and 6 are taken; 3 more do not fit" in sentence
    assert "larger domain_capacity" in sentence
    assert indices_of(second, message.domain_ids[:2]) == [6, 7]


def test_one_site_cannot_take_all_the_domains_of_a_study(live: LiveCoordinator) -> None:
    site, other = live.running_study(2, model={"domains_per_site": 3})
    message = protocol.DomainsRequest(domain_ids=tuple(uuid4() for _ in range(3)))
    path = protocol.domains_path(site.study_id)
    status, code, sentence = refusal(site.request("POST", path, data=message.model_dump_json()))
    assert (status, code) == (409, "domain_capacity")
    assert "room for 3 scanners of one site; this one has 1 in it already and brings 3" in sentence
    assert indices_of(site, message.domain_ids[:2]) == [2, 3]
    assert indices_of(other, message.domain_ids[:2]) == [4, 5]


def test_new_domains_are_entered_in_the_audit_log_once(live: LiveCoordinator) -> None:
    (site,) = live.running_study(1)
    scanners = (uuid4(), uuid4())
    for _ in range(2):
        indices_of(site, scanners)
    with live.store.reading() as connection:
        registered = [
            (entry.actor, dict(entry.subject))
            for entry in entries(connection, site.study_id)
            if entry.action == "domains_registered"
        ]
    actor = f"site {site.site_id}"
    assert registered == [(actor, {"scanner_count": 2}), (actor, {"scanner_count": 1})]
