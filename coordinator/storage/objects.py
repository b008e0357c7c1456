"""Parameter files as objects of an S3-compatible store, which several coordinators share.

An object appears whole or not at all, and is durable once the store has said so. What is read again
and again, by every site and for every update, lies as a copy in a local folder; what an average
reads once is read by ranges, wherever it lies.
"""

import logging
import threading
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from boto3.s3.transfer import TransferConfig
from botocore.exceptions import (
    FlexibleChecksumError,
    HTTPClientError,
    IncompleteReadError,
    ReadTimeoutError,
    ResponseStreamingError,
)
from botocore.response import StreamingBody

from coordinator.errors import (
    CoordinatorError,
    MalformedBodyError,
    StateDamagedError,
    UploadBrokenError,
)
from coordinator.storage.blobs import BLOB_NAME, Blob, BlobFolder
from coordinator.storage.bodies import Body, read_body
from coordinator.storage.durable import damaged, remove_unneeded
from coordinator.storage.object_access import (
    Client,
    open_client,
    open_hurried_client,
    store_errors_as_refusals,
)
from coordinator.storage.object_place import ObjectPlace

logger = logging.getLogger(__name__)

_PART_BYTES: Final = 8 << 20
"""Of a multipart upload; each is sent from the file, and checked by the store as it comes."""
_SENDING: Final = TransferConfig(
    multipart_threshold=_PART_BYTES, multipart_chunksize=_PART_BYTES, max_concurrency=4
)
_CHUNK_BYTES: Final = 1 << 18
_HEAD_BYTES: Final = 1 << 14
"""Fetched at first: a usual header, and with it how long the object is."""
_UNFINISHED_LIFETIME: Final = timedelta(days=1)
_COPY_LIFETIME_S: Final = 3600.0
_QUESTIONS_AT_ONCE: Final = 8
"""A round of many sites has many files, and all other writers wait until they are found."""
_READ_ATTEMPTS: Final = 3
_BROKEN_OFF: Final = (
    FlexibleChecksumError,
    HTTPClientError,
    IncompleteReadError,
    ResponseStreamingError,
)
"""What comes of an answer that broke off, or was altered, on its way."""


