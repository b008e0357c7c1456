"""A study's model at one site: load global parameters, train a round, pack the update."""

import hashlib
import logging
from collections.abc import Generator

import torch

from coordinator.protocol import LesionMetrics
from coordinator.study import Study
from desktop_client.errors import TrainingDivergedError
from desktop_client.federation.exchange import (
    GlobalParameters,
    UpdateSource,
    load_parameters,
    model_manifest,
    update_body,
)
from desktop_client.training.checkpoint import ModelCard
from desktop_client.training.dataset import batches
from desktop_client.training.evaluation import evaluate, predict
from desktop_client.training.events import StepFinished, TrainingWarned
from desktop_client.training.guards import Guards
from desktop_client.training.model import new_model
from desktop_client.training.moments import DomainMoments, domain_moments
from desktop_client.training.trainer import Schedule, SiteImages, train, training_step

logger = logging.getLogger(__name__)


class LocalModel:
    """The model of one study at one site.

    Args:
        study: What to train, and how.
        images: This site's images; domain labels are the study's domain indices.
        device: Where to train.
    """

    def __init__(self, study: Study, images: SiteImages, device: torch.device) -> None:
        self._study = study
        self._images = images
        self._device = device
        self._guards = Guards(window=study.method.local_steps)
        self.model = new_model(study.model, study.input, len(study.classes), seed=0).to(device)
        self.manifest = model_manifest(self.model)
        self.metrics = LesionMetrics(sample_count=0)

    @property
    def domains(self) -> set[int]:
        """Indices of the domains that this site trains on."""
        return {int(index) for index in self._images.training.domain_labels.unique()}

    @property
    def sample_count(self) -> int:
        """Labelled images that this site trains on: its weight in the average."""
        return len(self._images.training)

    def card(self, loaded: GlobalParameters) -> ModelCard:
        """Say what to write beside the loaded model in a file."""
        return ModelCard(
            name=self._study.name,
            classes=self._study.classes,
            input=self._study.input,
            model=self._study.model,
            round_number=loaded.message.round_number,
        )

    def load(self, received: GlobalParameters) -> LesionMetrics:
        """Take over all three groups; return their metrics on this site's held-out images.

        Finite parameters can be so large that the answers are not numbers: one site's update is
        enough. The metrics are then undefined, and a later round may repair the model.
        """
        load_parameters(self.model, received.parameters)
        try:
            self.metrics = evaluate(self.model.eval(), self._images.validation, self._study.input)
        except TrainingDivergedError:
            logger.warning("The answers of the global parameters are not numbers")
            self.metrics = LesionMetrics(sample_count=0)
        return self.metrics

    def train_round(
        self, base: GlobalParameters, round_number: int, site_id: str
    ) -> Generator[StepFinished | TrainingWarned]:
        """Train the study's local steps from the global parameters (S201-S214).

        Raises:
            TrainingDivergedError: if a loss is no longer finite.
        """
        load_parameters(self.model, base.parameters)
        method, plan = self._study.method, self._study.rounds
        seed = _seed_of(site_id, round_number, plan.seed)
        step = training_step(self.model, method, *self._other_domains(base), seed)
        source = batches(
            self._images.training, self._study.input, method.batch_size, self._device, seed
        )
        schedule = Schedule(
            first_step=(round_number - 1) * method.local_steps,
            step_count=plan.count * method.local_steps,
        )
        yield from self._guards.watch(train(step, source, method.local_steps, schedule))

    def update(
        self, base: GlobalParameters, round_number: int, study_id: str, site_id: str
    ) -> bytes:
        """Pack the trained parameters, with this site's domain moments if the study uses them.

        Raises:
            TrainingDivergedError: if the trained model's features are no longer finite.
        """
        training = self._images.training
        moments = {}
        if self._study.method.domains == "moments":
            # In training mode: the moments others draw from must be those that training sees.
            z = predict(self.model.train(), training, self._study.input).z
            moments = domain_moments(z, training.domain_labels)
        source = UpdateSource(
            study_id, site_id, round_number, base, self.sample_count, self.metrics
        )
        return update_body(self.model, moments, self.domains, source)

    def _other_domains(self, base: GlobalParameters) -> tuple[set[int], dict[int, DomainMoments]]:
        """Return the possible answers of the domain classifier, and the moments to draw from."""
        if self._study.method.domains == "local":
            return set(range(base.message.domain_count)) | self.domains, {}
        moments = {k: m for k, m in base.moments.items() if k not in self.domains}
        return self.domains | moments.keys(), moments


def _seed_of(site_id: str, round_number: int, study_seed: int) -> int:
    """Derive a seed that differs by site and round and can be derived again after a restart."""
    text = f"{study_seed}:{site_id}:{round_number}"
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:7], "little")
