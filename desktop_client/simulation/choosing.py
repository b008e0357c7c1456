"""Which feature extractor each site of a simulation has chosen; pure."""

from collections.abc import Iterable, Sequence
from typing import get_args

from coordinator.study import ExtractorName
from desktop_client.errors import SimulationPlanError
from desktop_client.simulation.results import Extractors
from desktop_client.simulation.variants import Variant


def read_choices(texts: Iterable[str], site_names: Sequence[str]) -> Extractors:
    """Read choices such as ``webcam=resnet18``; of a site that was cut, for all of its parts.

    Args:
        texts: One for each site that does not have the study's first extractor.
        site_names: All sites, as they take part.

    Raises:
        SimulationPlanError: naming the choice that cannot be.
    """
    known = {str(name): name for name in get_args(ExtractorName)}
    chosen: dict[str, ExtractorName] = {}
    for text in texts:
        site, _, extractor = text.rpartition("=")
        meant = [name for name in site_names if is_part_of(name, site)]
        if not meant or extractor not in known:
            raise SimulationPlanError(
                f"{text!r} is not site=extractor, with a site of {', '.join(site_names)} and an "
                f"extractor of {', '.join(known)}"
            )
        chosen |= dict.fromkeys(meant, known[extractor])
    return chosen


def choices_of(variant: Variant, choices: Extractors, held_out_site: str | None) -> Extractors:
    """Return the choices that make a difference in a run: those that its study leaves to sites."""
    if variant.arrangement == "pooled":
        return {}
    return {
        site: extractor
        for site, extractor in choices.items()
        if extractor in variant.study.model.further_extractors
        and not (held_out_site is not None and is_part_of(site, held_out_site))
    }


def is_part_of(name: str, site: str) -> bool:
    """Whether a site that takes part is a folder's site, or one of those it was cut into."""
    return site in (name, name.rpartition("/")[0] or name)
