"""The study as an app on Flower's own programs: a superlink somewhere, a supernode at each site.

A node says in its configuration whose project's images it trains on and which study.toml it has
agreed to; what a server sends about another study is refused.
"""

import tempfile
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from flwr.app import Context
from flwr.serverapp import Grid, ServerApp
from safetensors.numpy import save

from coordinator.parameters import MESSAGE_KEY
from coordinator.protocol import STUDY_KEY
from coordinator.study import Study, read_study
from desktop_client.durable import write_durably
from desktop_client.errors import CheckpointError, FlowerError, StudyUnsuitableError
from desktop_client.federation.averager import Averager, initial_parameters, site_id_of
from desktop_client.federation.exchange import GlobalParameters
from desktop_client.federation.flower.gathering import introductions
from desktop_client.federation.flower.records import BODY, Introduction, record_of
from desktop_client.federation.flower.run_record import RunJoined, put_on_record
from desktop_client.federation.flower.settings import (
    PROGRAM,
    NodeSettings,
    RunSettings,
    read_settings,
)
from desktop_client.federation.flower.silence import check_silence
from desktop_client.federation.flower.site_part import OpenedSite, client_app
from desktop_client.federation.flower.strategy import Member, SiteBlindStrategy
from desktop_client.federation.membership import Contribution
from desktop_client.federation.site import labelled_samples
from desktop_client.paths import Home
from desktop_client.project.opening import open_project
from desktop_client.training.device import choose_device, leave_a_core_free
from desktop_client.training.trainer import SiteImages, prepare_site


def serve(grid: Grid, context: Context) -> None:
    """Run a study from its first round to its last, and write its model.

    Raises:
        FlowerError: if too few sites come or send anything usable, or a setting is wrong.
        CoordinatorError: if the study.toml is not valid.
        CheckpointError: if the model cannot be written.
    """
    check_silence()
    settings = read_settings(RunSettings, context.run_config, "--run-config")
    study = read_study(settings.study)
    members = _members(introductions(grid, study, settings.sites, settings.patience_s), study)
    with _work_folder(settings.output) as folder:
        averager = _averager(study, members, settings.weights, folder)
        strategy = SiteBlindStrategy(study, averager, members)
        strategy.start(grid, record_of(BODY, b""), study.rounds.count, study.rounds.deadline_s)
        averager.take_mean_of_rounds()
        for base in averager.bases.values():
            _write_model(settings.output, study, base)


def open_node(context: Context) -> OpenedSite:
    """Prepare the images of a node's project.

    Raises:
        FlowerError: if a setting is wrong.
        CoordinatorError: if the study.toml is not valid.
        ProjectError: if the project is open elsewhere.
        LabelStoreError: if the audit trail cannot be written.
        StudyUnsuitableError: if it has no labelled image that fits the study.
    """
    check_silence()
    settings = read_settings(NodeSettings, context.node_config, "--node-config")
    leave_a_core_free()
    study, home = read_study(settings.study), Home(settings.home.absolute())
    with open_project(home, PROGRAM):
        samples, lesion_labels = labelled_samples(home.labels_path, study, Contribution())
        extractor = settings.extractor or study.model.extractor
        run = RunJoined(context.run_id, settings.site, study, extractor)
        put_on_record(home, run, settings.consent)
    domain_ids = tuple(sorted({sample.domain_id for sample in samples}, key=str))
    numbered = {domain_id: number for number, domain_id in enumerate(domain_ids)}
    preparing = prepare_site(samples, study.input, lesion_labels, numbered)
    return OpenedSite(
        name=settings.site,
        study=study,
        images=_ready(preparing),
        domain_ids=domain_ids,
        device=choose_device(settings.device),
        extractor=extractor,
        record=(home, run.name),
    )


def _members(came: Mapping[int, Introduction], study: Study) -> list[Member]:
    """Number the sites' domains, in order of the sites' names: the same sites, the same numbers."""
    members, next_index = [], 0
    for node_id, said in sorted(came.items(), key=lambda item: item[1].site_name):
        count = len(said.domain_ids)
        if count > study.model.site_domain_limit:
            raise FlowerError(
                f"{said.site_name} has images of {count} scanners; the study allows "
                f"{study.model.site_domain_limit} for each site"
            )
        indices = {domain_id: next_index + n for n, domain_id in enumerate(said.domain_ids)}
        site_id = site_id_of(said.site_name)
        members.append(Member(node_id, said.site_name, site_id, said.extractor, indices))
        next_index += count
    if next_index > study.model.domain_capacity:
        raise FlowerError(
            f"The sites have {next_index} scanners; model.domain_capacity allows "
            f"{study.model.domain_capacity}"
        )
    return members


def _averager(
    study: Study, members: Sequence[Member], weights_path: Path | None, folder: Path
) -> Averager:
    domain_count = sum(len(member.domain_indices) for member in members)
    chosen = dict.fromkeys((study.model.extractor, *(m.extractor for m in members)))
    base, *others = (initial_parameters(study, domain_count, weights_path, e) for e in chosen)
    return Averager(study, base, folder, others)


@contextmanager
def _work_folder(output: Path) -> Iterator[Path]:
    """Give a folder for updates beside the model; it also shows that one can be written there."""
    try:
        with tempfile.TemporaryDirectory(prefix=".siteblind-", dir=output.parent) as folder:
            yield Path(folder)
    except OSError as error:
        raise CheckpointError(f"{output} cannot be written: {error.strerror}") from error


def _write_model(output: Path, study: Study, base: GlobalParameters) -> None:
    """Write a model file, as a coordinator exports one."""
    extractor = base.message.extractor
    if extractor != study.model.extractor:
        output = output.with_stem(f"{output.stem}.{extractor}")
    said = {MESSAGE_KEY: base.message.model_dump_json(), STUDY_KEY: study.model_dump_json()}
    write_durably(output, save(base.parameters, metadata=said))


def _ready(preparing: Generator[object, None, SiteImages]) -> SiteImages:
    """Wait until all images are prepared.

    Raises:
        StudyUnsuitableError: if none of them can be read.
    """
    while True:
        try:
            next(preparing)
        except StopIteration as end:
            images: SiteImages = end.value
            break
    if not len(images.training):
        raise StudyUnsuitableError("None of this site's images for the study can be read")
    return images


server = ServerApp()
server.main()(serve)
client = client_app(open_node)
