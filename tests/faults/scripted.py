"""A study to break, and sites that take part in it by script: no training, the same bits each time.

The sites speak HTTP by themselves, so that what they send does not depend on the client's code.
"""

import hashlib
import json
import secrets
import shutil
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final
from uuid import UUID, uuid4

import numpy as np
import numpy.typing as npt
import requests
from safetensors.numpy import load, save
from sqlalchemy.engine import Connection

from coordinator import protocol
from coordinator.access.auth import enrol, invite_sites
from coordinator.rounds.initial import create_study
from coordinator.storage.blobs import BlobFolder, Blobs
from coordinator.storage.store import Store
from coordinator.storage.studies import assign_domains, find_study
from coordinator.study import Study

Arrays = dict[str, npt.NDArray[np.float32]]

FEATURE_DIM: Final = 4
CLASS_COUNT: Final = 2
TIMEOUT_S: Final = 300.0
_OF_A_FRONT: Final = (HTTPStatus.BAD_GATEWAY, HTTPStatus.GATEWAY_TIMEOUT)
"""What no coordinator answers by itself, but a proxy that finds none."""
IDLE_S: Final = 0.02
"""How long a site waits when it has nothing to do."""


def scripted_study(domain_capacity: int, **rounds: Any) -> Study:
    """Two classes, four features; ``rounds`` are keys of ``[rounds]``.

    Everybody ever seen counts as present and no deadline passes, so that the picks are the same
    in every run.
    """
    days = 30 * 86_400
    return Study.model_validate(
        {
            "name": "Moles",
            "task": "Tell nevus from melanoma",
            "classes": [
                {"class_id": UUID(int=1), "name": "nevus"},
                {"class_id": UUID(int=2), "name": "melanoma"},
            ],
            "model": {"feature_dim": FEATURE_DIM, "domain_capacity": domain_capacity},
            # Scripted sites send numbers that no training would come to by the default clipping.
            "method": {"restyle": "none", "gradient_clip": 1e6},
            "rounds": {"deadline_s": days, "seen_within_s": days, "poll_s": 1, **rounds},
        }
    )


def initial_arrays(domain_capacity: int, extractor_width: int) -> Arrays:
    """A model of ``extractor_width * 1000`` values and two classifiers."""
    rng = np.random.default_rng(0)
    domain_width = CLASS_COUNT * domain_capacity
    shapes = {
        "domain_classifier.bias": (domain_width,),
        "domain_classifier.weight": (domain_width, FEATURE_DIM),
        "feature_extractor.stem.weight": (extractor_width, 1000),
        "lesion_classifier.bias": (CLASS_COUNT,),
        "lesion_classifier.weight": (CLASS_COUNT, FEATURE_DIM),
    }
    return {name: rng.normal(size=shape).astype(np.float32) for name, shape in shapes.items()}


@dataclass(frozen=True, slots=True)
class Member:
    """What one site of a study must know to take part in it."""

    number: int
    """From 0, in order of enrolment."""
    site_id: str
    credential: str
    domain_index: int


@dataclass(frozen=True, slots=True)
class Template:
    """A data folder with one study that is ready to begin; runs begin from copies of it."""

    folder: Path
    study_id: str
    study: Study
    members: tuple[Member, ...]

    def copy_to(self, folder: Path) -> Path:
        """Make a data folder to run a coordinator on."""
        return Path(shutil.copytree(self.folder, folder))


def make_template(
    folder: Path, site_count: int, extractor_width: int = 300, **rounds: Any
) -> Template:
    """Create a study, its initial parameters and its sites with one domain each."""
    study = scripted_study(max(2, site_count), **rounds)
    folder.mkdir(parents=True)
    store = Store(f"sqlite:///{folder / 'coordinator.sqlite'}")
    try:
        blobs = BlobFolder(folder / "parameters")
        return fill(store, blobs, folder, study, site_count, extractor_width)
    finally:
        store.close()


def fill(
    store: Store,
    blobs: Blobs,
    folder: Path,
    study: Study,
    site_count: int,
    extractor_width: int = 300,
) -> Template:
    """Create a study, its initial parameters and its sites where there is nothing yet."""
    now = datetime.now(UTC)
    initial = folder / "initial.safetensors"
    arrays = initial_arrays(study.model.domain_capacity, extractor_width)
    initial.write_bytes(_initial_body(study, arrays))
    study_id = create_study(store, blobs, study, [initial], now)
    initial.unlink()
    with store.writing() as connection:
        members = tuple(_enrol(connection, study_id, number, now) for number in range(site_count))
    return Template(folder, study_id, study, members)


