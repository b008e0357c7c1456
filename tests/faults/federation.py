"""A coordinator process and its scripted sites, round after round, whatever goes wrong."""

import signal
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tests.faults.injection import Fault, Faults
from tests.faults.process import CoordinatorProcess
from tests.faults.scripted import ScriptedSite, Template, kept_updates, wire_digest

ROUND_TIMEOUT_S: Final = 120.0
TICK_S: Final = 0.002
TROUBLE_S: Final = 0.3
"""How long a failure that lasts, lasts."""


@dataclass
class Federation:
    """One run on one copy of a template."""

    process: CoordinatorProcess
    faults: Faults
    sites: list[ScriptedSite]
    kill_count: int = 0
    """How many processes were killed."""
    fired: int = 0
    """How many operations went wrong in the round that was played last."""
    deaths: list[int] = field(default_factory=list)
    """Exit codes of processes that ended in any other way."""

    @property
    def folder(self) -> Path:
        """The data folder."""
        return self.process.folder

    def play(
        self, number: int, fault: Fault | None = None, kill_after_s: float | None = None
    ) -> str:
        """Play a round to its end, restarting the process when it dies; return the digest.

        Args:
            number: The round, which is the next one.
            fault: What goes wrong on the way.
            kill_after_s: When the process is killed from outside.
        """
        given_up = threading.Event()
        self.fired = 0
        if fault is not None:
            self.faults.arm(fault)
        with ThreadPoolExecutor(len(self.sites)) as pool:
            playing = [pool.submit(site.take_part, number, given_up) for site in self.sites]
            try:
                self._watch(playing, kill_after_s)
            finally:
                given_up.set()
                self._let_be()
        digests = {one.result() for one in playing}
        assert len(digests) == 1
        return digests.pop()

    def start(self, fault: Fault | None = None) -> None:
        """Start the process, and again if a fault ends it while it starts."""
        if fault is not None:
            self.faults.arm(fault)
        self._revive()
        self._let_be()

    def stop(self, fault: Fault | None = None) -> None:
        """Let the process end by itself, which a fault may cut short."""
        if fault is not None:
            self.faults.arm(fault)
        code = self.process.end(signal.SIGTERM)
        self._let_be()
        if code == -signal.SIGKILL:
            self.kill_count += 1
        elif code != 0:
            self.deaths.append(code)

    def check_nothing_is_lost(self) -> None:
        """Fail if anything that was acknowledged is not known any more."""
        known = kept_updates(self.folder)
        for site in self.sites:
            assert not site.lost, site.lost
            for number, body in site.sent.items():
                digest = wire_digest(body)
                assert (number, site.member.site_id, digest) in known

    def check_sentences(self) -> None:
        """Fail if any reply was no proper sentence, or the program died of a fault."""
        assert not self.deaths, self.process.log()[-3000:]
        for site in self.sites:
            for refusal in site.refusals:
                assert refusal.code != "unexpected", self.process.log()[-5000:]
                assert len(refusal.sentence.split()) >= 4, refusal
                assert str(self.folder) not in refusal.sentence, refusal

    def close(self) -> None:
        """Let go of the sites' connections."""
        for site in self.sites:
            site.session.close()

    def _watch(self, playing: list[Future[str]], kill_after_s: float | None) -> None:
        began = time.monotonic()
        relieved_at = float("inf")
        while not all(one.done() for one in playing):
            now = time.monotonic()
            assert now < began + ROUND_TIMEOUT_S, self.process.log()[-3000:]
            if kill_after_s is not None and now >= began + kill_after_s:
                kill_after_s = None
                self.process.end(signal.SIGKILL)
                self.kill_count += 1
            self._revive()
            if self.faults.fired_count:
                relieved_at = min(relieved_at, now + TROUBLE_S)
            if now >= relieved_at:
                self._let_be()
            time.sleep(TICK_S)

    def _revive(self) -> None:
        """Start the process, if it is not running; again, if it dies while it starts."""
        while not self.process.is_running:
            if self.process.was_started:
                code = self.process.wait()
                if code == -signal.SIGKILL:
                    self.kill_count += 1
                else:
                    self.deaths.append(code)
            self.process.launch()
            self.process.answers()

    def _let_be(self) -> None:
        self.fired = max(self.fired, self.faults.fired_count)
        self.faults.disarm()


def begin(
    template: Template,
    aside: Path,
    library: Path,
    folder: Path | None = None,
    *,
    is_data_kept: bool = False,
) -> Federation:
    """Make a federation, its process not started yet.

    Args:
        template: The study and its sites.
        aside: Gets everything that is not the coordinator's own.
        library: ``durable.c``, compiled.
        folder: The data folder; a copy of the template's if not given.
        is_data_kept: Whether the trace keeps all the bytes that are written.
    """
    aside.mkdir()
    folder = folder or template.copy_to(aside / "data")
    faults = Faults(library, folder, aside)
    environment = faults.environment(is_data_kept=is_data_kept)
    process = CoordinatorProcess(folder, aside / "log", environment)
    sites = [
        ScriptedSite(process.url, template, member, lambda: len(faults.trace()))
        for member in template.members
    ]
    return Federation(process, faults, sites)
