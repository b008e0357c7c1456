"""A round's training between two steps, in a file: a program that was killed goes on from there.

Never anything that a round depends on: a file that is damaged, of another round or of other images
is as none, and one that cannot be written costs nothing but the steps since the last.
"""

import logging
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Literal

import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, ValidationError
from safetensors import SafetensorError, safe_open
from safetensors.numpy import load

from desktop_client.durable import sweep_remains, write_durably
from desktop_client.training.array_file import digest_of, safetensors_pieces

logger = logging.getLogger(__name__)

EVERY_S: Final = 30.0
"""Between two savings; each takes well under a second."""
_CARD: Final = "round"
_DIGEST: Final = "sha256"

Arrays = dict[str, npt.NDArray[Any]]


class RoundKey(BaseModel):
    """What a round's training depends on, apart from the program and the machine."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    study_digest: str
    site_id: str
    round_number: int
    base_digest: str
    images_digest: str
    """Of pixels and labels: what was labelled anew since belongs into the round."""


class RoundCard(BaseModel):
    """What the file says about its arrays."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format_version: Literal[1] = 1
    key: RoundKey
    step_count: int
    """Steps that were taken."""
    batch_size: int
    """Images of the next step."""
    target_share: float


class RoundFile:
    """The file of the round that a site trains in.

    Args:
        path: Where it lies.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._saved_at = time.monotonic()

    @property
    def is_due(self) -> bool:
        """Whether the last saving is long enough ago."""
        return time.monotonic() - self._saved_at >= EVERY_S

    def save(self, card: RoundCard, arrays: Mapping[str, npt.NDArray[Any]]) -> None:
        """Write durably what is needed to go on, if the disk will have it."""
        text = card.model_dump_json()
        said = {_CARD: text, _DIGEST: digest_of(text, arrays)}
        try:
            write_durably(self._path, *safetensors_pieces(arrays, said))
        except OSError as error:
            logger.warning("A round's training cannot be kept: %s", error.strerror)
        self._saved_at = time.monotonic()

    def read(self, key: RoundKey) -> tuple[RoundCard, Arrays] | None:
        """Return where the training of this very round was saved, if it was."""
        try:
            with safe_open(self._path, framework="numpy") as file:
                said = file.metadata() or {}
            card = RoundCard.model_validate_json(said[_CARD])
            if card.key != key:
                return None
            arrays = load(self._path.read_bytes())
        except FileNotFoundError:
            return None
        except (OSError, SafetensorError, KeyError, ValidationError, ValueError) as error:
            logger.warning("A round's training was kept and cannot be read: %s", error)
            return None
        if said.get(_DIGEST) != digest_of(said[_CARD], arrays):
            logger.warning("A round's training was kept and is damaged; the round begins anew")
            return None
        return card, arrays

    def discard(self) -> None:
        """Remove the file: the round is over for this site."""
        try:
            self._path.unlink(missing_ok=True)
            sweep_remains(self._path)
        except OSError as error:
            logger.warning("A round's training that is over cannot be removed: %s", error.strerror)
