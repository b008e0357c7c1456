"""An update and a model over a slow line, in a network namespace of its own.

Run with ``unshare --net python -m tests.faults.slow_link FOLDER`` as root; prints what it took.
Loopback is made slow by a token bucket; lost packets are not tried, for which the kernel needs
``netem``.
"""

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Final

from desktop_client.federation.client import CoordinatorClient
from tests.faults.federation import begin
from tests.faults.injection import compile_library
from tests.faults.scripted import make_template

BUCKET: Final = ("tbf", "rate", "4mbit", "burst", "32kb", "latency", "400ms")
EXTRACTOR_WIDTH: Final = 1000
"""Thousands of values: 4 MB, eight seconds each way."""


def main(folder: Path) -> None:
    """Make the line slow, then send and fetch once."""
    for command in (
        ("ip", "link", "set", "lo", "mtu", "1500", "up"),  # a packet has to fit into the bucket
        ("tc", "qdisc", "add", "dev", "lo", "root", *BUCKET),
    ):
        subprocess.run(command, check=True)
    template = make_template(folder / "data", 2, EXTRACTOR_WIDTH, count=10)
    run = begin(template, folder / "run", compile_library(folder))
    with run.process, run.faults:
        run.process.start()
        told = ((site, site.round()) for site in run.sites)
        site = next(site for site, reply in told if reply is not None and reply.is_picked)
        credential, study_id = site.member.credential, template.study_id
        with CoordinatorClient(run.process.url, credential) as client:
            began = time.monotonic()
            base = client.download_parameters(study_id, 0, 10_000_000)
            down_s = time.monotonic() - began
            body = site.update_body(1, base)
            began = time.monotonic()
            client.upload_update(study_id, 1, body)
            up_s = time.monotonic() - began
        run.close()
    sys.stdout.write(json.dumps({"byte_count": len(body), "up_s": up_s, "down_s": down_s}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
