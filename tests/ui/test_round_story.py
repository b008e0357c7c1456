"""What the window says leaves the hospital follows from what the study shares."""

from pathlib import Path
from typing import Any

import pytest

from coordinator.study import read_study
from desktop_client.gui.controllers.round_story import what_is_sent
from tests.scenes import write_study

SPREAD = "average and spread of its features"
COLOURS = "16 averages of the colour and contrast of at least 4 images each"


@pytest.mark.parametrize(
    ("changes", "told", "not_told"),
    [
        ({"method": {"preset": "fedavg"}}, [], [SPREAD, COLOURS, "20 images"]),
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
    assert all(part in sentence for part in told)
    assert not any(part in sentence for part in not_told)
