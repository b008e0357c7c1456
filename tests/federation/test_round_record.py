"""What a site keeps of each round, and that it is kept before anybody is told."""

from collections.abc import Generator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from coordinator.encoding import Fit, difference_parts, values_of
from coordinator.parameters import encode, manifest_of
from coordinator.protocol import METHOD_VERSION, PROTOCOL_VERSION, LesionMetrics, UpdateMessage
from coordinator.study import Exchange
from desktop_client.errors import MembershipError
from desktop_client.federation.events import (
    ParametersLoaded,
    RoundJoined,
    RoundTrained,
    RoundWaited,
    TransferAdvanced,
    UpdatePrepared,
    UpdateRefused,
    UpdateSent,
)
from desktop_client.federation.round_record import ROUNDS_FOLDER, recorded, rounds_of
from desktop_client.federation.sent import describe_update
from desktop_client.federation.transfer import Meter, MeteredBody, metered
from desktop_client.paths import Home
from desktop_client.training.events import StillWorking

BEFORE = LesionMetrics(sample_count=5, accuracy=0.5, auc=0.6)
AFTER = LesionMetrics(sample_count=5, accuracy=0.75, auc=0.8)
MESSAGE = UpdateMessage(
    protocol_version=PROTOCOL_VERSION,
    method_version=METHOD_VERSION,
    study_id="dots",
    study_digest="0" * 64,
    site_id="anna",
    round_number=3,
    extractor="small_cnn",
    base_digest="1" * 64,
    sample_count=40,
    domain_indices=(0,),
    metrics_before=BEFORE,
)
PARAMETERS = {"lesion_classifier.weight": np.ones((2, 3), np.float32)}
STATISTICS = {"styles.0": np.ones((16, 2, 3), np.float32)}


def a_body(exchange: Exchange) -> bytes:
    if not exchange.is_of_differences:
        return encode({**PARAMETERS, **STATISTICS}, MESSAGE)
    message = MESSAGE.model_copy(update={"encoding": exchange.encoding})
    manifest = manifest_of(PARAMETERS)
    fit = Fit(manifest, 96, exchange)
    base = values_of({name: np.zeros(shape, np.float32) for name, shape in manifest.items()})
    new = iter(PARAMETERS.values())
    return b"".join(difference_parts(message, new, base, STATISTICS, fit, 0))


@pytest.mark.parametrize(
    ("exchange", "encoding", "byte_count"),
    [
        (Exchange(), "float32", 24),
        (Exchange(encoding="int4"), "int4", 3),
        (Exchange(encoding="int8", compression="zstd"), "int8", 6),
    ],
    ids=["plain", "rounded", "compressed"],
)
def test_an_update_is_described_by_what_is_in_its_bytes(
    exchange: Exchange, encoding: str, byte_count: int
) -> None:
    body = a_body(exchange)
    update = describe_update(body, manifest_of(PARAMETERS))
    told = [(a.name, a.kind, a.shape, a.encoding, a.byte_count) for a in update.arrays]
    assert told == [
        ("lesion_classifier.weight", "parameters", (2, 3), encoding, byte_count),
        ("styles.0", "styles", (16, 2, 3), "float32", 384),
    ]
    assert update.byte_count == len(body)
    assert update.message.sample_count == 40


def a_round() -> Generator[Any]:
    yield RoundWaited("", 3, 9, False, 2, 0, 4)
    yield RoundJoined(3, 9)
    yield RoundTrained(3, BEFORE, AFTER)
    yield UpdatePrepared(3, describe_update(a_body(Exchange()), manifest_of(PARAMETERS)))
    yield UpdateSent(3, 1000, 40)
    yield ParametersLoaded(3, 9, "0" * 64, 1000, AFTER)


def test_each_event_is_told_only_after_it_is_kept(tmp_path: Path) -> None:
    home = Home(tmp_path)
    for event in recorded(home, "dots", a_round()):
        kept = rounds_of(home, "dots")[3]
        match event:
            case RoundJoined():
                assert kept.is_picked
                assert kept.picked_at is not None
            case UpdatePrepared(_, update):
                assert kept.sent == update
                assert not kept.is_accepted
    assert (kept.before, kept.after, kept.shared) == (BEFORE, AFTER, AFTER)
    assert kept.is_accepted


def test_a_site_that_was_picked_once_in_a_round_has_been(tmp_path: Path) -> None:
    home = Home(tmp_path)
    events = (e for e in (RoundJoined(1, 9), RoundWaited("", 1, 9, False, 2, 0, 4),
                          UpdateRefused(1, "late")))  # fmt: skip
    *_, _ = recorded(home, "dots", events)
    kept = rounds_of(home, "dots")[1]
    assert kept.is_picked
    assert kept.refusal == "late"


def test_nothing_is_sent_that_cannot_be_put_on_record(tmp_path: Path) -> None:
    (tmp_path / "studies" / "dots").mkdir(parents=True)
    (tmp_path / "studies" / "dots" / ROUNDS_FOLDER).touch()
    events = recorded(Home(tmp_path), "dots", a_round())
    with pytest.raises(MembershipError, match="Nothing is sent without"):
        next(events)


def test_a_damaged_record_is_left_out(tmp_path: Path, expected_warnings: list[Any]) -> None:
    home = Home(tmp_path)
    *_, _ = recorded(home, "dots", a_round())
    (tmp_path / "studies" / "dots" / ROUNDS_FOLDER / "000004.json").write_text("{")
    assert list(rounds_of(home, "dots")) == [3]
    assert "000004.json" in expected_warnings[0].getMessage()


def test_how_far_a_body_is_is_told_while_it_is_waited_for() -> None:
    meter = Meter()
    body = MeteredBody(b"x" * 10, meter)

    def send() -> Generator[Any, None, str]:
        meter.begin("up", 5, 15)
        yield StillWorking()
        body.read(4)
        yield StillWorking()
        yield StillWorking()
        return "sent"

    def outcome() -> Generator[Any]:
        yield (yield from metered(meter, send()))

    told = [event for event in outcome() if not isinstance(event, StillWorking)]
    assert told == [TransferAdvanced("up", 5, 15), TransferAdvanced("up", 9, 15), "sent"]
