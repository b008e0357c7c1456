"""The command ``siteblind``: a site without a window, the demo, and simulated federations."""

import logging
import sys
from collections.abc import Callable, Mapping
from typing import Final

import typer

from coordinator.errors import CoordinatorError
from desktop_client.commands import (
    audit,
    flower,
    images,
    membership,
    project,
    reporting,
    simulation,
    study,
    training,
)
from desktop_client.errors import ClientError
from desktop_client.training.launched import launched

INTERRUPTED: Final = 130
"""The exit code that typer makes of Ctrl+C."""
COMMANDS: Final[Mapping[str, Callable[..., None]]] = {
    "import": images.import_images,
    "export-labels": images.export_labels_to,
    "export-images": images.export_images,
    "train": training.train,
    "predict": training.predict_images,
    "explain": training.explain_images,
    "report": reporting.report,
    "model-card": reporting.model_card,
    "export-onnx": training.export_model,
    "doctor": training.examine_computer,
    "preflight": study.check,
    "join": study.join,
    "rotate-credential": study.rotate,
    "leave": study.leave,
    "init-model": study.init_model,
    "demo": study.demo,
    "simulate": simulation.simulate,
    "compare": simulation.compare,
    "evaluate": simulation.evaluate,
}
"""Those that stand by themselves, in the order in which ``--help`` lists them."""

app = typer.Typer(
    help="SiteBlind without a window. Research use only. Not for diagnostic use.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)

for name, command in COMMANDS.items():
    app.command(name)(command)
app.command("flower", context_settings=flower.PASSED_ON)(flower.flower)
app.add_typer(membership.app, name="membership")
app.add_typer(project.app, name="project")
app.add_typer(audit.app, name="audit")


def main() -> None:
    """Run the command; refusals become one sentence and exit code 1."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    # Its retries are ours to tell of, in one sentence, once none is left.
    logging.getLogger("urllib3").setLevel(logging.ERROR)
    try:
        if (place := launched()) is not None and place.rank:
            # Here, not above: so that --help answers at once.
            from desktop_client.training.starting_ranks import follow_launcher

            follow_launcher(place)
        else:
            app()
    except (ClientError, CoordinatorError) as error:
        typer.echo(f"siteblind: {error}", err=True)
        sys.exit(1)
    except SystemExit as end:
        if end.code == INTERRUPTED:
            typer.echo("siteblind: stopped; what was saved stays", err=True)
        raise
