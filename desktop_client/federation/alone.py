"""What this site would reach without the others: the study's own training on its images alone.

As many steps, from the same beginning, measured on the same held-out images.
"""

import hashlib
import logging
from collections.abc import Generator
from dataclasses import replace
from datetime import UTC, datetime

from coordinator.parameters import decode
from coordinator.protocol import GlobalMessage
from desktop_client.federation.alone_record import AloneRecord, keep_alone
from desktop_client.federation.events import AloneMeasured
from desktop_client.federation.exchange import initial_body, travelling_parameters, unpacked
from desktop_client.federation.local_model import LocalModel, model_of
from desktop_client.federation.membership import StudyRequest, membership_of
from desktop_client.federation.site import labelled_samples
from desktop_client.paths import Home
from desktop_client.training.device import choose_device, leave_a_core_free
from desktop_client.training.events import TrainingEvent
from desktop_client.training.trainer import prepare_site

logger = logging.getLogger(__name__)


def train_alone(request: StudyRequest) -> Generator[TrainingEvent | AloneMeasured]:
    """Train by the study's description on this site's images only, and keep how good that is.

    Raises:
        MembershipError: if this site is not in the study, or the outcome cannot be kept.
        StudyUnsuitableError: if it has no labelled image that fits the study.
        TrainingDivergedError: if a loss is no longer finite.
    """
    leave_a_core_free()
    home = Home(request.home_path)
    membership = membership_of(home, request.study_id)
    study = membership.study
    samples, labels = labelled_samples(home.labels_path, study, membership.contribution)
    own = sorted({sample.domain_id for sample in samples}, key=str)
    numbered = {domain_id: number for number, domain_id in enumerate(own)}
    images = yield from prepare_site(samples, study.input, labels, numbered)
    extractor, device = membership.own_extractor, choose_device(request.device)
    local = LocalModel(study, images, device, model=model_of(study, extractor))
    body = initial_body(study, membership.study_id, study.rounds.seed, extractor=extractor)
    base = unpacked(*decode(body, GlobalMessage), hashlib.sha256(body).hexdigest())
    for number in range(1, study.rounds.count + 1):
        yield from local.train_round(base, number, membership.site_id)
        base = replace(base, parameters=travelling_parameters(local.model))
    record = AloneRecord(
        validation=local.load(base),
        step_count=study.rounds.count * study.method.local_steps,
        trained_at=datetime.now(UTC),
    )
    keep_alone(home, membership.study_id, record)
    yield AloneMeasured(record)
