"""What the coordinator could find out about single images of a site; some minutes.

Four sites with real dermoscopy train together, each once with all of its images and once with an
eighth of them. Every site's last update is then attacked as its receiver could: by the loss of the
updated model, by how much the update lowered the loss, and by the mean of the features that the
moments hold. Members are the images trained on; strangers are others of the same source that were
not, half of which the attacker knows the mean of.

Two controls tell membership from members that merely look otherwise than strangers, and belong at
0.5: the loss of the model that nobody has trained, and the mean without the image's own part.

Run with ``python -m tests.benchmarks.exposure``; figures in ``build/bench/exposure.json``.
"""

import os
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import torch
import typer

from coordinator.method.selection import draw_of, pick_sites
from coordinator.parameters import Parameters, decode, split_arrays
from coordinator.protocol import UpdateMessage
from coordinator.study import Study, read_study
from desktop_client.federation.averager import Averager, initial_parameters
from desktop_client.federation.exchange import GlobalParameters, load_parameters
from desktop_client.federation.local_model import LocalModel
from desktop_client.simulation.exposure import Attack, exposure, loss_scores, mean_scores
from desktop_client.simulation.folder import read_folder
from desktop_client.simulation.pool import Pool
from desktop_client.simulation.preparing import PreparedSite, prepare
from desktop_client.simulation.site_models import SiteModels
from desktop_client.simulation.sites import concatenated
from desktop_client.training.dataset import PreparedImages
from desktop_client.training.evaluation import FloatArray, IntArray, predict
from desktop_client.training.inputs import ActivationMemory
from desktop_client.training.moments import from_arrays
from tests.benchmarks.figures import write_figures

STUDY: Final = Path(__file__).with_name("accuracy.toml")
ROUND_COUNT: Final = 8
SIZE_PX: Final = 64
CUTS: Final = {"an eighth of the images": 8, "all images": 1}


def the_study() -> Study:
    """Return the study of ``accuracy.toml``, on smaller images and with fewer rounds."""
    study = read_study(STUDY)
    changes = {
        "input": study.input.model_copy(update={"size_px": SIZE_PX}),
        "rounds": study.rounds.model_copy(update={"count": ROUND_COUNT}),
    }
    return study.model_copy(update=changes)


def prepared(data: Path, study: Study, cut: int) -> tuple[PreparedSite, ...]:
    """Decode all images."""
    sites = read_folder(data, study.classes)
    steps = prepare(sites, study, [cut] * len(sites))
    while True:
        try:
            next(steps)
        except StopIteration as end:
            ready: tuple[PreparedSite, ...] = end.value
            return ready


def last_updates(
    study: Study, sites: tuple[PreparedSite, ...], memory: ActivationMemory
) -> Iterator[tuple[PreparedSite, LocalModel, GlobalParameters, bytes]]:
    """Let the first part of each site take part; give what it sent last, and what that is from."""
    by_name = {site.parts[0].name: site for site in sites}
    parts = [site.parts[0] for site in sites]
    models = SiteModels(study, parts, torch.device("cpu"), memory)
    sent: dict[str, tuple[GlobalParameters, bytes]] = {}
    marked: frozenset[str] = frozenset()
    with tempfile.TemporaryDirectory() as folder:
        averager = Averager(study, initial_parameters(study, len(sites)), Path(folder))
        pool = Pool(tuple(by_name), models, averager)
        for number in range(1, ROUND_COUNT + 1):
            pick = pick_sites(draw_of(study.rounds, number, pool.names, marked))
            marked = pick.marked
            for name in pick.site_ids:
                for _ in pool.train(name, number):
                    pass
                sent[name] = (pool.base_of(name), pool.newest_update)
            pool.average(number, pick.site_ids)
    for name, (base, update) in sent.items():
        yield by_name[name], models.at(name), base, update


def strangers_of(site: PreparedSite) -> PreparedImages:
    """Return the source's images that the site did not train on."""
    others = [part.images for part in site.parts[1:]]
    unseen = [site.parts[0].images.validation]
    return concatenated([*unseen, *(i.training for i in others), *(i.validation for i in others)])


