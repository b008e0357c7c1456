"""Many sites take turns with one model, and none finds anything of another's in it."""

from pathlib import Path
from typing import Any

import numpy as np
import torch

from coordinator.parameters import Parameters
from coordinator.study import read_study
from desktop_client.federation.exchange import local_state
from desktop_client.simulation.site_models import SiteModels
from desktop_client.training.inputs import ActivationMemory
from tests.scenes import write_study
from tests.simulation.test_federation import some_site

LOCAL = {"model": {"normalisation": "local"}, "method": {"preset": "fedbn"}}


def site_models(tmp_path: Path, **toml: Any) -> SiteModels:
    study = read_study(write_study(tmp_path / "study.toml", **toml))
    sites = tuple(some_site(name, domain) for domain, name in enumerate(("north", "south")))
    return SiteModels(study, sites, torch.device("cpu"), ActivationMemory())


def changed(models: SiteModels, name: str) -> Parameters:
    """Let a site change all that is its own of the model; return what that has become."""
    model = models.at(name).model
    with torch.no_grad():
        for tensor in model.state_dict().values():
            tensor.add_(1)
    models.put_away(name)
    return local_state(model)


def test_all_sites_work_in_the_same_model(tmp_path: Path) -> None:
    models = site_models(tmp_path)
    assert models.at("north").model is models.at("south").model
    assert models.at("north") is not models.at("south")


def test_what_is_a_sites_own_is_there_again_at_its_next_turn(tmp_path: Path) -> None:
    models = site_models(tmp_path, **LOCAL)
    untrained = local_state(models.at("south").model)
    left = changed(models, "north")
    assert left.keys() == untrained.keys()
    assert len(left) > 0
    found = local_state(models.at("south").model)
    assert all(np.array_equal(found[name], untrained[name]) for name in untrained)
    found = local_state(models.at("north").model)
    assert all(np.array_equal(found[name], left[name]) for name in left)


def test_where_everything_travels_nothing_is_put_away(tmp_path: Path) -> None:
    models = site_models(tmp_path)
    changed(models, "north")
    assert models.own(("north", "south")) == {}
