import numpy as np
import pytest
from sqlalchemy import select

from coordinator.access.audit import entries
from coordinator.rounds.refusals import KEPT_PER_SITE
from coordinator.storage.tables import refusals
from tests.coordinator.conftest import LiveCoordinator, LiveSite, tiny_parameters
from tests.coordinator.play import picked

pytestmark = pytest.mark.every_database


def kept(live: LiveCoordinator, study_id: str) -> list[tuple[int, str, str, str]]:
    columns = (refusals.c.round_number, refusals.c.site_id, refusals.c.code, refusals.c.sentence)
    with live.store.reading() as connection:
        rows = connection.execute(
            select(*columns).where(refusals.c.study_id == study_id).order_by(refusals.c.refusal_id)
        )
        return [(row[0], row[1], row[2], row[3]) for row in rows]


def send_nan(site: LiveSite) -> None:
    arrays = {**tiny_parameters(), "lesion_classifier.bias": np.full(2, np.nan, np.float32)}
    assert site.send(1, site.update_body(arrays)).status_code == 422


def test_refused_update_is_kept_with_its_code_and_sentence(live: LiveCoordinator) -> None:
    site, _ = live.running_study(2)
    send_nan(site)
    ((number, site_id, code, sentence),) = kept(live, site.study_id)
    assert (number, site_id, code) == (1, site.site_id, "non_finite")
    assert "lesion_classifier.bias" in sentence


def test_refusal_before_the_body_is_read_is_kept_too(live: LiveCoordinator) -> None:
    sites = live.running_study(4)
    (outsider, _) = [site for site in sites if site not in picked(sites)]
    outsider.send_value(1.0)
    assert {(site_id, code) for _, site_id, code, _ in kept(live, outsider.study_id)} == {
        (outsider.site_id, "not_picked")
    }


def test_accepted_update_leaves_no_refusal(live: LiveCoordinator) -> None:
    site, _ = live.running_study(2)
    assert site.send_value(1.0).status_code == 200
    assert kept(live, site.study_id) == []


def test_site_that_is_refused_again_and_again_fills_no_table(live: LiveCoordinator) -> None:
    site, other = live.running_study(2)
    for _ in range(KEPT_PER_SITE + 2):
        send_nan(site)
    send_nan(other)
    assert [row[1] for row in kept(live, site.study_id)].count(site.site_id) == KEPT_PER_SITE
    assert kept(live, site.study_id)[-1][1] == other.site_id
    with live.store.reading() as connection:
        actions = [entry.action for entry in entries(connection, study_id=site.study_id)]
    assert actions.count("update_refused") == KEPT_PER_SITE + 1


def test_refusals_of_rounds_far_away_count_as_one_round(live: LiveCoordinator) -> None:
    site, _ = live.running_study(2)
    body = site.update_body(tiny_parameters())
    for number in (7, 8, 99_999):
        assert site.send(number, body).status_code == 409
    assert {row[0] for row in kept(live, site.study_id)} == {1}
