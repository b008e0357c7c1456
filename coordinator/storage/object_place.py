"""Where objects lie: an address like ``s3://bucket/prefix``, at Amazon or elsewhere."""

import re
from dataclasses import dataclass
from typing import Final

_BUCKET: Final = "[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]"
"""https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html"""
_PATIENCE_S: Final = 60.0
_ADDRESS: Final = re.compile(rf"s3://(?P<bucket>{_BUCKET})(?:/(?P<prefix>.*))?")


@dataclass(frozen=True, slots=True)
class ObjectPlace:
    """Where objects lie."""

    bucket: str
    prefix: str
    """Of all names; empty, or with a slash at its end."""
    endpoint: str | None = None
    """Address of the store; Amazon's own if None."""
    region: str | None = None
    patience_s: float = _PATIENCE_S
    """How long an answer of the store is waited for, before it is asked again or given up."""

    def key(self, name: str) -> str:
        """Return the whole name of an object."""
        return self.prefix + name

    @property
    def address(self) -> str:
        """Where it is in its store, as ``place_of`` reads it."""
        return f"s3://{self.bucket}/{self.prefix}"

    def __str__(self) -> str:
        return f"{self.address} at {self.endpoint}" if self.endpoint else self.address


def place_of(
    address: str,
    endpoint: str | None = None,
    region: str | None = None,
    patience_s: float = _PATIENCE_S,
) -> ObjectPlace:
    """Read an address like ``s3://bucket/prefix``.

    Raises:
        ValueError: if it is none.
    """
    found = _ADDRESS.fullmatch(address)
    if found is None:
        raise ValueError("write it like s3://bucket/prefix, with the bucket's name in lower case")
    prefix = (found["prefix"] or "").strip("/")
    return ObjectPlace(
        found["bucket"], f"{prefix}/" if prefix else "", endpoint, region, patience_s
    )
