"""A live coordinator on a loopback port with a clock to turn, and sites that speak to it."""

import hashlib
import secrets
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID, uuid4

import numpy as np
import pytest
import requests
import uvicorn
from hypothesis import settings

from coordinator import protocol
from coordinator.access.auth import invite_sites
from coordinator.app import create_app
from coordinator.parameters import STYLE_COUNT, Parameters, decode, encode
from coordinator.rounds.initial import create_study
from coordinator.rounds.life import Rounds
from coordinator.server.serving import listen
from coordinator.server.settings import read_settings
from coordinator.storage.blobs import BlobFolder, Blobs
from coordinator.storage.objects import ObjectBlobs
from coordinator.storage.store import Store
from coordinator.study import Study
from tests.coordinator.command_line import STUDY_TOML, CommandLine
from tests.coordinator.object_store import ObjectStore, running_object_store
from tests.coordinator.postgresql import Cluster, running_cluster

# A machine with other things to do takes its time, and thread pools take turns.
settings.register_profile("unhurried-coordinator", deadline=None)
settings.load_profile("unhurried-coordinator")

CLASS_IDS: Final = (
    UUID("6a1f2c1e-0a54-4a0e-8b7e-2a6d1d9f0001"),
    UUID("6a1f2c1e-0a54-4a0e-8b7e-2a6d1d9f0002"),
)
TIMEOUT_S: Final = 20
_WITH_OBJECTS: Final = "postgresql, objects"


def tiny_parameters(value: float = 0.0, domain_width: int = 8) -> Parameters:
    """All arrays of the smallest possible study, filled with one value."""
    shapes = {
        "feature_extractor.conv.weight": (3, 2),
        "lesion_classifier.weight": (2, 2),
        "lesion_classifier.bias": (2,),
        "domain_classifier.weight": (domain_width, 2),
        "domain_classifier.bias": (domain_width,),
    }
    return {name: np.full(shape, value, np.float32) for name, shape in shapes.items()}


def tiny_moments(indices: Sequence[int], value: float = 0.5) -> Parameters:
    """Moments of some domains: every mean ``value``, every covariance the identity."""
    moments: Parameters = {}
    for index in indices:
        moments[f"moments.{index}.mean"] = np.full(2, value, np.float32)
        moments[f"moments.{index}.covariance"] = np.eye(2, dtype=np.float32)
    return moments


def tiny_styles(indices: Sequence[int], value: float = 0.5) -> Parameters:
    """Styles of some domains in colour: every mean and every deviation ``value``."""
    return {f"styles.{index}": np.full((STYLE_COUNT, 2, 3), value, np.float32) for index in indices}


def tiny_study(
    method: dict[str, Any] | None = None, model: dict[str, Any] | None = None, **rounds: Any
) -> Study:
    """Two classes, two features, eight domains; ``rounds`` are keys of ``[rounds]``.

    One domain classifier, no styles and no mean of rounds unless asked for, so that what travels
    and what comes of it can be worked out by hand.
    """
    return Study.model_validate(
        {
            "name": "Moles",
            "task": "Tell nevus from melanoma",
            "classes": [
                {"class_id": CLASS_IDS[0], "name": "nevus"},
                {"class_id": CLASS_IDS[1], "name": "melanoma"},
            ],
            "model": {
                "feature_dim": 2,
                "domain_capacity": 8,
                "domains_per_site": 5,
                "domain_classifier": "one",
                **(model or {}),
            },
            # Tests send round numbers, which no training would come to by the default clipping.
            "method": {"restyle": "none", "gradient_clip": 1e6, **(method or {})},
            "rounds": {"count": 3, "deadline_s": 3600, "averaged_rounds": 1, **rounds},
        }
    )


def global_body(study: Study, of_study: str, parameters: Parameters, **changes: Any) -> bytes:
    """Initial parameters as an owner or a site would send them."""
    message = protocol.GlobalMessage(
        **{
            "protocol_version": protocol.PROTOCOL_VERSION,
            "method_version": protocol.METHOD_VERSION,
            "study_id": of_study,
            "study_digest": study.digest,
            "round_number": 0,
            "extractor": study.model.extractor,
            "domain_count": 0,
            **changes,
        }
    )
    return encode(parameters, message)


def upload_headers(body: bytes, offset: int = 0) -> dict[str, str]:
    """What a site says about a body that it sends from an offset on."""
    return {
        protocol.DIGEST_HEADER: hashlib.sha256(body).hexdigest(),
        protocol.LENGTH_HEADER: str(len(body)),
        protocol.OFFSET_HEADER: str(offset),
    }


def refusal(response: requests.Response) -> tuple[int, str, str]:
    """Status, code and sentence of a refusal; fails on anything else."""
    error = protocol.ErrorReply.model_validate_json(response.content)
    return response.status_code, error.code, error.message


