"""Taking part in a study, as one generator of events: ask, load, train, send, ask again."""

import logging
import time
from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Final
from uuid import UUID

import torch

from coordinator.errors import RoundClosedError, SiteNotPickedError
from coordinator.protocol import (
    DomainsRequest,
    LesionMetrics,
    ParametersReference,
    ResultMetrics,
    RoundReply,
)
from coordinator.study import Study
from desktop_client.errors import (
    CoordinatorAwayError,
    CoordinatorRefusedError,
    StudyUnsuitableError,
    TrainingDivergedError,
)
from desktop_client.federation.client import CoordinatorClient
from desktop_client.federation.events import (
    FederationEvent,
    ParametersLoaded,
    RoundJoined,
    RoundTrained,
    RoundWaited,
    StudyFinished,
    StudyOpened,
    UpdatePrepared,
    UpdateRefused,
    UpdateSent,
)
from desktop_client.federation.exchange import (
    GlobalParameters,
    initial_body,
    load_parameters,
    local_state,
)
from desktop_client.federation.incoming import FINAL_REFUSALS, Incoming
from desktop_client.federation.judging import Witness, judge_global
from desktop_client.federation.local_model import LocalModel, model_of
from desktop_client.federation.membership import (
    Contribution,
    Membership,
    StudyRequest,
    global_model_path,
    membership_here,
    round_path,
    study_labels,
)
from desktop_client.federation.network import trust_of
from desktop_client.federation.place import place_of
from desktop_client.federation.rotation import finish_rotation
from desktop_client.federation.round_file import RoundFile
from desktop_client.federation.round_record import recorded
from desktop_client.federation.sent import describe_update
from desktop_client.federation.site_domains import domains_of, with_indices
from desktop_client.federation.transfer import metered
from desktop_client.federation.waiting import attended, patiently, pause
from desktop_client.labelling.sample import Sample
from desktop_client.labelling.store import LabelStore
from desktop_client.paths import Home
from desktop_client.training.checkpoint import load_checkpoint, save_checkpoint
from desktop_client.training.device import choose_devices, describe_devices, leave_a_core_free
from desktop_client.training.events import ImageLeftOut, TrainingEvent, TrainingWarned
from desktop_client.training.extractors import normalisation_of
from desktop_client.training.judging_saved import scanner_names
from desktop_client.training.record import Stage
from desktop_client.training.starting_ranks import opened_ranks
from desktop_client.training.trainer import noting, prepare_site

logger = logging.getLogger(__name__)

PASSING_REFUSALS: Final = frozenset({RoundClosedError.code, SiteNotPickedError.code})
"""Refusals of the moment: if the site is picked again, training again makes sense."""
ASKED_WHILE_SEEN: Final = 3
"""Questions of a training site in the time after which it would count as away: two may be lost."""
ONE_DEVICE_DOES: Final = (
    "This study's network normalises each batch of images as a whole (FedBN), so one device trains "
    "it, not several"
)

Event = FederationEvent | TrainingEvent


def take_part(request: StudyRequest) -> Generator[Event]:
    """Take part in a study until it is over; ceasing to iterate is leaving early.

    Whatever happens on the way to the coordinator is waited out.

    Raises:
        MembershipError: if this site is not in the study, or has handed it over.
        StudyUnsuitableError: if it has no labelled image that fits the study, or what the
            coordinator sends is not this study's model.
        CoordinatorRefusedError: if the site has been removed from the study, or takes part on
            another computer already.
        CheckpointError: if what this site alone knows of the model was saved and cannot be read.
    """
    asked_for = choose_devices(request.device, request.rank_count)
    leave_a_core_free(len(asked_for))
    home = Home(request.home_path)
    kept = membership_here(home, request.study_id)
    membership = yield from patiently(lambda: finish_rotation(home, kept))
    # What normalises a batch as a whole needs it whole.
    is_shared_out = normalisation_of(membership.study.model) != "local"
    devices = asked_for if is_shared_out else asked_for[:1]
    samples, lesion_labels = labelled_samples(
        home.labels_path, membership.study, membership.contribution
    )
    url, credential = membership.coordinator_url, membership.credential
    with (
        CoordinatorClient(url, credential, trust_of(home), place_of(home, credential)) as client,
        opened_ranks(devices) as ranks,
    ):
        # The study's indices are asked for last: a site that cannot train takes none of them, and
        # the coordinator does not pick it.
        own = sorted({sample.domain_id for sample in samples}, key=str)
        numbered = {domain_id: number for number, domain_id in enumerate(own)}
        left_out: list[ImageLeftOut] = []
        preparing = prepare_site(samples, membership.study.input, lesion_labels, numbered)
        images = yield from noting(left_out, preparing)
        if not len(images.training):
            raise StudyUnsuitableError(
                "None of this site's images for the study can be read; look at those that were "
                "left out, and import them again from where they are whole"
            )
        domains = DomainsRequest(domain_ids=tuple(own[number] for number in domains_of(images)))
        reply = yield from patiently(lambda: client.register_domains(membership.study_id, domains))
        images = with_indices(images, [reply.indices.get(domain_id, -1) for domain_id in own])
        yield StudyOpened(
            study_id=membership.study_id,
            name=membership.study.name,
            site_id=membership.site_id,
            round_count=membership.study.rounds.count,
            training_count=len(images.training),
            validation_count=len(images.validation),
            device=describe_devices(devices),
        )
        if len(devices) < len(asked_for):
            yield TrainingWarned(ONE_DEVICE_DOES)
        kept_round = RoundFile(round_path(home, membership.study_id))
        model = model_of(membership.study, membership.own_extractor)
        local = LocalModel(membership.study, images, devices[0], round_file=kept_round, model=model)
        local.compute_with(ranks)
        _take_up_local_state(local, global_model_path(home, membership.study_id))
        names = scanner_names(home.labels_path)
        shown = {i: names.get(domain_id, "") for domain_id, i in reply.indices.items()}
        witness = Witness(images, shown, left_out)
        taking_part = _Participation(
            home, membership, client, local, witness, devices[0], kept_round
        )
        yield from recorded(home, membership.study_id, taking_part.rounds())


