"""From a folder's sites to what a run takes: every image decoded once, sites cut and whole."""

from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass

from coordinator.study import Study
from desktop_client.errors import SimulationDataError, SimulationPlanError
from desktop_client.labelling.sample import Sample
from desktop_client.simulation.folder import FolderSite, cut_site
from desktop_client.simulation.sites import SiteData
from desktop_client.training.dataset import PreparedImages, prepare_images
from desktop_client.training.events import ImageLeftOut, ImagesPrepared
from desktop_client.training.trainer import SiteImages


@dataclass(frozen=True)
class PreparedSite:
    """A folder's site: whole, to be judged on as an unseen one, and cut, to take part."""

    whole: SiteData
    parts: tuple[SiteData, ...]


def prepare(
    sites: Sequence[FolderSite], study: Study, part_counts: Sequence[int]
) -> Generator[ImagesPrepared | ImageLeftOut, None, tuple[PreparedSite, ...]]:
    """Decode all images and give each site its domain's index, the same in every run.

    Args:
        sites: One domain each.
        study: Input contract, classes, and how many domains there may be.
        part_counts: Into how many each site is cut.

    Raises:
        SimulationPlanError: if there are more domains than the study allows.
        SimulationDataError: if a site cannot be cut so, or has no readable image to train on.
    """
    if len(sites) > study.model.domain_capacity:
        raise SimulationPlanError(
            f"There are {len(sites)} domains; model.domain_capacity allows "
            f"{study.model.domain_capacity}"
        )
    parts = [cut_site(site, count) for site, count in zip(sites, part_counts, strict=True)]
    images = yield from prepare_images(
        [sample for site in sites for sample in site.samples],
        study.input,
        {c.class_id: index for index, c in enumerate(study.classes)},
        {site.domain_id: index for index, site in enumerate(sites)},
    )
    prepared = []
    for index, (site, cut) in enumerate(zip(sites, parts, strict=True)):
        whole = _site_data(site, images, index)
        taking_part = [whole if part is site else _site_data(part, images, index) for part in cut]
        prepared.append(PreparedSite(whole, tuple(taking_part)))
    return tuple(prepared)


def _site_data(site: FolderSite, images: PreparedImages, domain_index: int) -> SiteData:
    split = site.split()
    training = images.select(_ids(split.training))
    validation = images.select(_ids(split.validation))
    if not len(training):
        raise SimulationDataError(f"None of the images to train on at {site.name} can be read")
    left_out_count = len(site.samples) - len(training) - len(validation)
    return SiteData(site.name, SiteImages(training, validation, left_out_count), domain_index)


def _ids(samples: Iterable[Sample]) -> frozenset[str]:
    return frozenset(sample.sample_id for sample in samples)
