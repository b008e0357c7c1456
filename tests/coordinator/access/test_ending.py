"""A site that leaves: what is kept of it goes, durably, and everybody can see that it did."""

import pytest
from sqlalchemy import select

from coordinator import protocol
from coordinator.access.audit import entries, verify
from coordinator.storage.tables import updates
from tests.coordinator.command_line import CommandLine
from tests.coordinator.conftest import (
    LiveCoordinator,
    LiveSite,
    refusal,
    tiny_moments,
    tiny_parameters,
    upload_headers,
)
from tests.coordinator.play import picked, values


def leave(site: LiveSite) -> protocol.LeavingReply:
    response = site.request("DELETE", protocol.membership_path(site.study_id))
    assert response.status_code == 200, response.text
    return protocol.LeavingReply.model_validate_json(response.content)


def files_of(live: LiveCoordinator, site: LiveSite) -> set[str]:
    columns = (updates.c.blob, updates.c.kept_blob)
    with live.store.reading() as connection:
        rows = connection.execute(select(*columns).where(updates.c.site_id == site.site_id)).all()
    return {name for row in rows for name in row if name is not None}


def kept_names(live: LiveCoordinator) -> set[str]:
    return set(live.blobs.names())


def send_with_moments(site: LiveSite, value: float) -> None:
    arrays = {**tiny_parameters(value), **tiny_moments(site.domain_indices)}
    body = site.update_body(arrays)
    assert site.send(site.round().round_number, body).status_code == 200


@pytest.mark.every_database
def test_what_is_kept_of_a_site_that_leaves_is_removed_and_counts_no_more(
    live: LiveCoordinator,
) -> None:
    sites = live.running_study(2, count=5)
    for site, value in zip(sites, (101.0, 1.0), strict=True):
        send_with_moments(site, value)
    leaving, staying = sites
    send_with_moments(leaving, 101.0)  # of round 2, which waits for the other
    kept = files_of(live, leaving)
    assert len(kept) == 2
    assert kept <= kept_names(live)
    assert leave(leaving).site_id == leaving.site_id
    assert files_of(live, leaving) == set()
    assert kept.isdisjoint(kept_names(live))
    send_with_moments(staying, 3.0)
    arrays, _ = staying.download(2)
    assert values(arrays) == [3.0, 3.0, 3.0]
    assert {name for name in arrays if name.endswith(".mean")} == {
        f"moments.{staying.domain_indices[0]}.mean"
    }


def test_a_body_that_a_leaving_site_had_begun_to_send_is_removed(live: LiveCoordinator) -> None:
    leaving, _ = live.running_study(2)
    body = leaving.update_body(tiny_parameters(1.0))
    path = protocol.update_path(leaving.study_id, 1)
    leaving.request("PUT", path, data=body[:50], headers=upload_headers(body))
    arriving = live.blob_folder.parent / "arriving"
    assert len(list(arriving.iterdir())) == 1
    leave(leaving)
    assert list(arriving.iterdir()) == []


def test_leaving_is_audited_and_ends_the_credential(live: LiveCoordinator) -> None:
    leaving, staying = live.running_study(2)
    assert {site.site_id for site in picked([leaving, staying])} == {
        leaving.site_id,
        staying.site_id,
    }
    leave(leaving)
    status, code, sentence = refusal(
        leaving.request("DELETE", protocol.membership_path(leaving.study_id))
    )
    assert (status, code) == (401, "credential_refused")
    assert "membership has ended: it left the study" in sentence
    with live.store.writing() as connection:
        (left,) = [e for e in entries(connection, leaving.study_id) if e.action == "site_left"]
        assert verify(connection) is None
    assert (left.actor, dict(left.subject)) == (f"site {leaving.site_id}", {"file_count": 0})
    staying.send_value(2.0)  # nobody waits for the one that left
    assert values(staying.download(1)[0]) == [2.0, 2.0, 2.0]


def test_a_site_that_the_operator_removes_leaves_no_file_either(
    live: LiveCoordinator, command: CommandLine
) -> None:
    first, second = live.running_study(2)
    first.send_value(1.0)
    kept = files_of(live, first)
    assert kept <= kept_names(live)
    command("site", "revoke", first.study_id, first.site_id, "--yes")
    assert kept.isdisjoint(kept_names(live))
    second.send_value(2.0)
    assert values(second.download(1)[0]) == [2.0, 2.0, 2.0]
