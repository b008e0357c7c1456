"""What a site works out about a study without anybody else: what it would send, and do alone."""

from pathlib import Path

import pytest

from coordinator.study import read_study
from desktop_client.federation.alone import train_alone
from desktop_client.federation.alone_record import alone_of
from desktop_client.federation.announcing import announce
from desktop_client.federation.events import AloneMeasured
from desktop_client.federation.exchange import initial_body
from desktop_client.federation.membership import Membership, StudyRequest, save_membership
from desktop_client.paths import Home
from tests.scenes import new_site, write_study


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A site in a study whose coordinator nobody can reach."""
    home = new_site(tmp_path, {"dot": 26, "ring": 12})
    membership = Membership(
        study_id="dots",
        site_id="anna",
        site_name="St. Anna",
        coordinator_url="http://127.0.0.1:9",
        credential="c" * 43,
        study=read_study(write_study(tmp_path / "study.toml")),
    )
    save_membership(home, membership)
    return home


def test_a_site_trains_alone_as_long_as_all_rounds_and_keeps_how_good_that_is(home: Home) -> None:
    *_, last = train_alone(StudyRequest(home.path, "dots", "cpu"))
    assert isinstance(last, AloneMeasured)
    assert last.record == alone_of(home, "dots")
    assert last.record.step_count == 2 * 4
    assert last.record.validation.sample_count > 0


def test_what_would_be_sent_is_known_before_anything_is(home: Home, tmp_path: Path) -> None:
    (announced,) = announce(StudyRequest(home.path, "dots", "cpu"))
    parameters = [a.name for a in announced.arrays if a.kind == "parameters"]
    body = initial_body(read_study(tmp_path / "study.toml"), "dots", 0)
    assert parameters
    assert all(name.encode() in body for name in parameters)
    # 21 dots to train on are enough for moments of their own; the rings are not.
    others = {
        a.name.split("(")[1].split(")")[0] for a in announced.arrays if a.kind != "parameters"
    }
    assert others == {"Unnamed scanner, dot", "Unnamed scanner"}
