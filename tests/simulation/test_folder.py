"""A folder of several sites' images: who has which, who is trained on and who judged by."""

from collections import Counter
from pathlib import Path
from random import Random
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordinator.study import Study, read_study
from desktop_client.errors import SimulationDataError
from desktop_client.labelling.sample import Sample
from desktop_client.simulation.folder import (
    FolderSite,
    cut_site,
    inner_split,
    read_folder,
)
from tests.scenes import CLASS_IDS, write_images, write_study

DOT, RING = UUID(CLASS_IDS["dot"]), UUID(CLASS_IDS["ring"])


@pytest.fixture
def study(tmp_path: Path) -> Study:
    return read_study(write_study(tmp_path / "study.toml"))


@pytest.fixture
def data(tmp_path: Path) -> Path:
    write_images(tmp_path / "data" / "north", {"dot": 5, "ring": 5})
    write_images(tmp_path / "data" / "south", {"Dot": 2, "RING": 3})
    return tmp_path / "data"


def write_manifest(data: Path, *rows: str) -> None:
    (data / "manifest.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")


def ids(samples: list[Sample]) -> list[str]:
    return [sample.sample_id for sample in samples]


def test_folders_name_site_and_class_whatever_their_capitals(data: Path, study: Study) -> None:
    north, south = read_folder(data, study.classes)
    assert (north.name, south.name) == ("north", "south")
    assert Counter(s.class_id for s in south.samples) == {DOT: 2, RING: 3}
    assert north.domain_id != south.domain_id


def test_a_sample_is_named_by_its_path_below_the_folder(data: Path, study: Study) -> None:
    north, _ = read_folder(data, study.classes)
    sample = next(s for s in north.samples if s.sample_id == "north/dot/003.png")
    assert sample.path == data / "north" / "dot" / "003.png"
    assert sample.patient == "north/dot/003.png"  # nothing better is known


def test_without_a_manifest_a_fifth_of_each_class_is_held_out(data: Path, study: Study) -> None:
    north, _ = read_folder(data, study.classes)
    split = north.split()
    assert Counter(s.class_id for s in split.validation) == {DOT: 1, RING: 1}
    assert len(split.training) == 8


def test_a_manifest_goes_before_the_folders_and_lists_who_takes_part(
    data: Path, study: Study
) -> None:
    write_manifest(
        data,
        "split,patient,lesion,site,file",  # in any order
        "train,p1,ring,east,north/dot/000.png",
        "val,p2,dot,east,north/dot/001.png",
    )
    [east] = read_folder(data, study.classes)
    assert east.name == "east"
    assert ids(east.split().training) == ["north/dot/000.png"]
    assert ids(east.split().validation) == ["north/dot/001.png"]
    assert [s.patient for s in east.samples] == ["p1", "p2"]
    assert [s.class_id for s in east.samples] == [RING, DOT]


def test_what_a_manifest_leaves_open_the_folders_say(data: Path, study: Study) -> None:
    write_manifest(data, "file,patient", "./south/Dot/000.png,", "south/RING/000.png,p")
    [south] = read_folder(data, study.classes)
    assert south.validation_ids is None
    assert {s.sample_id: s.patient for s in south.samples} == {
        "south/Dot/000.png": "south/Dot/000.png",
        "south/RING/000.png": "p",
    }


def test_a_class_that_the_study_does_not_have_is_refused_with_those_it_has(
    data: Path, study: Study
) -> None:
    write_images(data / "south", {"cross": 1})
    with pytest.raises(SimulationDataError, match=r"south/cross/000\.png .* 'cross'.*: dot, ring"):
        read_folder(data, study.classes)


def test_an_image_outside_site_and_class_is_refused_by_name(data: Path, study: Study) -> None:
    (data / "north" / "dot" / "000.png").rename(data / "north" / "stray.png")
    with pytest.raises(SimulationDataError, match=r"north/stray\.png .* site/class"):
        read_folder(data, study.classes)


def test_a_folder_without_images_says_how_it_must_be(tmp_path: Path, study: Study) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(SimulationDataError, match="site/class/file"):
        read_folder(tmp_path / "empty", study.classes)
    with pytest.raises(SimulationDataError, match="nowhere is not a folder"):
        read_folder(tmp_path / "nowhere", study.classes)


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        (["site,lesion", "a,dot"], "no column 'file'"),
        (["file,diagnosis", "a,dot"], "unknown column 'diagnosis'; allowed are file, site,"),
        (["file,site,site", "a,b,c"], "column 'site' twice"),
        (["file"], "lists no image"),
        (["file,site", "north/dot/000.png"], "row 2: 1 cells instead of 2"),
        (["file", "north/dot/000.png", "../secret.png"], "row 3: 'file' must be a path below"),
        (["file", "/etc/passwd"], "row 2: 'file' must be a path below"),
        (["file,split", "north/dot/000.png,test"], "row 2: the split is 'test'"),
        (["file", "north/dot/000.png", "north//dot/000.png"], "rows 2 and 3 name the same file"),
        (["file", "north/dot/999.png"], r"row 2: .*999\.png does not exist"),
        (
            ["file,split", "north/dot/000.png,", "north/dot/001.png,val"],
            "row 2: the split is empty, but not for other images of north",
        ),
        (
            [
                "file,patient,split",
                "north/dot/000.png,p,train",
                "",
                "north/dot/001.png,p,val",
            ],
            "rows 2 and 4 put one patient on both sides",
        ),
    ],
)
def test_a_manifest_that_cannot_be_used_is_refused_by_column_or_row(
    data: Path, study: Study, rows: list[str], told: str
) -> None:
    write_manifest(data, *rows)
    with pytest.raises(SimulationDataError, match=told):
        read_folder(data, study.classes)


