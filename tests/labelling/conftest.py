"""A store, and images to put into it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from desktop_client.imaging.image import DecodedImage
from desktop_client.labelling.sample import Sample
from desktop_client.labelling.store import LabelStore

AddImage = Callable[..., Sample]


@pytest.fixture
def store_path(tmp_path: Path) -> Path:
    return tmp_path / "labels.sqlite"


@pytest.fixture
def store(store_path: Path) -> Iterator[LabelStore]:
    with LabelStore(store_path) as opened:
        yield opened


@pytest.fixture
def add_image(store: LabelStore) -> AddImage:
    """Add an image whose every pixel has the given value, so that values are identities."""

    def add(
        value: int, path: str = "", *, file_digest: str = "", patient: str | None = None
    ) -> Sample:
        image = DecodedImage(np.full((2, 3), value, dtype=np.uint8))
        place = Path(path or f"/images/{value}.png")
        return store.add_image(
            place, file_digest or f"digest of {value}", image, patient_identifier=patient
        )

    return add
