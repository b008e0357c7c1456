"""What this site would send, before it has sent anything: the same list as is kept afterwards."""

from collections import Counter
from collections.abc import Generator, Iterator
from dataclasses import dataclass

from coordinator.parameters import STATISTICS_IMAGE_COUNT, STYLE_COUNT
from coordinator.study import Study
from desktop_client.federation.exchange import model_manifest
from desktop_client.federation.membership import StudyRequest, membership_of
from desktop_client.federation.sent import SentArray, UpdateAnnounced
from desktop_client.federation.site import labelled_samples
from desktop_client.labelling.sample import Sample
from desktop_client.labelling.split import split_by_patient
from desktop_client.labelling.store import LabelStore
from desktop_client.paths import Home
from desktop_client.training.model import new_model


@dataclass(frozen=True)
class _Groups:
    """Training images by scanner and by scanner and class, each by its name."""

    by_scanner: Counter[str]
    by_class: Counter[tuple[str, str]]


def announce(request: StudyRequest) -> Generator[UpdateAnnounced]:
    """List every array of an update as this site is now; meant for the compute process.

    Raises:
        MembershipError: if this site is not in the study.
        StudyUnsuitableError: if none of its images takes part.
    """
    home = Home(request.home_path)
    membership = membership_of(home, request.study_id)
    study = membership.study
    samples, labels = labelled_samples(home.labels_path, study, membership.contribution)
    with LabelStore(home.labels_path) as store:
        scanners = {domain.domain_id: domain.name for domain in store.domains()}
    training = split_by_patient(samples).training

    def names(sample: Sample) -> tuple[str, str]:
        assert sample.class_id is not None  # noqa: S101  labelled ones only
        return scanners[sample.domain_id], study.classes[labels[sample.class_id]].name

    groups = _Groups(
        Counter(names(sample)[0] for sample in training), Counter(map(names, training))
    )
    model = new_model(membership.design, study.input, len(study.classes), seed=0)
    parameters = (
        SentArray(name=name, kind="parameters", shape=shape, encoding=study.exchange.encoding)
        for name, shape in model_manifest(model).items()
    )
    arrays = (*parameters, *_moments(study, groups), *_styles(study, groups))
    yield UpdateAnnounced(arrays, len(training))


def _moments(study: Study, groups: _Groups) -> Iterator[SentArray]:
    if study.method.domains != "moments":
        return
    width = study.model.feature_dim
    counts: dict[str, int] = (
        {f"{scanner}, {lesion}": n for (scanner, lesion), n in groups.by_class.items()}
        if study.moments_per_domain > 1
        else dict(groups.by_scanner)
    )
    for whose, count in sorted(counts.items()):
        if count >= STATISTICS_IMAGE_COUNT:
            for what, shape in (("mean", (width,)), ("covariance", (width, width))):
                name = f"moments.({whose}).{what}"
                yield SentArray(name=name, kind="moments", shape=shape, encoding="float32")


def _styles(study: Study, groups: _Groups) -> Iterator[SentArray]:
    if not study.style_channel_count:
        return
    shape = (STYLE_COUNT, 2, study.style_channel_count)
    for scanner, count in sorted(groups.by_scanner.items()):
        if count >= STATISTICS_IMAGE_COUNT:
            yield SentArray(
                name=f"styles.({scanner})", kind="styles", shape=shape, encoding="float32"
            )
