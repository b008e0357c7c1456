"""SiteBlind's side: the coordinator as it is served, and sites that use the desktop's own client.

Started as a program it is one site's process.
"""

import hashlib
import secrets
import sqlite3
import sys
import time
from contextlib import ExitStack, closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, Self
from uuid import uuid4

import tomli_w

from coordinator.parameters import decode, encode
from coordinator.protocol import (
    METHOD_VERSION,
    PROTOCOL_VERSION,
    DomainsRequest,
    EnrolmentRequest,
    GlobalMessage,
    LesionMetrics,
    ParametersReference,
    RoundReply,
    UpdateMessage,
)
from coordinator.study import Study, read_study
from desktop_client.demo.processes import Coordinator
from desktop_client.federation.client import CoordinatorClient
from tests.benchmarks.exchange.arrays import (
    CLASS_COUNT,
    DOMAIN_CAPACITY,
    FEATURE_DIM,
    Arrays,
    initial_arrays,
    sample_count,
    site_arrays,
)
from tests.benchmarks.exchange.workers import Worker, answer, orders
from tests.faults.process import CoordinatorProcess

LOOK_S: Final = 0.002
"""How often the database is looked at for the end of a round. A site asks every few seconds: to be
asked all the time for the benchmark's sake would cost the coordinator a good part of its round."""
ROUND_TIMEOUT_S: Final = 60.0
LIMIT_BYTES: Final = 100_000_000


@dataclass(frozen=True, slots=True)
class Member:
    """What a process must know to take part as one site of the study."""

    url: str
    study_id: str
    site_id: str
    credential: str
    domain_index: int

    def client(self) -> CoordinatorClient:
        return CoordinatorClient(self.url, self.credential)


class SiteBlind:
    """A coordinator, and as many sites as take part in one round, each in a process of its own.

    A round picks at most half of a study's sites: twice as many are enrolled, and before a round
    every process is told which of the picked ones it is.
    """

    def __init__(self, site_count: int, folder: Path) -> None:
        self._stack = ExitStack()
        self._study = _write_study(folder, site_count)
        data_folder = folder / "coordinator"
        self._coordinator = self._stack.enter_context(
            CoordinatorProcess(data_folder, folder / "coordinator.log")
        )
        self._coordinator.start()
        self._members = _enrol(self._coordinator.url, data_folder, folder, 2 * site_count)
        self._watching = self._stack.enter_context(self._members[0].client())
        database = f"file:{data_folder / 'coordinator.sqlite'}?mode=ro"
        self._database = self._stack.enter_context(closing(sqlite3.connect(database, uri=True)))
        self._sites = [
            self._stack.enter_context(Worker("siteblind", number)) for number in range(site_count)
        ]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def round_s(self) -> float:
        """Take a round; return how long it took from the first request to its publication."""
        number = self._hand_out_round()
        begun = time.perf_counter()
        for site in self._sites:
            site.tell()
        for site in self._sites:
            site.hear()
        while self._published_count() < number:
            if time.perf_counter() > begun + ROUND_TIMEOUT_S:
                raise TimeoutError(f"Round {number} was not averaged")
            time.sleep(LOOK_S)
        return time.perf_counter() - begun

    def memory_bytes(self) -> int:
        """Return the most memory that the coordinator has had."""
        return round(1e6 * self._coordinator.memory_mb("VmHWM"))

    def averaged(self) -> Arrays:
        """Return the newest global parameters."""
        member, newest = self._members[0], self._newest()
        body = self._watching.download_parameters(member.study_id, newest.round_number, LIMIT_BYTES)
        return decode(body, GlobalMessage)[0]

    def _hand_out_round(self) -> int:
        """Wait for the next round, tell each process who it is, and until each is ready."""
        while self._watching.round(self._members[0].study_id).state != "collecting":
            time.sleep(LOOK_S)  # the coordinator opens it when it has cleared the last one away
        numbers = set()
        sites = iter(self._sites)
        for member in self._members:
            with member.client() as client:
                reply = client.round(member.study_id)
            if reply.is_picked:
                numbers.add(reply.round_number)
                site = next(sites)
                site.tell(
                    member=asdict(member),
                    reply=reply.model_dump(mode="json"),
                    study_digest=self._study.digest,
                )
        (number,) = numbers
        for site in self._sites:
            site.hear()
        return number

    def _published_count(self) -> int:
        """Return how many rounds are averaged and published, each in a transaction of its own."""
        newest = "SELECT max(round_number) FROM global_parameters"
        (number,) = self._database.execute(newest).fetchone()
        return int(number)

    def _newest(self) -> ParametersReference:
        reply = self._watching.round(self._members[0].study_id)
        if reply.global_parameters is None:
            raise RuntimeError("The study has no parameters")
        return reply.global_parameters