def wait_until(is_so: Callable[[], bool]) -> None:
    """Wait for what another thread is about to do; fails after a while."""
    deadline = time.monotonic() + TIMEOUT_S
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.005)


class Clock:
    """Stands still until it is turned."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 22, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def show_real_time(self) -> None:
        self.now = datetime.now(UTC)

    def turn(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@dataclass
class LiveSite:
    """A site of one study, doing exactly what a test asks."""

    coordinator: "LiveCoordinator"
    study_id: str
    study: Study
    site_id: str
    credential: str
    domain_indices: tuple[int, ...] = ()

    def request(self, method: str, path: str, **options: Any) -> requests.Response:
        options.setdefault("headers", {})["Authorization"] = f"Bearer {self.credential}"
        return self.coordinator.request(method, path, **options)

    def round(self) -> protocol.RoundReply:
        response = self.request("GET", protocol.round_path(self.study_id))
        assert response.status_code == 200, response.text
        return protocol.RoundReply.model_validate_json(response.content)

    def register_domains(self, count: int = 1) -> tuple[int, ...]:
        message = protocol.DomainsRequest(domain_ids=tuple(uuid4() for _ in range(count)))
        response = self.request(
            "POST", protocol.domains_path(self.study_id), data=message.model_dump_json()
        )
        assert response.status_code == 200, response.text
        reply = protocol.DomainsReply.model_validate_json(response.content)
        self.domain_indices = tuple(reply.indices[domain] for domain in message.domain_ids)
        return self.domain_indices

    def download(self, round_number: int) -> tuple[Parameters, protocol.GlobalMessage]:
        path = protocol.parameters_path(self.study_id, round_number)
        response = self.request("GET", path)
        assert response.status_code == 200, response.text
        return decode(response.content, protocol.GlobalMessage)

    def update_body(self, arrays: Parameters, sample_count: int = 10, **changes: Any) -> bytes:
        """A right update for the round as it stands, but for ``changes`` in its message."""
        standing = self.round()
        assert standing.global_parameters is not None
        message = protocol.UpdateMessage(
            **{
                "protocol_version": protocol.PROTOCOL_VERSION,
                "method_version": protocol.METHOD_VERSION,
                "study_id": self.study_id,
                "study_digest": self.study.digest,
                "site_id": self.site_id,
                "round_number": standing.round_number,
                "extractor": self.study.model.extractor,
                "base_digest": standing.global_parameters.digest,
                "sample_count": sample_count,
                "domain_indices": self.domain_indices,
                "metrics_before": protocol.LesionMetrics(sample_count=0),
                **changes,
            }
        )
        return encode(arrays, message)

    def send(self, round_number: int, body: bytes) -> requests.Response:
        """Send an update whole, and wait for what comes of it at the coordinator."""
        path = protocol.update_path(self.study_id, round_number)
        gone_on = self.coordinator.gone_on
        gone_on_before = 0 if gone_on is None else len(gone_on)
        response = self.request("PUT", path, data=body, headers=upload_headers(body))
        if response.ok and gone_on is not None:
            wait_until(lambda: len(gone_on) > gone_on_before)
        self.coordinator.settle(self.study_id)
        return response

    def send_value(self, value: float, sample_count: int = 10) -> requests.Response:
        """Send a right update whose every parameter has one value."""
        number = self.round().round_number
        return self.send(number, self.update_body(tiny_parameters(value), sample_count))

    def propose(self, body: bytes) -> requests.Response:
        path = protocol.proposal_path(self.study_id)
        return self.request("PUT", path, data=body, headers=upload_headers(body))


@dataclass
class LiveCoordinator:
    """A coordinator that serves HTTP, with its insides at hand."""

    url: str
    store: Store
    blobs: Blobs
    rounds: Rounds
    blob_folder: Path
    clock: Clock
    gone_on: list[str] | None = None
    """The study of each accepted update, once what comes of the update has come of it; None where
    the coordinator is another process, which nobody can look into."""
    session: requests.Session = field(default_factory=requests.Session)

    def request(self, method: str, path: str, **options: Any) -> requests.Response:
        return self.session.request(method, self.url + path, timeout=TIMEOUT_S, **options)

    def create_study(self, study: Study, parameters: Parameters | None = None) -> str:
        """Keep a study, with initial parameters if given."""
        paths = []
        if parameters is not None:
            paths = [self.blob_folder.with_name("initial.safetensors")]
            paths[0].write_bytes(global_body(study, "unnamed", parameters))
        return create_study(self.store, self.blobs, study, paths, self.clock())

    def content(self, name: str) -> bytes:
        """Read what lies under a name, past the program."""
        if not isinstance(self.blobs, ObjectBlobs):
            return (self.blob_folder / name).read_bytes()
        place, client = self.blobs._place, self.blobs._client
        found = client.get_object(Bucket=place.bucket, Key=place.key(name))
        return bytes(found["Body"].read())

    def overwrite(self, name: str, content: bytes) -> None:
        """Put other bytes under a name, past the program."""
        if not isinstance(self.blobs, ObjectBlobs):
            (self.blob_folder / name).write_bytes(content)
            return
        place, client = self.blobs._place, self.blobs._client
        client.put_object(Bucket=place.bucket, Key=place.key(name), Body=content)
        (self.blob_folder / name).unlink(missing_ok=True)  # the copy

    def settle(self, study_id: str) -> None:
        """Wait for what goes on after an answer; what fails then is the next poll's to tell."""
        with suppress(Exception):
            self.rounds.advance(study_id)
        wait_until(lambda: not self.rounds._advancing)

    def invite(self, study_id: str, days: float = 14) -> str:
        with self.store.writing() as connection:
            return invite_sites(connection, study_id, self.clock(), timedelta(days=days))[0]

    def enrol(self, code: str, credential: str, **changes: Any) -> requests.Response:
        message = {
            "protocol_version": protocol.PROTOCOL_VERSION,
            "code": code,
            "credential": credential,
            "site_name": "Hospital",
            **changes,
        }
        return self.request("POST", protocol.ENROLMENTS_PATH, json=message)

    def join(self, study_id: str, study: Study) -> LiveSite:
        """Enrol a new site with one domain."""
        credential = secrets.token_urlsafe(32)
        response = self.enrol(self.invite(study_id), credential)
        assert response.status_code == 200, response.text
        reply = protocol.EnrolmentReply.model_validate_json(response.content)
        site = LiveSite(self, study_id, study, reply.site_id, credential)
        site.register_domains()
        return site

    def running_study(
        self,
        site_count: int,
        method: dict[str, Any] | None = None,
        model: dict[str, Any] | None = None,
        **rounds: Any,
    ) -> list[LiveSite]:
        """A study with initial parameters of zeros and its sites, each with one domain."""
        study = tiny_study(method, model, **rounds)
        initial = tiny_parameters(domain_width=8 * study.moments_per_domain)
        study_id = self.create_study(study, initial)
        return [self.join(study_id, study) for _ in range(site_count)]


