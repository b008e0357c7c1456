"""What makes an image the same image: its decoded pixels, wherever and however it is stored."""

import hashlib
import hmac
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from desktop_client.imaging.fingerprint import fingerprint_of
from desktop_client.imaging.image import DecodedImage
from desktop_client.imaging.origin import Origin


@dataclass(frozen=True, slots=True)
class ImageRecord:
    """What the store keeps of a decoded image; the pixels themselves are let go."""

    sample_id: str
    frame: int
    width_px: int
    height_px: int
    fingerprint: bytes = b""
    """What it looks like; empty if that says nothing."""
    origin: Origin | None = None
    """What the file's header says of scanner, patient and series."""


def record_of(image: DecodedImage) -> ImageRecord:
    """Return an image's identity and size, what it looks like and where it comes from.

    The identity is the SHA-256 of bit depth, shape and little-endian pixels, a colon and the
    frame. So a copy, a renamed file and one saved again without loss are the same sample.
    """
    pixels = image.pixels
    digest = hashlib.sha256(f"{pixels.dtype.name}:{list(pixels.shape)}\n".encode())
    digest.update(np.ascontiguousarray(pixels, dtype=pixels.dtype.newbyteorder("<")).tobytes())
    sample_id = f"{digest.hexdigest()}:{image.frame}"
    return ImageRecord(
        sample_id,
        image.frame,
        image.width_px,
        image.height_px,
        fingerprint_of(image),
        image.origin,
    )


def digest_file(path: Path) -> str:
    """Return the SHA-256 of a file's bytes.

    Raises:
        OSError: if it cannot be read.
    """
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def patient_group(key: bytes, sample_id: str, patient_identifier: str | None) -> str:
    """Return the group in which an image must stay when images are split.

    Identifiers are hashed with a key that never leaves this installation, so the group can be
    neither read nor guessed from a list of patients. Without one the sample is its own group.
    """
    said = (patient_identifier or "").strip()
    secret = f"patient:{said}" if said else f"sample:{sample_id}"
    return hmac.new(key, secret.encode(), hashlib.sha256).hexdigest()
