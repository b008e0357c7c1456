"""Rounds of a study whose parameters travel as rounded differences."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import requests
import zstandard

from coordinator import protocol
from coordinator.encoding import Fit, difference_parts, restored, values_of
from coordinator.parameters import Parameters, decode, encode, manifest_of
from coordinator.rounds.average import make_average
from coordinator.rounds.life import Rounds
from coordinator.storage.studies import find_study
from coordinator.study import Exchange, Study
from tests.coordinator.conftest import (
    LiveCoordinator,
    LiveSite,
    refusal,
    tiny_moments,
    tiny_parameters,
    tiny_study,
    upload_headers,
)

INT4 = Exchange(encoding="int4", compression="zstd")


def a_study(exchange: Exchange = INT4, **rounds: Any) -> Study:
    return tiny_study(**rounds).model_copy(update={"exchange": exchange})


def sites_of(live: LiveCoordinator, study: Study, count: int = 2) -> list[LiveSite]:
    study_id = live.create_study(study, tiny_parameters())
    return [live.join(study_id, study) for _ in range(count)]


def fit_of(site: LiveSite) -> Fit:
    return protocol.update_fit(site.study, manifest_of(tiny_parameters()), 1)


def body_of(
    site: LiveSite, arrays: Parameters, statistics: Parameters | None = None, **claims: Any
) -> bytes:
    """What a site sends whose training has come to these arrays."""
    number = site.round().round_number
    base, _ = site.download(number - 1)
    base = {name: base[name] for name in arrays}
    claims = {"encoding": site.study.exchange.encoding, **claims}
    _, message = decode(site.update_body({}, **claims), protocol.UpdateMessage)
    new = (arrays[name] for name in sorted(arrays))
    riding = statistics or {}
    return b"".join(difference_parts(message, new, values_of(base), riding, fit_of(site), 0))


def difference_of(site: LiveSite, number: int, **options: Any) -> requests.Response:
    return site.request("GET", protocol.difference_path(site.study_id, number), **options)


def uneven(seed: int) -> Parameters:
    some = np.random.default_rng(seed)
    shapes = {name: array.shape for name, array in tiny_parameters().items()}
    return {name: some.standard_normal(s).astype(np.float32) for name, s in shapes.items()}


def bits(arrays: Parameters) -> dict[str, bytes]:
    return {name: array.tobytes() for name, array in arrays.items()}


def test_a_round_averages_what_the_differences_come_to(live: LiveCoordinator) -> None:
    first, second = sites_of(live, a_study(Exchange(encoding="int8")))
    for site, value in ((first, 1.0), (second, 2.0)):
        assert site.send(1, body_of(site, tiny_parameters(value))).status_code == 200
    averaged, _ = first.download(1)
    for array in averaged.values():
        np.testing.assert_allclose(array, 1.5, rtol=1e-6)


@pytest.mark.parametrize("exchange", [INT4, Exchange(encoding="float16")])
def test_what_a_round_changed_makes_its_parameters_bit_for_bit(
    live: LiveCoordinator, exchange: Exchange
) -> None:
    sites = sites_of(live, a_study(exchange, averaged_rounds=2, count=2))
    before, _ = sites[0].download(0)
    for number in (1, 2):
        for site in sites:
            moments = tiny_moments(site.domain_indices)
            assert site.send(number, body_of(site, uneven(number), moments)).status_code == 200
        fit = protocol.global_fit(sites[0].study, manifest_of(tiny_parameters()))
        changed = difference_of(sites[0], number).content
        base = {name: before[name] for name in tiny_parameters()}
        arrays, said = restored(changed, protocol.DifferenceMessage, base, fit)
        whole = sites[0].request("GET", protocol.parameters_path(sites[0].study_id, number))
        assert encode(arrays, said.parameters) == whole.content
        before = arrays
    assert {name for name in arrays if name.startswith("moments")} == {
        "moments.0.covariance", "moments.0.mean", "moments.1.covariance", "moments.1.mean",
    }  # fmt: skip


def test_the_same_updates_make_the_same_difference_again(
    live: LiveCoordinator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a crash interrupts is done again, and some sites may have the first already."""
    sites = sites_of(live, a_study())
    assert sites[0].round().state == "collecting"
    with monkeypatch.context() as halted:
        halted.setattr(Rounds, "advance", lambda *_: None)
        for site in sites:
            assert site.send(1, body_of(site, uneven(3))).status_code == 200
    with live.store.reading() as connection:
        record = find_study(connection, sites[0].study_id)
    sent = frozenset(site.site_id for site in sites)
    made = [make_average(live.store, live.blobs, record, 1, sent) for _ in range(2)]
    assert made[0] is not None
    assert made[0].models[0].difference is not None
    assert made[0] == made[1]


