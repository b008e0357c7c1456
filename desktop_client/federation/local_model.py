"""A study's model at one site: load global parameters, train a round, pack the update."""

import hashlib
import logging
from collections.abc import Generator, Iterable
from functools import cached_property
from typing import Final

import torch
from torch import Tensor

from coordinator.errors import NonFiniteParametersError
from coordinator.parameters import STYLE_COUNT, Manifest
from coordinator.protocol import LesionMetrics
from coordinator.rounding import seed_of
from coordinator.study import ExtractorName, Study
from desktop_client.errors import TrainingDivergedError
from desktop_client.federation.exchange import (
    GlobalParameters,
    SharedStatistics,
    UpdateSource,
    load_parameters,
    model_manifest,
    update_body,
)
from desktop_client.federation.round_file import RoundCard, RoundFile, RoundKey
from desktop_client.training.batches import Batches
from desktop_client.training.calibration import fitted_temperature
from desktop_client.training.checkpoint import ModelCard
from desktop_client.training.evaluation import EVALUATION_BATCH, lesion_metrics, predict
from desktop_client.training.events import StepFinished, TrainingWarned
from desktop_client.training.extractors import normalisation_of
from desktop_client.training.guards import Guards
from desktop_client.training.inputs import ActivationMemory, Inputs
from desktop_client.training.model import SiteBlindModel, initial_model, new_model
from desktop_client.training.moments import DomainMoments, domain_moments, moments_sample
from desktop_client.training.normalisation import settle_statistics
from desktop_client.training.ranks import Ranks
from desktop_client.training.restyle import Restyler, channel_statistics, domain_styles
from desktop_client.training.run_state import restore_state, state_of
from desktop_client.training.step import TrainingStep
from desktop_client.training.trainer import (
    Schedule,
    SiteImages,
    known_domains,
    plan_of,
    train,
    training_step,
)

logger = logging.getLogger(__name__)

KEPT_RESTYLINGS: Final = 8
"""Restylings of an image where the frozen stages' activations of each are kept."""


