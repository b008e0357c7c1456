import hashlib
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest

from coordinator.errors import (
    CoordinatorError,
    SettingsInvalidError,
    StateDamagedError,
    StorageFullError,
    UploadBrokenError,
)
from coordinator.storage.blobs import BlobFolder
from coordinator.storage.bodies import body_parts
from coordinator.storage.object_place import ObjectPlace, place_of
from coordinator.storage.objects import ObjectBlobs
from tests.coordinator.object_store import ObjectStore
from tests.faults.process import free_port

LONG: Final = 17 << 20
"""Bytes of a body that takes three parts."""


@dataclass(frozen=True)
class World:
    """One place, and two machines that know it: a client takes its time to make."""

    place: ObjectPlace
    copies: Path
    blobs: ObjectBlobs
    far_copies: Path
    elsewhere: ObjectBlobs


@pytest.fixture(scope="module")
def one_world(object_store: ObjectStore, tmp_path_factory: pytest.TempPathFactory) -> World:
    place, folder = object_store.new_place(), tmp_path_factory.mktemp("machines")
    copies, far_copies = folder / "copies", folder / "elsewhere"
    here, there = (ObjectBlobs(place, BlobFolder(one)) for one in (copies, far_copies))
    return World(place, copies, here, far_copies, there)


@pytest.fixture(autouse=True)
def world(one_world: World, object_store: ObjectStore) -> World:
    """Empty at the start of every test."""
    for name in object_store.names(one_world.place):
        key = one_world.place.key(name)
        object_store.client.delete_object(Bucket=one_world.place.bucket, Key=key)
    for path in (*one_world.copies.iterdir(), *one_world.far_copies.iterdir()):
        path.unlink()
    return one_world


@pytest.fixture
def place(world: World) -> ObjectPlace:
    return world.place


@pytest.fixture
def copies(world: World) -> Path:
    return world.copies


@pytest.fixture
def blobs(world: World) -> ObjectBlobs:
    return world.blobs


@pytest.fixture
def elsewhere(world: World) -> ObjectBlobs:
    """The same store, as another machine has it."""
    return world.elsewhere


def arrived(folder: Path, content: bytes) -> tuple[Path, str]:
    path = folder / "arrived"
    path.write_bytes(content)
    return path, hashlib.sha256(content).hexdigest()


def test_name_of_an_object_is_the_sha256_of_its_bytes(
    blobs: ObjectBlobs, object_store: ObjectStore, place: ObjectPlace
) -> None:
    blob = blobs.put([b"ab", b"c"])
    assert (blob.name, blob.size_bytes) == (hashlib.sha256(b"abc").hexdigest(), 3)
    assert object_store.names(place) == {blob.name}


def test_what_one_machine_puts_another_has(blobs: ObjectBlobs, elsewhere: ObjectBlobs) -> None:
    name = blobs.put([b"abc"]).name
    assert elsewhere.path(name).read_bytes() == b"abc"
    assert list(elsewhere.names()) == [name]
    elsewhere.check_there(name)


def test_long_file_goes_in_parts_and_comes_back_as_it_was(
    blobs: ObjectBlobs, elsewhere: ObjectBlobs, tmp_path: Path
) -> None:
    content = np.random.default_rng(1).bytes(LONG)
    path, name = arrived(tmp_path, content)
    blobs.adopt(path, name)
    assert not path.exists()
    assert elsewhere.path(name).read_bytes() == content


def test_body_is_read_by_ranges_without_a_local_copy(blobs: ObjectBlobs, world: World) -> None:
    values = np.arange(100_000, dtype=np.float32)
    name = blobs.put(body_parts({"a": (100_000,)}, {"who": "a test"}, [values])).name
    body = world.elsewhere.body(name)
    assert (body.metadata, dict(body.shapes)) == ({"who": "a test"}, {"a": (100_000,)})
    assert body.values(70_000, 70_003).tolist() == [70_000, 70_001, 70_002]
    assert np.array_equal(body.values(0, 100_000), values)
    assert body.values(5, 5).tolist() == []
    assert list(world.far_copies.iterdir()) == []


def test_object_that_is_replaced_while_it_is_read_is_damaged_state(
    blobs: ObjectBlobs, object_store: ObjectStore, place: ObjectPlace
) -> None:
    values = np.zeros(100_000, np.float32)
    name = blobs.put(body_parts({"a": (100_000,)}, {}, [values])).name
    body = blobs.body(name)
    content = bytes(b"".join(body_parts({"a": (100_000,)}, {}, [values + 1])))
    object_store.client.put_object(Bucket=place.bucket, Key=place.key(name), Body=content)
    with pytest.raises(StateDamagedError, match=f"{name[:12]} is missing or damaged"):
        body.values(50_000, 60_000)


