"""What a federation's models are worth on held-out images, and what their features give away.

Only a simulation can ask: the images of all sites are on this machine.
"""

from collections.abc import Iterable, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from statistics import fmean

from coordinator.study import Study
from desktop_client.federation.exchange import GlobalParameters
from desktop_client.simulation.pool import Pool
from desktop_client.simulation.probing import SiteAnswers, site_leakage
from desktop_client.simulation.results import LeakageResult, Prediction, SiteResult
from desktop_client.simulation.site_models import SiteModels
from desktop_client.simulation.sites import SiteData, concatenated
from desktop_client.training.evaluation import lesion_metrics, predict
from desktop_client.training.inputs import ActivationMemory, Inputs
from desktop_client.training.normalisation import settle_statistics


@dataclass(frozen=True)
class Verdict:
    """How good the models are now; the held-out site and leakage only when judged in full."""

    sites: tuple[SiteResult, ...]
    leakage: LeakageResult | None

    @property
    def mean_auc(self) -> float | None:
        """Mean over the sites that take part; None if it is defined at none of them."""
        known = [s.auc for s in self.sites if s.auc is not None and not s.is_held_out]
        return fmean(known) if known else None


class Judge:
    """Judges the models that the sites of a run have.

    Args:
        study: The study.
        sites: Those that take part.
        models: Of each of them, at least.
        held_out: A site that takes no part; all its images count, since none was trained on.
        memory: Of activations.
    """

    def __init__(
        self,
        study: Study,
        sites: Sequence[SiteData],
        models: SiteModels,
        held_out: SiteData | None,
        memory: ActivationMemory,
    ) -> None:
        self._study = study
        self._sites = sites
        self._models = models
        self._held_out = held_out
        self._memory = memory

    def judge(self, pools: Sequence[Pool], *, in_full: bool) -> Verdict:
        """Load the global parameters at every site, and judge its model on held-out images."""
        answers = self._site_answers(pools)
        sites = [
            replace(_result(answer, is_held_out=False), extractor=self._shown(answer.site))
            for answer in answers
        ]
        if not in_full:
            return Verdict(tuple(sites), None)
        if self._held_out is not None:
            sites += self._strange_results(pools)
        return Verdict(tuple(sites), site_leakage(answers) if _is_one_model(pools) else None)

    def predictions(self, pools: Sequence[Pool]) -> tuple[Prediction, ...]:
        """Return the answers to all held-out images.

        Where each site has a model of its own there is no one answer to a held-out site's.
        """
        answers = self._site_answers(pools)
        if _is_one_model(pools):
            answers += [answer for _, answer in self._strange(pools)]
        return tuple(
            Prediction(answer.site, s.sample_id, s.patient, int(label), tuple(probabilities))
            for answer in answers
            for s, label, probabilities in zip(
                answer.images.samples,
                answer.images.lesion_labels,
                answer.given.probabilities,
                strict=True,
            )
        )

    def _site_answers(self, pools: Sequence[Pool]) -> list[SiteAnswers]:
        answers = []
        for site in self._sites:
            local = self._models.at(site.name)
            local.adopt(_base_of(site.name, local.extractor, pools))
            given = predict(local.model, site.images.validation, self._study.input, self._memory)
            answers.append(SiteAnswers(site.name, site.domain_index, site.images.validation, given))
        return answers

    def _strange_results(self, pools: Sequence[Pool]) -> list[SiteResult]:
        """Return how good the models with each extractor are at the held-out site."""
        of_model: dict[str | None, list[SiteResult]] = {}
        for asked, answer in self._strange(pools):
            result = replace(_result(answer, is_held_out=True), extractor=self._shown(asked))
            of_model.setdefault(result.extractor, []).append(result)
        return [_mean_result(results) for results in of_model.values()]

    def _shown(self, name: str) -> str | None:
        """Return the extractor of a site, where sites have different ones."""
        extractors = self._models.extractors
        return extractors[name] if len(set(extractors.values())) > 1 else None

    def _strange(self, pools: Iterable[Pool]) -> list[tuple[str, SiteAnswers]]:
        """Ask each model of each pool about all images of the held-out site.

        Returns:
            A site that has the model, and what it answers.
        """
        if self._held_out is None:
            return []
        site = self._held_out
        images = concatenated([site.images.training, site.images.validation])
        answers = []
        asked = [(pool, name) for pool in pools for name in pool.extractors.values()]
        for of_pool, name in asked:
            local = self._models.at(name)
            local.adopt(of_pool.base_of(name))
            # What is local of the model would be the new site's, as far as it needs no label.
            model = deepcopy(local.model)
            settle_statistics(model, images, Inputs(model, self._study.input, self._memory))
            given = predict(model, images, self._study.input, self._memory)
            answers.append((name, SiteAnswers(site.name, site.domain_index, images, given)))
        return answers


def _base_of(name: str, extractor: str, pools: Sequence[Pool]) -> GlobalParameters:
    """Return what a site's model comes from: its own pool, or the only one."""
    pool = next((pool for pool in pools if name in pool.names), pools[0])
    return pool.averager.bases[extractor]


def _is_one_model(pools: Sequence[Pool]) -> bool:
    """Whether all sites have the same model, so that its features can be compared."""
    return len(pools) == 1 and len(pools[0].extractors) == 1


def _result(answer: SiteAnswers, *, is_held_out: bool) -> SiteResult:
    labels = answer.images.lesion_labels.numpy()
    metrics = lesion_metrics(answer.given.probabilities, labels)
    return SiteResult(
        answer.site, is_held_out, len(answer.images), metrics.auc, metrics.balanced_accuracy
    )


def _mean_result(results: Sequence[SiteResult]) -> SiteResult:
    """Average over models that are asked about the same images."""
    first = results[0]
    aucs = [r.auc for r in results if r.auc is not None]
    accuracies = [r.balanced_accuracy for r in results if r.balanced_accuracy is not None]
    return SiteResult(
        first.site,
        first.is_held_out,
        first.sample_count,
        fmean(aucs) if aucs else None,
        fmean(accuracies) if accuracies else None,
        first.extractor,
    )
