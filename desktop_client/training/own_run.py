"""One training of this site's own images, as it is between two steps."""

import hashlib
from collections import deque
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final

import numpy.typing as npt
import torch

from coordinator.study import LesionClass, Method, ModelDesign
from desktop_client.training.batches import Batches
from desktop_client.training.calibration import fitted_temperature
from desktop_client.training.checkpoint import ModelCard, save_checkpoint
from desktop_client.training.course import Course
from desktop_client.training.device import can_mix_precision
from desktop_client.training.evaluation import EVALUATION_BATCH, lesion_metrics, predict
from desktop_client.training.events import (
    EpochFinished,
    ImagesPrepared,
    StepFinished,
    TrainingWarned,
)
from desktop_client.training.full_memory import halve_batch, step_within_memory
from desktop_client.training.guards import Guards
from desktop_client.training.inputs import ActivationMemory, Inputs
from desktop_client.training.model import initial_model
from desktop_client.training.ranks import Ranks
from desktop_client.training.record import Stage
from desktop_client.training.recording import passes_of
from desktop_client.training.request import TrainingRequest
from desktop_client.training.roll import Roll
from desktop_client.training.run_file import FinishedEpoch, RunCard, run_path_of, save_run
from desktop_client.training.run_state import (
    restore_state,
    state_of,
    steps_as_array,
    steps_from_array,
)
from desktop_client.training.trainer import (
    SiteImages,
    known_domains,
    plan_of,
    take_step,
    training_step,
)

OWN_TRAINING_NAME: Final = "Trained at this site"

Said = StepFinished | EpochFinished | TrainingWarned


@dataclass(frozen=True)
class Subject:
    """What is trained and on what; all of it stays the same over a whole training."""

    request: TrainingRequest
    classes: tuple[LesionClass, ...]
    roll: Roll
    images: SiteImages
    devices: tuple[torch.device, ...]
    """Of each process that computes; the first is this one's."""

    @property
    def device(self) -> torch.device:
        """Where all but the steps is computed."""
        return self.devices[0]

    @property
    def design(self) -> ModelDesign:
        """The model, with room for every domain there is."""
        design = self.request.model
        capacity = max(design.domain_capacity, len(self.roll.domain_ids))
        return design.model_copy(update={"domain_capacity": capacity})


