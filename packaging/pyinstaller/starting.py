"""What a frozen program sees to before anything else."""

import os
from typing import Final

PATHS: Final = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")


def give_programs_their_own_libraries() -> None:
    """Let the programs that this one starts find the system's libraries instead of ours.

    PyInstaller's start puts our folder first, for this process, which has read it by now; a file
    manager that is to show a folder would be started with our libraries and end.
    """
    for name in PATHS:
        before = os.environ.get(f"{name}_ORIG")
        if before is not None:
            os.environ[name] = before
        else:
            os.environ.pop(name, None)