def _initial_body(study: Study, arrays: Arrays) -> bytes:
    message = protocol.GlobalMessage(
        protocol_version=protocol.PROTOCOL_VERSION,
        method_version=protocol.METHOD_VERSION,
        study_id="unnamed",
        study_digest=study.digest,
        round_number=0,
        extractor=study.model.extractor,
        domain_count=0,
    )
    return save(arrays, metadata={"message": message.model_dump_json()})


def _enrol(connection: Connection, study_id: str, number: int, now: datetime) -> Member:
    credential = secrets.token_urlsafe(32)
    request = protocol.EnrolmentRequest(
        protocol_version=protocol.PROTOCOL_VERSION,
        code=invite_sites(connection, study_id, now)[0],
        credential=credential,
        site_name=f"Hospital {number}",
    )
    site_id = enrol(connection, request, now).site_id
    indices = assign_domains(connection, find_study(connection, study_id), site_id, (uuid4(),))
    return Member(number, site_id, credential, next(iter(indices.values())))


@dataclass(frozen=True, slots=True)
class Refusal:
    """A reply that was not what the site wished for."""

    status: int
    code: str
    sentence: str


@dataclass
class ScriptedSite:
    """A site that sends, for a round and its base, always the same update."""

    url: str
    template: Template
    member: Member
    count_operations: Callable[[], int] = lambda: 0
    """How many durable operations the coordinator has done or begun."""
    sent: dict[int, bytes] = field(default_factory=dict, repr=False)
    """The acknowledged update of each round."""
    offered: dict[int, bytes] = field(default_factory=dict, repr=False)
    """What was sent last, by its round, whether or not anybody said that it had arrived."""
    acknowledged_at: dict[int, int] = field(default_factory=dict)
    """How many operations there were when the update of a round was acknowledged."""
    averaged_at: dict[int, int] = field(default_factory=dict)
    """How many there were when the site was told that a round is averaged."""
    lost: list[str] = field(default_factory=list)
    """What the coordinator acknowledged and later did not know any more."""
    refusals: list[Refusal] = field(default_factory=list)
    session: requests.Session = field(default_factory=requests.Session)
    idle_s: float = IDLE_S

    def request(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: dict[str, str] | None = None,
    ) -> requests.Response | None:
        """Return the reply; None if there is none, which only a dead coordinator may do."""
        bearer = {"Authorization": f"Bearer {self.member.credential}"}
        try:
            response = self.session.request(
                method,
                self.url + path,
                data=body,
                headers={**bearer, **(headers or {})},
                timeout=TIMEOUT_S,
            )
        except requests.RequestException:
            return None
        if response.status_code in _OF_A_FRONT:
            return None
        if not response.ok:
            told = protocol.ErrorReply.model_validate_json(response.content)
            self.refusals.append(Refusal(response.status_code, told.code, told.message))
        return response

    def round(self) -> protocol.RoundReply | None:
        """Ask what to do; None if the coordinator is away or in trouble."""
        response = self.request("GET", protocol.round_path(self.template.study_id))
        if response is None or not response.ok:
            return None
        return protocol.RoundReply.model_validate_json(response.content)

    def download(self, reference: protocol.ParametersReference) -> bytes | None:
        """Fetch global parameters; None if the coordinator is away or in trouble."""
        path = protocol.parameters_path(self.template.study_id, reference.round_number)
        response = self.request("GET", path)
        if response is None or not response.ok:
            return None
        assert wire_digest(response.content) == reference.digest
        return response.content

    def wait_for(self, is_so: Callable[[protocol.RoundReply], bool]) -> None:
        """Ask until the coordinator says so."""
        deadline = time.monotonic() + TIMEOUT_S
        while (reply := self.round()) is None or not is_so(reply):
            assert time.monotonic() < deadline, (reply, self.refusals)
            time.sleep(self.idle_s)

    def fetch(self, number: int) -> bytes:
        """Return the global parameters after a round of a coordinator that is well."""
        path = protocol.parameters_path(self.template.study_id, number)
        response = self.request("GET", path)
        assert response is not None
        assert response.ok, response.text
        return response.content

    def update_body(self, number: int, base: bytes) -> bytes:
        """Make the update of a round: the base, moved a little, and moments of the one domain."""
        rng = np.random.default_rng([self.member.number, number])
        arrays = {
            name: array + rng.normal(scale=1e-4, size=array.shape).astype(np.float32)
            for name, array in sorted(load(base).items())
            if not name.startswith(("moments.", "styles."))
        }
        for lesion_class in range(CLASS_COUNT):
            index = CLASS_COUNT * self.member.domain_index + lesion_class
            mean = rng.normal(size=FEATURE_DIM).astype(np.float32)
            arrays[f"moments.{index}.mean"] = mean
            arrays[f"moments.{index}.covariance"] = np.eye(FEATURE_DIM, dtype=np.float32)
        message = protocol.UpdateMessage(
            protocol_version=protocol.PROTOCOL_VERSION,
            method_version=protocol.METHOD_VERSION,
            study_id=self.template.study_id,
            study_digest=self.template.study.digest,
            site_id=self.member.site_id,
            round_number=number,
            extractor=self.template.study.model.extractor,
            base_digest=wire_digest(base),
            sample_count=10 + self.member.number,
            domain_indices=(self.member.domain_index,),
            metrics_before=protocol.LesionMetrics(sample_count=10, auc=0.75),
        )
        return save(arrays, metadata={"message": message.model_dump_json()})

    def send(self, number: int, body: bytes) -> bool:
        """Send an update, or the rest of it; return whether it was acknowledged."""
        self.offered = {number: body}
        path = protocol.update_path(self.template.study_id, number)
        asked = self.request("GET", path, headers=upload_headers(body))
        if asked is None or not asked.ok:
            return False
        here = protocol.UploadReply.model_validate_json(asked.content)
        # What is accepted already is sent again: that must change nothing.
        offset = 0 if here.is_accepted else here.received_bytes
        response = self.request("PUT", path, body[offset:], upload_headers(body, offset))
        if response is None or not response.ok:
            return False
        reply = protocol.UpdateReply.model_validate_json(response.content)
        assert (reply.round_number, reply.digest) == (number, wire_digest(body))
        self._note_acknowledged(number)
        return True

    def take_part(self, number: int, given_up: threading.Event) -> str:
        """Do what a round asks for until it is averaged; return the result's digest."""
        while not given_up.is_set():
            reply = self.round()
            if reply is None or reply.global_parameters is None:
                time.sleep(self.idle_s)
                continue
            if reply.is_update_accepted and reply.round_number == number:
                self._note_acknowledged(number)  # its answer may have been lost
            if reply.global_parameters.round_number >= number:
                self.averaged_at[number] = self.count_operations()
                return reply.global_parameters.digest
            if reply.is_picked and not reply.is_update_accepted and reply.state == "collecting":
                if number in self.sent:
                    self.lost.append(f"site {self.member.number}, round {number}")
                base = self.download(reply.global_parameters)
                if base is not None:
                    self.send(number, self.update_body(number, base))
            else:
                time.sleep(self.idle_s)
        raise AssertionError(f"site {self.member.number} did not see the end of round {number}")

    def _note_acknowledged(self, number: int) -> None:
        if number not in self.sent and number in self.offered:
            self.acknowledged_at[number] = self.count_operations()
            self.sent[number] = self.offered[number]


