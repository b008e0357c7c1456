"""Walking through DICOM datasets and the ones nested in them."""

from collections.abc import Iterator

from pydicom.dataset import Dataset


def with_items(dataset: Dataset) -> Iterator[Dataset]:
    """Yield a dataset and, however deep, all items of its sequences."""
    yield dataset
    for element in dataset:
        if element.VR == "SQ":
            for item in element.value:
                yield from with_items(item)
