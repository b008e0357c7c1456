"""A hospital's computer sleeps, and its clock is wrong: its rounds go on without a person.

Real coordinator, real site processes. What Linux calls suspend cannot be done to one process; a
process that is stopped by a signal finds the same when it goes on: closed lines, rounds that are
over, a clock that has jumped.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import pytest

from desktop_client.demo.processes import Coordinator
from desktop_client.federation.enrolment import enrol
from desktop_client.federation.round_record import rounds_of
from desktop_client.paths import Home
from tests.faults.conftest import Record
from tests.faults.proxy import CuttingProxy
from tests.faults.wall_clock import WallClock
from tests.federation.conftest import create_study
from tests.owned_coordinator import owned_coordinator
from tests.scenes import new_site, write_study

ROUND_COUNT: Final = 10_000
"""More than there will be, however fast the other site goes on alone while the first one sleeps."""
DEADLINE_S: Final = 15.0
"""A busy machine trains its few steps and sends them within this."""
AWAY_AFTER_S: Final = 5.0
SLEEP_S: Final = DEADLINE_S + 3.0
"""Long enough that lines are cut, the round's deadline passes, and the site counts as away."""
PATIENCE_S: Final = 180.0
DAY_S: Final = 86_400.0


@dataclass
class Site:
    """A site's process and what it has said."""

    home: Home
    study_id: str
    process: subprocess.Popen[bytes]
    events_path: Path

    def events(self, kind: str = "") -> list[dict[str, Any]]:
        lines = self.events_path.read_text().splitlines() if self.events_path.exists() else []
        found = [json.loads(line) for line in lines if line.endswith("}")]
        return [event for event in found if kind in ("", event["event"])]

    def await_next(self, kind: str) -> dict[str, Any]:
        """Wait until it says something of a kind that it says after now."""
        count = len(self.events(kind))
        self.wait_until(lambda: len(self.events(kind)) > count)
        return self.events(kind)[-1]

    def wait_until(self, is_so: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while not is_so():
            assert self.process.poll() is None, self.log()
            assert time.monotonic() < deadline, self.log()
            time.sleep(0.02)

    def sleep(self) -> None:
        """Stop, let time go by, and go on."""
        self.process.send_signal(signal.SIGSTOP)
        time.sleep(SLEEP_S)
        self.process.send_signal(signal.SIGCONT)

    def log(self) -> str:
        return self.events_path.with_suffix(".log").read_text()[-3000:]


@contextmanager
def running_site(home: Home, study_id: str, environment: dict[str, str]) -> Iterator[Site]:
    events_path = home.path.parent / "events"
    command = [sys.executable, "-m", "desktop_client", "join", "--home", str(home.path)]
    with events_path.with_suffix(".log").open("wb") as log:
        process = subprocess.Popen(
            [*command, "--device", "cpu", "--events", str(events_path)],
            stdout=log,
            stderr=log,
            env=os.environ | {"OMP_NUM_THREADS": "1"} | environment,
        )
    try:
        yield Site(home, study_id, process, events_path)
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()


@dataclass
class Weather:
    """Two sites of one study; the first has the weather, and its line goes through the proxy."""

    site: Site
    other: Site
    proxy: CuttingProxy
    coordinator: Coordinator

    def end(self) -> None:
        """Wait until the first site sends again, stop the study, and wait for its end."""
        self.site.await_next("UpdateSent")
        self.coordinator._command("study", "stop", self.site.study_id, "--yes")
        for one in (self.site, self.other):
            assert one.process.wait(PATIENCE_S) == 0, one.log()
        assert self.site.events("StudyFinished")
        assert "Traceback" not in self.site.log()


@contextmanager
def study_with(
    folder: Path, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Weather]:
    """Begin a study with two sites; the first one's process gets the environment."""
    monkeypatch.setenv("SITEBLIND_COORDINATOR_PATIENCE_S", "2")
    plan = {
        "count": ROUND_COUNT,
        "deadline_s": DEADLINE_S,
        "seen_within_s": AWAY_AFTER_S,
        "poll_s": 0.1,
    }
    toml = write_study(folder / "study.toml", method={"local_steps": 40}, rounds=plan)
    with ExitStack() as stack:
        coordinator = stack.enter_context(owned_coordinator(folder / "coordinator"))
        study_id = create_study(coordinator, toml)
        port = int(coordinator.url.rpartition(":")[2])
        proxy = stack.enter_context(CuttingProxy(port))
        codes = coordinator.invite(study_id, 2)
        homes = [new_site(folder / name, {"dot": 24, "ring": 24}) for name in ("a", "b")]
        for home, code, url in zip(homes, codes, (proxy.url, coordinator.url), strict=True):
            enrol(home, url, code, home.path.parent.name)
        site, other = (
            stack.enter_context(running_site(home, study_id, extra))
            for home, extra in zip(homes, (environment, {}), strict=True)
        )
        yield Weather(site, other, proxy, coordinator)


@pytest.mark.slow
def test_a_site_that_sleeps_in_training_sending_and_waiting_takes_part_afterwards(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, record_property: Record
) -> None:
    with study_with(tmp_path, {}, monkeypatch) as weather:
        site, proxy = weather.site, weather.proxy
        site.await_next("StepFinished")
        site.sleep()
        proxy.delay_s = 0.1  # for each 16 KiB: an update takes some seconds
        site.await_next("UpdatePrepared")
        before = proxy.passed["up"]
        site.wait_until(lambda: proxy.passed["up"] > before + 100_000)
        site.sleep()
        proxy.delay_s = 0.0
        site.await_next("RoundWaited")
        site.sleep()
        weather.end()
        record_property("updates sent in spite of three sleeps", len(site.events("UpdateSent")))


@pytest.mark.slow
def test_a_site_whose_clock_is_wrong_and_jumps_takes_part_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, record_property: Record
) -> None:
    clock = WallClock(tmp_path, 3 * DAY_S)
    with study_with(tmp_path, clock.environment, monkeypatch) as weather:
        site = weather.site
        site.await_next("StepFinished")
        clock.jump(-30 * DAY_S)
        site.await_next("UpdateSent")
        clock.jump(-0.1 * DAY_S)
        site.await_next("RoundWaited")
        clock.jump(400 * DAY_S)
        weather.end()
        records = rounds_of(site.home, site.study_id).values()
        told = [record.picked_at for record in records if record.picked_at is not None]
        assert max(told) - min(told) > timedelta(days=300)  # its clock was wrong indeed
        record_property("updates sent by a clock that jumps", len(site.events("UpdateSent")))
