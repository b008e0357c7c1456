"""A supernode runs its own app only: what a superlink sends is compared before it is unpacked."""

import hashlib
import io
import logging
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest

pytest.importorskip("flwr")  # `test_flower_environment` runs this where it is

import flwr.supernode.start_client_internal as flowers
from flwr.app import MessageType, Metadata, RecordDict
from flwr.app.message import make_message
from flwr.common.config import get_flwr_home, get_project_dir
from flwr.common.constant import APP_DIR
from flwr.supercore.constant import TaskType
from flwr.supercore.fab import Fab
from flwr.supercore.inflatable.inflatable_object import get_all_nested_objects, get_object_tree
from flwr.supercore.object_store import ObjectStoreFactory
from flwr.supercore.run import Run
from flwr.supernode.nodestate import NodeState, NodeStateFactory

from desktop_client.errors import FlowerError
from desktop_client.federation.flower import supernode

# Flower's own use of a word that a library of ours has given up.
pytestmark = pytest.mark.filterwarnings("ignore:GitWildMatchPattern:DeprecationWarning")

RUN_ID = 7


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


def pulled(sent: bytes, monkeypatch: pytest.MonkeyPatch, **named: str) -> NodeState:
    """Return what a supernode of Flower's knows once a superlink has sent a message and an app."""
    digest = hashlib.sha256(sent).hexdigest()
    told = {"fab_id": "siteblind/siteblind-study", "fab_version": "1.0.0", "fab_hash": digest}
    run = replace(Run.create_empty(RUN_ID), **{**told, **named})
    said = Metadata(RUN_ID, "", 1, 3, "", "", time.time(), 600, MessageType.QUERY)
    message = make_message(metadata=said, content=RecordDict())
    said.__dict__["_message_id"] = message.object_id

    def get_fab(fab_hash: str, run_id: int) -> Fab:
        assert (fab_hash, run_id) == (digest, RUN_ID)  # else a superlink would not answer
        return Fab(fab_hash, sent, {})

    own = supernode.own_app()
    monkeypatch.setattr(flowers, "_verify_fab", partial(supernode._is_ours, own))
    stores = ObjectStoreFactory()
    state: NodeState = NodeStateFactory(stores).state()
    state.set_node_id(3)
    objects = {o.object_id: o.deflate() for o in get_all_nested_objects(message).values()}
    supernode._pulled(
        flowers._pull_and_store_message,
        own,
        state=state,
        object_store=stores.store(),
        node_config={},
        receive=lambda: (message, get_object_tree(message)),
        get_run=lambda _run_id: run,
        get_fab=get_fab,
        pull_object=lambda _run_id, object_id: objects[object_id],
        confirm_message_received=lambda _run_id, _message_id: None,
        trusted_entities=None,
    )
    return state


def test_what_runs_is_the_app_made_here_whatever_folder_the_superlink_names(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    own = supernode.own_app()
    sent = bundle_of(files_in(own), zipfile.ZIP_DEFLATED)
    elsewhere = "1.0.0/../../../../srv/images/1"
    state = pulled(sent, monkeypatch, fab_version=elsewhere, primary_task_type=TaskType.AGENT_APP)
    run, [task] = state.get_run(RUN_ID), state.get_tasks()
    assert task.type == TaskType.CLIENT_APP
    fab = state.get_fab(task.fab_hash)
    assert fab.content == own
    folder = get_project_dir(run.fab_id, run.fab_version, fab.hash_str)
    assert folder.parent == get_flwr_home() / APP_DIR
    digest = hashlib.sha256(own).hexdigest()
    assert folder.name == f"siteblind.siteblind-study.1.0.0.{digest[:8]}"


def test_another_app_is_answered_by_an_error_and_nothing_is_run(
    monkeypatch: pytest.MonkeyPatch, expected_warnings: list[logging.LogRecord]
) -> None:
    files = files_in(supernode.own_app())
    sent = bundle_of({**files, "siteblind_app.py": b"import os"})
    state = pulled(sent, monkeypatch)
    [answer] = state.get_messages_legacy(is_reply=True)
    assert answer.error.reason == "The FAB could not be verified."
    assert not state.get_tasks()
    assert state.get_run(RUN_ID) is None
    assert state.get_fab(hashlib.sha256(sent).hexdigest()) is None
    assert "it was not run" in expected_warnings[0].getMessage()


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
