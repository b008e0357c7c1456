"""``siteblind train``, ``predict``, ``explain``, ``export-onnx`` and ``doctor``: a site's models.

torch is imported inside the commands, so that ``--help`` answers at once.
"""

from pathlib import Path
from typing import Annotated

import typer

from coordinator.study import (
    WITHOUT_WEIGHTS_FILE,
    Augmentation,
    ExtractorName,
    Method,
    ModelDesign,
)
from desktop_client.commands.options import (
    DeviceOption,
    EventsOption,
    HomeOption,
    RanksOption,
    WeightsOption,
    home_at,
    home_in,
)
from desktop_client.console import follow
from desktop_client.errors import PretrainedWeightsError, RunFileError
from desktop_client.training.families import FAMILIES
from desktop_client.training.request import (
    DoctorRequest,
    ExplainFilesRequest,
    OnnxExportRequest,
    PredictionRequest,
    ResumeRequest,
    TrainingRequest,
)
from desktop_client.training.run_file import run_path_of


def train(
    output: Annotated[Path, typer.Option(help="Where to write the model.")],
    epochs: Annotated[int, typer.Option(min=1, help="Passes over the images.")] = 20,
    extractor: Annotated[ExtractorName, typer.Option(help="Which network.")] = "small_cnn",
    weights: WeightsOption = None,
    augmentation: Annotated[
        Augmentation, typer.Option(help="Vary images: mirror them, or crop and light them, too.")
    ] = "flips",
    device: DeviceOption = "automatic",
    ranks: RanksOption = 1,
    seed: Annotated[int, typer.Option(min=0)] = 0,
    deterministic: Annotated[
        bool, typer.Option("--deterministic", help="The same bits each time on a GPU, too.")
    ] = False,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with this output's interrupted training.")
    ] = False,
    events: EventsOption = None,
    home: HomeOption = None,
) -> None:
    """Train on this site's own labelled images, outside any study."""
    from desktop_client.training.own_training import resume_from_store, train_from_store

    if resume:
        follow(resume_from_store(ResumeRequest(home_in(home).labels_path, output)), events)
        return
    if (path := run_path_of(output)).exists():
        raise RunFileError(
            f"{output} has an interrupted training. Go on with it with --resume, or delete "
            f"{path} to start a new one"
        )
    request = TrainingRequest(
        labels_path=home_in(home).labels_path,
        checkpoint_path=output,
        epoch_count=epochs,
        model=_design(extractor, weights),
        method=Method(augmentation=augmentation),
        weights_path=None if weights is None else weights.absolute(),
        device=device,
        seed=seed,
        is_deterministic=deterministic,
        rank_count=ranks,
    )
    follow(train_from_store(request), events)


def _design(extractor: ExtractorName, weights: Path | None) -> ModelDesign:
    """Return the model to train.

    Raises:
        PretrainedWeightsError: if the extractor begins from no file.
    """
    if weights is not None and extractor in WITHOUT_WEIGHTS_FILE:
        raise PretrainedWeightsError(
            f"{FAMILIES[extractor].title} begins from no weights file: choose another --extractor, "
            "or leave out --weights"
        )
    return ModelDesign(extractor=extractor, weights="own" if weights is None else "file")


def predict_images(
    model: Annotated[Path, typer.Argument(help="A model file.")],
    csv: Annotated[Path, typer.Option("--csv", help="Where to write what the model suggests.")],
    folder: Annotated[
        Path | None, typer.Option(help="A folder of images; default: those imported here.")
    ] = None,
    device: DeviceOption = "automatic",
    home: HomeOption = None,
) -> None:
    """Ask a model about images; its answers are suggestions for research, no diagnoses."""
    from desktop_client.training.prediction_table import predict_to_table

    labels_path = (home_in(home) if folder is None else home_at(home)).labels_path
    follow(predict_to_table(PredictionRequest(model, csv, labels_path, folder, device)))


def explain_images(
    model: Annotated[Path, typer.Argument(help="A model file.")],
    files: Annotated[list[Path], typer.Argument(help="Images, or folders of them.")],
    output: Annotated[Path, typer.Option(metavar="DIR", help="A new or empty folder.")],
    class_name: Annotated[
        str | None,
        typer.Option("--class", help="Which class it is about; default: the one it answers."),
    ] = None,
    device: DeviceOption = "automatic",
) -> None:
    """Show where a model looks in images: a PNG for each, with the image beside it.

    Where an answer is sensitive, not why; for research. The pictures show the images' pixels.
    """
    from desktop_client.training.explained_files import explain_files

    request = ExplainFilesRequest(model, tuple(files), output, class_name, device)
    follow(explain_files(request))


def export_model(
    model: Annotated[Path, typer.Argument(help="A model file.")],
    output: Annotated[Path, typer.Argument(metavar="FILE.onnx", help="The file to write.")],
) -> None:
    """Write a model as ONNX, for other programs; its metadata says how to prepare images.

    Where it was measured how good the model is, a model card is written beside it.
    """
    from desktop_client.reporting.exporting import export_with_card

    follow(export_with_card(OnnxExportRequest(model, output)))


def examine_computer(
    device: DeviceOption = "automatic",
    extractor: Annotated[ExtractorName, typer.Option(help="Which network to try.")] = "small_cnn",
) -> None:
    """Say what training computes on and why, who can change that, and how long a step takes."""
    from desktop_client.training.doctor import examine

    follow(examine(DoctorRequest(device, ModelDesign(extractor=extractor))))