def attacks_on(
    study: Study, site: PreparedSite, local: LocalModel, base: GlobalParameters, update: bytes
) -> dict[str, Attack]:
    """Attack one update in every way."""
    members, strangers = site.parts[0].images.training, strangers_of(site)
    images = concatenated([members, strangers])
    labels = images.lesion_labels.numpy()
    is_member = np.array([1] * len(members) + [0] * len(strangers))
    patients = [sample.patient for sample in images.samples]
    arrays, _ = decode(update, UpdateMessage)
    sent = split_arrays(arrays)
    untrained = initial_parameters(study, base.message.domain_count)
    load_parameters(local.model, untrained.parameters)
    first = predict(local.model.eval(), images, study.input)
    load_parameters(local.model, base.parameters)
    before = predict(local.model.eval(), images, study.input)
    load_parameters(local.model, sent.parameters)
    after = predict(local.model.eval(), images, study.input)
    scores = loss_scores(after.probabilities, labels)
    gained = scores - loss_scores(before.probabilities, labels)
    found = {
        "loss": Attack(scores, is_member, patients),
        "gain": Attack(gained, is_member, patients),
        "control_loss": Attack(loss_scores(first.probabilities, labels), is_member, patients),
    }
    seen = _Seen(after.z.double().numpy(), labels, is_member)
    for name, is_own_left_out in (("moments", False), ("control_moments", True)):
        by_mean = _by_mean(seen, sent.moments, study, is_own_left_out=is_own_left_out)
        kept = ~np.isnan(by_mean)
        if kept.any():
            named = [p for p, is_kept in zip(patients, kept, strict=True) if is_kept]
            found[name] = Attack(by_mean[kept], is_member[kept], named)
    return found


class _Seen(NamedTuple):
    """Images as the attacker sees them: features, labels, and who is asked about truly."""

    z: FloatArray
    labels: IntArray
    is_member: IntArray


def _by_mean(
    seen: _Seen, moments: Parameters, study: Study, *, is_own_left_out: bool
) -> FloatArray:
    """Score by the mean of each lesion class; nan for the strangers that the attacker knows."""
    z, labels, is_member = seen
    scores = np.full(len(labels), np.nan)
    for group, sent in from_arrays(moments).items():
        rows = np.flatnonzero(labels == group % study.moments_per_domain)
        strangers = rows[is_member[rows] == 0]
        known = strangers[::2]
        asked = np.setdiff1d(rows, known)
        if len(known) and len(strangers) > len(known):
            mean, reference = sent.mean.double().numpy(), z[known].mean(axis=0)
            scores[asked] = mean_scores(z[asked], mean, reference)
            members = rows[is_member[rows] == 1]
            if is_own_left_out:
                others = (len(members) * mean - z[members]) / (len(members) - 1)
                scores[members] = ((z[members] - reference) * (others - reference)).sum(axis=1)
    return scores


def main() -> None:
    """Measure, and write the figures."""
    beside = Path(__file__).parents[3] / "shared" / "data"
    data = Path(os.environ.get("SITEBLIND_SHARED_DATA", beside)) / "skin"
    study, figures = the_study(), {}
    for words, cut in CUTS.items():
        sites = prepared(data, study, cut)
        by_attack: defaultdict[str, list[Attack]] = defaultdict(list)
        counts = []
        for site, local, base, update in last_updates(study, sites, ActivationMemory()):
            counts.append(len(site.parts[0].images.training))
            for name, attack in attacks_on(study, site, local, base, update).items():
                by_attack[name].append(attack)
        figures[words] = {
            "images_trained_on": counts,
            **{name: asdict(exposure(attacks)) for name, attacks in by_attack.items()},
        }
        typer.echo(f"{words}: {figures[words]}")
    write_figures("exposure", figures)


if __name__ == "__main__":
    typer.run(main)
