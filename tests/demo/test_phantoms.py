"""Phantom hospitals: the same every time, readable by the importer, different from each other."""

import csv
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import balanced_accuracy_score

from desktop_client.demo.lesions import LESION_CLASSES
from desktop_client.demo.phantoms import HOSPITALS, UNSEEN_HOSPITAL, Hospital, write_phantom_site
from desktop_client.imaging.decode import decode_image
from desktop_client.labelling.importing import ImportFinished, import_table
from desktop_client.labelling.store import LabelStore

EVERYONE = (*HOSPITALS, UNSEEN_HOSPITAL)


def read_rows(table_path: Path) -> list[dict[str, str]]:
    with table_path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def read_pixels(folder: Path, rows: list[dict[str, str]]) -> np.ndarray:
    return np.stack([decode_image(folder / row["file"])[0].pixels for row in rows])


def test_the_same_arguments_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_phantom_site(tmp_path / name, HOSPITALS[0], 12, seed=5)
    write_phantom_site(tmp_path / "other", HOSPITALS[0], 12, seed=6)
    one, two, other = (
        {file.name: file.read_bytes() for file in (tmp_path / name).iterdir()}
        for name in ("one", "two", "other")
    )
    assert one == two
    assert one["0000.jpg"] != other["0000.jpg"]


@pytest.mark.parametrize("hospital", EVERYONE, ids=lambda hospital: hospital.name)
def test_each_hospital_has_its_share_of_each_class(tmp_path: Path, hospital: Hospital) -> None:
    rows = read_rows(write_phantom_site(tmp_path, hospital, 100, seed=0))
    counts = Counter(row["lesion"] for row in rows)
    assert sum(hospital.class_shares) == pytest.approx(1)
    for name, share in zip(LESION_CLASSES, hospital.class_shares, strict=True):
        assert counts[name] == pytest.approx(100 * share, abs=1)
    assert {row["domain"] for row in rows} == {f"{hospital.name} scanner"}


def test_hospitals_differ_in_name_scanner_and_class_shares() -> None:
    assert len(HOSPITALS) >= 6
    for facts in (
        [hospital.name for hospital in EVERYONE],
        [hospital.scanner for hospital in EVERYONE],
        [hospital.class_shares for hospital in EVERYONE],
    ):
        assert len(set(facts)) == len(EVERYONE)


def test_some_patients_have_two_images_and_none_has_three(tmp_path: Path) -> None:
    rows = read_rows(write_phantom_site(tmp_path, HOSPITALS[1], 100, seed=1))
    image_counts = Counter(Counter(row["patient"] for row in rows).values())
    assert set(image_counts) == {1, 2}
    # A quarter of about 80 patients; five standard deviations of that binomial are 19.
    assert image_counts[2] == pytest.approx(20, abs=19)


def test_a_phantom_hospital_is_imported_whole(tmp_path: Path) -> None:
    store_path = tmp_path / "labels.sqlite"
    table = write_phantom_site(tmp_path / "images", HOSPITALS[2], 30, seed=2)
    *_, finished = import_table(store_path, table)
    assert finished == ImportFinished(30, 0, 0, 30)
    with LabelStore(store_path) as store:
        assert {c.name for c in store.classes()} == set(LESION_CLASSES)
        assert {(s.width_px, s.height_px) for s in store.samples()} == {(96, 96)}


def test_another_size_is_drawn_on_request(tmp_path: Path) -> None:
    write_phantom_site(tmp_path, HOSPITALS[0], 1, seed=0, size_px=64)
    (image,) = decode_image(tmp_path / "0000.jpg")
    assert image.pixels.shape == (64, 64, 3)


def test_the_class_cannot_be_told_from_mean_and_spread_of_colour(tmp_path: Path) -> None:
    for part, seed in (("training", 1), ("held out", 2)):
        write_phantom_site(tmp_path / part, HOSPITALS[0], 240, seed=seed)
    facts, classes = {}, {}
    for part in ("training", "held out"):
        rows = read_rows(tmp_path / part / "labels.csv")
        pixels = read_pixels(tmp_path / part, rows).astype(float) / 255
        facts[part] = np.hstack([pixels.mean(axis=(1, 2)), pixels.std(axis=(1, 2))])
        classes[part] = [row["lesion"] for row in rows]
    model = LogisticRegression(C=100, max_iter=5000, class_weight="balanced")
    model.fit(facts["training"], classes["training"])
    told = balanced_accuracy_score(classes["held out"], model.predict(facts["held out"]))
    assert told < 0.6  # chance is 0.33; a small network comes to 0.9


def test_the_scanner_can_be_told_from_mean_and_spread_of_colour(tmp_path: Path) -> None:
    facts: list[np.ndarray] = []
    for index, hospital in enumerate(HOSPITALS):
        rows = read_rows(write_phantom_site(tmp_path / str(index), hospital, 60, seed=index))
        pixels = read_pixels(tmp_path / str(index), rows).astype(float) / 255
        facts.append(np.hstack([pixels.mean(axis=(1, 2)), pixels.std(axis=(1, 2))]))
    model = LogisticRegression(C=100, max_iter=5000)
    sites = np.arange(len(HOSPITALS))
    model.fit(np.vstack([f[:30] for f in facts]), sites.repeat(30))
    told = model.score(np.vstack([f[30:] for f in facts]), sites.repeat(30))
    assert told > 0.8  # chance is 0.17
