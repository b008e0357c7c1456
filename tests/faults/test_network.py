"""The network is cut in each phase of taking part: computing, waiting, sending, receiving.

The site's own code speaks to a real coordinator through a proxy that cuts. So do hospitals' lines,
as OpenFL's tests do.
"""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeVar

import pytest

from desktop_client.demo.processes import Coordinator
from desktop_client.errors import CoordinatorAwayError
from desktop_client.federation import client as client_module
from desktop_client.federation.client import CoordinatorClient
from desktop_client.federation.enrolment import enrol
from desktop_client.federation.events import (
    CoordinatorAway,
    ParametersLoaded,
    RoundWaited,
    StudyFinished,
    StudyOpened,
    UpdateRefused,
    UpdateSent,
)
from desktop_client.federation.membership import StudyRequest
from desktop_client.federation.site import take_part
from desktop_client.training.events import StepFinished
from tests.faults import slow_link
from tests.faults.conftest import Record
from tests.faults.federation import Federation
from tests.faults.proxy import CuttingProxy, Manner
from tests.faults.scripted import ScriptedSite, wire_digest
from tests.federation.conftest import create_study
from tests.owned_coordinator import owned_coordinator
from tests.scenes import new_site, write_study

ROUND_COUNT: Final = 3
AWAY_S: Final = 60.0
WASTE: Final = 1.3
"""How often a body may pass the line: what was under way at a cut is lost. Without going on where
it was cut, two cuts at its thirds make it twice."""

Answer = TypeVar("Answer")


@dataclass
class Line:
    """A site, and the line to the coordinator that is cut while it takes part."""

    proxy: CuttingProxy
    events: Generator[Any]
    said: list[Any] = field(default_factory=list)
    cuts: list[str] = field(default_factory=list)
    """In which phases it was cut."""

    def go_on(self) -> bool:
        """Let the site do its next thing, and cut the line where it hurts; False at the end."""
        event = next(self.events, None)
        if event is None:
            return False
        self.said.append(event)
        self._cut_after(event)
        return True

    def count(self, kind: type) -> int:
        return sum(isinstance(event, kind) for event in self.said)

    def _cut_after(self, event: object) -> None:
        number = self.count(UpdateSent) + 1
        if isinstance(event, StudyOpened):
            self._cut("receiving", lambda: self.proxy.cut_after("down", [20_000]))
        elif isinstance(event, StepFinished) and number == 1:
            self._cut("computing", self.proxy.cut_all)
        elif isinstance(event, StepFinished) and number == 2:
            self._cut("sending", lambda: self.proxy.cut_after("up", [10_000, 20_000, 30_000]))
        elif isinstance(event, RoundWaited) and number >= 2:
            self._cut("waiting", self.proxy.go_down)
        elif isinstance(event, CoordinatorAway):
            self.proxy.come_up()

    def _cut(self, phase: str, cut: Any) -> None:
        if phase not in self.cuts:
            self.cuts.append(phase)
            cut()


@pytest.fixture
def coordinator(tmp_path: Path) -> Iterator[Coordinator]:
    with owned_coordinator(tmp_path / "coordinator") as running:
        yield running


def play(coordinator: Coordinator, folder: Path, open_proxies: ExitStack) -> list[Line]:
    """Let two sites take part in a study, each behind a line that is cut in every phase."""
    study_toml = write_study(folder / "study.toml", rounds={"count": ROUND_COUNT})
    study_id = create_study(coordinator, study_toml)
    port = int(coordinator.url.rsplit(":", 1)[1])
    lines = []
    for seed, code in enumerate(coordinator.invite(study_id, 2)):
        home = new_site(folder / f"site-{seed}", {"dot": 16, "ring": 16}, seed)
        proxy = open_proxies.enter_context(CuttingProxy(port))
        enrol(home, proxy.url, code, f"Hospital {seed}")
        lines.append(Line(proxy, take_part(StudyRequest(home.path, study_id, "cpu"))))
    first, second = lines
    running = list(lines)
    while running:
        # The second stands still until the first has had to wait for it.
        waits = first.count(UpdateSent) > 0 and "waiting" not in first.cuts
        running = [line for line in running if (waits and line is second) or line.go_on()]
    return lines


@pytest.mark.usefixtures("expected_warnings")
def test_a_site_takes_part_to_the_end_in_whatever_phase_its_line_is_cut(
    coordinator: Coordinator, tmp_path: Path
) -> None:
    with ExitStack() as open_proxies:
        lines = play(coordinator, tmp_path, open_proxies)
    assert "waiting" in lines[0].cuts
    for line in lines:
        assert {"computing", "receiving", "sending"} <= set(line.cuts)
        assert isinstance(line.said[-1], StudyFinished)
        sent = [event.round_number for event in line.said if isinstance(event, UpdateSent)]
        assert sent == list(range(1, ROUND_COUNT + 1))
        assert not line.count(UpdateRefused)
        loaded = [event.digest for event in line.said if isinstance(event, ParametersLoaded)]
        assert len(loaded) == ROUND_COUNT + 1
        assert line.proxy.cut_count >= 2


