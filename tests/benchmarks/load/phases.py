"""What sites do under load, phase by phase, and what was measured meanwhile."""

import asyncio
import random
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from secrets import token_urlsafe
from time import monotonic
from typing import Any, Final
from uuid import uuid4

import numpy as np
import uvloop

from coordinator import protocol
from tests.benchmarks.load.lines import Latencies, Line, lines_of
from tests.benchmarks.load.server import processor_s
from tests.faults.scripted import Template, upload_headers

SITE_COUNT: Final = 1000
BUSY_COUNT: Final = 100
"""Sites that a round picks, and that download and upload at the same time."""
POLL_S: Final = 10.0
"""How often each site asks: a study's ``poll_s`` where nobody sets it."""
QUIET_S: Final = 30.0
"""How long all poll while nothing else is done, and how long as many ask as fast as they can."""
EAGER_COUNT: Final = 8
"""Connections that ask again as soon as they are answered."""


@dataclass
class Contender:
    """A server, and how its routes are called."""

    port: int
    pid: int
    credentials: list[str]
    poll_path: str
    download_path: str
    upload_path: str
    behind: Mapping[str, int] = field(default_factory=dict)
    """Process ids of what it has things kept by."""

    def processor_s(self) -> dict[str, float]:
        """Return what the server and all behind it have taken until now."""
        pids = {"server": self.pid, **self.behind}
        return {name: processor_s(pid) for name, pid in pids.items()}


@dataclass(frozen=True)
class Phase:
    """What was measured while something went on."""

    seconds: float
    processor_s: Mapping[str, float]
    """Of the server, and of each process behind it."""
    latencies: Latencies

    def figures(self) -> dict[str, Any]:
        """Return p50 and p99 of each route, in milliseconds."""
        routes = {
            route: {
                "count": len(seconds),
                "p50_ms": _ms(float(np.percentile(seconds, 50))),
                "p99_ms": _ms(float(np.percentile(seconds, 99))),
            }
            for route, seconds in self.latencies.seconds.items()
        }
        return {
            "seconds": round(self.seconds, 2),
            "processor_s": {name: round(took, 2) for name, took in self.processor_s.items()},
            "failures": dict(self.latencies.failures),
            "routes": routes,
        }


Work = Callable[[list[Line]], Coroutine[Any, Any, None]]


def measure(contender: Contender, work: Work) -> Phase:
    """Let sites work until they are done, and look at what the server took."""
    latencies = Latencies()

    async def run() -> None:
        async with lines_of(contender.port, contender.credentials, latencies) as lines:
            await work(lines)

    before, began_s = contender.processor_s(), monotonic()
    uvloop.run(run())
    seconds = monotonic() - began_s
    took = {name: now - before[name] for name, now in contender.processor_s().items()}
    return Phase(seconds, took, latencies)


async def poll_until(over: asyncio.Event, contender: Contender, lines: list[Line]) -> None:
    """Every site asks every ``POLL_S``, at moments of its own, until something is over."""

    async def poll(line: Line, first_s: float) -> None:
        due_s = monotonic() + first_s
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(max(0.0, due_s - monotonic())):
                    await over.wait()
                return
            await line.ask("GET round", "GET", contender.poll_path, due_s=due_s)
            due_s += POLL_S

    draw = random.Random(1)
    async with asyncio.TaskGroup() as tasks:
        for line in lines:
            tasks.create_task(poll(line, draw.uniform(0, POLL_S)))


def quiet(contender: Contender) -> Phase:
    """All poll, and nothing else is done."""

    async def work(lines: list[Line]) -> None:
        over = asyncio.Event()
        asyncio.get_running_loop().call_later(QUIET_S, over.set)
        await poll_until(over, contender, lines)

    return measure(contender, work)


def eager(contender: Contender) -> Phase:
    """A few ask as fast as they are answered."""
    over_s = monotonic() + QUIET_S / 2

    async def ask_on(line: Line) -> None:
        while monotonic() < over_s:
            await line.ask("GET round", "GET", contender.poll_path)

    async def work(lines: list[Line]) -> None:
        async with asyncio.TaskGroup() as tasks:
            for line in lines[:EAGER_COUNT]:
                tasks.create_task(ask_on(line))

    return measure(contender, work)


def beside_polls(contender: Contender, busy: list[Work]) -> Phase:
    """All poll while some are busy, each on a second connection, until these are done."""

    async def work(lines: list[Line]) -> None:
        over = asyncio.Event()

        async def one(task: Work, line: Line) -> None:
            async with lines_of(contender.port, [line.credential], line.latencies) as second:
                await task(second)

        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(poll_until(over, contender, lines))
            async with asyncio.TaskGroup() as busy_tasks:
                for task, line in zip(busy, lines, strict=False):
                    busy_tasks.create_task(one(task, line))
            over.set()

    return measure(contender, work)


def downloads(contender: Contender) -> Phase:
    """The busy sites fetch the model at the same time."""

    async def fetch(lines: list[Line]) -> None:
        await lines[0].ask("GET parameters", "GET", contender.download_path)

    return beside_polls(contender, [fetch] * BUSY_COUNT)


def uploads(contender: Contender, bodies: list[bytes]) -> Phase:
    """The busy sites send an update at the same time."""

    def sending(body: bytes) -> Work:
        async def send(lines: list[Line]) -> None:
            headers = upload_headers(body)
            if contender.upload_path.startswith("/v1"):
                await lines[0].ask("GET update", "GET", contender.upload_path, headers=headers)
            await lines[0].ask("PUT update", "PUT", contender.upload_path, body, headers)

        return send

    return beside_polls(contender, [sending(body) for body in bodies])


def small_writes(contender: Contender, template: Template, codes: list[str]) -> Phase:
    """Sites register scanners and enrol, eight at a time."""
    domains = protocol.domains_path(template.study_id)

    async def work(lines: list[Line]) -> None:
        async def some(line: Line, share: list[str]) -> None:
            for code in share:
                asked = protocol.DomainsRequest(domain_ids=(uuid4(),)).model_dump_json().encode()
                await line.ask("POST domains", "POST", domains, asked)
                await line.ask("GET study", "GET", protocol.study_path(template.study_id))
                request = protocol.EnrolmentRequest(
                    protocol_version=protocol.PROTOCOL_VERSION,
                    code=code,
                    credential=token_urlsafe(32),
                    site_name="Hospital",
                )
                body = request.model_dump_json().encode()
                await line.ask("POST enrolments", "POST", protocol.ENROLMENTS_PATH, body)

        async with asyncio.TaskGroup() as tasks:
            for number in range(EAGER_COUNT):
                tasks.create_task(some(lines[number], codes[number::EAGER_COUNT]))

    return measure(contender, work)


def _ms(seconds: float) -> float:
    return round(1000 * seconds, 2)