def test_altered_bytes_are_not_copied(
    blobs: ObjectBlobs, elsewhere: ObjectBlobs, object_store: ObjectStore, place: ObjectPlace
) -> None:
    name = blobs.put([b"abc"]).name
    object_store.client.put_object(Bucket=place.bucket, Key=place.key(name), Body=b"abd")
    with pytest.raises(StateDamagedError, match=f"{name[:12]} is missing or damaged"):
        elsewhere.path(name)


def test_damaged_copy_is_fetched_again(
    blobs: ObjectBlobs, copies: Path, expected_warnings: list[Any]
) -> None:
    name = blobs.put([b"abc"]).name
    (copies / name).write_bytes(b"ab")
    assert blobs.path(name).read_bytes() == b"abc"
    assert "is damaged; it is fetched again" in expected_warnings[0].getMessage()


def test_of_many_that_ask_for_the_same_copy_at_once_one_fetches_it(
    blobs: ObjectBlobs, elsewhere: ObjectBlobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = blobs.put([b"abc"]).name
    fetched: list[str] = []
    fetch = ObjectBlobs._fetch

    def counted(self: ObjectBlobs, wanted: str) -> None:
        fetched.append(wanted)
        fetch(self, wanted)

    monkeypatch.setattr(ObjectBlobs, "_fetch", counted)
    with ThreadPoolExecutor(8) as pool:
        paths = list(pool.map(elsewhere.path, [name] * 8))
    assert fetched == [name]
    assert {path.read_bytes() for path in paths} == {b"abc"}


def test_slow_fetch_keeps_nobody_from_copies_that_are_there(
    blobs: ObjectBlobs, elsewhere: ObjectBlobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow, there = blobs.put([b"abc"]).name, blobs.put([b"abd"]).name
    elsewhere.path(there)
    is_fetching, may_go_on = threading.Event(), threading.Event()
    fetch = ObjectBlobs._fetch

    def fetch_slowly(self: ObjectBlobs, wanted: str) -> None:
        is_fetching.set()
        assert may_go_on.wait(20)
        fetch(self, wanted)

    monkeypatch.setattr(ObjectBlobs, "_fetch", fetch_slowly)
    with ThreadPoolExecutor(2) as pool:
        fetched = pool.submit(elsewhere.path, slow)
        assert is_fetching.wait(20)
        try:
            assert pool.submit(elsewhere.path, there).result(5).read_bytes() == b"abd"
        finally:
            may_go_on.set()
        assert fetched.result().read_bytes() == b"abc"


def test_all_of_several_objects_are_there_or_not(blobs: ObjectBlobs) -> None:
    names = [blobs.put([bytes([value])]).name for value in range(20)]
    assert blobs.has()
    assert blobs.has(*names)
    blobs.delete(names[7])
    assert not blobs.has(*names)


def test_missing_bytes_are_refused_with_a_sentence(blobs: ObjectBlobs) -> None:
    missing = "0" * 64
    for ask in (blobs.path, blobs.body, blobs.check):
        with pytest.raises(StateDamagedError, match="missing or damaged"):
            ask(missing)
    with pytest.raises(UploadBrokenError, match="no longer there; send it again"):
        blobs.check_there(missing)
    assert not blobs.is_older(missing, datetime.now(UTC))


def test_deleted_bytes_are_gone_and_may_be_deleted_twice(
    blobs: ObjectBlobs, copies: Path, object_store: ObjectStore, place: ObjectPlace
) -> None:
    name = blobs.put([b"abc"]).name
    blobs.delete(name)
    blobs.delete(name)
    assert object_store.names(place) == set()
    assert list(copies.iterdir()) == []


def test_marks_are_no_parameter_files(blobs: ObjectBlobs, elsewhere: ObjectBlobs) -> None:
    assert blobs.read_mark("installation") is None
    blobs.write_mark("installation", "ours")
    assert elsewhere.read_mark("installation") == "ours"
    assert list(blobs.names()) == []


def test_age_is_counted_from_when_it_was_put_there_last(blobs: ObjectBlobs) -> None:
    name = blobs.put([b"abc"]).name
    now = datetime.now(UTC)
    assert list(blobs.names_before(now + timedelta(seconds=5))) == [name]
    assert list(blobs.names_before(now - timedelta(seconds=60))) == []
    assert blobs.is_older(name, now + timedelta(seconds=5))
    assert not blobs.is_older(name, now - timedelta(seconds=60))


@pytest.mark.parametrize("length", [3, LONG])
def test_renewed_object_is_as_if_it_were_put_there_now(
    blobs: ObjectBlobs, elsewhere: ObjectBlobs, length: int
) -> None:
    content = np.random.default_rng(1).bytes(length)
    name = blobs.put([content], is_followed=True).name
    time.sleep(1.1)  # the store counts seconds
    moment = datetime.now(UTC).replace(microsecond=0)
    assert blobs.is_older(name, moment)
    blobs.renew(name)
    assert not blobs.is_older(name, moment)
    assert elsewhere.path(name).read_bytes() == content
    blobs.delete(name)
    blobs.renew(name)
    assert not blobs.has(name)


def test_what_a_crash_left_half_sent_is_removed_after_a_day(
    blobs: ObjectBlobs, object_store: ObjectStore, place: ObjectPlace
) -> None:
    client = object_store.client
    key = place.key("0" * 64)
    client.create_multipart_upload(Bucket=place.bucket, Key=key)

    def unfinished_count() -> int:
        return len(client.list_multipart_uploads(Bucket=place.bucket).get("Uploads", ()))

    began_at = client.list_multipart_uploads(Bucket=place.bucket)["Uploads"][0]["Initiated"]
    blobs.remove_unfinished(began_at + timedelta(hours=23))
    assert unfinished_count() == 1
    blobs.remove_unfinished(began_at + timedelta(hours=25))
    assert unfinished_count() == 0


def test_copies_that_nobody_asks_for_go_and_come_again(
    blobs: ObjectBlobs, copies: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = blobs.put([b"abc"]).name
    blobs.path(name)
    blobs.remove_unfinished(datetime.now(UTC))
    assert [path.name for path in copies.iterdir()] == [name]
    monkeypatch.setattr("coordinator.storage.objects._COPY_LIFETIME_S", -1.0)
    blobs.remove_unfinished(datetime.now(UTC))
    assert list(copies.iterdir()) == []
    assert blobs.path(name).read_bytes() == b"abc"


def test_bucket_that_is_not_there_is_a_sentence(place: ObjectPlace, copies: Path) -> None:
    with pytest.raises(SettingsInvalidError, match=r"There is no bucket nowhere .*Make it, or"):
        ObjectBlobs(replace(place, bucket="nowhere"), BlobFolder(copies))


def test_missing_credentials_are_a_sentence(
    place: ObjectPlace, copies: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    with pytest.raises(SettingsInvalidError, match="There are no credentials for s3://"):
        ObjectBlobs(place, BlobFolder(copies))


def test_store_that_does_not_answer_is_a_sentence(place: ObjectPlace, copies: Path) -> None:
    nobody = replace(place, endpoint=f"http://127.0.0.1:{free_port()}")
    with pytest.raises(SettingsInvalidError, match=r"cannot be reached\. See to it that the"):
        ObjectBlobs(nobody, BlobFolder(copies))


class Refusing(ThreadingHTTPServer):
    """A store that refuses everything, with a status and a code."""

    status = 403
    code = ""


class _Refusal(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        server = self.server
        assert isinstance(server, Refusing)
        body = f"<Error><Code>{server.code}</Code><Message>No</Message></Error>".encode()
        self.send_response(server.status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("InvalidAccessKeyId", r"does not accept the coordinator's credentials \(Inv"),
        ("RequestTimeTooSkewed", r"The clocks of this machine and of .* differ by too much"),
        ("SlowerThanEver", r"cannot be used: SlowerThanEver"),
    ],
)
def test_refusal_at_the_start_says_what_to_do(code: str, sentence: str, copies: Path) -> None:
    with Refusing(("127.0.0.1", 0), _Refusal) as server:
        server.code = code
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        place = ObjectPlace("studies", "", f"http://127.0.0.1:{server.server_port}")
        try:
            with pytest.raises(SettingsInvalidError, match=sentence) as refusal:
                ObjectBlobs(place, BlobFolder(copies))
        finally:
            server.shutdown()
            thread.join()
    assert "not-a-secret" not in str(refusal.value)


@pytest.mark.parametrize(
    ("code", "kind"),
    [("AccessDenied", StateDamagedError), ("XMinioStorageFull", StorageFullError)],
)
def test_refusal_later_is_told_the_operator_in_full_and_sites_in_general(
    code: str,
    kind: type[CoordinatorError],
    blobs: ObjectBlobs,
    monkeypatch: pytest.MonkeyPatch,
    expected_warnings: list[Any],
) -> None:
    from botocore.exceptions import ClientError

    def refuse(*_: Any, **__: Any) -> None:
        raise ClientError({"Error": {"Code": code}}, "PutObject")

    monkeypatch.setattr(blobs._client, "upload_file", refuse)
    with pytest.raises(kind) as refusal:
        blobs.put([b"abc"])
    assert "s3://" not in str(refusal.value)
    assert "The object store cannot be used: " in expected_warnings[0].getMessage()


@pytest.mark.parametrize("address", ["bucket/prefix", "s3://", "s3://Bucket", "http://a/b"])
def test_address_of_another_form_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="write it like s3://bucket/prefix"):
        place_of(address)


def test_prefix_ends_with_a_slash_however_it_is_written() -> None:
    assert [place_of(f"s3://bucket{rest}").key("x") for rest in ("", "/", "/a", "/a/b/")] == [
        "x", "x", "a/x", "a/b/x",
    ]  # fmt: skip
