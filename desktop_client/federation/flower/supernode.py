"""A supernode that runs the app that is installed with it, and no other, whatever it is sent.

Flower's own unpacks and runs the program that a superlink sends: whoever has the superlink could
read a hospital's images. Flower itself can only ask for signatures that its makers' registry keeps,
so in place of that check what was sent is compared with what is here, before it is unpacked. What
then runs is the bundle that was made here, under its own name: Flower would look for the program in
the folder that a superlink names.
"""

import argparse
import hashlib
import io
import logging
import sys
import zipfile
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from importlib import resources
from typing import Any, Final

import flwr.supernode.start_client_internal as flowers
from click import ClickException
from flwr.cli.build import build_fab_from_disk
from flwr.cli.config_utils import get_fab_metadata
from flwr.common.config import parse_config_args
from flwr.supercore.constant import TaskType
from flwr.supercore.fab import Fab
from flwr.supernode.cli import flower_supernode

from coordinator.errors import CoordinatorError
from desktop_client.errors import ClientError, FlowerError
from desktop_client.federation.flower.settings import check_node
from desktop_client.federation.flower.silence import check_silence

logger = logging.getLogger(__name__)

ASKS_ABOUT_FLOWER: Final = frozenset({"--help", "-h", "--version"})
ASKED_FOR: Final = {"valid_license": "checked by SiteBlind"}
"""Without it Flower would refuse an app before it is checked."""
OURS: Final = {"SiteBlind": ""}
"""Whom Flower is told to trust, so that it checks at all."""


def is_same_app(sent: bytes, own: bytes) -> bool:
    """Whether two of Flower's app bundles hold the same files; never unpacks more than its own."""
    try:
        with (
            zipfile.ZipFile(io.BytesIO(sent)) as theirs,
            zipfile.ZipFile(io.BytesIO(own)) as ours,
        ):
            sizes = [(entry.filename, entry.file_size) for entry in theirs.infolist()]
            if sizes != [(entry.filename, entry.file_size) for entry in ours.infolist()]:
                return False
            return all(theirs.read(name) == ours.read(name) for name, _ in sizes)
    except (zipfile.BadZipFile, NotImplementedError, OSError, EOFError, ValueError):
        return False


def own_app() -> bytes:
    """Bundle the app that is installed here."""
    with resources.as_file(resources.files("resources") / "flower-app") as folder:
        bundle: bytes = build_fab_from_disk(folder)
    return bundle


def main() -> None:
    """Be Flower's supernode, with its options; end with a sentence if it could do nothing."""
    try:
        check_silence()
        if not ASKS_ABOUT_FLOWER & set(sys.argv):
            check_node(_node_config())
    except (ClientError, CoordinatorError) as error:
        sys.exit(f"siteblind: {error}")
    sys.argv[0] = "siteblind flower supernode"  # what --help and mistakes call it
    # Read first: in another version of Flower that has none of these nothing may be run at all.
    pull, _ = flowers._pull_and_store_message, flowers._verify_fab
    own = own_app()
    flowers._pull_and_store_message = partial(_pulled, pull, own)
    flowers._verify_fab = partial(_is_ours, own)
    flower_supernode()


def _node_config() -> dict[str, Any]:
    """Return what follows the option, as Flower reads it.

    Raises:
        FlowerError: if Flower cannot read it.
    """
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--node-config", default="")
    known, _ = parser.parse_known_args()
    try:
        given: dict[str, Any] = parse_config_args([known.node_config])
    except (ClickException, OSError, ValueError) as error:
        raise FlowerError(
            "--node-config cannot be read; write it like \"study='/srv/study.toml' "
            "home='/srv/project' site='St. Anna'\""
        ) from error
    return given


def _pulled(pull: Callable[..., int | None], own: bytes, **given: Any) -> int | None:  # noqa: ANN401  Flower's
    """Take a message in as Flower does, with each app checked, and our own in its place."""
    get_run, get_fab = given.pop("get_run"), given.pop("get_fab")
    own_digest = hashlib.sha256(own).hexdigest()
    fab_id, fab_version = get_fab_metadata(own)
    asked: dict[int, str] = {}

    def named(run_id: int) -> Any:  # noqa: ANN401
        run = get_run(run_id)
        asked[run_id] = run.fab_hash
        name = {"fab_id": fab_id, "fab_version": fab_version, "fab_hash": own_digest}
        return replace(run, **name, primary_task_type=TaskType.SERVER_APP)

    def checked(_own_digest: str, run_id: int) -> Fab:
        sent = get_fab(asked[run_id], run_id)
        if not is_same_app(sent.content, own):
            return replace(sent, verifications=ASKED_FOR)
        return Fab(own_digest, own, ASKED_FOR)

    told = {**given, "get_run": named, "get_fab": checked, "trusted_entities": OURS}
    return pull(**told)


def _is_ours(own: bytes, fab: Fab, _trusted: object) -> bool:
    is_same: bool = fab.content == own
    if not is_same:
        logger.error(
            "The superlink has sent a program that is not the one installed here; it was not run. "
            "Install the same version of SiteBlind at the server and at all sites"
        )
    return is_same


if __name__ == "__main__":
    main()
