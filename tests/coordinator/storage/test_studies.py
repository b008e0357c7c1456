from uuid import UUID, uuid4

import pytest

from coordinator import protocol
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
    (site,) = live.running_study(1)
    message = protocol.DomainsRequest(domain_ids=tuple(uuid4() for _ in range(8)))  # 7 are left
    path = protocol.domains_path(site.study_id)
    response = site.request("POST", path, data=message.model_dump_json())
    status, code, sentence = refusal(response)
    assert (status, code) == (409, "domain_capacity")
    assert "room for 8 scanners in all and 1 are taken; 8 more do not fit" in sentence
    assert indices_of(site, message.domain_ids[:7]) == [1, 2, 3, 4, 5, 6, 7]