def patiently(ask: Callable[[], Answer]) -> Answer:
    """Ask again while the coordinator is away, as a site does, but sooner."""
    deadline = time.monotonic() + AWAY_S
    while True:
        try:
            return ask()
        except CoordinatorAwayError:
            assert time.monotonic() < deadline
            time.sleep(0.05)


@pytest.fixture
def picked(endless_run: Federation) -> ScriptedSite:
    """A site that round 1 waits for."""
    told = ((site, site.round()) for site in endless_run.sites)
    return next(site for site, reply in told if reply is not None and reply.is_picked)


@pytest.mark.usefixtures("expected_warnings")
def test_an_upload_goes_on_where_its_line_was_cut(
    endless_run: Federation, picked: ScriptedSite
) -> None:
    body = picked.update_body(1, picked.fetch(0))
    study_id = picked.template.study_id
    with (
        CuttingProxy(endless_run.process.port) as proxy,
        CoordinatorClient(proxy.url, picked.member.credential) as client,
    ):
        proxy.cut_after("up", [len(body) // 3, 2 * len(body) // 3])
        reply = patiently(lambda: client.upload_update(study_id, 1, body))
    assert reply.digest == wire_digest(body)
    assert proxy.cut_count == 2
    assert proxy.passed["up"] < WASTE * len(body)


@pytest.mark.usefixtures("expected_warnings")
def test_a_download_goes_on_where_its_line_was_cut(
    endless_run: Federation, picked: ScriptedSite
) -> None:
    body = picked.fetch(0)
    study_id = picked.template.study_id
    with (
        CuttingProxy(endless_run.process.port) as proxy,
        CoordinatorClient(proxy.url, picked.member.credential) as client,
    ):
        proxy.cut_after("down", [len(body) // 3, 2 * len(body) // 3])
        got = patiently(lambda: client.download_parameters(study_id, 0, 2 * len(body)))
    assert got == body
    assert proxy.cut_count == 2
    assert proxy.passed["down"] < WASTE * len(body)


SWEPT: Final = (0.1, 0.5, 0.99)
"""After which shares of a body its line ends."""


@pytest.mark.usefixtures("expected_warnings")
def test_bodies_arrive_wherever_and_however_their_lines_end(
    endless_run: Federation, record_property: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Closed or reset at 10, 50 and 99 % of an upload and of a download; stalled at the half."""
    monkeypatch.setattr(client_module, "READ_TIMEOUT_S", 2.0)  # a stall is told by it alone
    told = ((site, site.round()) for site in endless_run.sites)
    picked = [site for site, reply in told if reply is not None and reply.is_picked]
    base = picked[0].fetch(0)
    ends: dict[str, int] = {}
    plans: list[tuple[Manner, tuple[float, ...]]] = [
        ("cut", SWEPT), ("reset", SWEPT), ("stall", (0.5,)),
    ]  # fmt: skip
    for site, (manner, shares) in zip(picked, plans, strict=True):
        body, study_id = site.update_body(1, base), site.template.study_id
        with (
            CuttingProxy(endless_run.process.port, manner=manner) as proxy,
            CoordinatorClient(proxy.url, site.member.credential) as client,
        ):
            proxy.cut_after("up", [int(share * len(body)) for share in shares])
            sent = patiently(partial(client.upload_update, study_id, 1, body))
            assert sent.digest == wire_digest(body)
            proxy.cut_after("down", [int(share * len(base)) for share in shares])
            got = patiently(partial(client.download_parameters, study_id, 0, 2 * len(base)))
            assert got == base
            assert proxy.cut_count == 2 * len(shares)
            # Each end costs the piece that was under way, and what the sockets held of the next.
            lost = 2 * client_module.CHUNK_BYTES * len(shares)
            # The coordinator may not know yet of a line that has stalled, and still hold its part.
            lost += len(body) // 2 if manner == "stall" else 0
            assert max(proxy.passed.values()) < len(body) + lost
        ends[manner] = proxy.cut_count
    for how, count in ends.items():
        record_property(f"lines ended by a {how}", count)


def is_there_a_slow_line() -> bool:
    """Whether a network namespace with a token bucket can be made here."""
    if sys.platform != "linux" or os.geteuid() != 0 or not shutil.which("tc"):
        return False
    tried = ["unshare", "--net", "tc", "qdisc", "add", "dev", "lo", "root", *slow_link.BUCKET]
    return subprocess.run(tried, capture_output=True, check=False).returncode == 0


@pytest.mark.slow
def test_an_update_and_a_model_come_through_a_line_of_4_mbit_per_second(
    tmp_path: Path, record_property: Record
) -> None:
    if not is_there_a_slow_line():
        pytest.skip("needs Linux, root and tc: a network namespace is made slow")
    command = [sys.executable, "-m", "tests.faults.slow_link", str(tmp_path)]
    done = subprocess.run(["unshare", "--net", *command], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    told = json.loads(done.stdout)
    for way in ("up", "down"):
        rate = 8e-6 * told["byte_count"] / told[f"{way}_s"]
        assert rate < 4.5  # the line was slow indeed
        assert rate > 1.5, told  # and most of it was used, in one go
        record_property(f"Mbit/s {way}", round(rate, 2))
