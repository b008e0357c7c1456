"""Which feature extractor each simulated site has."""

from pathlib import Path

import pytest

from desktop_client.errors import SimulationPlanError
from desktop_client.simulation.choosing import choices_of, read_choices
from desktop_client.simulation.variants import read_variants
from tests.scenes import write_study

SITES = ("north", "south/1", "south/2")


def test_a_choice_for_a_site_that_was_cut_is_that_of_all_its_parts() -> None:
    assert read_choices(["south=resnet18"], SITES) == {"south/1": "resnet18", "south/2": "resnet18"}
    chosen = read_choices(["south=resnet18", "south/2=resnet34"], SITES)
    assert chosen == {"south/1": "resnet18", "south/2": "resnet34"}


@pytest.mark.parametrize("text", ["east=resnet18", "north=resnet19", "north", "=resnet18"])
def test_a_choice_that_cannot_be_is_refused_by_name(text: str) -> None:
    with pytest.raises(
        SimulationPlanError, match=f"'{text}' is not site=extractor, with a site of"
    ):
        read_choices([text], SITES)


def test_a_choice_counts_where_the_study_leaves_it_and_the_site_takes_part(tmp_path: Path) -> None:
    study = write_study(tmp_path / "study.toml", model={"further_extractors": ["resnet18"]})
    texts = ("siteblind", "apart", "pooled", "plain:model.further_extractors=[]")
    mixed, apart, pooled, plain = read_variants(study, texts)
    assert (apart.arrangement, apart.study) == ("apart", mixed.study)
    choices = read_choices(["south=resnet18"], SITES)
    assert choices_of(mixed, choices, None) == choices_of(apart, choices, "north") == choices
    assert choices_of(mixed, choices, "south") == {}
    assert choices_of(pooled, choices, None) == choices_of(plain, choices, None) == {}
