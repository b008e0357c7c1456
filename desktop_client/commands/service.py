"""``siteblind join --config FILE``: a site as a service, set up by a file, ended by a signal.

Its exit code tells the service manager whether starting it anew makes sense.
"""

import signal
import sys
from collections.abc import Generator, Iterable
from contextlib import ExitStack, closing
from pathlib import Path
from types import FrameType
from typing import Any, Final, Self, TextIO

import typer

from coordinator.errors import SiteElsewhereError
from desktop_client.errors import (
    CertificateDiffersError,
    ClientError,
    CoordinatorRefusedError,
    HandedOverError,
    NetworkFileError,
    ProjectInUseError,
    SettingsError,
    StudyUnsuitableError,
)
from desktop_client.federation.membership import StudyRequest
from desktop_client.federation.site_settings import SiteSettings, read_site_settings
from desktop_client.federation.unattended import made_member, use_network
from desktop_client.journal import Journal
from desktop_client.paths import Home
from desktop_client.project.opening import open_project
from desktop_client.support.service_manager import tell_ready, tell_stopping

FAILED: Final = 1
"""Starting anew may help: for example the disk was full."""
IN_USE: Final = 75
"""Somebody has the project open, or takes part for this site on another computer; starting anew
helps as soon as that ends (EX_TEMPFAIL)."""
NO_MEMBER: Final = 77
"""This site is in the study no more, takes part elsewhere, or cannot take part as it is; a person
has to act (EX_NOPERM)."""
MISCONFIGURED: Final = 78
"""The settings have mistakes; a person has to mend them (EX_CONFIG)."""
STOPPED: Final = "Stopped; goes on from what is saved when it is started again"
GRACE_S: Final = 5.0
"""How long what is under way may take to come to its next event after the signal to stop."""


class _Stopped(BaseException):
    """The service was told to stop, and what is under way takes too long."""


class _StopSignal:
    """Notes SIGTERM; what is under way then comes to its next event, or is given up."""

    def __init__(self) -> None:
        self.is_given = False
        self._before = signal.signal(signal.SIGTERM, self._note)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        signal.signal(signal.SIGTERM, self._before)
        if sys.platform != "win32":
            signal.setitimer(signal.ITIMER_REAL, 0)

    def _note(self, _signal: int, _frame: FrameType | None) -> None:
        self.is_given = True
        tell_stopping()
        if sys.platform != "win32":
            signal.signal(signal.SIGALRM, _give_up)
            signal.setitimer(signal.ITIMER_REAL, GRACE_S)


def _give_up(_signal: int, _frame: FrameType | None) -> None:
    raise _Stopped


def serve(config: Path, log_path: Path | None) -> None:
    """Take part as the settings say, until the study is over or a signal says stop."""
    try:
        with _StopSignal() as stop, ExitStack() as stack:
            settings = read_site_settings(config)
            home = Home(settings.project)
            log = None if log_path is None else stack.enter_context(_appended(log_path))
            stack.enter_context(open_project(home, "the service siteblind join"))
            events = stack.enter_context(closing(_take_part(home, settings)))
            _follow(events, Journal(sys.stdout, log), stop)
    except _Stopped:
        typer.echo(STOPPED)
    except ClientError as error:
        typer.echo(f"siteblind: {error}", err=True)
        raise typer.Exit(_code_of(error)) from error


def _follow(events: Iterable[Any], journal: Journal, stop: _StopSignal) -> None:
    tell_ready("Starting")
    for event in events:
        journal.take(event)
        if stop.is_given:
            journal.say(STOPPED)
            return


def _take_part(home: Home, settings: SiteSettings) -> Generator[Any]:
    use_network(home, settings)
    member = yield from made_member(home, settings)
    from desktop_client.federation.site import take_part  # torch, whose seconds come last

    yield from take_part(StudyRequest(home.path, member.study_id, settings.device, settings.ranks))


def _appended(path: Path) -> TextIO:
    try:
        return path.open("a", encoding="utf-8")
    except OSError as error:
        raise SettingsError(f"{path} cannot be written: {error.strerror}") from error


def _code_of(error: ClientError) -> int:
    """Return what tells the service manager whether to start again."""
    if isinstance(error, CoordinatorRefusedError) and error.code == SiteElsewhereError.code:
        return IN_USE
    codes: tuple[tuple[type[ClientError], int], ...] = (
        (SettingsError, MISCONFIGURED),
        (NetworkFileError, MISCONFIGURED),
        (ProjectInUseError, IN_USE),
        (CoordinatorRefusedError, NO_MEMBER),
        (HandedOverError, NO_MEMBER),
        (CertificateDiffersError, NO_MEMBER),
        (StudyUnsuitableError, NO_MEMBER),
    )
    return next((code for kind, code in codes if isinstance(error, kind)), FAILED)
