"""The end of a project: what was said about its images goes, the images stay where they are."""

import shutil
from contextlib import suppress

from desktop_client.errors import ProjectError
from desktop_client.paths import Home
from desktop_client.project.contents import parts_of
from desktop_client.project.opening import open_project


def delete_project(home: Home) -> None:
    """Delete every part of a project that nobody has open; the folder too if nothing else is in it.

    Killed on the way, the labels are still there, and it can be deleted again.

    Raises:
        ProjectInUseError: if it is open somewhere.
        ProjectError: if there is none, or the disk refuses.
    """
    if not home.is_project:
        raise ProjectError(f"There is no project in {home.path}.")
    with open_project(home, "a deletion"):
        try:
            for part in parts_of(home):
                for path in part.paths:
                    if path.is_dir() and not path.is_symlink():
                        shutil.rmtree(path)
                    else:
                        path.unlink(missing_ok=True)
        except OSError as error:
            raise ProjectError(
                f"The project {home.path} could not be deleted completely: {error.strerror}. "
                "Delete it again."
            ) from error
    with suppress(OSError):  # in use again, or the user keeps something else there
        home.lock_path.unlink()
        home.path.rmdir()
