"""``siteblind report`` and ``model-card``: what is known of a model, for people to read."""

from pathlib import Path
from typing import Annotated

import typer

from desktop_client.commands.options import DeviceOption, HomeOption, home_at
from desktop_client.console import follow
from desktop_client.reporting.request import (
    USUAL_SENSITIVITY,
    CardRequest,
    ReportRequest,
    card_path_of,
)

ModelArgument = Annotated[Path, typer.Argument(help="A model file.")]


def report(
    model: ModelArgument,
    output: Annotated[Path, typer.Option(help="Where to write it: a name in .pdf or .html.")],
    sensitivity: Annotated[
        float, typer.Option(min=0, max=1, help="At which to show a threshold for each class.")
    ] = USUAL_SENSITIVITY,
    with_images: Annotated[
        bool,
        typer.Option(
            "--with-images", help="Put the surest mistakes in, as pictures: PATIENT DATA."
        ),
    ] = False,
    device: DeviceOption = "automatic",
    home: HomeOption = None,
) -> None:
    """Write a report on how good a model is, in English; no image is in it unless asked for."""
    from desktop_client.reporting.writing import write_report

    follow(
        write_report(
            ReportRequest(model, output, home_at(home).path, sensitivity, with_images, device)
        )
    )


def model_card(
    model: ModelArgument,
    output: Annotated[
        Path | None, typer.Option(help="Where to write it; default: beside the model.")
    ] = None,
    home: HomeOption = None,
) -> None:
    """Write a model card (Markdown, English): intended use, data, results, caveats."""
    from desktop_client.reporting.writing import write_card

    follow(write_card(CardRequest(model, output or card_path_of(model), home_at(home).path)))