class LocalModel:
    """The model of one study at one site.

    Args:
        study: What to train, and how.
        images: This site's images; domain labels are the study's domain indices.
        device: Where to train.
        memory: Of activations, where several models read the same images.
        round_file: Where the training of a round is kept between two steps, if anywhere.
        model: One to work in: with another extractor than the study's first, or one that several
            sites take turns with; None makes one.

    Raises:
        PretrainedWeightsError: if local normalisation needs them and they are not installed.
    """

    def __init__(
        self,
        study: Study,
        images: SiteImages,
        device: torch.device,
        memory: ActivationMemory | None = None,
        round_file: RoundFile | None = None,
        model: SiteBlindModel | None = None,
    ) -> None:
        self._study = study
        self._memory = memory or ActivationMemory()
        self._images = images
        self._device = device
        self._round_file = round_file
        self._ranks = Ranks()
        self._batch_size = study.method.batch_size
        self._guards = Guards(window=study.method.local_steps)
        self.model = (model or model_of(study, study.model.extractor)).to(device)
        self.metrics = LesionMetrics(sample_count=0)
        self._temperature: float | None = None
        """Of the loaded parameters' confidence, fitted on this site's held-out images."""
        self._own_styles: dict[int, Tensor] = {}

    @cached_property
    def manifest(self) -> Manifest:
        """Names and shapes of what travels."""
        return model_manifest(self.model)

    def compute_with(self, ranks: Ranks) -> None:
        """Take the steps of the next rounds with these processes."""
        self._ranks = ranks

    @property
    def extractor(self) -> ExtractorName:
        """Which of the study's feature extractors the model has."""
        return self.model.design.extractor

    @property
    def domains(self) -> set[int]:
        """Indices of the domains that this site trains on."""
        return {int(index) for index in self._images.training.domain_labels.unique()}

    @property
    def sample_count(self) -> int:
        """Labelled images that this site trains on: its weight in the average."""
        return len(self._images.training)

    @property
    def _restyles_images(self) -> bool:
        """Whether styles are those of images, which stay, not of activations."""
        return self._study.method.restyle == "channel_statistics"

    def card(self, loaded: GlobalParameters) -> ModelCard:
        """Say what to write beside the loaded model in a file."""
        return ModelCard(
            name=self._study.name,
            classes=self._study.classes,
            input=self._study.input,
            model=self.model.design,
            round_number=loaded.message.round_number,
            temperature=self._temperature,
        )

    def adopt(self, received: GlobalParameters) -> None:
        """Take over all three groups, ready to be asked."""
        load_parameters(self.model, received.parameters)
        inputs = Inputs(self.model, self._study.input, self._memory)
        settle_statistics(self.model, self._images.training, inputs)
        self.model.eval()

    def load(self, received: GlobalParameters) -> LesionMetrics:
        """Take over all three groups; return their metrics on this site's held-out images.

        Finite parameters can be so large that the answers are not numbers: one site's update is
        enough. The metrics are then undefined, and a later round may repair the model.
        """
        self.adopt(received)
        try:
            held_out = self._images.validation
            answers = predict(self.model, held_out, self._study.input, self._memory).probabilities
        except TrainingDivergedError:
            logger.warning("The answers of the global parameters are not numbers")
            self.metrics, self._temperature = LesionMetrics(sample_count=0), None
        else:
            labels = held_out.lesion_labels.numpy()
            self.metrics = lesion_metrics(answers, labels)
            self._temperature = fitted_temperature(answers, labels)
        return self.metrics

    def train_round(
        self, base: GlobalParameters, round_number: int, site_id: str
    ) -> Generator[StepFinished | TrainingWarned]:
        """Train the study's local steps from the global parameters (S201-S214).

        Where they were interrupted in this very round, they go on.

        Raises:
            TrainingDivergedError: if a loss is no longer finite.
            TrainingError: if not even the smallest batch fits into the memory.
        """
        load_parameters(self.model, base.parameters)
        method, plan = self._study.method, self._study.rounds
        seed = seed_of(site_id, round_number, plan.seed)
        moments = {
            group: domain
            for group, domain in base.moments.items()
            if group // self._study.moments_per_domain not in self.domains
        }
        styles = {label: s for label, s in base.styles.items() if label not in self.domains}
        known = self._known_domains(base.message.domain_count, moments.keys(), styles.keys())
        step = training_step(self.model, method, known, moments, seed, self._ranks)
        inputs = Inputs(self.model, self._study.input, self._memory, method.restyle_strength)
        order = plan_of(method, self.model, seed, self._batch_size)
        source = Batches(self._images.training, inputs, order, self._restyler(styles, site_id))
        planned = source.size
        key = self._key_of(base, round_number, site_id)
        taken = self._taken_up(key, step, source)
        schedule = Schedule(
            first_step=(round_number - 1) * method.local_steps + taken,
            step_count=plan.count * method.local_steps,
        )
        steps = train(step, source, method.local_steps - taken, schedule)
        yield from self._guards.watch(self._kept(steps, key, taken, step, source))
        if source.size < planned:  # what did not fit into the memory will not the next time
            self._batch_size = source.size

    def _key_of(self, base: GlobalParameters, round_number: int, site_id: str) -> RoundKey:
        return RoundKey(
            study_digest=self._study.digest,
            site_id=site_id,
            round_number=round_number,
            base_digest=base.digest,
            images_digest=self._images_digest if self._round_file else "",
        )

    def _taken_up(self, key: RoundKey, step: TrainingStep, source: Batches) -> int:
        """Go to where this round's training was kept, and return how many steps it had taken."""
        found = self._round_file and self._round_file.read(key)
        if not found:
            return 0
        card, arrays = found
        restore_state(arrays, step, source, card.batch_size)
        step.target_share.recent = card.target_share
        return card.step_count

    def _kept(
        self,
        steps: Iterable[StepFinished | TrainingWarned],
        key: RoundKey,
        taken: int,
        step: TrainingStep,
        source: Batches,
    ) -> Generator[StepFinished | TrainingWarned]:
        """Pass all on, and keep the training now and then, when it is done or told to stop."""
        count, kept_count, file = taken, taken, self._round_file

        def keep() -> None:
            if file is not None:
                share = step.target_share.recent
                card = RoundCard(
                    key=key, step_count=count, batch_size=source.size, target_share=share
                )
                file.save(card, state_of(step, source))

        try:
            for event in steps:
                count += isinstance(event, StepFinished)
                is_last = count == self._study.method.local_steps
                if is_last or (file is not None and file.is_due):
                    keep()
                    kept_count = count
                yield event
        except GeneratorExit:
            if count > kept_count:
                keep()
            raise

    @cached_property
    def _images_digest(self) -> str:
        """Of all that is trained on."""
        training, digest = self._images.training, hashlib.sha256()
        for part in (training.pixels, training.lesion_labels, training.domain_labels):
            digest.update(part.contiguous().numpy().data)
        return digest.hexdigest()

    def measure_trained(self) -> LesionMetrics:
        """Return how the model does on held-out images as this site has just trained it."""
        held_out = self._images.validation
        try:
            answers = predict(
                self.model.eval(), held_out, self._study.input, self._memory
            ).probabilities
        except TrainingDivergedError:
            return LesionMetrics(sample_count=0)
        return lesion_metrics(answers, held_out.lesion_labels.numpy())

    def update(
        self, base: GlobalParameters, round_number: int, study_id: str, site_id: str
    ) -> bytes:
        """Pack the trained parameters, with the moments and styles that the study shares.

        Raises:
            TrainingDivergedError: if the trained model or its features are no longer finite.
        """
        seed = seed_of(site_id, round_number, self._study.rounds.seed)
        statistics = SharedStatistics(self._moments(seed), self._styles(site_id), self.domains)
        source = UpdateSource(
            study_id, site_id, round_number, base, self.sample_count, self.metrics, seed
        )
        try:
            return update_body(self.model, statistics, source, self._study.exchange)
        except NonFiniteParametersError as error:
            raise TrainingDivergedError(f"Training left no finite parameters: {error}") from error

    def _moments(self, seed: int) -> dict[int, DomainMoments]:
        if self._study.method.domains != "moments":
            return {}
        training, classifier = self._images.training, self.model.domain_classifier
        groups = training.domain_labels * classifier.lesion_count + classifier.groups_of(
            training.lesion_labels
        )
        (asked,) = classifier.can_ask(training.lesion_labels).nonzero(as_tuple=True)
        rows = asked[moments_sample(groups[asked], torch.Generator().manual_seed(seed))]
        # In training mode: the moments others draw from must be those that training sees.
        sample = training.at(rows)
        z = predict(self.model.train(), sample, self._study.input, self._memory).z
        return domain_moments(z, groups[rows])

    def _styles(self, site_id: str) -> dict[int, Tensor]:
        """Return the styles of this site's domains; those of images never change."""
        if not self._own_styles or not self._restyles_images:
            self._own_styles = self._measured_styles(site_id)
        return self._own_styles

    def _measured_styles(self, site_id: str) -> dict[int, Tensor]:
        if not self._study.style_channel_count:
            return {}
        training = self._images.training
        inputs = Inputs(self.model, self._study.input, self._memory)
        read = inputs.pixels if self._restyles_images else inputs.read
        statistics = torch.cat(
            [
                channel_statistics(read(training, rows)).cpu()
                for rows in torch.arange(len(training)).split(EVALUATION_BATCH)
            ]
        )
        seed = seed_of(site_id, 0, self._study.rounds.seed)
        generator = torch.Generator().manual_seed(seed)
        return domain_styles(statistics, training.domain_labels, generator)

    def _restyler(self, styles: dict[int, Tensor], site_id: str) -> Restyler | None:
        method = self._study.method
        if method.restyle == "none":
            return None
        is_kept = self._restyles_images and self.model.frozen_stages is not None
        per_image = max(1, KEPT_RESTYLINGS // max(1, len(styles))) if is_kept else STYLE_COUNT
        own = self._styles(site_id) if method.restyle_reference == "site" else None
        return Restyler(styles, method.restyle_probability, per_image, own)

    def _known_domains(
        self, domain_count: int, groups: Iterable[int], styled: Iterable[int]
    ) -> Tensor:
        """Return which domains each domain classifier can meet, ``[G, capacity]`` bool."""
        if self._study.method.domains != "moments":
            everywhere = {*range(domain_count), *self.domains, *styled}
            return known_domains(self.model.domain_classifier, everywhere)
        known = known_domains(self.model.domain_classifier, {*self.domains, *styled})
        for group in groups:
            domain, lesion = divmod(group, self._study.moments_per_domain)
            known[lesion, domain] = True
        return known


def model_of(study: Study, extractor: ExtractorName) -> SiteBlindModel:
    """Make a model to be filled; what never travels begins with what belongs to the parameters.

    Raises:
        PretrainedWeightsError: if local normalisation needs them and they are not installed.
    """
    design = study.model.with_extractor(extractor)
    begin = initial_model if normalisation_of(design) == "local" else new_model
    return begin(design, study.input, len(study.classes), seed=0)