class ObjectBlobs:
    """Content-addressed objects; safe to use from several threads, processes and machines at once.

    Args:
        place: Where the objects lie.
        copies: A folder of this process's own.

    Raises:
        SettingsInvalidError: if the place cannot be used.
    """

    def __init__(self, place: ObjectPlace, copies: BlobFolder) -> None:
        self._place = place
        self._client = open_client(place)
        self._hurried = open_hurried_client(place)
        self._copies = copies
        self._asked: dict[str, _Asked] = {}
        self._asking = threading.Lock()

    def put(self, parts: Iterable[bytes | memoryview], *, is_followed: bool = False) -> Blob:
        """Make bytes, given piece by piece, durable.

        Args:
            parts: The bytes.
            is_followed: Whether they are one of many, which this process reads no more.

        Raises:
            StorageFullError: if disk or store have no room; nothing is then left behind.
            StateDamagedError: if either cannot be written.
        """
        with self.written(parts) as (path, blob):
            self._send(path, blob.name)
            if not is_followed:
                self._copies.adopt(path, blob.name)
        return blob

    @contextmanager
    def written(self, parts: Iterable[bytes | memoryview]) -> Iterator[tuple[Path, Blob]]:
        """Write bytes to a local file that is gone afterwards unless adopted; as ``BlobFolder``."""
        with self._copies.written(parts) as made:
            yield made

    def adopt(self, path: Path, name: str) -> None:
        """Take over a local file whose bytes are known to have this SHA-256; it is then durable.

        Raises:
            StorageFullError: if the store has no room.
            StateDamagedError: if it cannot be used.
        """
        self._send(path, name)
        remove_unneeded(path)

    def path(self, name: str) -> Path:
        """Return a local copy of the bytes of a name, which are as they were put there.

        Raises:
            StateDamagedError: if they are missing or altered.
        """
        with self._ask(name).fetching:  # of many that ask for the same at once, one fetches it
            if self._copies.has(name):
                try:
                    return self._copies.path(name)
                except StateDamagedError:
                    logger.warning("The copy of %s is damaged; it is fetched again", name)
                    self._copies.delete(name)
            self._fetch(name)
            return self._copies.path(name)

    def body(self, name: str) -> Body:
        """Return a body that is read by ranges.

        Raises:
            StateDamagedError: if it is missing or cut.
        """
        source = _opened(self._client, self._place, name)
        try:
            body = read_body(source)
        except MalformedBodyError as error:  # it was whole when it was put there
            raise damaged(name) from error
        # Thousands may be held at once, each without what it began with.
        return replace(body, source=replace(source, head=b""))

    def check(self, name: str) -> None:
        """Check that the bytes of a name are there; that they keep is the store's own business.

        Raises:
            StateDamagedError: if they are missing.
        """
        with store_errors_as_refusals(self._place, lambda: damaged(name)):
            self._head(name)

    def has(self, *names: str) -> bool:
        """Return whether there are objects of all these names, whatever their bytes."""
        try:
            with (
                store_errors_as_refusals(self._place, FileNotFoundError),
                ThreadPoolExecutor(_QUESTIONS_AT_ONCE) as pool,
            ):
                for _ in pool.map(self._head, names):
                    pass
        except FileNotFoundError:
            return False
        return True

    def check_there(self, name: str) -> None:
        """Refuse to name an object in a row that was swept since it was put there.

        To be asked in the transaction that enters the row.

        Raises:
            UploadBrokenError: if it is gone.
        """
        if not self.has(name):
            raise UploadBrokenError("What was sent is no longer there; send it again")

    def delete(self, *names: str) -> bool:
        """Forget the bytes of names that nothing refers to any more; return whether all are gone.

        Whoever does not need them is not stopped by a sick store, and waits for it only once; a
        sweep takes the rest in time.
        """
        self._copies.delete(*names)
        place, left = self._place, list(names)
        try:
            with store_errors_as_refusals(place):
                while left:
                    self._hurried.delete_object(Bucket=place.bucket, Key=place.key(left[0]))
                    del left[0]
        except CoordinatorError:
            logger.warning("Objects that are no longer needed stay for now: %d", len(left))
        return not left

    def names(self) -> Iterator[str]:
        """Yield the names of all objects, in any order."""
        yield from (name for name, _ in self._listed())

    def names_before(self, moment: datetime) -> Iterator[str]:
        """Yield the names of what was last put there before a moment."""
        yield from (name for name, put_at in self._listed() if put_at < moment)

    def is_older(self, name: str, moment: datetime) -> bool:
        """Return whether an object was last put there before a moment; False if it is gone."""
        try:
            with store_errors_as_refusals(self._place, FileNotFoundError):
                put_at: datetime = self._head(name)["LastModified"]
        except FileNotFoundError:
            return False
        return put_at < moment

    def renew(self, name: str) -> None:
        """Let an object be as if it were put there now; nothing happens if it is gone.

        It is copied onto itself, within the store. Whoever reads it just then may have to begin
        anew, since the store may mark it as another version.

        Raises:
            StateDamagedError: if the store cannot be used.
        """
        source = {"Bucket": self._place.bucket, "Key": self._place.key(name)}
        with (
            suppress(FileNotFoundError),
            store_errors_as_refusals(self._place, FileNotFoundError),
        ):
            self._client.copy(
                source,
                self._place.bucket,
                self._place.key(name),
                ExtraArgs={"MetadataDirective": "REPLACE"},  # else a copy onto itself is refused
                Config=_SENDING,
            )

    def read_mark(self, name: str) -> str | None:
        """Return what a small object beside the others says, if it is there."""
        try:
            with store_errors_as_refusals(self._place, FileNotFoundError):
                key = self._place.key(name)
                found = self._client.get_object(Bucket=self._place.bucket, Key=key)
                return str(found["Body"].read(), "ascii").strip()
        except FileNotFoundError:
            return None

    def write_mark(self, name: str, words: str) -> None:
        """Put a small object beside the others, durably.

        Raises:
            StorageFullError: if the store has no room left.
            StateDamagedError: if it cannot be used.
        """
        with store_errors_as_refusals(self._place):
            self._client.put_object(
                Bucket=self._place.bucket, Key=self._place.key(name), Body=f"{words}\n".encode()
            )

    def remove_unfinished(self, now: datetime) -> None:
        """Remove what crashes left half-sent, and copies that nobody has asked for of late.

        Args:
            now: What is younger than a day then may still be being sent by another process.
        """
        self._copies.remove_unfinished(now)
        self._remove_idle_copies()
        with store_errors_as_refusals(self._place):
            pages = self._client.get_paginator("list_multipart_uploads").paginate(
                Bucket=self._place.bucket, Prefix=self._place.prefix
            )
            for upload in (one for page in pages for one in page.get("Uploads", ())):
                if upload["Initiated"] < now - _UNFINISHED_LIFETIME:
                    self._client.abort_multipart_upload(
                        Bucket=self._place.bucket, Key=upload["Key"], UploadId=upload["UploadId"]
                    )

    def _ask(self, name: str) -> "_Asked":
        """Note that a copy is asked for now."""
        with self._asking:
            asked = self._asked.setdefault(name, _Asked())
            asked.at_s = time.monotonic()
        return asked

    def _send(self, path: Path, name: str) -> None:
        with store_errors_as_refusals(self._place):
            self._client.upload_file(
                str(path), self._place.bucket, self._place.key(name), Config=_SENDING
            )

    def _fetch(self, name: str) -> None:
        """Make a local copy; what broke off or changed on its way is fetched again."""
        for attempts_left in reversed(range(_READ_ATTEMPTS)):
            with store_errors_as_refusals(self._place, lambda: damaged(name)):
                try:
                    if self._has_fetched(name):
                        return
                except _BROKEN_OFF:
                    if not attempts_left:
                        raise
        raise damaged(name)

    def _has_fetched(self, name: str) -> bool:
        """Try to make a local copy; return whether it has the bytes of the name."""
        key = self._place.key(name)
        found = self._client.get_object(Bucket=self._place.bucket, Key=key)
        with self._copies.written(_pieces(found["Body"])) as (path, blob):
            if blob.name != name:
                return False
            self._copies.adopt(path, name)
        return True

    def _head(self, name: str) -> dict[str, datetime]:
        place = self._place
        found: dict[str, datetime] = self._hurried.head_object(
            Bucket=place.bucket, Key=place.key(name)
        )
        return found

    def _listed(self) -> Iterator[tuple[str, datetime]]:
        with store_errors_as_refusals(self._place):
            pages = self._client.get_paginator("list_objects_v2").paginate(
                Bucket=self._place.bucket, Prefix=self._place.prefix
            )
            for found in (one for page in pages for one in page.get("Contents", ())):
                name = found["Key"].removeprefix(self._place.prefix)
                if BLOB_NAME.fullmatch(name):
                    yield name, found["LastModified"]

    def _remove_idle_copies(self) -> None:
        since_s = time.monotonic() - _COPY_LIFETIME_S
        with self._asking:  # who asks meanwhile finds what is left
            self._asked = {
                name: asked
                for name, asked in self._asked.items()
                if asked.at_s > since_s or asked.fetching.locked()
            }
            for name in self._copies.names():
                if name not in self._asked:
                    self._copies.delete(name)


