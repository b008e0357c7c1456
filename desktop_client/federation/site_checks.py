"""Checks of what this site brings to a study: membership, disk, labelled images. No torch."""

import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from uuid import UUID

from coordinator.errors import CredentialRefusedError, ProtocolVersionError, StudyUnknownError
from coordinator.parameters import STATISTICS_IMAGE_COUNT
from coordinator.study import ExtractorName, ModelDesign, Study
from desktop_client.errors import CoordinatorAwayError, CoordinatorRefusedError
from desktop_client.federation.findings import Checked, Phrase, Verdict
from desktop_client.federation.membership import Contribution, study_labels
from desktop_client.labelling.sample import Sample
from desktop_client.labelling.split import split_by_patient
from desktop_client.labelling.store import LabelStore
from desktop_client.training.families import FAMILIES, suggested

FREE_BYTES: Final = 1_000_000_000
"""For models received, and what is computed of images once."""
SHORT_OF_BYTES: Final = 5_000_000_000


def refused(error: CoordinatorRefusedError) -> Checked:
    """Say why the coordinator does not let this site in."""
    told = Phrase("The coordinator refuses this site: {0}", (error.sentence,))
    if error.code == ProtocolVersionError.code:
        remedy = Phrase("Install the version of SiteBlind that the study's owner names.")
        return Checked("version", "problem", told, "it", remedy)
    if error.code in (CredentialRefusedError.code, StudyUnknownError.code):
        remedy = Phrase("Give this site a new invitation, if it is to take part again.")
        return Checked("membership", "problem", told, "operator", remedy)
    remedy = Phrase("Give this site a new invitation.")
    return Checked("membership", "problem", told, "operator", remedy)


def away(error: CoordinatorAwayError) -> Checked:
    """Say that the coordinator answers, but not as one does."""
    return Checked(
        "version",
        "problem",
        Phrase("The coordinator cannot be understood: {0}", (str(error),)),
        "it",
        Phrase("Install the version of SiteBlind that the study's owner names."),
    )


def welcome(study: Study, digest: str, *, is_member: bool) -> Iterator[Checked]:
    """Say that the coordinator knows this site or its code, and whether both mean the same."""
    if study.digest == digest:
        yield Checked("version", "good", Phrase("Both sides speak the same version."))
    else:
        yield Checked(
            "version",
            "problem",
            Phrase("The study is described for another version of SiteBlind than this one."),
            "it",
            Phrase("Install the version of SiteBlind that the study's owner names."),
        )
    yield Checked(
        "membership",
        "good",
        Phrase("The coordinator knows this site as a member of “{0}”.", (study.name,))
        if is_member
        else Phrase("The invitation is good, for the study “{0}”.", (study.name,)),
    )


def check_disk(folder: Path) -> Checked:
    """Say whether there is room for what a study brings."""
    while not folder.exists():
        folder = folder.parent
    free_bytes = shutil.disk_usage(folder).free
    told = Phrase("{0} GB are free on the disk of this project.", (f"{free_bytes / 1e9:.1f}",))
    if free_bytes >= SHORT_OF_BYTES:
        return Checked("disk", "good", told)
    verdict: Verdict = "problem" if free_bytes < FREE_BYTES else "note"
    remedy = Phrase("Make room on it, or move the project to a disk with more.")
    return Checked("disk", verdict, told, "you", remedy)


def check_network(design: ModelDesign, chosen: ExtractorName | None, *, has_card: bool) -> Checked:
    """Say which network this site trains, and whether that suits its computer."""
    name = chosen or design.extractor
    family = FAMILIES[name]
    if has_card or not family.wants_graphics_card:
        return Checked("computer", "good", Phrase("Network: {0}.", (family.title,)))
    told = Phrase(
        "Network: {0}. Without a graphics card its training takes about {1} times as long as that "
        "of the smallest.",
        (family.title, f"{family.slowness:g}"),
    )
    quicker = suggested(design.extractors, has_graphics_card=False)
    if quicker == name:
        remedy = Phrase("Nothing is wrong with that; a graphics card makes it much quicker.")
    else:
        remedy = Phrase("The study would also do with: {0}.", (FAMILIES[quicker].title,))
    return Checked("computer", "note", told, "you", remedy)


def check_images(labels_path: Path, study: Study, contribution: Contribution) -> Iterator[Checked]:
    """Say whether there are enough labelled images, by class and by scanner."""
    if not labels_path.exists():
        yield _no_images()
        return
    with LabelStore(labels_path) as store:
        labels = study_labels(study, {c.class_id: c for c in store.classes()}, contribution)
        samples = [
            sample
            for sample in store.training_samples()
            if sample.class_id in labels and contribution.takes(sample.domain_id)
        ]
        names = {domain.domain_id: domain.name for domain in store.domains()}
    if not samples:
        yield _no_images()
        return
    split = split_by_patient(samples)
    yield Checked(
        "images",
        "good",
        Phrase(
            "{0} labelled images take part: {1} to train on, {2} held out.",
            (str(len(samples)), str(len(split.training)), str(len(split.validation))),
        ),
    )
    counts = Counter(labels[s.class_id] for s in samples if s.class_id is not None)
    yield from _by_class(study, counts)
    if not split.validation:
        yield _note(
            Phrase("No image is held out, so this site cannot tell how good the model is."),
            Phrase("Label images of more patients: one patient is never on both sides."),
        )
    if study.method.domains == "moments" or study.style_channel_count:
        yield from _by_scanner(samples, names)


def _by_class(study: Study, counts: Counter[int]) -> Iterator[Checked]:
    for index, lesion_class in enumerate(study.classes):
        count = counts[index]
        told = Phrase("{0}: {1} images.", (lesion_class.name, str(count)))
        if count:
            yield Checked("images", "good", told)
        else:
            yield _note(
                Phrase("{0}: no image here.", (lesion_class.name,)),
                Phrase("Nothing is wrong with that. If you have some, label them."),
            )


def _by_scanner(samples: list[Sample], names: dict[UUID, str]) -> Iterator[Checked]:
    counts = Counter(sample.domain_id for sample in samples)
    for domain_id, count in counts.most_common():
        values = (names.get(domain_id, "?"), str(count))
        if count >= STATISTICS_IMAGE_COUNT:
            yield Checked("images", "good", Phrase("Scanner {0}: {1} images.", values))
        else:
            yield _note(
                Phrase(
                    "Scanner {0}: {1} images. They are trained on, but no averages of them are "
                    "sent: that takes {2}.",
                    (*values, str(STATISTICS_IMAGE_COUNT)),
                ),
                Phrase("Label more images of this scanner."),
            )


def _no_images() -> Checked:
    return Checked(
        "images",
        "problem",
        Phrase("No labelled image of this site takes part in the study."),
        "you",
        Phrase(
            "Label images, say which of your classes mean the study's, and which scanners take "
            "part."
        ),
    )


def _note(told: Phrase, remedy: Phrase) -> Checked:
    return Checked("images", "note", told, "you", remedy)
