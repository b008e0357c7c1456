"""Hundreds of sites, one model: they train and are judged one after the other in the same one.

There is one for each feature extractor, where sites have different ones.

What of a model is a site's own, and never travels, is put away between two of its turns.
"""

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

import torch

from coordinator.parameters import Parameters
from coordinator.study import Study
from desktop_client.federation.exchange import load_parameters, local_state
from desktop_client.federation.local_model import LocalModel, model_of
from desktop_client.simulation.results import Extractors
from desktop_client.simulation.sites import SiteData
from desktop_client.training.inputs import ActivationMemory


class SiteModels:
    """The models of all sites of a run.

    Args:
        study: The study.
        sites: All that have a turn.
        device: Where to compute.
        memory: Of activations.
        chosen: By site, the feature extractor that it has; of the others, the study's first.
    """

    def __init__(
        self,
        study: Study,
        sites: Sequence[SiteData],
        device: torch.device,
        memory: ActivationMemory,
        chosen: Extractors = MappingProxyType({}),
    ) -> None:
        first = study.model.extractor
        self.extractors = {site.name: chosen.get(site.name, first) for site in sites}
        """By site, the feature extractor that it has."""
        models = {name: model_of(study, name) for name in dict.fromkeys(self.extractors.values())}
        self._sites = {
            site.name: LocalModel(
                study, site.images, device, memory, model=models[self.extractors[site.name]]
            )
            for site in sites
        }
        self._untrained = {name: local_state(model) for name, model in models.items()}
        self._own: dict[str, Parameters] = {}

    def at(self, name: str) -> LocalModel:
        """Give a site its turn: the model, with what is the site's own of it."""
        local = self._sites[name]
        load_parameters(local.model, self.own_of(name))
        return local

    def own_of(self, name: str) -> Parameters:
        """Return what is a site's own of the model; nothing where all of it travels."""
        return self._own.get(name, self._untrained[self.extractors[name]])

    def put_away(self, name: str) -> None:
        """Keep what the model now is of a site's own, for its next turn."""
        local = self._sites[name]
        if self._untrained[local.extractor]:
            self._own[name] = local_state(local.model)

    def own(self, names: Iterable[str]) -> dict[str, Parameters]:
        """Return what has been put away of these sites."""
        return {name: self._own[name] for name in names if name in self._own}

    def restore(self, own: Mapping[str, Parameters]) -> None:
        """Take up what was put away in another process."""
        self._own |= own
