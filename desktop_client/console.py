"""Shows the events of a run on a terminal: one progress bar, and a sentence for each milestone."""

import json
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING, Any, Final, TextIO

from pydantic_core import to_jsonable_python
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Column

from coordinator.protocol import LesionMetrics
from desktop_client.demo import events as demo
from desktop_client.errors import SettingsError
from desktop_client.federation import events as federation
from desktop_client.federation import findings as preflight
from desktop_client.federation import handing_over
from desktop_client.labelling import auditing, copying, exporting, importing
from desktop_client.project import backup, restore
from desktop_client.reporting import request as reporting
from desktop_client.simulation import events as simulation
from desktop_client.training import events as training
from desktop_client.training import findings

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

BAR_WIDTH: Final = 24
"""Leaves room for a sentence in 80 columns."""
_HELPERS: Final[dict[preflight.Helper, str]] = {
    "nobody": "",
    "you": "You",
    "it": "Your IT department",
    "operator": "The coordinator's operator",
}
PACE_S: Final = 3600.0
"""Time left is told from the pace of the last so many seconds; a round takes minutes."""


def follow(events: Iterable[Any], log_path: Path | None = None) -> None:
    """Iterate events to their end, showing each; with ``log_path``, append each as a JSON line.

    Raises:
        SettingsError: if the log cannot be opened; nothing was iterated then.
    """
    console = Console(highlight=False)
    progress = Progress(
        BarColumn(BAR_WIDTH),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.description}", table_column=Column(no_wrap=True, overflow="ellipsis")),
        console=console,
        transient=True,
        speed_estimate_period=PACE_S,
        disable=not console.is_terminal,  # else a file would get empty lines
    )
    with ExitStack() as stack:
        log = stack.enter_context(_opened(log_path)) if log_path else None
        bar = _Bar(stack.enter_context(progress))
        for event in events:
            if isinstance(event, training.StillWorking):
                continue
            if log is not None:
                log.write(as_json(event) + "\n")
                log.flush()
            bar.follow(event)
            if (sentence := sentence_of(event)) is not None:
                console.print(sentence, markup=False, soft_wrap=True)


def _opened(log_path: Path) -> TextIO:
    try:
        return log_path.open("a", encoding="utf-8")
    except OSError as error:
        raise SettingsError(f"{log_path} cannot be written: {error.strerror}") from error


def as_json(event: "DataclassInstance") -> str:
    """Write an event as one line: its type's name under ``event``, then its fields."""
    fields = to_jsonable_python(asdict(event), fallback=str)
    return json.dumps({"event": type(event).__name__, **fields})


@dataclass(frozen=True)
class Stage:
    """How far something countable is."""

    name: str
    done_count: int
    total_count: int

    def goes_on_from(self, before: "Stage | None") -> bool:
        """Return whether both count the same, so that the pace so far tells the time left."""
        return (
            before is not None
            and before.total_count == self.total_count
            and before.done_count <= self.done_count
        )


class Stages:
    """Finds the stage of each event; in a study it is the rounds that count, not the steps."""

    def __init__(self) -> None:
        self._round: federation.RoundJoined | None = None
        self._shares: dict[int, float] = {}
        """Of each simulated run, how much is done, 0 to 1."""

    def after(self, event: object) -> Stage | None:
        """Return what the progress bar should show after an event, or None to leave it."""
        match event:
            case federation.RoundJoined():
                self._round = event
            case training.StepFinished() if self._round is not None:
                return _stage_in_round(self._round, event)
            case simulation.RunAdvanced(run, done):
                self._shares[run.run_index] = done.round_number / done.round_count
                name = f"{run.label}: round {done.round_number} of {done.round_count}"
                return self._stage_of_runs(name, run.run_count, done.round_count)
        return stage_of(event)

    def _stage_of_runs(self, name: str, run_count: int, round_count: int) -> Stage:
        """Count the rounds of all runs; a run in a process of its own counts as far as it is."""
        done_count = round(sum(self._shares.values()) * round_count)
        return Stage(name, done_count, run_count * round_count)


