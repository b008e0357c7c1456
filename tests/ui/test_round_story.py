"""What the window says leaves the hospital follows from what the study shares."""

from pathlib import Path
from typing import Any

import pytest

from coordinator.study import read_study
from desktop_client.federation.events import RoundWaited
from desktop_client.gui.controllers.round_story import tell, what_is_sent
from tests.scenes import write_study

SPREAD = "average and spread of its features"
COLOURS = "16 averages of the colour and contrast of at least 4 images each"


@pytest.mark.parametrize(
    ("changes", "told", "not_told"),
    [
        ({"method": {"preset": "fedavg"}}, [], [SPREAD, COLOURS, "20 images", "other sites"]),
        ({"rounds": {"sites_told": "name"}}, ["The study's other sites see the name of yours"], []),
        ({"method": {"domains": "moments", "restyle": "none"}}, [SPREAD], [COLOURS]),
        (
            {"model": {"domain_classifier": "per_lesion"}, "method": {"domains": "moments"}},
            [f"{SPREAD} for each lesion class"],
            [],
        ),
        (
            {"method": {"domains": "moments", "restyle": "channel_statistics"}},
            [SPREAD, COLOURS],
            [],
        ),
        (
            {"method": {"domains": "local", "restyle": "channel_statistics"}},
            [COLOURS],
            [SPREAD],
        ),
    ],
)
def test_what_a_study_shares_is_told_and_nothing_else(
    tmp_path: Path, changes: dict[str, Any], told: list[str], not_told: list[str]
) -> None:
    sentence = what_is_sent(read_study(write_study(tmp_path / "study.toml", **changes)))
    assert "a random number for each scanner and for this computer" in sentence
    assert all(part in sentence for part in told)
    assert not any(part in sentence for part in not_told)


def test_a_round_names_whom_it_waits_for_where_the_study_tells_and_not_too_many() -> None:
    some, many = ("Charité", "St. Anna"), tuple(f"site {n}" for n in range(1, 10))
    told = [
        tell(RoundWaited("", 1, 2, False, 9, 0, 9, waiting_for=names)) for names in ((), some, many)
    ]
    others = [said.others for said in told if said is not None]
    assert "waits" not in others[0]
    assert "The round waits for Charité, St. Anna." in others[1]
    assert "site 5, site 6 and 3 more." in others[2]
