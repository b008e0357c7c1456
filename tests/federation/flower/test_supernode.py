"""A supernode runs its own app only: what a superlink sends is compared before it is unpacked."""

import hashlib
import io
import logging
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

pytest.importorskip("flwr")  # `test_flower_environment` runs this where it is

from flwr.common.config import get_flwr_home, get_project_dir
from flwr.common.constant import APP_DIR
from flwr.supercore.constant import TaskType
from flwr.supercore.fab import Fab
from flwr.supercore.run import Run

from desktop_client.errors import FlowerError
from desktop_client.federation.flower import supernode

# Flower's own use of a word that a library of ours has given up.
pytestmark = pytest.mark.filterwarnings("ignore:GitWildMatchPattern:DeprecationWarning")


def files_in(bundle: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(bundle)) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


def bundle_of(files: dict[str, bytes], method: int = zipfile.ZIP_STORED) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as written:
        for name, content in files.items():
            written.writestr(name, content)
    return packed.getvalue()


def test_the_app_that_is_installed_is_known_however_it_is_packed() -> None:
    own = supernode.own_app()
    assert "siteblind_app.py" in files_in(own)
    assert supernode.is_same_app(own, own)
    assert supernode.is_same_app(bundle_of(files_in(own)), own)


@pytest.mark.parametrize(
    "change",
    [
        lambda files: {**files, "siteblind_app.py": b"import os"},
        lambda files: {**files, "siteblind_app.py": files["siteblind_app.py"][::-1]},
        lambda files: {**files, "sitecustomize.py": b"import os"},
        lambda files: dict(list(files.items())[1:]),
    ],
    ids=["another", "as long", "one more", "one less"],
)
def test_any_other_app_is_refused(
    change: Callable[[dict[str, bytes]], dict[str, bytes]],
    expected_warnings: list[logging.LogRecord],
) -> None:
    own = supernode.own_app()
    sent = Fab("0" * 64, bundle_of(change(files_in(own))), {})
    assert not supernode._is_ours(own, sent, supernode.OURS)
    assert "a program that is not the one installed here; it was not run" in (
        expected_warnings[0].getMessage()
    )


def test_what_is_no_bundle_is_refused() -> None:
    assert not supernode.is_same_app(b"PK", supernode.own_app())


def pulled(sent: bytes, **named: str) -> tuple[Run, Fab, dict[str, Any]]:
    """Return the run and the app as a supernode has them, and what else Flower was told."""
    run = replace(Run.create_empty(7), fab_hash=hashlib.sha256(sent).hexdigest(), **named)
    told: dict[str, Any] = {}

    def pull(**given: Any) -> None:
        told.update(given)

    def get_fab(fab_hash: str, run_id: int) -> Fab:
        assert (fab_hash, run_id) == (run.fab_hash, 7)  # else a superlink would not answer
        return Fab(fab_hash, sent, {})

    own = supernode.own_app()
    supernode._pulled(pull, own, get_run=lambda _run: run, get_fab=get_fab, state=1)
    kept = told["get_run"](7)
    return kept, told["get_fab"](kept.fab_hash, 7), told


def test_flower_is_made_to_check_every_app() -> None:
    _, fab, told = pulled(b"another app")
    assert told["trusted_entities"]
    assert told["state"] == 1
    assert fab.verifications["valid_license"]
    assert fab.content == b"another app"


def test_what_runs_is_the_app_made_here_whatever_folder_the_superlink_names() -> None:
    own = supernode.own_app()
    sent = bundle_of(files_in(own), zipfile.ZIP_DEFLATED)
    elsewhere = "1.0.0/../../../../srv/images/1"
    run, fab, _ = pulled(sent, fab_version=elsewhere, primary_task_type=TaskType.AGENT_APP)
    assert fab.content == own
    assert run.fab_hash == fab.hash_str == hashlib.sha256(own).hexdigest()
    folder = get_project_dir(run.fab_id, run.fab_version, fab.hash_str)
    assert folder.parent == get_flwr_home() / APP_DIR
    assert folder.name == f"siteblind.siteblind-study.1.0.0.{fab.hash_str[:8]}"
    assert run.primary_task_type != TaskType.AGENT_APP


def test_a_supernode_that_could_do_nothing_ends_with_a_sentence() -> None:
    words = ("supernode", "--insecure", "--node-config", "study='gone.toml' home='x' site='north'")
    ended = subprocess.run(
        [sys.executable, "-m", "desktop_client", "flower", *words],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 1
    assert ended.stderr == "siteblind: gone.toml cannot be read: No such file or directory\n"


@pytest.mark.parametrize("words", ["study=gone.toml", "study='gone' site=north"])
def test_words_that_flower_cannot_read_are_shown_as_they_should_be(
    words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["supernode", "--insecure", "--node-config", words])
    with pytest.raises(FlowerError, match=r"cannot be read; write it like \"study='/srv"):
        supernode._node_config()
