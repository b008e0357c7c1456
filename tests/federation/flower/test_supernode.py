"""A supernode runs its own app only: what a superlink sends is compared before it is unpacked."""

import io
import logging
import subprocess
import sys
import zipfile
from collections.abc import Callable
from typing import Any

import pytest

pytest.importorskip("flwr")  # `test_flower_environment` runs this where it is

from flwr.supercore.fab import Fab

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


def test_flower_is_made_to_check_every_app() -> None:
    sent = Fab("0" * 64, b"", {})
    told: dict[str, Any] = {}

    def pull(**given: Any) -> None:
        told.update(given)

    supernode._pulled(pull, get_fab=lambda _hash, _run: sent, trusted_entities=None, state=1)
    assert told["trusted_entities"]
    assert told["state"] == 1
    assert told["get_fab"]("0" * 64, 1).verifications["valid_license"]


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
