"""A prepared site in a file, so that any process can train it without decoding an image again."""

from pathlib import Path
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from safetensors import safe_open
from safetensors.torch import save_file

from coordinator.parameters import MESSAGE_KEY
from desktop_client.labelling.sample import Sample
from desktop_client.simulation.sites import SiteData
from desktop_client.training.dataset import PreparedImages
from desktop_client.training.trainer import SiteImages


class SiteCard(BaseModel):
    """What a site's file says beside pixels and labels."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    domain_id: UUID
    domain_index: int
    left_out_count: int
    sample_ids: dict[str, tuple[str, ...]]
    """By side: what training knows images by."""


def write_site(path: Path, site: SiteData) -> None:
    """Write a site whose images are all of one domain."""
    sides = {"training": site.images.training, "validation": site.images.validation}
    card = SiteCard(
        name=site.name,
        domain_id=site.images.training.samples[0].domain_id,
        domain_index=site.domain_index,
        left_out_count=site.images.left_out_count,
        sample_ids={side: tuple(s.sample_id for s in i.samples) for side, i in sides.items()},
    )
    tensors = {
        f"{side}.{name}": tensor.contiguous()
        for side, images in sides.items()
        for name, tensor in (("pixels", images.pixels), ("lesion_labels", images.lesion_labels))
    }
    save_file(tensors, path, metadata={MESSAGE_KEY: card.model_dump_json()})


def read_site(path: Path) -> tuple[SiteCard, SiteImages]:
    """Read a site's file; the domain labels of all images are 0, the only one there is."""
    with safe_open(path, framework="pt") as file:
        card = SiteCard.model_validate_json(file.metadata()[MESSAGE_KEY])
        sides = {}
        for side, sample_ids in card.sample_ids.items():
            lesion_labels = file.get_tensor(f"{side}.lesion_labels")
            sides[side] = PreparedImages(
                pixels=file.get_tensor(f"{side}.pixels"),
                lesion_labels=lesion_labels,
                domain_labels=lesion_labels.new_zeros(len(lesion_labels)),
                samples=tuple(_sample(sample_id, card.domain_id) for sample_id in sample_ids),
            )
    return card, SiteImages(**sides, left_out_count=card.left_out_count)


def _sample(sample_id: str, domain_id: UUID) -> Sample:
    """Make a sample of which training knows no more than its name and its domain."""
    return Sample(sample_id, Path(sample_id), 0, 0, 0, sample_id, domain_id, None)
