"""One study twice, by a coordinator over HTTP and on Flower: real processes, the same bits."""

import time
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Final

import numpy as np
import pytest

from coordinator.invitation import Invitation
from coordinator.parameters import Parameters, decode
from coordinator.protocol import GlobalMessage
from coordinator.study import ExtractorName
from desktop_client.demo.processes import Coordinator, running_coordinator, running_sites
from desktop_client.federation.consent import Consent, ask_what_for, join_with_consent
from desktop_client.federation.membership import Contribution
from desktop_client.paths import Home
from tests.federation.conftest import create_study
from tests.federation.flower.programs import running_programs
from tests.scenes import new_site, write_study

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

FLOWERS_PYTHON: Final = Path("build/flower/bin/python").absolute()
SMALL: Final[ExtractorName] = "small_cnn"
LARGE: Final[ExtractorName] = "mobilenet_v3_large"
ROUND_COUNT: Final = 3
PATIENCE_S: Final = 300.0


@pytest.mark.parametrize("extractors", [(SMALL,) * 3, (SMALL, LARGE, SMALL)], ids=["one", "two"])
def test_three_rounds_on_flower_give_the_bits_of_a_coordinator_over_http(
    tmp_path: Path, extractors: tuple[ExtractorName, ...]
) -> None:
    if not FLOWERS_PYTHON.exists():
        pytest.skip("Flower's environment is not there; `make test` makes it")
    further = [LARGE] if LARGE in extractors else []
    study_toml = write_study(
        tmp_path / "study.toml",
        model={"further_extractors": further},
        method={"local_steps": 2},
        rounds={"count": ROUND_COUNT, "start_quorum": 3, "deadline_s": 300, "seed": 4},
    )
    counts = {"dot": 26, "ring": 26}  # a fifth is held out; moments take 20
    homes = [new_site(tmp_path / str(n), counts, n) for n in range(len(extractors))]
    with running_coordinator(tmp_path / "coordinator") as coordinator:
        study_id = create_study(coordinator, study_toml)
        sites = enrolled(coordinator, study_id, dict(zip(homes, extractors, strict=True)))
        run_by_coordinator(sites, tmp_path)
        by_coordinator = {e: exported(coordinator, study_id, e) for e in dict.fromkeys(extractors)}

    output = tmp_path / "flower.safetensors"
    with running_programs(FLOWERS_PYTHON, tmp_path / "flower") as flower:
        flower.start_superlink()
        for site_id, (home, extractor) in sites.items():
            said = {"study": study_toml, "home": home.path, "site": site_id}
            flower.start_supernode({**said, "extractor": extractor, "device": "cpu"})
        flower.run_study(output, study=study_toml, sites=len(sites))
    for extractor, expected in by_coordinator.items():
        path = output if extractor == SMALL else output.with_stem(f"{output.stem}.{extractor}")
        found, message = decode(path.read_bytes(), GlobalMessage)
        assert (message.round_number, message.extractor) == (ROUND_COUNT, extractor)
        assert found.keys() == expected.keys()
        assert all(np.array_equal(found[name], expected[name]) for name in expected)


def enrolled(
    coordinator: Coordinator, study_id: str, homes: Mapping[Home, ExtractorName]
) -> dict[str, tuple[Home, ExtractorName]]:
    """Let sites join; return each with its extractor under its id, in order of their ids."""
    found = {}
    codes = coordinator.invite(study_id, len(homes))
    for (home, extractor), code in zip(homes.items(), codes, strict=True):
        invitation = Invitation(coordinator.url, study_id, code)
        reply = ask_what_for(home, invitation)
        name, digest = home.path.parent.name, reply.study_digest
        consent = Consent("Dr. Huber", name, digest, Contribution(), extractor=extractor)
        found[join_with_consent(home, invitation, consent).site_id] = (home, extractor)
    return dict(sorted(found.items()))


def run_by_coordinator(sites: Mapping[str, tuple[Home, ExtractorName]], folder: Path) -> None:
    """Let sites take part to the end; their scanners get their numbers in order of the ids."""
    with ExitStack() as stack:
        running = []
        for site_id, (home, _) in sites.items():
            log = folder / f"{site_id}.jsonl"
            words = ["join", "--home", str(home.path), "--device", "cpu", "--events", str(log)]
            running.append(stack.enter_context(running_sites({site_id: words}, folder)))
            deadline = time.monotonic() + PATIENCE_S
            while not (log.exists() and "StudyOpened" in log.read_text()):
                assert running[-1].are_running()
                assert time.monotonic() < deadline
                time.sleep(0.1)
        for site in running:
            while site.are_running():
                assert time.monotonic() < deadline + PATIENCE_S
                site.wait(1)


def exported(coordinator: Coordinator, study_id: str, extractor: str) -> Parameters:
    path = coordinator.folder / f"{extractor}.safetensors"
    coordinator._command("export", study_id, "--output", str(path), "--extractor", extractor)
    return decode(path.read_bytes(), GlobalMessage)[0]