class _Bar:
    """The bar at the foot of the terminal."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._task = progress.add_task("", total=None, visible=False)
        self._stages = Stages()
        self._shown: Stage | None = None

    def follow(self, event: object) -> None:
        """Show how far it is after an event."""
        stage = self._stages.after(event)
        if stage is None:
            return
        if not stage.goes_on_from(self._shown):
            self._progress.reset(self._task)
        self._progress.update(
            self._task,
            description=stage.name,
            completed=stage.done_count,
            total=stage.total_count,
            visible=True,
        )
        self._shown = stage


def stage_of(event: object) -> Stage | None:
    """Return what the progress bar should show after an event, or None to leave it."""
    match event:
        case training.ImagesPrepared(done, total):
            return Stage("Reading images", done, total)
        case training.StepFinished(step=step, step_count=count):
            return Stage("Training", step, count)
        case training.ImagesPredicted(done, total):
            return Stage("Asking the model", done, total)
        case reporting.ReportAdvanced(done, total):
            return Stage("Writing the report", done, total)
        case federation.ParametersLoaded(number, count):
            return Stage("Rounds", number, count)
        case federation.RoundWaited(sentence=sentence, round_number=number, round_count=count):
            return Stage(sentence, number - 1, count)
        case demo.DemoAdvanced(name, done, total):
            return Stage(name, done, total)
        case (
            importing.ImageImported(done_count=done, total_count=total)
            | importing.ImageRefused(done_count=done, total_count=total)
        ):
            return Stage("Importing", done, total)
    return _project_stage(event)


def _project_stage(event: object) -> Stage | None:
    match event:
        case exporting.RowsCollected(done_count=done, total_count=total):
            return Stage("Exporting", done, total)
        case (
            copying.FileCopied(done_count=done, total_count=total)
            | copying.FileWithheld(done_count=done, total_count=total)
        ):
            return Stage("Copying", done, total)
        case backup.BackupAdvanced(done, total):
            return Stage("Copying", done, total)
        case auditing.EntriesSeen(done, total):
            return Stage("Reading the audit trail", done, total)
    return None


def _stage_in_round(joined: federation.RoundJoined, step: training.StepFinished) -> Stage:
    """Count the rounds before this one; ``step`` counts through the rounds of the whole study."""
    count = step.step_count // joined.round_count
    name = f"Round {joined.round_number}: step {(step.step - 1) % count + 1} of {count}"
    return Stage(name, joined.round_number - 1, joined.round_count)


def sentence_of(event: object) -> str | None:
    """Return what a person should read about an event, or None if nothing."""
    return next(iter(_sentences(event)), None)


def counted(count: int, thing: str) -> str:
    """Say how many of a thing there are."""
    return f"{count} {thing}" if count == 1 else f"{count} {thing}s"


def _sentences(event: object) -> Iterator[str]:
    match event:
        case importing.ImageRefused(path, reason):
            yield f"Left out {path.name}: {reason}"
        case importing.ImportFinished():
            yield (
                f"Imported {counted(event.imported_count, 'image')} and "
                f"{counted(event.labelled_count, 'label')}; "
                f"{event.duplicate_count} here already, {event.refused_count} left out"
            )
        case demo.DemoFinished():
            yield f"{event.table}Report: {event.report_path} ({event.duration_s:.0f} s)"
        case training.ImageLeftOut(path, reason):
            yield f"Left out {path.name}: {reason}"
        case _:
            yield from _training_sentences(event)
            yield from _prediction_sentences(event)
            yield from _project_sentences(event)
            yield from _export_sentences(event)
            yield from _round_sentences(event)
            yield from _preflight_sentences(event)
            yield from _simulation_sentences(event)


def _training_sentences(event: object) -> Iterator[str]:
    match event:
        case training.TrainingStarted():
            yield (
                f"Training on {counted(event.training_count, 'image')}, "
                f"{event.validation_count} held out, on {event.device}"
            )
        case training.EpochFinished():
            yield f"Epoch {event.epoch} of {event.epoch_count}: {in_words(event.validation)}"
        case training.TrainingWarned(sentence):
            yield f"Warning: {sentence}"
        case findings.Finding():
            mark = {"good": "ok", "note": "note", "problem": "PROBLEM"}[event.verdict]
            remedy = f" {event.remedy}" if event.remedy else ""
            yield f"{event.topic} ({mark}): {event.sentence}{remedy}"
        case training.JudgingStarted():
            yield "Finding out how good the model is"
        case training.TrainingResumed(step):
            yield f"Going on after step {step}"
        case training.TrainingFinished(path, metrics):
            yield f"Saved {path}: {in_words(metrics)}"


def _prediction_sentences(event: object) -> Iterator[str]:
    match event:
        case training.PredictionStarted():
            yield f"Asking the model “{event.model_name}” about images, on {event.device}"
        case reporting.CardWritten(path):
            yield f"Wrote its model card {path}"
        case reporting.ReportWritten(path, picture_count):
            yield f"Wrote {path}" + (
                f" with {picture_count} images: patient data, treat it so" if picture_count else ""
            )
        case training.PredictionFinished():
            yield (
                f"A suggestion for {counted(event.predicted_count, 'image')}, "
                f"{event.left_out_count} left out: {event.table_path}"
            )
        case training.ModelExportStarted(model_name):
            yield f"Exporting the model “{model_name}”"
        case training.ModelExported(path=path):
            yield f"Other programs can use it from {path}. Research use only"
        case training.PicturesWritten():
            yield (
                f"Where the model looks: {counted(event.picture_count, 'picture')} in "
                f"{event.folder}, {event.left_out_count} left out. They show the images' pixels. "
                "They tell where an answer is sensitive, not why. Research use only"
            )


def _export_sentences(event: object) -> Iterator[str]:
    match event:
        case copying.FileWithheld(path, reason):
            yield f"Left out {path.name}: {reason}"
        case copying.CopiesFinished(folder, copied_count, withheld_count):
            yield f"Copied {counted(copied_count, 'file')} to {folder}; {withheld_count} left out"
        case exporting.LabelsExported(path, row_count, labelled_count):
            yield f"Wrote {counted(row_count, 'image')}, {labelled_count} labelled, to {path}"


def _project_sentences(event: object) -> Iterator[str]:
    match event:
        case auditing.AuditTrailWhole(count, digest):
            yield (
                f"The audit trail is whole: {count} entries. Keep this elsewhere, to notice if "
                f"its end is cut off: {count} {digest}"
            )
        case auditing.AuditTrailExported(path, count):
            yield f"Wrote {count} entries of the audit trail to {path}"
        case backup.BackupFinished(path, size_bytes, manifest):
            yield (
                f"Wrote {path}: {size_bytes / 1e6:.1f} MB, {manifest.labelled_count} of "
                f"{counted(manifest.image_count, 'known image')} labelled"
            )
        case handing_over.HandedOver(membership, path):
            yield (
                f"The study “{membership.study.name}” is handed over in {path}. Take it on the "
                "other computer, which also needs the images; here it rests until it is taken back"
            )
        case handing_over.TakenOver(membership, is_confirmed):
            later = "" if is_confirmed else "; the coordinator hears of it when it answers again"
            yield f"The study “{membership.study.name}” is trained by this project now{later}"
        case restore.RestoreFinished(home, manifest):
            yield f"Restored {counted(manifest.labelled_count, 'label')} to {home.path}"


def _round_sentences(event: object) -> Iterator[str]:
    match event:
        case federation.StudyOpened():
            yield (
                f"Taking part in “{event.name}” with {counted(event.training_count, 'image')}, "
                f"{event.validation_count} held out, on {event.device}"
            )
        case federation.RoundJoined(number, count):
            yield f"Picked for round {number} of {count}; training"
        case federation.UpdateSent(number, size, samples):
            trained_on = counted(samples, "image")
            yield f"Round {number}: sent {size / 1e6:.1f} MB, trained on {trained_on}"
        case federation.UpdateRefused(number, sentence):
            yield f"Round {number}: the update was not taken. {sentence}"
        case federation.ParametersLoaded():
            yield (
                f"Global model of round {event.round_number} of {event.round_count} loaded: "
                f"{in_words(event.validation)}"
            )
        case federation.CoordinatorAway(sentence, retry_in_s):
            yield f"{sentence}. Asking again in {retry_in_s:.0f} s; nothing is lost"
        case federation.StudyFinished(sentence, checkpoint_path):
            yield sentence
            if checkpoint_path is not None:
                yield f"The model is {checkpoint_path}"


def _preflight_sentences(event: object) -> Iterator[str]:
    match event:
        case preflight.Checked(topic, verdict, sentence, helper, remedy):
            mark = {"good": "ok", "note": "note", "problem": "PROBLEM"}[verdict]
            who = _HELPERS[helper]
            to_do = f" {who}: {remedy}" if str(remedy) else ""
            yield f"{topic.capitalize()} ({mark}): {sentence}{to_do}"
        case preflight.PreflightFinished(problem_count, note_count):
            yield f"{counted(problem_count, 'problem')}, {counted(note_count, 'note')}"


def _simulation_sentences(event: object) -> Iterator[str]:
    match event:
        case simulation.RunsFound(found, asked) if found:
            yield f"{found} of {asked} runs are there already"
        case simulation.EngineStarted(count):
            where = "one process" if count == 1 else f"{count} processes"
            yield f"Flower's engine has started; sites train in {where}"
        case simulation.RunFinished(run, result):
            last = result.rounds[-1].sites
            in_site = [s.auc for s in last if s.auc is not None and not s.is_held_out]
            unseen = [s.auc for s in last if s.auc is not None and s.is_held_out]
            told = [f"AUC {fmean(in_site):.3f} in-site"] if in_site else []
            told += [f"{auc:.3f} unseen" for auc in unseen]
            seconds = sum(done.seconds for done in result.rounds)
            yield f"{run.label}: {', '.join((*told, f'{seconds:.0f} s'))}"
        case simulation.RunFailed(run, reason):
            yield f"Warning: {run.label} came to no result. {reason}"
        case simulation.Reported(text, paths):
            yield f"{text}Wrote {', '.join(map(str, paths))}"


def in_words(metrics: LesionMetrics) -> str:
    """Say how good a model is on held-out images."""
    if metrics.accuracy is None:
        return "no held-out image to judge it by"
    auc = "AUC undefined with one class" if metrics.auc is None else f"AUC {metrics.auc:.3f}"
    return (
        f"{metrics.accuracy:.0%} of {counted(metrics.sample_count, 'held-out image')} right, {auc}"
    )
