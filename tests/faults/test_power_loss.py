"""The power fails, and the disk has kept nothing but what was fsynced.

Cuts come where the least may be on the disk: right after an update was acknowledged, and right
after sites were told that a round is averaged.
"""

import random
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

from tests.faults.conftest import SEED, Record
from tests.faults.federation import Federation, begin
from tests.faults.injection import Operation
from tests.faults.power import Disk, Names
from tests.faults.scripted import Template, kept_updates, wire_digest

ROUND_COUNT: Final = 5


@dataclass(frozen=True)
class Recording:
    """A whole run, every byte that it wrote, and when it promised what."""

    run: Federation
    digests: list[str]
    operations: list[Operation]
    written: bytes

    def promised_updates(self, cut: int) -> set[tuple[int, str, str]]:
        """Round, site and digest of what was acknowledged before so many operations."""
        return {
            (number, site.member.site_id, wire_digest(site.sent[number]))
            for site in self.run.sites
            for number, at in site.acknowledged_at.items()
            if at <= cut
        }

    def promised_rounds(self, cut: int) -> int:
        """How many rounds were told to be averaged before so many operations."""
        told = [site.averaged_at.items() for site in self.run.sites]
        return max((number for items in told for number, at in items if at <= cut), default=0)

    def tight_cuts(self) -> list[int]:
        """Right after each promise."""
        promises = [(*s.acknowledged_at.values(), *s.averaged_at.values()) for s in self.run.sites]
        return sorted({at for of_site in promises for at in of_site})


@pytest.fixture(scope="module")
def recording(
    short: Template, library: Path, tmp_path_factory: pytest.TempPathFactory
) -> Recording:
    aside = tmp_path_factory.mktemp("recording") / "run"
    run = begin(short, aside, library, is_data_kept=True)
    with run.process, run.faults:
        run.process.start()
        digests = [run.play(number) for number in range(1, ROUND_COUNT + 1)]
        run.close()
        return Recording(run, digests, run.faults.trace(), run.faults.written())


@pytest.mark.parametrize(
    "cut_count",
    [4, pytest.param(40, marks=[pytest.mark.slow, pytest.mark.timeout(1800)])],
)
def test_what_was_promised_survives_a_power_loss(
    cut_count: int,
    recording: Recording,
    short: Template,
    library: Path,
    tmp_path: Path,
    record_property: Record,
) -> None:
    draw = random.Random(SEED)
    cuts = draw.sample(recording.tight_cuts(), k=min(cut_count, len(recording.tight_cuts())))
    for index, cut in enumerate(cuts):
        names: Names = draw.choice(["synced", "latest"])
        disk = Disk(short.folder)
        disk.apply(recording.operations[:cut], recording.written)
        folder = tmp_path / f"left-{index}"
        disk.save(folder, names)
        run = begin(short, tmp_path / f"run-{index}", library, folder)
        with run.process, run.faults:
            run.process.start()
            assert recording.promised_updates(cut) <= kept_updates(folder)
            go_on(run, recording, cut)
            run.close()
    record_property("power losses", len(cuts))


def go_on(run: Federation, recording: Recording, cut: int) -> None:
    """Play the rounds that are left, and compare them with those of the whole run."""
    reply = run.sites[0].round()
    assert reply is not None
    assert reply.global_parameters is not None
    done = reply.global_parameters.round_number
    assert done >= recording.promised_rounds(cut)
    if done:
        assert reply.global_parameters.digest == recording.digests[done - 1]
    for number in range(done + 1, ROUND_COUNT + 1):
        assert run.play(number) == recording.digests[number - 1]
    run.check_sentences()
