"""Judges the newest global model of a study on demand, without taking part in it."""

from collections.abc import Generator

from desktop_client.federation.judging import Witness, judge_global
from desktop_client.federation.membership import global_model_path, membership_of
from desktop_client.federation.site import labelled_samples
from desktop_client.paths import Home
from desktop_client.training.device import choose_device, leave_a_core_free
from desktop_client.training.events import ImageLeftOut, TrainingEvent
from desktop_client.training.judging_saved import scanner_names
from desktop_client.training.request import DeviceChoice
from desktop_client.training.trainer import noting, prepare_site


def judge_membership(
    home: Home, study_id: str, device: DeviceChoice = "automatic"
) -> Generator[TrainingEvent]:
    """Report on the newest global model that this site has of a study.

    The images held out are those that taking part would hold out now.

    Raises:
        MembershipError: if this site is not in the study.
        StudyUnsuitableError: if it has no labelled image that fits the study.
    """
    leave_a_core_free()
    membership = membership_of(home, study_id)
    study = membership.study
    samples, lesion_labels = labelled_samples(home.labels_path, study, membership.contribution)
    own = sorted({sample.domain_id for sample in samples}, key=str)
    numbered = {domain_id: number for number, domain_id in enumerate(own)}
    left_out: list[ImageLeftOut] = []
    images = yield from noting(
        left_out, prepare_site(samples, study.input, lesion_labels, numbered)
    )
    names = scanner_names(home.labels_path)
    witness = Witness(
        images,
        {number: names.get(domain_id, "") for domain_id, number in numbered.items()},
        left_out,
    )
    yield from judge_global(
        global_model_path(home, study_id), membership, witness, choose_device(device)
    )