@dataclass(slots=True)
class _Asked:
    """A copy that somebody asked for."""

    at_s: float = 0.0
    """When last, by a clock that is never set."""
    fetching: threading.Lock = field(default_factory=threading.Lock)
    """Each copy's own: a slow fetch keeps nobody from copies that are there."""


@dataclass(frozen=True, slots=True)
class _ObjectSource:
    """One object, always the same bytes: another one put in its place is refused."""

    client: Client
    place: ObjectPlace
    name: str
    size_bytes: int
    version: str
    """The store's own mark of these bytes (ETag)."""
    head: bytes
    """Where the object begins."""

    def read_into(self, room: memoryview, offset: int) -> int:
        if offset + len(room) <= len(self.head):
            room[:] = self.head[offset : offset + len(room)]
            return len(room)
        content = _ranged(self.client, self.place, self.name, (offset, len(room)), self.version)
        room[: len(content)] = content
        return len(content)


def _pieces(content: StreamingBody) -> Iterator[bytes]:
    """Yield what the store sends, piece by piece."""
    try:
        yield from content.iter_chunks(_CHUNK_BYTES)
    except ReadTimeoutError as error:  # an OSError, too, and yet not one of the disk
        raise ResponseStreamingError(error=error) from error


def _opened(client: Client, place: ObjectPlace, name: str) -> _ObjectSource:
    with store_errors_as_refusals(place, lambda: damaged(name)):
        found = client.get_object(
            Bucket=place.bucket, Key=place.key(name), Range=f"bytes=0-{_HEAD_BYTES - 1}"
        )
        head = found["Body"].read()
        size = int(found["ContentRange"].rpartition("/")[2])
        return _ObjectSource(client, place, name, size, found["ETag"], head)


def _ranged(
    client: Client, place: ObjectPlace, name: str, span: tuple[int, int], version: str
) -> bytes:
    """Return so many bytes from an offset on; a line that breaks off is tried again."""
    offset, count = span
    for attempts_left in reversed(range(_READ_ATTEMPTS)):
        with store_errors_as_refusals(place, lambda: damaged(name)):
            found = client.get_object(
                Bucket=place.bucket,
                Key=place.key(name),
                Range=f"bytes={offset}-{offset + count - 1}",
                IfMatch=version,
            )
            try:
                content = bytes(found["Body"].read())
                if len(content) == count:
                    return content
            except _BROKEN_OFF:
                if not attempts_left:
                    raise
    raise damaged(name)
