"""Writing a file so that a crash or a power cut leaves either the old one or the new one."""

import glob
import os
import tempfile
from pathlib import Path
from typing import Final

UNFINISHED: Final = ".new"
"""How the names of temporary files end."""


def write_durably(path: Path, *pieces: bytes | memoryview) -> None:
    """Replace a file's content by the pieces, in their order; only this user may read it.

    The bytes go to a temporary file beside it, to the disk, and then take its name.

    Raises:
        OSError: if it cannot be written; an earlier file is left as it was.
    """
    with tempfile.NamedTemporaryFile(
        dir=path.parent, prefix=path.name, suffix=UNFINISHED, delete=False
    ) as file:
        new_path = Path(file.name)
        try:
            for piece in pieces:
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
            file.close()  # Windows replaces no open file
            new_path.replace(path)
        except BaseException:
            new_path.unlink(missing_ok=True)
            raise
    sync_folder(path.parent)


def sweep_remains(path: Path) -> None:
    """Remove what killed writes have left beside a file; nobody may be writing it now."""
    for remains in path.parent.glob(f"{glob.escape(path.name)}*{UNFINISHED}"):
        remains.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Make a new name in a folder durable; Windows has no such call and needs none."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