def wire_digest(body: bytes) -> str:
    """Return the digest that site and coordinator mean."""
    return hashlib.sha256(body).hexdigest()


def upload_headers(body: bytes, offset: int = 0) -> dict[str, str]:
    """What must be said of a body that is sent from a byte on."""
    return {
        "Content-Type": protocol.PARAMETERS_MEDIA_TYPE,
        protocol.DIGEST_HEADER: wire_digest(body),
        protocol.LENGTH_HEADER: str(len(body)),
        protocol.OFFSET_HEADER: str(offset),
    }


def expected_average(sites: Sequence[ScriptedSite], number: int) -> Arrays:
    """Work a round's mean out anew, from what was acknowledged, in another way than the program.

    Source:
        The method, "What to build": extractor and lesion classifier by sample count; domain
        classifier equally per domain, absent domains' last contribution for up to 10 rounds.
    """
    in_order = sorted(sites, key=lambda site: site.member.site_id)
    present = [site for site in in_order if number in site.sent]
    counts = np.array([10.0 + site.member.number for site in present])
    bodies = [load(site.sent[number]) for site in present]
    kept = [
        load(site.sent[max(rounds)])
        for site in in_order
        if (rounds := [r for r in site.sent if number - 10 <= r <= number])
    ]
    return {
        name: (
            np.mean([body[name].astype(np.float64) for body in kept], axis=0)
            if name.startswith("domain_classifier.")
            else np.average([body[name].astype(np.float64) for body in bodies], 0, counts)
        ).astype(np.float32)
        for name in bodies[0]
        if not name.startswith("moments.")
    }


def kept_updates(folder: Path) -> set[tuple[int, str, str]]:
    """Read round, site and digest of every update that the database of a data folder knows."""
    connection = sqlite3.connect(f"file:{folder / 'coordinator.sqlite'}?mode=ro", uri=True)
    try:
        rows = connection.execute("SELECT round_number, site_id, digest FROM updates").fetchall()
    finally:
        connection.close()
    return {(int(number), str(site), str(digest)) for number, site, digest in rows}


def message_of(body: bytes) -> dict[str, Any]:
    """Read the message from a body's header."""
    size = int.from_bytes(body[:8], "little")
    message: dict[str, Any] = json.loads(json.loads(body[8 : 8 + size])["__metadata__"]["message"])
    return message
