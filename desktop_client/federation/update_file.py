"""A site's update in a file, read by ranges: hundreds of them cost no more memory than one."""

import io
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from coordinator.layout import read_header
from coordinator.method.arrays import Values, values_before
from coordinator.method.weighting import KEPT_PREFIXES, SentUpdate
from coordinator.parameters import Manifest, Parameters, encode
from coordinator.protocol import UpdateMessage

_VALUE_BYTES: Final = 4


@dataclass(frozen=True, slots=True)
class UpdateFile:
    """An update that was checked, as the coordinator comes to have it.

    Attributes:
        path: The file; each reading opens it anew.
        message: Of the update.
        shapes: Of its arrays, in order of their names, as they lie in the file.
        data_offset: Bytes before the first value.
    """

    path: Path
    message: UpdateMessage
    shapes: Manifest
    data_offset: int

    @classmethod
    def written(cls, path: Path, body: bytes) -> "UpdateFile":
        """Write a body into a file, in place of what was there.

        Raises:
            MalformedBodyError: if it is not canonical; nothing is written then.
        """
        header = read_header(io.BytesIO(body))
        update = cls(path, header.message(UpdateMessage), header.shapes, header.size_bytes)
        path.write_bytes(body)
        return update

    @property
    def sent(self) -> SentUpdate:
        """What of it a round's average is made of."""
        return SentUpdate(
            self.message.site_id,
            self.message.round_number,
            self.message.sample_count,
            self.message.extractor,
            self.message.domain_indices,
            open_arrays=lambda: self,
        )

    def values(self, start: int, stop: int) -> Values:
        """Return a range of all values."""
        offset = self.data_offset + start * _VALUE_BYTES
        return np.fromfile(self.path, np.dtype("<f4"), stop - start, offset=offset)

    def array(self, name: str) -> Values:
        """Return one array, in its shape."""
        start, shape = values_before(self.shapes, name), self.shapes[name]
        return self.values(start, start + math.prod(shape)).reshape(shape)

    def arrays(self) -> Parameters:
        """Return all arrays."""
        return {name: self.array(name) for name in self.shapes}

    def trimmed(self) -> "UpdateFile":
        """Keep what counts while the site is not picked, and forget the rest."""
        kept = {n: self.array(n) for n in self.shapes if n.startswith(KEPT_PREFIXES)}
        return UpdateFile.written(self.path, encode(kept, self.message))
