"""What comes in and goes out by command: images, labels, de-identified copies."""

from pathlib import Path
from typing import NoReturn

import pytest

from desktop_client.commands import images
from tests.commands.conftest import Command
from tests.scenes import new_site, write_images


def test_a_folder_is_imported_with_its_folders_as_labels(
    siteblind: Command, tmp_path: Path
) -> None:
    images = write_images(tmp_path / "images", {"dot": 3, "ring": 2})
    code, out, _ = siteblind("import", images, "--labels-from-folders", "--home", tmp_path / "home")
    assert code == 0
    assert "Imported 5 images and 5 labels" in out


def test_a_single_image_is_imported_too(siteblind: Command, tmp_path: Path) -> None:
    images = write_images(tmp_path / "images", {"dot": 1})
    (image,) = images.rglob("*.png")
    code, out, _ = siteblind("import", image, "--home", tmp_path / "home")
    assert code == 0
    assert "Imported 1 image and 0 labels" in out


def test_an_unreadable_image_is_listed_with_its_reason(siteblind: Command, tmp_path: Path) -> None:
    images = write_images(tmp_path / "images", {"dot": 1})
    (images / "dot" / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n and nothing more")
    code, out, _ = siteblind("import", images, "--home", tmp_path / "home")
    assert code == 0
    assert "Left out broken.png: " in out
    assert "1 left out" in out


def test_a_csv_with_an_unknown_column_is_refused_by_the_columns_name(
    siteblind: Command, tmp_path: Path
) -> None:
    table = tmp_path / "labels.csv"
    table.write_text("file,diagnosis\na.png,nevus\n")
    code, _, err = siteblind("import", table, "--home", tmp_path / "home")
    assert code == 1
    assert "diagnosis" in err
    assert "lesion" in err  # what is allowed


def test_labels_are_exported_and_taken_back_in(siteblind: Command, tmp_path: Path) -> None:
    home = new_site(tmp_path, {"dot": 3, "ring": 2})
    table = tmp_path / "labels.csv"
    code, out, _ = siteblind("export-labels", table, "--semicolons", "--home", home.path)
    assert code == 0
    assert f"Wrote 5 images, 5 labelled, to {table}" in out
    code, out, _ = siteblind("import", table, "--home", tmp_path / "other")
    assert code == 0
    assert "Imported 5 images and 5 labels" in out


def test_labels_that_cannot_be_written_are_refused_with_the_remedy(
    siteblind: Command, tmp_path: Path
) -> None:
    home = new_site(tmp_path, {"dot": 1})
    code, _, err = siteblind("export-labels", tmp_path / "no" / "a.csv", "--home", home.path)
    assert code == 1
    assert "Choose a folder that exists" in err


def test_deidentified_copies_are_exported_and_a_used_folder_is_refused(
    siteblind: Command, tmp_path: Path
) -> None:
    home = new_site(tmp_path, {"dot": 3, "ring": 2})
    looked_at = tmp_path / "areas.csv"
    looked_at.write_text("file,left,top,width,height\nimages/dot/000.png,0,0,4,4\n")
    arguments = ("export-images", tmp_path / "out", "--mask-areas", looked_at, "--home", home.path)
    code, out, _ = siteblind(*arguments)
    assert code == 0
    assert f"Copied 5 files to {tmp_path / 'out'}; 0 left out" in out
    code, _, err = siteblind(*arguments)
    assert code == 1
    assert "is not empty. Choose a new or an empty folder" in err


def test_an_export_from_a_mistyped_folder_makes_no_project_there(
    siteblind: Command, tmp_path: Path
) -> None:
    for command in (("export-labels", tmp_path / "t.csv"), ("export-images", tmp_path / "copies")):
        code, _, err = siteblind(*command, "--home", tmp_path / "hmoe")
        assert code == 1
        assert "There is no project in" in err
    assert list(tmp_path.iterdir()) == []


def test_ctrl_c_says_that_nothing_is_lost(
    siteblind: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> NoReturn:
        raise KeyboardInterrupt

    monkeypatch.setattr(images, "follow", interrupted)
    code, _, err = siteblind("import", tmp_path, "--home", tmp_path / "home")
    assert code == 130
    assert "what was saved stays" in err