def test_a_manifest_that_is_no_text_is_refused(data: Path, study: Study) -> None:
    (data / "manifest.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SimulationDataError, match="not a CSV in UTF-8"):
        read_folder(data, study.classes)


def test_what_is_judged_by_stays_out_of_the_inner_split(data: Path, study: Study) -> None:
    north, _ = read_folder(data, study.classes)
    inner = inner_split(north).split()
    assert {*ids(inner.training), *ids(inner.validation)} == set(ids(north.split().training))
    assert inner.validation


def test_one_part_is_the_site_itself(data: Path, study: Study) -> None:
    north, _ = read_folder(data, study.classes)
    assert cut_site(north, 1) == (north,)


def test_parts_are_numbered_share_the_domain_and_halve_each_class(data: Path, study: Study) -> None:
    north, _ = read_folder(data, study.classes)
    first, second = cut_site(north, 2)
    assert (first.name, second.name) == ("north/1", "north/2")
    assert first.domain_id == second.domain_id == north.domain_id
    # Four dots and four rings are trained on.
    for part in (first, second):
        assert Counter(s.class_id for s in part.split().training) == {DOT: 2, RING: 2}
    held_out = [len(part.split().validation) for part in (first, second)]
    assert sum(held_out) == 2


def test_a_site_of_too_few_patients_is_not_cut(study: Study, data: Path) -> None:
    write_manifest(data, "file,patient", *(f"north/dot/00{n}.png,p" for n in range(5)))
    [north] = read_folder(data, study.classes)
    with pytest.raises(SimulationDataError, match="fewer than 2 patients to train on"):
        cut_site(north, 2)


@st.composite
def sites(draw: st.DrawFn) -> FolderSite:
    """A site of up to 60 images; patients have several, of one class or of two."""
    patients = draw(st.lists(st.integers(0, 25), min_size=8, max_size=60))
    samples = tuple(
        Sample(
            f"{number:03}",
            Path("image.png"),
            0,
            0,
            0,
            f"p{patient}",
            UUID(int=9),
            draw(st.sampled_from((DOT, RING))),
        )
        for number, patient in enumerate(patients)
    )
    return FolderSite("ward", samples, None)


@given(sites(), st.integers(2, 3))
def test_no_patient_is_ever_on_two_sides_or_in_two_sites(site: FolderSite, count: int) -> None:
    for original in (site, inner_split(site)):
        try:
            parts = cut_site(original, count)
        except SimulationDataError:
            assert len({s.patient for s in original.split().training}) < count
            continue
        sides = [
            side for part in parts for side in (part.split().training, part.split().validation)
        ]
        patients = [{s.patient for s in side} for side in sides]
        assert sum(map(len, patients)) == len(set().union(*patients))
        assert sorted(i for side in sides for i in ids(side)) == sorted(ids(list(original.samples)))


@given(sites(), st.randoms())
def test_the_order_of_files_changes_neither_split_nor_parts(
    site: FolderSite, random: Random
) -> None:
    shuffled = FolderSite(site.name, tuple(random.sample(site.samples, len(site.samples))), None)
    assert inner_split(shuffled).split() == inner_split(site).split()
    if len({s.patient for s in site.split().training}) > 1:
        assert [p.split() for p in cut_site(shuffled, 2)] == [p.split() for p in cut_site(site, 2)]


@pytest.mark.realdata
def test_the_four_hospitals_of_real_dermoscopy_are_read_and_halved(
    shared_data: Path, tmp_path: Path
) -> None:
    classes = [
        {"class_id": CLASS_IDS["dot"], "name": "melanoma"},
        {"class_id": CLASS_IDS["ring"], "name": "Nevus"},
    ]
    study = read_study(write_study(tmp_path / "study.toml", classes=classes))
    sites = read_folder(shared_data / "skin", study.classes)
    melanomas = {s.name: sum(x.class_id == DOT for x in s.samples) for s in sites}
    # As the data's description counts them.
    assert melanomas == {"isic_msk": 286, "isic_uda": 97, "rosendahl": 235, "vidir_modern": 462}
    assert sum(len(site.split().validation) for site in sites) == 517
    for site in sites:
        first, second = (Counter(s.class_id for s in p.samples) for p in cut_site(site, 2))
        assert all(abs(first[c] - second[c]) <= 2 for c in (DOT, RING))
