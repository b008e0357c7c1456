"""Opening a project: the place is checked, the lock taken, an interrupted restore finished."""

from desktop_client.errors import ProjectError
from desktop_client.paths import Home
from desktop_client.project.drives import check_place
from desktop_client.project.lock import ProjectLock
from desktop_client.project.placing import finish_placing


def open_project(home: Home, program: str) -> ProjectLock:
    """Return the lock of a project that may now be written to; a missing folder is made.

    Args:
        home: The project.
        program: Who opens it, as the next person is told: ``the window``, or a command's name.

    Raises:
        ProjectPlaceError: if the folder is on a network drive.
        ProjectInUseError: if somebody else has it open.
        ProjectError: if the folder cannot be used.
    """
    check_place(home.path)
    try:
        home.create()
    except OSError as error:
        raise ProjectError(
            f"The folder {home.path} cannot be used: {error.strerror}. Choose another"
        ) from error
    lock = ProjectLock(home.lock_path, program)
    try:
        finish_placing(home)
    except BaseException:
        lock.release()
        raise
    return lock
