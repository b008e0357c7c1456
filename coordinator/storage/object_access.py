"""How an S3-compatible object store is reached, and what its refusals mean, in sentences.

Credentials are found where every program of this kind finds them: environment, a file, the
machine's role. None passes through the settings, and none is logged.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import boto3
from boto3.exceptions import Boto3Error
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,  # noqa: A004  botocore's own
    CredentialRetrievalError,
    FlexibleChecksumError,
    HTTPClientError,
    IncompleteReadError,
    NoCredentialsError,
    PartialCredentialsError,
)

from coordinator.errors import SettingsInvalidError, StateDamagedError, StorageFullError
from coordinator.storage.object_place import ObjectPlace

logger = logging.getLogger(__name__)

_CONNECT_TIMEOUT_S: Final = 5
_ATTEMPTS: Final = 4
_HURRIED_S: Final = 10.0
_HURRIED_ATTEMPTS: Final = 2
_CONNECTIONS: Final = 48
"""As many as threads that answer requests, and the few that send parts."""
_MISSING: Final = frozenset({"404", "NoSuchKey", "NotFound"})
_REFUSED: Final = frozenset(
    {"403", "AccessDenied", "ExpiredToken", "InvalidAccessKeyId", "InvalidToken"}
    | {"SignatureDoesNotMatch"}
)
_FULL: Final = frozenset({"QuotaExceeded", "XMinioStorageFull", "InsufficientStorage", "507"})
"""S3 itself is never full; these are what MinIO and Ceph say."""
_BUSY: Final = frozenset({"500", "503", "InternalError", "ServiceUnavailable", "SlowDown"})

Client = Any
"""Of boto3, which publishes no types."""
StoreError = (BotoCoreError, ClientError, Boto3Error)


def open_client(place: ObjectPlace) -> Client:
    """Return a client that threads may share, and check that the place can be used.

    Raises:
        SettingsInvalidError: saying what hinders it: no such bucket, credentials, clock, network.
    """
    for loud in ("boto3", "botocore", "s3transfer", "urllib3"):
        # At debug they tell what requests are signed with.
        logging.getLogger(loud).setLevel(logging.WARNING)
    logging.getLogger("urllib3.connection").setLevel(logging.ERROR)  # of cut answers, at length
    try:
        client = _client(place, place.patience_s, _ATTEMPTS)
        client.list_objects_v2(Bucket=place.bucket, Prefix=place.prefix, MaxKeys=1)
    except (*StoreError, ValueError) as error:
        raise SettingsInvalidError(_reason(error, place)) from error
    return client


def open_hurried_client(place: ObjectPlace) -> Client:
    """Return a client for what others wait for: writers, who give up after 30 s, and rounds."""
    return _client(place, min(_HURRIED_S, place.patience_s), _HURRIED_ATTEMPTS)


def _client(place: ObjectPlace, read_timeout_s: float, attempts: int) -> Client:
    config = Config(
        connect_timeout=min(_CONNECT_TIMEOUT_S, place.patience_s),
        read_timeout=read_timeout_s,
        retries={"mode": "standard", "total_max_attempts": attempts},
        max_pool_connections=_CONNECTIONS,
        # Only Amazon's buckets have host names of their own without more ado.
        s3={"addressing_style": "auto" if place.endpoint is None else "path"},
    )
    # A session of our own: the library's shared one keeps the credentials that it found first.
    return boto3.session.Session().client(
        "s3", endpoint_url=place.endpoint, region_name=place.region, config=config
    )


@contextmanager
def store_errors_as_refusals(
    place: ObjectPlace, if_missing: Callable[[], Exception] | None = None
) -> Iterator[None]:
    """Say in a sentence what the store refuses; its own words are for the log.

    Args:
        place: Which store.
        if_missing: Makes what is raised when the object is not there, or is another by now.

    Raises:
        StorageFullError: if it has no room left.
        StateDamagedError: if it cannot be used for another reason.
    """
    try:
        yield
    except (*StoreError, KeyError) as raised:  # a cut answer lacks what it is asked for
        error = _first(raised)
        code = _code(error)
        if if_missing is not None and code in {*_MISSING, "PreconditionFailed", "412"}:
            raise if_missing() from error
        logger.error("The object store cannot be used: %s", _reason(error, place))
        if code in _FULL:
            raise StorageFullError(
                "The coordinator's object store is full; nothing was changed. Its operator must "
                "make room, and what was being done can then be done again"
            ) from error
        raise StateDamagedError(
            "The coordinator's object store cannot be used; its operator finds the reason in the "
            "log, and must see to it that the store runs and lets the coordinator in"
        ) from error


def _first(error: Exception) -> BaseException:
    """Return what the store said of an upload; the library raises something of its own after it."""
    said = error.__context__
    return said if isinstance(error, Boto3Error) and isinstance(said, ClientError) else error


def _code(error: BaseException) -> str:
    if not isinstance(error, ClientError):
        return ""
    return str(error.response.get("Error", {}).get("Code", ""))


def _reason(error: BaseException, place: ObjectPlace) -> str:
    """Return what is wrong and who can mend it, without anything secret."""
    code = _code(error)
    if isinstance(error, NoCredentialsError | PartialCredentialsError | CredentialRetrievalError):
        return (
            f"There are no credentials for {place}. Give AWS_ACCESS_KEY_ID and "
            "AWS_SECRET_ACCESS_KEY in the environment, or name a file that has them in "
            "AWS_SHARED_CREDENTIALS_FILE"
        )
    if isinstance(error, FlexibleChecksumError | IncompleteReadError | KeyError):
        return f"What {place} sends breaks off or is altered on its way. Look at the network"
    if isinstance(error, ConnectionError | HTTPClientError):
        return (
            f"{place} cannot be reached. See to it that the object store runs, and that "
            "object_store_endpoint and object_store_region name it"
        )
    if code == "NoSuchBucket":
        return f"There is no bucket {place.bucket} for {place}. Make it, or correct object_store"
    if code == "RequestTimeTooSkewed":
        return (
            f"The clocks of this machine and of {place} differ by too much. Set this machine's by "
            "a time server, and start again"
        )
    if code in _FULL:
        return f"{place} has no room left ({code}). Make some there"
    if code in _BUSY:
        return f"{place} is busy or in trouble ({code}). If it stays so, see to the object store"
    if code in _REFUSED:
        return (
            f"{place} does not accept the coordinator's credentials ({code}). Correct them, or let "
            "them list, read, write and delete there"
        )
    return f"{place} cannot be used: {code or type(error).__name__}"