class OwnRun:
    """A training that can be saved after any step and gone on with in another process."""

    def __init__(self, subject: Subject) -> None:
        self.subject = subject
        request, images = subject.request, subject.images
        domain_count = len(subject.roll.domain_ids)
        # Where all images come from one scanner there is none to be blind to.
        adversary = {} if domain_count > 1 else {"second": "off"}
        method = request.method.model_copy(update=adversary)
        self.begun = initial_model(
            subject.design,
            request.input,
            len(subject.classes),
            request.seed,
            request.weights_path,
        )
        """The model as it was before the first step."""
        model = deepcopy(self.begun).to(subject.device)
        known = known_domains(model.domain_classifier, range(domain_count))
        self._memory = ActivationMemory()
        is_mixed = request.is_mixed_precision and can_mix_precision(subject.device)
        step = training_step(model, method, known, {}, request.seed)
        self._step = replace(step, is_mixed=is_mixed)
        plan = plan_of(method, model, request.seed)
        self._inputs = Inputs(model, request.input, self._memory)
        self._source = Batches(images.training, self._inputs, plan)
        self.course = Course.of(len(images.training), method.batch_size, request.epoch_count)
        self._guards = Guards(window=self.course.epoch_step_count)
        self._steps: list[StepFinished] = []
        self._epochs: list[FinishedEpoch] = []
        self._warnings: list[str] = []

    @property
    def last_epoch(self) -> EpochFinished:
        """The epoch that was finished last; there must be one."""
        return self._told_epoch(len(self._epochs))

    def compute_with(self, ranks: Ranks) -> None:
        """Take the next steps with these processes."""
        self._step = replace(self._step, ranks=ranks)

    def read_inputs(self) -> Iterator[ImagesPrepared]:
        """Compute what frozen stages make of each image, if there are any, before the first step.

        Their last bits depend on which images share a batch; read in one order, a resumed
        training has those of an uninterrupted one.
        """
        if self._step.model.frozen_stages is None:
            return
        sides = (self.subject.images.training, self.subject.images.validation)
        total_count, done_count = sum(map(len, sides)), 0
        for images in sides:
            for rows in torch.arange(len(images)).split(EVALUATION_BATCH):
                with torch.no_grad():
                    self._inputs.read(images, rows)
                done_count += len(rows)
                yield ImagesPrepared(done_count, total_count)

    def advance(self) -> Iterator[StepFinished | TrainingWarned]:
        """Take the next step and say what it saw; with too large a batch, halve it instead.

        Raises:
            TrainingDivergedError: if the loss is no longer a number.
            TrainingError: if not even the smallest batch fits into the memory.
        """
        self._step.model.train()
        course = self.course
        place = (course.step + 1, course.step_count, course.progress)
        taken = step_within_memory(partial(take_step, self._step, self._source, *place))
        if taken is None:
            yield self._told(self._halve())
            return
        course.advance()
        self._steps.append(taken)
        for event in self._guards.watch((taken,)):
            yield self._told(event) if isinstance(event, TrainingWarned) else event

    def finish_epoch(self) -> EpochFinished:
        """Judge the model on the held-out images, and save it and the training so far."""
        subject = self.subject
        model = self._step.model.eval()
        images, contract = subject.images.validation, subject.request.input
        answers = predict(model, images, contract, self._memory).probabilities
        labels = images.lesion_labels.numpy()
        validation = lesion_metrics(answers, labels)
        self._epochs.append(FinishedEpoch(step=self.course.step, validation=validation))
        self.course.epoch += 1
        card = self._model_card(fitted_temperature(answers, labels))
        # Saved before it is told: whoever stops after this event has the model.
        save_checkpoint(subject.request.checkpoint_path, model, card)
        self.save()
        return self.last_epoch

    @property
    def method(self) -> Method:
        """How the steps are taken: with an adversary only where there are several scanners."""
        return self._step.method

    @property
    def stages(self) -> tuple[Stage, ...]:
        """What the finished epochs saw and came to."""
        return passes_of(self._steps, self._epochs)

    @property
    def warnings(self) -> tuple[str, ...]:
        """All that was warned of so far."""
        return tuple(self._warnings)

    def save(self) -> None:
        """Write everything that is needed to go on.

        Raises:
            RunFileError: if it cannot be written.
        """
        subject = self.subject
        card = RunCard(
            request=subject.request,
            classes=subject.classes,
            device=subject.device.type,
            thread_count=torch.get_num_threads(),
            rank_count=len(subject.devices),
            course=replace(self.course),
            target_share=self._step.target_share.recent,
            epochs=tuple(self._epochs),
            warnings=self.warnings,
            saved_at=datetime.now(UTC),
        )
        arrays = state_of(self._step, self._source)
        arrays["history.steps"] = steps_as_array(self._steps)
        arrays["roll"] = subject.roll.as_array()
        save_run(run_path_of(subject.request.checkpoint_path), card, arrays)

    def restore(self, card: RunCard, arrays: Mapping[str, npt.NDArray[Any]]) -> None:
        """Go to where a run file was saved, whose images and settings these are."""
        self.course = replace(card.course)
        restore_state(dict(arrays), self._step, self._source, card.course.batch_size)
        self._step.target_share.recent = card.target_share
        self._steps = steps_from_array(arrays["history.steps"])
        self._epochs = list(card.epochs)
        self._warnings = list(card.warnings)
        deque(self._guards.watch(self._steps), maxlen=0)  # what they say was said already

    def history(self) -> tuple[Said, ...]:
        """Return all that was said so far: steps and epochs in order, then the warnings."""
        ends = {epoch.step: self._told_epoch(n) for n, epoch in enumerate(self._epochs, 1)}
        told: list[Said] = []
        for step in self._steps:
            told.append(step)
            if step.step in ends:
                told.append(ends[step.step])
        return (*told, *map(TrainingWarned, self._warnings))

    def _halve(self) -> TrainingWarned:
        said = halve_batch(self._step.model, self._source)
        self.course.batch_size = self._source.size
        return said

    def _told(self, warning: TrainingWarned) -> TrainingWarned:
        self._warnings.append(warning.sentence)
        return warning

    def _told_epoch(self, number: int) -> EpochFinished:
        validation = self._epochs[number - 1].validation
        return EpochFinished(number, self.course.epoch_count, validation)

    def _model_card(self, temperature: float | None) -> ModelCard:
        subject = self.subject
        return ModelCard(
            name=OWN_TRAINING_NAME,
            classes=subject.classes,
            input=subject.request.input,
            model=subject.design,
            temperature=temperature,
        )


def pixels_digest(images: SiteImages) -> str:
    """Return the SHA-256 of all pixels of a training, in its order."""
    digest = hashlib.sha256()
    for side in (images.training, images.validation):
        digest.update(side.pixels.numpy().tobytes())
    return digest.hexdigest()
