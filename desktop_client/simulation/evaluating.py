"""Judges a finished model on a folder of sites' images, unseen ones included."""

import csv
import io
import json
from collections.abc import Generator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import fmean
from typing import Final, Literal

from rich.console import Console
from rich.table import Table

from coordinator.protocol import LesionMetrics
from desktop_client.errors import SimulationPlanError
from desktop_client.simulation.events import Reported
from desktop_client.simulation.folder import FolderSite, read_folder
from desktop_client.simulation.probing import FEWEST_PATIENTS, SiteAnswers, site_leakage
from desktop_client.simulation.report import TABLE_WIDTH, write_beside
from desktop_client.simulation.results import PROBABILITY_DECIMALS, LeakageResult
from desktop_client.training.checkpoint import ModelCard, load_checkpoint
from desktop_client.training.dataset import prepare_images
from desktop_client.training.device import choose_device, leave_a_core_free
from desktop_client.training.evaluation import lesion_metrics, predict
from desktop_client.training.events import ImageLeftOut, ImagesPrepared
from desktop_client.training.request import DeviceChoice

Side = Literal["all", "train", "val"]
FORMAT_VERSION: Final = 1


@dataclass(frozen=True)
class EvaluationRequest:
    """Which model to judge on which images.

    Attributes:
        model_path: A model file of this program.
        data: A folder of sites, as ``folder.read_folder`` reads it.
        json_path: Where the metrics are written.
        side: All images, or one side of the manifest's split.
        has_leakage: Whether to probe the features for the site, too.
        predictions_path: Where to write the answers to single images; None for nowhere.
        device: Where to compute.
    """

    model_path: Path
    data: Path
    json_path: Path
    side: Side = "all"
    has_leakage: bool = False
    predictions_path: Path | None = None
    device: DeviceChoice = "automatic"


def evaluate_model(
    request: EvaluationRequest,
) -> Generator[ImagesPrepared | ImageLeftOut | Reported]:
    """Judge a model on every site of a folder and write what came out.

    Raises:
        CheckpointError: if the model cannot be used.
        SimulationDataError: if the folder cannot.
        SimulationPlanError: if what is asked for needs a split or patients that are not there.
        ResultsFileError: if a file cannot be written.
    """
    leave_a_core_free()
    model, card = load_checkpoint(request.model_path)
    sites = read_folder(request.data, card.classes)
    images = yield from prepare_images(
        [sample for site in sites for sample in site.samples],
        card.input,
        {c.class_id: index for index, c in enumerate(card.classes)},
        {site.domain_id: index for index, site in enumerate(sites)},
    )
    model = model.to(choose_device(request.device))
    answers = []
    for index, site in enumerate(sites):
        asked = images.select(_side(site, request.side))
        given = predict(model, asked, card.input)
        answers.append(SiteAnswers(site.name, index, asked, given))
    leakage = _leakage(answers) if request.has_leakage else None
    write_beside(request.json_path, _as_json(request, card, answers, leakage).encode())
    paths = [request.json_path]
    if request.predictions_path is not None:
        write_beside(request.predictions_path, _as_csv(card, answers).encode())
        paths.append(request.predictions_path)
    yield Reported(_as_table(answers, leakage), tuple(paths))


def _side(site: FolderSite, side: Side) -> frozenset[str]:
    everything = frozenset(sample.sample_id for sample in site.samples)
    if side == "all":
        return everything
    if site.validation_ids is None:
        raise SimulationPlanError(
            f"No manifest says how {site.name} is split, so there is no side {side!r} of it"
        )
    return site.validation_ids if side == "val" else everything - site.validation_ids


def _leakage(answers: Sequence[SiteAnswers]) -> LeakageResult:
    leakage = site_leakage([answer for answer in answers if len(answer.images)])
    if leakage is None:
        raise SimulationPlanError(
            "Leakage can be measured between two sites or more with at least "
            f"{FEWEST_PATIENTS} patients each"
        )
    return leakage


def _as_json(
    request: EvaluationRequest,
    card: ModelCard,
    answers: Sequence[SiteAnswers],
    leakage: LeakageResult | None,
) -> str:
    told = {
        "format_version": FORMAT_VERSION,
        "model": card.name,
        "round_number": card.round_number,
        "classes": [c.name for c in card.classes],
        "split": request.side,
        "mean_auc": _mean_auc(answers),
        "sites": [{"site": a.site, **_metrics(a).model_dump()} for a in answers],
        "leakage": None if leakage is None else asdict(leakage),
    }
    return json.dumps(told, indent=1) + "\n"


def _as_csv(card: ModelCard, answers: Sequence[SiteAnswers]) -> str:
    written = io.StringIO(newline="")
    writer = csv.writer(written)
    writer.writerow(("site", "file", "patient", "lesion", *(c.name for c in card.classes)))
    for answer in answers:
        for sample, label, shares in zip(
            answer.images.samples,
            answer.images.lesion_labels.tolist(),
            answer.given.probabilities.round(PROBABILITY_DECIMALS).tolist(),
            strict=True,
        ):
            lesion = card.classes[label].name
            writer.writerow((answer.site, sample.sample_id, sample.patient, lesion, *shares))
    return written.getvalue()


def _as_table(answers: Sequence[SiteAnswers], leakage: LeakageResult | None) -> str:
    table = Table("Site")
    for heading in ("Images", "Accuracy", "Balanced accuracy", "AUC"):
        table.add_column(heading, justify="right")
    for answer in answers:
        told = _metrics(answer)
        figures = (told.accuracy, told.balanced_accuracy, told.auc)
        table.add_row(answer.site, str(told.sample_count), *map(_in_digits, figures))
    written = io.StringIO()
    Console(file=written, width=TABLE_WIDTH, force_terminal=False).print(table)
    mean = f"Mean AUC {_in_digits(_mean_auc(answers))}; – means undefined with one class\n"
    if leakage is None:
        return written.getvalue() + mean
    return (
        f"{written.getvalue()}{mean}Leakage: linear {leakage.linear:.3f}, MLP {leakage.mlp:.3f} "
        f"(label floor {leakage.label_floor:.3f}, chance {leakage.chance:.3f})\n"
    )


def _metrics(answer: SiteAnswers) -> LesionMetrics:
    return lesion_metrics(answer.given.probabilities, answer.images.lesion_labels.numpy())


def _mean_auc(answers: Sequence[SiteAnswers]) -> float | None:
    aucs = [auc for answer in answers if (auc := _metrics(answer).auc) is not None]
    return fmean(aucs) if aucs else None


def _in_digits(figure: float | None) -> str:
    return "–" if figure is None else f"{figure:.3f}"
