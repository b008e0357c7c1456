"""Rounds as tests let them run: who is picked, what they send, and what came of it."""

import requests
from sqlalchemy import select

from coordinator import protocol
from coordinator.parameters import Parameters
from coordinator.storage.tables import rounds
from tests.coordinator.conftest import LiveCoordinator, LiveSite, upload_headers

EVERY_GROUP = (
    "feature_extractor.conv.weight",
    "lesion_classifier.bias",
    "domain_classifier.bias",
)


def picked(sites: list[LiveSite]) -> list[LiveSite]:
    return [site for site in sites if site.round().is_picked]


def values(arrays: Parameters) -> list[float]:
    """The value of each group, where all entries of each are alike."""
    return [float(arrays[name].ravel()[0]) for name in EVERY_GROUP]


def states(live: LiveCoordinator, study_id: str) -> list[tuple[int, int, str]]:
    columns = (rounds.c.round_number, rounds.c.attempt, rounds.c.state)
    with live.store.reading() as connection:
        rows = connection.execute(
            select(*columns).where(rounds.c.study_id == study_id).order_by(*columns)
        ).all()
    return [(row.round_number, row.attempt, row.state) for row in rows]


def post(site: LiveSite, body: bytes) -> int:
    """Send an update on a connection of its own; a session is not for several threads."""
    url = site.coordinator.url + protocol.update_path(site.study_id, 1)
    headers = {"Authorization": f"Bearer {site.credential}", **upload_headers(body)}
    return requests.put(url, data=body, headers=headers, timeout=20).status_code


def play_round(sites: list[LiveSite], value: float) -> list[LiveSite]:
    """Let all picked sites send the same value, and return them."""
    chosen = picked(sites)
    for site in chosen:
        assert site.send_value(value).status_code == 200
    return chosen
