"""What goes into the programs' folder and what does not, for both PyInstaller specs.

Libraries under the GPL that Python loads only for an interactive prompt or for old databases are
left out by name; ``tests/packaging`` looks for them.
"""

import subprocess
from collections.abc import Iterable
from fnmatch import fnmatch
from pathlib import Path
from typing import Final

from installers import elf

Entry = tuple[str, str, str]
"""PyInstaller's: where to in the program's folder, from where, of what kind."""

UNWANTED_MODULES: Final = (
    "readline",  # GPL-3
    "_gdbm",  # GPL-3
    "_dbm",  # Berkeley DB, AGPL-3
    "_tkinter",
    "tkinter",
    "IPython",
    "pip",
    "pytest",
    "setuptools",
    "torch.utils.tensorboard",
    "PIL._avif",
)
UNWANTED_FILES: Final = (
    # PyTorch's tests, headers and compilers; torch_shm_manager stays, child processes need it.
    "torch/bin/test_*",
    "torch/bin/*Test",
    "torch/bin/protoc*",
    "torch/bin/upgrader_models/*",
    "torch/bin/*.pt*",
    "torch/include/*",
    "torch/test/*",
    "torch/share/*",
    "torch/lib/*_test.so",
    "torch/lib/libbackend_with_compiler.so",
    "torch/lib/libaoti_custom_ops.so",
    # Qt's other toolkit, and platforms without a desktop.
    "*Qt6Qml*",
    "*Qt6Quick*",
    "*Qt6VirtualKeyboard*",
    "*Qt6Pdf*",
    "*Qt6EglF*",
    "*/qml/*",
    "*/plugins/egldeviceintegrations/*",
    "*/plugins/generic/*",
    "*/plugins/imageformats/*qpdf*",
    "*/plugins/platforminputcontexts/*virtualkeyboard*",
    "*/plugins/platforms/libqeglfs*",
    "*/plugins/platforms/libqlinuxfb*",
    "*/plugins/platforms/libqminimal*",
    "*/plugins/platforms/libqvkkhrdisplay*",
    "*/plugins/platforms/libqvnc*",
    "*/plugins/platformthemes/libqgtk3*",
    "*/plugins/qmltooling/*",
    # Letters that no report is written with, one of them under the GPL.
    "reportlab/fonts/*",
    # Examples and tests of others.
    "matplotlib/mpl-data/sample_data/*",
    "sklearn/datasets/*",
    "*/tests/*",
)
UNUSABLE_WITHOUT_CUDA: Final = (
    # Linked with CUDA, which a CPU edition has not; see desktop_client.training.layers.
    "torchvision/*.so",
    "torchvision.libs/*",
    "libcudart*",
    "libnvjpeg*",
)
UNUSED_CODECS: Final = (
    # Of imagecodecs: formats that no file has which SiteBlind reads.
    "avif",
    "bcn",
    "blosc",
    "blosc2",
    "lzfse",
    "lzham",
    "meshopt",
    "pcodec",
    "sperr",
    "sz3",
    "ultrahdr",
    "zfp",
)
AMAZON_SERVICES: Final = ("s3", "sts", "sso", "sso-oidc")
"""Which of Amazon's 400 services botocore describes to the coordinator: files, and signing in."""
FROM_THE_SYSTEM: Final = ("libpython3*", "libxcb-*")
"""What is taken along of the build machine's own libraries: desktops often lack the second. The
rest stays the system's, which also mends it: an OpenSSL that nobody updates is no gift."""
SYSTEM_FOLDERS: Final = ("/lib/", "/lib64/", "/usr/lib/", "/usr/lib64/")
STRIPPED: Final = ("torch/lib/*.so*", "torch/_C*.so", "libpython3*")
"""Not the libraries of NumPy and SciPy: what their builders renamed does not survive it."""


def wanted(entries: Iterable[Entry], unwanted: Iterable[str] = UNWANTED_FILES) -> list[Entry]:
    """Return the files that are to be in the folder."""
    patterns = tuple(unwanted)
    return [entry for entry in entries if not _is_unwanted(entry, patterns)]


def needed(entries: Iterable[Entry]) -> list[Entry]:
    """Leave out the libraries that packages bring along for what is not wanted of them."""
    kept = list(entries)
    while True:
        asked = set().union(*(elf.needs(Path(source)) for _, source, _ in kept if _is_elf(source)))
        fewer = [e for e in kept if not _is_brought_along(e) or Path(e[0]).name in asked]
        if len(fewer) == len(kept):
            return kept
        kept = fewer


def strip(folder: Path) -> None:
    """Take the names for debuggers out of the largest libraries."""
    for pattern in STRIPPED:
        for path in folder.glob(pattern):
            if not path.is_symlink():
                subprocess.run(["strip", "--strip-unneeded", str(path)], check=True)


def _is_unwanted(entry: Entry, patterns: tuple[str, ...]) -> bool:
    places = [place.replace("\\", "/") for place in entry[:2]]
    if "/" not in places[0] and places[1].startswith(SYSTEM_FOLDERS):
        return not any(fnmatch(Path(places[0]).name, pattern) for pattern in FROM_THE_SYSTEM)
    # A link beside the program names the file that it leads to as its source.
    if _is_unused_service(places[0]):
        return True
    return any(fnmatch(place, pattern) for place in places for pattern in patterns)


def _is_unused_service(place: str) -> bool:
    library, kind, service, *_ = (*place.split("/")[:-1], "", "", "")
    is_described = library in ("boto3", "botocore") and kind == "data" and service != ""
    return is_described and service not in AMAZON_SERVICES


def _is_brought_along(entry: Entry) -> bool:
    return ".libs/" in entry[0] or (entry[2] == "SYMLINK" and ".libs/" in entry[1])


def _is_elf(source: str) -> bool:
    path = Path(source)
    return path.is_absolute() and path.is_file() and elf.is_library(path)