def test_an_update_and_what_a_round_changed_go_on_after_a_cut(live: LiveCoordinator) -> None:
    first, second = sites_of(live, a_study())
    body = body_of(first, uneven(0))
    path = protocol.update_path(first.study_id, 1)
    half = len(body) // 2
    cut = first.request("PUT", path, data=body[:half], headers=upload_headers(body))
    assert (cut.status_code, cut.json()["received_bytes"]) == (202, half)
    rest = first.request("PUT", path, data=body[half:], headers=upload_headers(body, half))
    assert rest.status_code == 200
    again = first.request("PUT", path, data=body, headers=upload_headers(body))
    assert again.json() == rest.json()
    second.send(1, body_of(second, uneven(1)))
    whole = difference_of(first, 1)
    part = difference_of(
        first, 1, headers={"Range": "bytes=10-", "If-Range": whole.headers["ETag"]}
    )
    assert (part.status_code, part.content) == (206, whole.content[10:])


def test_parameters_that_travel_as_they_are_have_no_difference(live: LiveCoordinator) -> None:
    first, second = live.running_study(2)
    first.send_value(1.0)
    second.send_value(1.0)
    status, code, sentence = refusal(difference_of(first, 1))
    assert (status, code) == (404, "parameters_unavailable")
    assert "fetch its parameters as a whole" in sentence


# --- what is refused ---


def infinite_step(site: LiveSite) -> bytes:
    plain = body_of(site, uneven(0))
    start = int.from_bytes(plain[:8], "little") + 8
    return plain[:start] + np.float32(np.inf).tobytes() + plain[start + 4 :]


def of_another_model(site: LiveSite) -> bytes:
    arrays = {**tiny_parameters(), "feature_extractor.more": np.zeros(9, np.float32)}
    _, message = decode(site.update_body({}, encoding="int8"), protocol.UpdateMessage)
    fit = Fit(manifest_of(arrays), 0, site.study.exchange)
    new = (arrays[name] for name in sorted(arrays))
    return b"".join(difference_parts(message, new, values_of(arrays), {}, fit, 0))


def too_far(site: LiveSite) -> bytes:
    return body_of(site, tiny_parameters(1e9))


def of_other_origin(site: LiveSite) -> bytes:
    return body_of(site, uneven(0), base_digest="0" * 64)


def of_other_encoding(site: LiveSite) -> bytes:
    return body_of(site, uneven(0), encoding="int4")


def foreign_moments(site: LiveSite) -> bytes:
    return body_of(site, uneven(0), tiny_moments([5]))


def of_more_statistics(site: LiveSite) -> bytes:
    return body_of(site, uneven(0), tiny_moments(range(40)))


def compressed(site: LiveSite) -> bytes:
    return zstandard.ZstdCompressor().compress(body_of(site, uneven(0)))


def as_they_are(site: LiveSite) -> bytes:
    return site.update_body(uneven(0))


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        (infinite_step, "non_finite"),
        (of_another_model, "parameter_mismatch"),
        (as_they_are, "parameter_mismatch"),
        (too_far, "update_too_far"),
        (of_other_origin, "study_mismatch"),
        (of_other_encoding, "study_mismatch"),
        (foreign_moments, "moments_refused"),
        (of_more_statistics, "body_too_large"),
        (compressed, "malformed_body"),
    ],
)
def test_a_difference_that_does_not_fit_is_refused_and_nothing_of_it_is_kept(
    live: LiveCoordinator, bad: Any, code: str
) -> None:
    first, second = sites_of(live, a_study(Exchange(encoding="int8")))
    files = set(live.blob_folder.iterdir())
    assert refusal(first.send(1, bad(first)))[1] == code
    assert set(live.blob_folder.iterdir()) == files
    assert not list((live.blob_folder.parent / "arriving").iterdir())
    assert not first.round().is_update_accepted
    for site in (first, second):
        assert site.send(1, body_of(site, tiny_parameters(1.0))).status_code == 200
    assert np.allclose(first.download(1)[0]["lesion_classifier.bias"], 1.0)


def test_a_bomb_is_refused_before_it_goes_off(live: LiveCoordinator, tmp_path: Path) -> None:
    """A gigabyte in a few kilobytes: nothing of it is written down."""
    (site,) = sites_of(live, a_study(start_quorum=2), 2)[:1]
    plain = zstandard.ZstdDecompressor().decompressobj().decompress(body_of(site, uneven(0)))

    def parts() -> Iterator[bytes]:
        compressor = zstandard.ZstdCompressor().compressobj()
        yield compressor.compress(plain)
        for _ in range(1024):
            yield compressor.compress(bytes(1 << 20))
        yield compressor.flush()

    body = b"".join(parts())
    assert len(body) < 100_000
    status, code, sentence = refusal(site.send(1, body))
    assert (status, code) == (422, "malformed_body")
    assert "goes on after its last array" in sentence
    assert sum(path.stat().st_size for path in tmp_path.rglob("*")) < 1_000_000
