"""The whole traffic of a study, recorded and searched for what must never leave a hospital."""

import csv
import hashlib
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit
from uuid import UUID

import numpy as np
import pytest
from PIL import Image

from coordinator.invitation import Invitation
from desktop_client.demo.processes import Coordinator, running_coordinator
from desktop_client.federation.consent import Consent, ask_what_for, join_with_consent
from desktop_client.federation.membership import Contribution, Membership, StudyRequest
from desktop_client.federation.round_record import rounds_of
from desktop_client.federation.sent import SentUpdate
from desktop_client.federation.site import take_part
from desktop_client.labelling.importing import import_table
from desktop_client.labelling.store import LabelStore
from desktop_client.paths import Home
from tests.federation.conftest import create_study
from tests.scenes import CLASS_IDS, draw, write_study
from tests.system.recording import Recorder

CANARIES: Final = {
    "patient": "Wardrobe-Gallagher",
    "folder": "Ordner-Zwetschge",
    "file": "Quagga1954",
    "class": "Kanarienvogelmal",
    "scanner": "Scanner-Okapi",
    "reader": "Dr. Quetzalcoatl",
    "note": "siehe Brief an Tante Pellegrina",
}
PER_CLASS: Final = 26
"""A fifth is held out; moments take 20."""
KNOWN_HEADERS: Final = {
    "host", "user-agent", "accept", "accept-encoding", "connection", "authorization",
    "siteblind-protocol", "siteblind-digest", "upload-length", "upload-offset", "content-type",
    "content-length", "range", "if-range",
    "siteblind-place",  # a random number to whoever has not the credential
}  # fmt: skip


def a_site(folder: Path, seed: int) -> Home:
    """A hospital whose every word is a canary: patients, folders, files, classes, readers."""
    images = folder / CANARIES["folder"]
    images.mkdir(parents=True)
    rows = []
    for number in range(2 * PER_CLASS):
        kind = ("dot", "ring")[number % 2]
        name = f"{CANARIES['file']}_{number:02}.png"
        draw(kind, 1_000 * seed + number, 0.5 + 0.1 * seed).save(images / name)
        own = f"{CANARIES['class']} {kind}"
        rows.append((name, own, CANARIES["scanner"], f"{CANARIES['patient']} {number}"))
    table = images / "table.csv"
    with table.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows((("file", "lesion", "domain", "patient"), *rows))
    home = Home(folder / "home").create()
    deque(import_table(home.labels_path, table), maxlen=0)
    with LabelStore(home.labels_path) as store:
        for sample in store.samples():
            assert sample.class_id is not None
            store.label([sample.sample_id], sample.class_id, CANARIES["reader"])
        store.note([s.sample_id for s in store.samples()], CANARIES["note"], CANARIES["reader"])
    return home


def joined(home: Home, invitation: Invitation) -> Membership:
    reply = ask_what_for(home, invitation)
    with LabelStore(home.labels_path) as store:
        meant = {
            c.class_id: UUID(CLASS_IDS[c.name.removeprefix(CANARIES["class"]).strip()])
            for c in store.classes()
        }
    contribution = Contribution(classes=dict(meant))
    consent = Consent(CANARIES["reader"], "St. Anna", reply.study_digest, contribution)
    return join_with_consent(home, invitation, consent)


def secrets_of(home: Home) -> Iterator[tuple[str, bytes]]:
    """Yield everything of a site that must not be in any request, as the bytes it might be in."""
    for what, words in CANARIES.items():
        for encoding in ("utf-8", "utf-16-le"):
            yield f"{what} in {encoding}", words.encode(encoding)
        yield f"digest of {what}", hashlib.sha256(words.encode()).hexdigest().encode()
    with LabelStore(home.labels_path) as store:
        for lesion_class in store.classes():
            yield "id of a class", str(lesion_class.class_id).encode()
            yield "id of a class", lesion_class.class_id.bytes
        samples = store.samples()
    assert len(samples) == 2 * PER_CLASS
    for sample in samples:
        yield "sample", sample.sample_id.partition(":")[0].encode()
        yield "patient's pseudonym", sample.patient.encode()
        yield "file", sample.path.read_bytes()[60:100]
        pixels = np.asarray(Image.open(sample.path).convert("RGB"))
        yield "pixels", pixels[12].tobytes()
        scaled = pixels.astype(np.float32) / 255
        for prepared in (scaled, (scaled - np.float32(0.5)) / np.float32(0.25)):
            yield "prepared pixels", prepared[12, :, 0].tobytes()[:48]
            yield "prepared pixels", prepared[12].tobytes()[:48]
    order = [int(_kind(sample.path) == "ring") for sample in samples]
    for dtype in (np.int64, np.int32, np.uint8, np.float32):
        yield "labels", np.array(order, dtype)[:24].tobytes()


def _kind(path: Path) -> str:
    return ("dot", "ring")[int(path.stem.rpartition("_")[2]) % 2]


@pytest.fixture
def coordinator(tmp_path: Path) -> Iterator[Coordinator]:
    with running_coordinator(tmp_path / "coordinator") as running:
        yield running


@pytest.mark.parametrize(
    "exchange",
    [{}, pytest.param({"encoding": "int8", "compression": "zstd"}, marks=pytest.mark.slow)],
    ids=["plain", "rounded and compressed"],
)
def test_no_request_of_a_whole_study_holds_anything_of_patients_images_labels_or_people(
    coordinator: Coordinator, tmp_path: Path, exchange: dict[str, str]
) -> None:
    study_toml = write_study(tmp_path / "study.toml")
    if exchange:
        lines = "".join(f'{key} = "{value}"\n' for key, value in exchange.items())
        study_toml.write_text(f"{study_toml.read_text()}\n[exchange]\n{lines}")
    study_id = create_study(coordinator, study_toml)
    codes = coordinator.invite(study_id, 2)
    homes = [a_site(tmp_path / str(number), number) for number in range(2)]
    with Recorder(urlsplit(coordinator.url).port or 0) as line:
        members = [
            joined(home, Invitation(line.url, study_id, code))
            for home, code in zip(homes, codes, strict=True)
        ]
        run(homes, study_id)
    sent = line.sent

    found = sorted({what for home in homes for what, secret in secrets_of(home) if secret in sent})
    assert found == []
    assert line.header_names <= KNOWN_HEADERS
    # The search does find what is there.
    assert b"St. Anna" in sent
    assert all(member.site_id.encode() in sent for member in members)
    updates = [u for home in homes for u in sent_updates(home, study_id)]
    assert updates
    for update in updates:
        assert update.digest.encode() in sent
        assert {array.kind for array in update.arrays} == {"parameters", "moments", "styles"}
        assert all(array.name.encode() in sent for array in update.arrays if not exchange)


def run(homes: list[Home], study_id: str) -> None:
    """Let all sites take part, in turn, until the study is over."""
    running = [take_part(StudyRequest(home.path, study_id, "cpu")) for home in homes]
    while running:
        running = [events for events in running if next(events, None) is not None]


def sent_updates(home: Home, study_id: str) -> list[SentUpdate]:
    """Return what a site's own records say that it sent."""
    kept = rounds_of(home, study_id).values()
    return [record.sent for record in kept if record.sent is not None]
