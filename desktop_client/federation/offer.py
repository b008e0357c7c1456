"""What a site could bring to a study: its classes and scanners, and how many images each has.

Never loads torch.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from uuid import UUID

from coordinator.parameters import STATISTICS_IMAGE_COUNT
from coordinator.protocol import InvitedReply, domain_statistics_limit
from coordinator.study import ExtractorName
from desktop_client.federation.membership import Contribution
from desktop_client.federation.sent import BITS
from desktop_client.labelling.sample import Domain, LesionClass
from desktop_client.labelling.store import LabelStore

_FLOAT32_BYTES: Final = 4


@dataclass(frozen=True)
class Offer:
    """Labelled images that may be trained on, by class and scanner."""

    classes: tuple[LesionClass, ...] = ()
    domains: tuple[Domain, ...] = ()
    counts: Mapping[tuple[UUID, UUID], int] = field(default_factory=dict)
    """By class and domain."""

    def class_count(self, class_id: UUID) -> int:
        """Return how many images have a class."""
        return sum(count for (own, _), count in self.counts.items() if own == class_id)

    def domain_count(self, domain_id: UUID) -> int:
        """Return how many labelled images come from a scanner."""
        return sum(count for (_, own), count in self.counts.items() if own == domain_id)

    def taken(self, contribution: Contribution) -> Counter[UUID]:
        """Return by scanner how many images take part."""
        taken: Counter[UUID] = Counter()
        for (class_id, domain_id), count in self.counts.items():
            if contribution.classes.get(class_id) is not None and contribution.takes(domain_id):
                taken[domain_id] += count
        return taken


def offer_of(labels_path: Path) -> Offer:
    """Count a site's labelled images; a site without any offers nothing.

    Raises:
        LabelStoreError: if the store cannot be used.
    """
    if not labels_path.exists():
        return Offer()
    with LabelStore(labels_path) as store:
        classes, domains = tuple(store.classes()), tuple(store.domains())
        offered = {c.class_id for c in classes}
        counts = Counter(
            (sample.class_id, sample.domain_id)
            for sample in store.training_samples()
            if sample.class_id in offered
        )
    used = {domain_id for _, domain_id in counts}
    return Offer(
        classes,
        tuple(domain for domain in domains if domain.domain_id in used),
        {(c, d): count for (c, d), count in counts.items() if c is not None},
    )


def upload_bytes(
    reply: InvitedReply, taken: Counter[UUID], extractor: ExtractorName | None = None
) -> int | None:
    """Return about how much is sent in a round; None while the study has no model yet.

    Args:
        reply: What this site was told about the study.
        taken: By scanner, how many images take part.
        extractor: Of the study's, the one that this site would have; None for the first.
    """
    model_bytes = reply.bytes_with(extractor or reply.study.model.extractor)
    if model_bytes is None:
        return None
    described = sum(count >= STATISTICS_IMAGE_COUNT for count in taken.values())
    parameters = model_bytes * BITS[reply.study.exchange.encoding] // BITS["float32"]
    return parameters + _FLOAT32_BYTES * described * domain_statistics_limit(reply.study)