def take_part(number: int) -> None:
    """Be a site: for each round first its membership and the round, then the order to begin."""
    arrays = site_arrays(number)
    told = orders()
    for order in told:
        member, reply = Member(**order["member"]), RoundReply.model_validate(order["reply"])
        base = reply.global_parameters
        if base is None:
            raise ValueError("a round without parameters to begin from")
        message = _message(member, base, order["study_digest"], number)
        body = encode(arrays, message)
        with member.client() as client:
            client.round(member.study_id)
            answer(is_ready=True)
            next(told)
            received = client.download_parameters(member.study_id, base.round_number, LIMIT_BYTES)
            if hashlib.sha256(received).hexdigest() != base.digest:
                raise ValueError("the parameters are not those that were announced")
            client.upload_update(member.study_id, reply.round_number, body)
        answer(is_done=True)


def _message(
    member: Member, base: ParametersReference, study_digest: str, number: int
) -> UpdateMessage:
    return UpdateMessage(
        protocol_version=PROTOCOL_VERSION,
        method_version=METHOD_VERSION,
        study_id=member.study_id,
        study_digest=study_digest,
        site_id=member.site_id,
        round_number=base.round_number + 1,
        extractor="resnet18",
        base_digest=base.digest,
        sample_count=sample_count(number),
        domain_indices=(member.domain_index,),
        metrics_before=LesionMetrics(sample_count=10, auc=0.75),
    )


def _write_study(folder: Path, site_count: int) -> Study:
    """Write study.toml and its initial parameters; every member ever seen counts as present."""
    days = 30 * 86_400
    sections: dict[str, Any] = {
        "name": "Exchange",
        "task": "Carry a ResNet-18 to and fro",
        "classes": [
            {"class_id": f"00000000-0000-4000-8000-00000000000{i}", "name": f"class {i}"}
            for i in range(CLASS_COUNT)
        ],
        "model": {
            "extractor": "resnet18",
            "feature_dim": FEATURE_DIM,
            "domain_capacity": DOMAIN_CAPACITY,
            "domain_classifier": "one",
        },
        "method": {"preset": "fedavg"},
        "rounds": {
            "count": 1000,
            "averaged_rounds": 1,
            "start_quorum": 2 * site_count,
            "fraction": 0.5,
            "deadline_s": days,
            "seen_within_s": days,
        },
    }
    path = folder / "study.toml"
    path.write_text(tomli_w.dumps(sections), encoding="utf-8")
    study = read_study(path)
    message = GlobalMessage(
        protocol_version=PROTOCOL_VERSION,
        method_version=METHOD_VERSION,
        study_id="unnamed",
        study_digest=study.digest,
        round_number=0,
        extractor=study.model.extractor,
        domain_count=0,
    )
    path.with_suffix(".safetensors").write_bytes(encode(initial_arrays(), message))
    return study


def _enrol(url: str, data_folder: Path, folder: Path, count: int) -> list[Member]:
    owner = Coordinator(url, data_folder)
    study_id = owner.create_study(folder / "study.toml", folder / "study.safetensors")
    return [_join(url, code) for code in owner.invite(study_id, count)]


def _join(url: str, code: str) -> Member:
    credential, domain_id = secrets.token_urlsafe(32), uuid4()
    with CoordinatorClient(url, credential) as client:
        enrolled = client.enrol(
            EnrolmentRequest(
                protocol_version=PROTOCOL_VERSION,
                code=code,
                credential=credential,
                site_name="Hospital",
            )
        )
        request = DomainsRequest(domain_ids=(domain_id,))
        indices = client.register_domains(enrolled.study_id, request).indices
    return Member(url, enrolled.study_id, enrolled.site_id, credential, indices[domain_id])


if __name__ == "__main__":
    take_part(int(sys.argv[1]))