def _take_up_local_state(local: LocalModel, saved_path: Path) -> None:
    """Go on with the normalisation that this site has learnt and never sends, if it has any."""
    if local.model.is_per_sample or not saved_path.exists():
        return
    saved, card = load_checkpoint(saved_path)
    if card.model.extractor == local.extractor:  # else of an earlier membership
        load_parameters(local.model, local_state(saved))


def labelled_samples(
    labels_path: Path, study: Study, contribution: Contribution
) -> tuple[list[Sample], dict[UUID, int]]:
    """Return the samples that take part, and the study's index of each of their classes.

    Raises:
        StudyUnsuitableError: if there is none.
    """
    with LabelStore(labels_path) as store:
        labels = study_labels(study, {c.class_id: c for c in store.classes()}, contribution)
        samples = [s for s in store.training_samples() if s.class_id in labels]
    if not samples:
        names = ", ".join(c.name for c in study.classes)
        raise StudyUnsuitableError(
            f"No image here is labelled with a class of the study ({names}); label some images, "
            "or say which of your classes mean the study's"
        )
    taken = [sample for sample in samples if contribution.takes(sample.domain_id)]
    if not taken:
        raise StudyUnsuitableError(
            "None of the scanners that take part in the study has a labelled image; label some of "
            "theirs, or choose other scanners"
        )
    return taken, labels


