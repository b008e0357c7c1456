"""``siteblind import`` and the exports: images and labels into a project, and out of it.

Each holds the project's lock: exports, too, write to its audit trail.
"""

from pathlib import Path
from typing import Annotated, Literal

import typer

from desktop_client.commands.options import AT_THE_COMMAND_LINE, HomeOption, made_home, opened
from desktop_client.console import follow
from desktop_client.labelling.exporting import LabelExport, export_labels
from desktop_client.labelling.importing import import_folder, import_paths
from desktop_client.labelling.restoring import import_csv
from desktop_client.project.opening import open_project


def import_images(
    source: Annotated[
        Path,
        typer.Argument(help="A folder of images, a DICOMDIR, one image, or a CSV that lists them."),
    ],
    labels_from_folders: Annotated[
        bool, typer.Option(help="The folder an image lies in names its class.")
    ] = False,
    home: HomeOption = None,
) -> None:
    """Import images and labels; a CSV has the columns file, lesion, domain, patient.

    A CSV that export-labels wrote is taken back in, with readers and times.
    """
    place = made_home(home)
    with open_project(place, "siteblind import"):
        if source.suffix.lower() == ".csv":
            follow(import_csv(place.labels_path, source))
        elif source.is_file():
            follow(
                import_paths(place.labels_path, [source], labels_from_folders=labels_from_folders)
            )
        else:
            follow(
                import_folder(place.labels_path, source, labels_from_folders=labels_from_folders)
            )


def export_labels_to(
    csv_path: Annotated[Path, typer.Argument(metavar="FILE.csv", help="The table to write.")],
    absolute_paths: Annotated[
        bool, typer.Option("--absolute-paths", help="Write where files are from the disk's root.")
    ] = False,
    semicolons: Annotated[
        bool, typer.Option("--semicolons", help="As Excel wants where the comma is decimal.")
    ] = False,
    plain: Annotated[
        bool, typer.Option("--plain", help="Without the mark by which Excel knows UTF-8.")
    ] = False,
    home: HomeOption = None,
) -> None:
    """Write all images' labels, scanners, patients' pseudonyms, readers and times to a CSV."""
    export = LabelExport(
        csv_path,
        paths="absolute" if absolute_paths else "relative",
        is_for_excel=not plain,
        delimiter=";" if semicolons else ",",
        reader=AT_THE_COMMAND_LINE,
    )
    with opened(home, "siteblind export-labels") as place:
        follow(export_labels(place.labels_path, export))


def export_images(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A new or empty folder.")],
    dates: Annotated[
        Literal["shift", "remove"],
        typer.Option(help="Move each patient's dates by the same days, or take them out."),
    ] = "shift",
    without_scanner_model: Annotated[
        bool, typer.Option("--without-scanner-model", help="Take out maker and model, too.")
    ] = False,
    mask_areas: Annotated[
        Path | None,
        typer.Option(
            help="A CSV (file, left, top, width, height; in pixels) of what is painted black; a "
            "file without numbers was looked at and is clean."
        ),
    ] = None,
    trust_pixels: Annotated[
        bool, typer.Option("--trust-pixels", help="You vouch that no name is in any image.")
    ] = False,
    home: HomeOption = None,
) -> None:
    """Export de-identified copies of all images, with a table of their labels.

    Images that may have a name written into them are left out unless --mask-areas lists them.
    """
    from desktop_client.imaging.deidentify.policy import Policy
    from desktop_client.labelling.area_table import read_areas
    from desktop_client.labelling.copying import CopyExport, export_copies

    export = CopyExport(
        folder,
        policy=Policy(dates, not without_scanner_model),
        reviews={} if mask_areas is None else read_areas(mask_areas),
        trusts_pixels=trust_pixels,
        reader=AT_THE_COMMAND_LINE,
    )
    with opened(home, "siteblind export-images") as place:
        follow(export_copies(place.labels_path, export))
