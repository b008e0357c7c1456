"""As many sites as are asked for, cut from those that are there, patient by patient."""

from pathlib import Path
from uuid import UUID

import pytest

from desktop_client.errors import SimulationDataError, SimulationPlanError
from desktop_client.labelling.sample import Sample
from desktop_client.simulation.cutting import parts_for
from desktop_client.simulation.folder import FolderSite, cut_site

NOBODY = (None,)
DOMAIN, DOT = UUID(int=9), UUID(int=1)


def site(name: str, patient_count: int, images_each: int = 1) -> FolderSite:
    """A site that is judged by two patients beside those that it trains on."""
    samples = tuple(
        Sample(f"{patient}/{image}", Path("image.png"), 0, 0, 0, f"p{patient}", DOMAIN, DOT)
        for patient in range(patient_count + 2)
        for image in range(images_each)
    )
    held_out = frozenset(s.sample_id for s in samples if s.patient in {"p0", "p1"})
    return FolderSite(name, samples, held_out)


def test_the_site_with_most_patients_is_cut_most() -> None:
    sites = (site("large", 80), site("small", 10), site("middle", 30))
    assert parts_for(sites, 3, NOBODY) == (1, 1, 1)
    assert parts_for(sites, 12, NOBODY) == (8, 1, 3)


def test_patients_count_and_not_their_images() -> None:
    sites = (site("many images", 5, images_each=9), site("many patients", 20))
    assert parts_for(sites, 5, NOBODY) == (1, 4)


def test_every_patient_can_be_a_site_of_its_own_and_no_more() -> None:
    sites = (site("north", 3), site("south", 2))
    counts = parts_for(sites, 5, NOBODY)
    assert counts == (3, 2)
    parts = [part for s, count in zip(sites, counts, strict=True) for part in cut_site(s, count)]
    assert all(len({s.patient for s in part.split().training}) == 1 for part in parts)
    with pytest.raises(SimulationDataError, match="has 5 patients to train on"):
        parts_for(sites, 6, NOBODY)


def test_fewer_sites_than_there_are_cannot_be_made() -> None:
    with pytest.raises(SimulationPlanError, match="cut, never put together: ask for 2 or more"):
        parts_for((site("north", 3), site("south", 2)), 1, NOBODY)


def test_a_site_that_is_held_out_is_neither_cut_nor_counted() -> None:
    sites = (site("north", 9), site("south", 9), site("west", 9))
    assert parts_for(sites, 6, ("south",)) == (3, 1, 3)


def test_sites_held_out_in_turn_leave_no_number_of_sites() -> None:
    with pytest.raises(SimulationPlanError, match="all leave out the same site"):
        parts_for((site("north", 3), site("south", 2)), 4, ("north", "south"))