@dataclass
class _Participation:
    """The conversation with the coordinator about one study."""

    home: Home
    membership: Membership
    client: CoordinatorClient
    local: LocalModel
    witness: Witness
    device: torch.device
    round_file: RoundFile
    loaded: GlobalParameters | None = None
    seen: dict[int, LesionMetrics] = field(default_factory=dict)
    """What was measured here of the parameters of each round."""
    given_up: set[int] = field(default_factory=set)
    """Rounds that this site has nothing to send for: it was refused for good, or training
    diverged. Round 0 stands for the initial parameters."""

    def rounds(self) -> Generator[Event]:
        """Ask, load and train until the study is finished."""
        study_id = self.membership.study_id
        while True:
            reply = yield from patiently(lambda: self.client.round(study_id))
            if reply.global_parameters is not None:
                yield from self._load_if_new(reply, reply.global_parameters)
            if reply.state == "finished":
                yield from self._report_result()
                yield from self._judge()
                yield self._finish(reply)
                return
            if reply.may_propose_parameters and 0 not in self.given_up:
                yield from self._propose()
            if self.loaded is not None and self._should_train(reply):
                yield from self._train_and_send(reply, self.loaded)
            else:
                yield _waited(reply)
                yield from pause(reply.poll_after_s)

    def _should_train(self, reply: RoundReply) -> bool:
        return (
            reply.state == "collecting"
            and reply.is_picked
            and not reply.is_update_accepted
            and reply.round_number not in self.given_up
        )

    def _while_waited_for(
        self, training: Generator[Event], number: int
    ) -> Generator[Event, None, bool]:
        """Train, but ask now and then whether the round still waits for this site.

        Asking also tells the coordinator that the site is there, however long it trains.

        Returns:
            Whether training came to its end.
        """
        every_s = self.membership.study.rounds.seen_within_s / ASKED_WHILE_SEEN
        asked_at = time.monotonic()
        with closing(training):
            for event in training:
                yield event
                if time.monotonic() - asked_at >= every_s:
                    if not self._is_waited_for(number):
                        return False
                    asked_at = time.monotonic()
        return True

    def _is_waited_for(self, number: int) -> bool:
        """Ask whether a round waits for this site; a coordinator that is away may well do."""
        try:
            reply = self.client.round(self.membership.study_id)
        except CoordinatorAwayError:
            return True
        return reply.round_number == number and self._should_train(reply)

    def _load_if_new(self, reply: RoundReply, reference: ParametersReference) -> Generator[Event]:
        """S218-S221: receive and load the three averages."""
        if self.loaded is not None and self.loaded.digest == reference.digest:
            return
        incoming = Incoming(self.client, self.membership, self.local.manifest)
        self.loaded, byte_count = yield from incoming.parameters(reference, self.loaded)
        metrics = self.local.load(self.loaded)
        if reference.round_number:
            self.seen[reference.round_number] = metrics
        path = global_model_path(self.home, self.membership.study_id)
        save_checkpoint(path, self.local.model, self.local.card(self.loaded))
        yield ParametersLoaded(
            round_number=reference.round_number,
            round_count=reply.round_count,
            digest=reference.digest,
            byte_count=byte_count,
            validation=metrics,
        )

    def _train_and_send(self, reply: RoundReply, base: GlobalParameters) -> Generator[Event]:
        """S201-S217 for one round."""
        study_id, site_id = self.membership.study_id, self.membership.site_id
        number = reply.round_number
        yield RoundJoined(number, reply.round_count)
        try:
            training = self.local.train_round(base, number, site_id)
            if not (yield from self._while_waited_for(training, number)):
                yield TrainingWarned(
                    f"Round {number} went on without this site before it had finished training; "
                    "it takes part again when it is picked for a later round"
                )
                return
            trained = RoundTrained(number, self.local.metrics, self.local.measure_trained())
            body = self.local.update(base, number, study_id, site_id)
        except TrainingDivergedError:
            self.given_up.add(number)
            yield TrainingWarned(
                f"Training diverged in round {number}, so nothing is sent; this site goes on with "
                "the next global parameters. Tell the study's owner if it happens again"
            )
            return
        yield trained
        yield UpdatePrepared(number, describe_update(body, self.local.manifest))
        try:
            send = partial(self.client.upload_update, study_id, number, body)
            yield from metered(self.client.meter, patiently(send))
            self.round_file.discard()
        except CoordinatorRefusedError as error:
            yield self._refused(number, error)
            yield from pause(reply.poll_after_s)
        else:
            yield UpdateSent(number, len(body), self.local.sample_count)

    def _propose(self) -> Generator[Event]:
        """Offer initial parameters; every site of a study derives the same from its seed."""
        study = self.membership.study
        body = initial_body(study, self.membership.study_id, study.rounds.seed)
        try:
            yield from patiently(
                lambda: self.client.propose_parameters(self.membership.study_id, body)
            )
        except CoordinatorRefusedError as error:
            yield self._refused(0, error)

    def _refused(self, round_number: int, error: CoordinatorRefusedError) -> UpdateRefused:
        """Note a refusal that sending the same again would not change; raise a final one."""
        if error.code in FINAL_REFUSALS:
            raise error
        if error.code not in PASSING_REFUSALS:
            self.given_up.add(round_number)
        return UpdateRefused(round_number, str(error))

    def _report_result(self) -> Generator[Event]:
        """Tell the study's owner how the result does here, if the coordinator is there to listen.

        It is asked once: the study is over for this site either way, and joining again says it
        again.
        """
        if self.loaded is None or not self.local.metrics.sample_count:
            return
        study_id = self.membership.study_id
        measured = ResultMetrics(digest=self.loaded.digest, metrics=self.local.metrics)
        try:
            yield from attended(lambda: self.client.report_result(study_id, measured))
        except (CoordinatorAwayError, CoordinatorRefusedError) as error:
            logger.info("The metrics of the study's result were not taken: %s", error)

    def _judge(self) -> Generator[Event]:
        """Tell this site's people how good the result is here."""
        stages = [Stage(number=number, validation=m) for number, m in self.seen.items()]
        if self.loaded is not None:
            path = global_model_path(self.home, self.membership.study_id)
            witness = replace(self.witness, stages=stages)
            yield from judge_global(path, self.membership, witness, self.device)

    def _finish(self, reply: RoundReply) -> StudyFinished:
        path = global_model_path(self.home, self.membership.study_id)
        return StudyFinished(
            sentence=reply.sentence,
            checkpoint_path=None if self.loaded is None else path,
            validation=self.local.metrics,
        )


def _waited(reply: RoundReply) -> RoundWaited:
    return RoundWaited(
        sentence=reply.sentence,
        round_number=reply.round_number,
        round_count=reply.round_count,
        is_picked=reply.is_picked,
        picked_count=reply.picked_count,
        update_count=reply.update_count,
        site_count=reply.site_count,
        is_paused=reply.state == "paused",
        deadline_at=reply.deadline_at,
        waiting_for=reply.waiting_for,
    )
