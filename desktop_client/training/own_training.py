"""Training on this site's own images, in one sitting or in several."""

from collections.abc import Callable, Generator
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import torch

from coordinator.study import InputContract, LesionClass
from desktop_client.errors import NothingToTrainError, RunFileError
from desktop_client.labelling.sample import Sample
from desktop_client.labelling.store import LabelStore
from desktop_client.training.dataset import PreparedImages, prepare_images
from desktop_client.training.device import (
    choose_devices,
    compute_repeatably,
    describe_devices,
    leave_a_core_free,
)
from desktop_client.training.events import (
    ImageLeftOut,
    ImagesPrepared,
    JudgingStarted,
    TrainingEvent,
    TrainingFinished,
    TrainingPaused,
    TrainingResumed,
    TrainingStarted,
    TrainingWarned,
)
from desktop_client.training.judging_saved import Bench, Upbringing, judge_saved, scanner_names
from desktop_client.training.own_run import OwnRun, Subject, pixels_digest
from desktop_client.training.recording import tally
from desktop_client.training.request import ResumeRequest, TrainingRequest
from desktop_client.training.roll import (
    Roll,
    entries_of,
    newcomer_count,
    outdated,
    places,
    samples_of,
)
from desktop_client.training.run_file import (
    RunCard,
    discard_run,
    load_run,
    run_path_of,
    sweep_run,
)
from desktop_client.training.starting_ranks import opened_ranks
from desktop_client.training.trainer import SiteImages, noting, prepare_site

IsPauseAsked = Callable[[], bool]
"""Asked before each step."""


def never() -> bool:
    """Ask for no pause."""
    return False


def train_from_store(
    request: TrainingRequest, is_pause_asked: IsPauseAsked = never
) -> Generator[TrainingEvent]:
    """Train on the labelled images of a label store; save model and training after each epoch.

    Raises:
        NothingToTrainError: saying what is missing.
        PretrainedWeightsError: if the weights to begin from are missing or do not fit.
        TrainingDivergedError: if the loss is no longer a number.
        CheckpointError: if the model cannot be written.
        RunFileError: if the training cannot be saved.
    """
    devices = _ready_devices(request)
    with LabelStore(request.labels_path) as store:
        samples = store.training_samples()
        names = {c.class_id: c.name for c in store.classes()}
    class_ids = [class_id for class_id in names if any(s.class_id == class_id for s in samples)]
    _check_labels(samples, class_ids)
    domain_ids = sorted({s.domain_id for s in samples}, key=str)
    left_out: list[ImageLeftOut] = []
    preparing = prepare_site(samples, request.input, places(class_ids), places(domain_ids))
    images = yield from noting(left_out, preparing)
    if len(images.training.lesion_labels.unique()) < 2:
        raise NothingToTrainError("Fewer than two classes have readable images to train on")
    roll = Roll(
        class_ids=tuple(class_ids),
        domain_ids=tuple(domain_ids),
        training=entries_of(images.training.samples, class_ids, domain_ids),
        held_out=entries_of(images.validation.samples, class_ids, domain_ids),
        left_out=tuple((str(event.path), event.reason) for event in left_out),
        pixels_digest=pixels_digest(images),
    )
    classes = tuple(LesionClass(class_id=c, name=names[c]) for c in class_ids)
    sweep_run(run_path_of(request.checkpoint_path))
    run = OwnRun(Subject(request, classes, roll, images, devices))
    yield from run.read_inputs()
    yield _started(run)
    yield from _epochs(run, is_pause_asked)


def resume_from_store(
    request: ResumeRequest, is_pause_asked: IsPauseAsked = never
) -> Generator[TrainingEvent]:
    """Go on with a training where its run file was saved.

    On a CPU the model becomes bit for bit that of an uninterrupted training.

    Raises:
        RunFileError: if the run file is missing or damaged, or cannot be written.
        RunOutdatedError: if labels, scanners or images of the training have changed since.
        PretrainedWeightsError: if the weights to begin from are missing or do not fit.
        TrainingDivergedError: if the loss is no longer a number.
        CheckpointError: if the model cannot be written.
    """
    sweep_run(run_path_of(request.checkpoint_path))
    run, usable, saved = yield from _reopened(request)
    roll = run.subject.roll
    yield from run.read_inputs()
    yield _started(run)
    for name, reason in roll.left_out:
        yield ImageLeftOut(Path(name), reason)
    yield TrainingResumed(run.course.step, run.history())
    if saved.rank_count != len(run.subject.devices):
        yield TrainingWarned(
            f"{saved.rank_count} processes trained together until now, and from here on "
            f"{len(run.subject.devices)}: the model will differ in the last bits"
        )
    if count := newcomer_count(roll, usable):
        yield TrainingWarned(
            f"Images labelled since this training began take no part in it ({count} so far)"
        )
    yield from _epochs(run, is_pause_asked)


def judge_unfinished(request: ResumeRequest) -> Generator[TrainingEvent]:
    """Report on the model that an interrupted training has saved, as one that has ended does.

    Raises:
        RunFileError: if the run file is missing or damaged.
        RunOutdatedError: if labels, scanners or images of the training have changed since.
        CheckpointError: if the model cannot be used.
        QualityReportError: if the report cannot be written.
    """
    run, *_ = yield from _reopened(request)
    yield from _judged(run)