@pytest.fixture
def clock() -> Clock:
    return Clock()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run what is marked ``every_database`` on PostgreSQL too, and there with an object store."""
    if metafunc.definition.get_closest_marker("every_database"):
        with_objects = pytest.param(_WITH_OBJECTS, marks=pytest.mark.slow)
        databases = ["sqlite", "postgresql", with_objects]
        metafunc.parametrize("database_url", databases, indirect=True)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Cluster]:
    with running_cluster() as cluster:
        yield cluster


@pytest.fixture(scope="session")
def object_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ObjectStore]:
    with running_object_store(tmp_path_factory.mktemp("object-store")) as running:
        yield running


@pytest.fixture
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if getattr(request, "param", "sqlite") != "sqlite":
        cluster: Cluster = request.getfixturevalue("postgresql")
        return cluster.new_database()
    return f"sqlite:///{tmp_path / 'coordinator.sqlite'}"


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    opened = Store(database_url)
    yield opened
    opened.close()


@pytest.fixture
def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> Blobs:
    folder = BlobFolder(tmp_path / "parameters")
    callspec = getattr(request.node, "callspec", None)
    if callspec is None or callspec.params.get("database_url") != _WITH_OBJECTS:
        return folder
    running: ObjectStore = request.getfixturevalue("object_store")
    return ObjectBlobs(running.new_place(), folder)


@pytest.fixture
def command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> CommandLine:
    return CommandLine(tmp_path, capsys)


@pytest.fixture
def study_toml(tmp_path: Path) -> Path:
    path = tmp_path / "study.toml"
    path.write_text(STUDY_TOML)
    return path


@pytest.fixture
def live(
    tmp_path: Path, store: Store, blobs: Blobs, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> Iterator[LiveCoordinator]:
    """A coordinator behind a real uvicorn server in a thread."""
    blob_folder = tmp_path / "parameters"
    settings = read_settings(data_folder=tmp_path, proposal_limit_bytes=100_000)
    settings.arriving_path.mkdir()
    app = create_app(store, blobs, clock, settings)
    rounds: Rounds = app.state.coordinator.rounds
    gone_on: list[str] = []
    go_on = rounds.go_on

    def go_on_and_note(study_id: str) -> None:
        try:
            go_on(study_id)
        finally:
            gone_on.append(study_id)

    monkeypatch.setattr(rounds, "go_on", go_on_and_note)
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False))
    with listen("127.0.0.1", 0) as listener:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        wait_until(lambda: server.started)
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        coordinator = LiveCoordinator(url, store, blobs, rounds, blob_folder, clock, gone_on)
        yield coordinator
        coordinator.session.close()
        server.should_exit = True
        thread.join()
