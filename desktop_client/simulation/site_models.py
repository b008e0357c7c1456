"""Hundreds of sites, one model: they train and are judged one after the other in the same one.

What of a model is a site's own, and never travels, is put away between two of its turns.
"""

from collections.abc import Iterable, Mapping, Sequence

import torch

from coordinator.parameters import Parameters
from coordinator.study import Study
from desktop_client.federation.exchange import load_parameters, local_state
from desktop_client.federation.local_model import LocalModel
from desktop_client.simulation.sites import SiteData
from desktop_client.training.inputs import ActivationMemory


class SiteModels:
    """The models of all sites of a run.

    Args:
        study: The study.
        sites: All that have a turn.
        device: Where to compute.
        memory: Of activations.
    """

    def __init__(
        self,
        study: Study,
        sites: Sequence[SiteData],
        device: torch.device,
        memory: ActivationMemory,
    ) -> None:
        first = LocalModel(study, sites[0].images, device, memory)
        self._model = first.model
        self._sites = {sites[0].name: first} | {
            site.name: LocalModel(study, site.images, device, memory, model=first.model)
            for site in sites[1:]
        }
        self._untrained = local_state(self._model)
        self._own: dict[str, Parameters] = {}

    def at(self, name: str) -> LocalModel:
        """Give a site its turn: the model, with what is the site's own of it."""
        load_parameters(self._model, self._own.get(name, self._untrained))
        return self._sites[name]

    def put_away(self, name: str) -> None:
        """Keep what the model now is of a site's own, for its next turn."""
        if self._untrained:
            self._own[name] = local_state(self._model)

    def own(self, names: Iterable[str]) -> dict[str, Parameters]:
        """Return what has been put away of these sites."""
        return {name: self._own[name] for name in names if name in self._own}

    def restore(self, own: Mapping[str, Parameters]) -> None:
        """Take up what was put away in an earlier process."""
        self._own |= own