def _reopened(
    request: ResumeRequest,
) -> Generator[ImagesPrepared | ImageLeftOut, None, tuple[OwnRun, list[Sample], RunCard]]:
    """Return a training as its run file has it, the images of now, and what the file says."""
    path = run_path_of(request.checkpoint_path)
    card, arrays = load_run(path)
    settings = replace(
        card.request, labels_path=request.labels_path, checkpoint_path=request.checkpoint_path
    )
    devices = _ready_devices(settings, or_fewer=True)  # a card may have gone since
    # Sums in other parts have other last bits.
    torch.set_num_threads(card.thread_count)
    roll = Roll.from_array(arrays["roll"])
    with LabelStore(request.labels_path) as store:
        usable = store.training_samples()
        training, held_out = samples_of(roll, store.samples(), usable)
    images = yield from _same_images(roll, training, held_out, settings.input)
    run = OwnRun(Subject(settings, card.classes, roll, images, devices))
    try:
        run.restore(card, arrays)
    except (KeyError, ValueError, RuntimeError) as error:  # torch: names or shapes differ
        raise RunFileError(
            f"{path} is of another version of SiteBlind; discard it and start a new training"
        ) from error
    return run, usable, card


def _epochs(run: OwnRun, is_pause_asked: IsPauseAsked) -> Generator[TrainingEvent]:
    path = run_path_of(run.subject.request.checkpoint_path)
    with opened_ranks(run.subject.devices) as ranks:
        run.compute_with(ranks)
        yield from _steps(run, is_pause_asked)
    yield from _judged(run)
    course = run.course
    if not course.is_over:
        yield TrainingPaused(path, course.step, course.step_count)
        return
    discard_run(path)
    yield TrainingFinished(run.subject.request.checkpoint_path, run.last_epoch.validation)


def _steps(run: OwnRun, is_pause_asked: IsPauseAsked) -> Generator[TrainingEvent]:
    """Train to the end, or until the pause that is asked for; all is saved then."""
    course = run.course
    while not course.is_over:
        while not course.is_epoch_over:
            if is_pause_asked():
                run.save()
                return
            yield from run.advance()
        yield run.finish_epoch()


def _judged(run: OwnRun) -> Generator[JudgingStarted]:
    """Report on the model of the last finished epoch, if there is one."""
    if not run.course.epoch:
        return
    subject = run.subject
    request, roll = subject.request, subject.roll
    domains = tuple(range(len(roll.domain_ids)))
    names = scanner_names(request.labels_path)
    upbringing = Upbringing(
        origin="own",
        method=run.method,
        seed=request.seed,
        stages=run.stages,
        stage_count=request.epoch_count,
        left_out=tally(reason for _, reason in roll.left_out),
        warnings=run.warnings,
    )
    yield JudgingStarted(request.checkpoint_path)
    called = tuple(names.get(domain_id, "") for domain_id in roll.domain_ids)
    bench = Bench(subject.images, domains, called, run.begun, subject.device)
    judge_saved(request.checkpoint_path, bench, upbringing)


def _ready_devices(request: TrainingRequest, *, or_fewer: bool = False) -> tuple[torch.device, ...]:
    devices = choose_devices(request.device, request.rank_count, or_fewer=or_fewer)
    leave_a_core_free(len(devices))
    if request.is_deterministic:
        compute_repeatably()
    return devices


def _same_images(
    roll: Roll, training: list[Sample], held_out: list[Sample], contract: InputContract
) -> Generator[ImagesPrepared | ImageLeftOut, None, SiteImages]:
    """Prepare the images of an interrupted training as they were, in its order.

    Raises:
        RunOutdatedError: if they themselves have changed.
    """
    images: PreparedImages = yield from prepare_images(
        [*training, *held_out],
        contract,
        places(roll.class_ids),
        places(roll.domain_ids),
    )
    missing_count = len(training) + len(held_out) - len(images)
    if missing_count:
        raise outdated(f"{missing_count} of its images can no longer be read")
    rows = torch.arange(len(images))
    same = SiteImages(
        images.at(rows[: len(training)]), images.at(rows[len(training) :]), len(roll.left_out)
    )
    if pixels_digest(same) != roll.pixels_digest:
        raise outdated("the files of some of its images hold other pictures now")
    return same


def _started(run: OwnRun) -> TrainingStarted:
    images = run.subject.images
    return TrainingStarted(
        device=describe_devices(run.subject.devices),
        training_count=len(images.training),
        validation_count=len(images.validation),
        left_out_count=images.left_out_count,
        domain_count=len(run.subject.roll.domain_ids),
        step_count=run.course.step_count,
        device_type=run.subject.device.type,
    )


def _check_labels(samples: list[Sample], class_ids: list[UUID]) -> None:
    if len(class_ids) >= 2:
        return
    have = f"{len(samples)} labelled images of {len(class_ids)} classes"
    raise NothingToTrainError(
        f"Training needs labelled images of at least two classes; there are {have}. "
        "Label some images of another class first"
    )
