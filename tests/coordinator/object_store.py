"""An S3-compatible server of the tests' own, in a process of its own."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any, Final

import boto3
import pytest
import requests

from coordinator.storage.object_place import ObjectPlace
from tests.faults.process import free_port

_START_S: Final = 60.0
CREDENTIALS: Final = {"AWS_ACCESS_KEY_ID": "siteblind", "AWS_SECRET_ACCESS_KEY": "not-a-secret"}
"""The server takes any."""


class ObjectStore:
    """A running server; hands out buckets."""

    def __init__(self, log_path: Path) -> None:
        self.port = free_port()
        self.endpoint = f"http://127.0.0.1:{self.port}"
        keys = {name.lower(): value for name, value in CREDENTIALS.items()}
        self.client: Any = boto3.client(
            "s3", endpoint_url=self.endpoint, region_name="eu-central-1", **keys
        )
        """To look into the store past the program."""
        self._numbers = count(1)
        command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(self.port)]
        with log_path.open("ab") as log:
            self._process = subprocess.Popen(
                command, stdout=log, stderr=log, env={**os.environ, **CREDENTIALS}
            )
        deadline_s = time.monotonic() + _START_S
        while not self._answers():
            assert self._process.poll() is None, log_path.read_text()
            assert time.monotonic() < deadline_s, log_path.read_text()
            time.sleep(0.05)

    @property
    def pid(self) -> int:
        """Number of its process."""
        return self._process.pid

    def new_place(self) -> ObjectPlace:
        """Return a place in a new, empty bucket."""
        bucket = f"siteblind-{next(self._numbers)}"
        where = {"LocationConstraint": "eu-central-1"}
        self.client.create_bucket(Bucket=bucket, CreateBucketConfiguration=where)
        return ObjectPlace(bucket, "study/", self.endpoint, "eu-central-1")

    def copy_of(self, place: ObjectPlace) -> ObjectPlace:
        """Return a new place with the same objects."""
        copy = self.new_place()
        for name in self.names(place):
            source = {"Bucket": place.bucket, "Key": place.key(name)}
            self.client.copy_object(Bucket=copy.bucket, Key=copy.key(name), CopySource=source)
        return copy

    def names(self, place: ObjectPlace) -> set[str]:
        """Return what all objects of a place are called."""
        listed = self.client.list_objects_v2(Bucket=place.bucket).get("Contents", ())
        return {one["Key"].removeprefix(place.prefix) for one in listed}

    def stop(self) -> None:
        """Stop the server; it keeps nothing."""
        self._process.kill()
        self._process.wait()

    def _answers(self) -> bool:
        try:
            return requests.get(self.endpoint, timeout=5).ok
        except requests.RequestException:
            return False


@contextmanager
def running_object_store(folder: Path) -> Iterator[ObjectStore]:
    """Start a server, and let this process have credentials for it."""
    with pytest.MonkeyPatch.context() as environment:
        for name, value in CREDENTIALS.items():
            environment.setenv(name, value)
        # Nobody's own settings, nor the machine's, have a say.
        environment.setenv("AWS_CONFIG_FILE", os.devnull)
        environment.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
        environment.setenv("AWS_EC2_METADATA_DISABLED", "true")
        store = ObjectStore(folder / "object-store.log")
        try:
            yield store
        finally:
            store.stop()
