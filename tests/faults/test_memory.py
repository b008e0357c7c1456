"""How much memory the coordinator's process takes: no more for more sites, nor for more rounds."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest

from coordinator.protocol import RoundReply
from tests.faults.conftest import Record
from tests.faults.process import CoordinatorProcess
from tests.faults.scripted import ScriptedSite, Template, make_template

MODEL_MB: Final = 46.8
"""11.7 million float32, as ResNet-18 has."""
NOISE_MB: Final = 10.0
SITE_MB: Final = 0.03
"""Row, pick and header of a site's update, which do not depend on the model; its body has ten times
as many bytes here, and all of them are on the disk."""
SENDERS: Final = 8
"""How many sites speak at the same time."""


def is_averaged(reply: RoundReply, number: int) -> bool:
    newest = reply.global_parameters
    return newest is not None and newest.round_number >= number


@contextmanager
def serving(template: Template) -> Iterator[tuple[CoordinatorProcess, list[ScriptedSite]]]:
    process = CoordinatorProcess(template.folder, template.folder.with_name("log"))
    with process:
        process.start()
        yield process, [ScriptedSite(process.url, template, one) for one in template.members]


def play(sites: list[ScriptedSite], number: int) -> int:
    """Let every site ask once and do what it is told; return how many updates were accepted."""

    def visit(site: ScriptedSite) -> bool:
        reply = site.round()
        assert reply is not None
        is_wanted = reply.is_picked and reply.round_number == number
        if is_wanted:
            assert reply.global_parameters is not None
            base = site.download(reply.global_parameters)
            assert base is not None
            assert site.send(number, site.update_body(number, base)), site.refusals
            site.sent.clear()
        site.session.close()
        return is_wanted

    sites[0].wait_for(lambda reply: reply.state == "collecting" and reply.round_number == number)
    with ThreadPoolExecutor(SENDERS) as pool:
        accepted = sum(pool.map(visit, sites))
    sites[0].wait_for(lambda reply: is_averaged(reply, number))
    sites[0].session.close()
    return accepted


def peak_mb(folder: Path, site_count: int, extractor_width: int) -> float:
    """Play a round of so many sites, and return the most memory that the process ever had."""
    template = make_template(
        folder / "data", 2 * site_count, extractor_width, count=2, fraction=0.5
    )
    with serving(template) as (process, sites):
        assert play(sites, 1) == site_count
        return process.memory_mb("VmHWM")


@pytest.mark.parametrize(
    "site_count",
    [100, pytest.param(1000, marks=[pytest.mark.slow, pytest.mark.timeout(1200)])],
)
def test_a_round_of_many_sites_takes_no_more_memory_than_one_of_ten(
    site_count: int, tmp_path: Path, record_property: Record
) -> None:
    of_ten = peak_mb(tmp_path / "ten", 10, 60)
    of_many = peak_mb(tmp_path / "many", site_count, 60)
    record_property("MB at most with 10 sites", round(of_ten))
    record_property(f"MB at most with {site_count} sites", round(of_many))
    assert of_many < of_ten + NOISE_MB + SITE_MB * site_count


@pytest.mark.parametrize(
    "round_count",
    [20, pytest.param(200, marks=[pytest.mark.slow, pytest.mark.timeout(1800)])],
)
def test_memory_does_not_grow_from_round_to_round(
    round_count: int, tmp_path: Path, record_property: Record
) -> None:
    template = make_template(tmp_path / "data", 20, 60, count=round_count + 1, fraction=0.5)
    resident_mb = {}
    with serving(template) as (process, sites):
        for number in range(1, round_count + 1):
            assert play(sites, number) == 10
            resident_mb[number] = process.memory_mb()
    growth = resident_mb[round_count] / resident_mb[10] - 1
    record_property("MB at round 10", round(resident_mb[10]))
    record_property(f"MB at round {round_count}", round(resident_mb[round_count]))
    assert growth < 0.05


def test_a_round_of_a_large_model_stays_below_three_models(
    tmp_path: Path, record_property: Record
) -> None:
    """Eight sites send their 46.8 MB at the same time."""
    peak = peak_mb(tmp_path / "large", 8, round(MODEL_MB * 1e6 / 4 / 1000))
    record_property(f"MB at most with a model of {MODEL_MB} MB", round(peak))
    assert peak < 3 * MODEL_MB + 150
