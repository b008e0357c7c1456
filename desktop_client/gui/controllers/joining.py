"""Joining a study: the code is exchanged beside the window, complaints go to their field."""

from collections.abc import Generator
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QObject, Signal

from desktop_client.errors import (
    CoordinatorAddressError,
    CoordinatorAwayError,
    CoordinatorRefusedError,
    FederationError,
)
from desktop_client.federation.enrolment import enrol
from desktop_client.federation.membership import Membership
from desktop_client.gui.views.join_form import JoinForm
from desktop_client.gui.worker import Worker, Workers
from desktop_client.paths import Home


@dataclass(frozen=True, slots=True)
class Joined:
    """This site is in the study now."""

    membership: Membership


@dataclass(frozen=True, slots=True)
class JoiningRefused:
    """This site is not in the study, and which field is to blame (empty: none of them)."""

    field: str
    sentence: str


class JoiningController(QObject):
    """Asks the coordinator to let this site in."""

    joined = Signal(object)
    """The new ``Membership``."""

    def __init__(self, form: JoinForm, workers: Workers, home: Home) -> None:
        super().__init__(form)
        self._form = form
        self._workers = workers
        self._home = home
        form.join_asked.connect(self.on_form_join_asked)

    def on_form_join_asked(self, address: str, code: str, site_name: str) -> None:
        """Ask the coordinator."""
        self._form.show_busy(True)
        worker = Worker(partial(join, self._home, address, code, site_name))
        worker.event_emitted.connect(self.on_worker_event_emitted)
        worker.failed.connect(self.on_worker_failed)
        worker.finished.connect(self.on_worker_finished)
        self._workers.start(worker)

    def on_worker_event_emitted(self, event: Joined | JoiningRefused) -> None:
        """Show the new study, or what is wrong with a field."""
        self._form.show_busy(False)  # first, or the field could not take the focus
        match event:
            case Joined(membership):
                self._form.clear_code()
                self.joined.emit(membership)
            case JoiningRefused(field, sentence):
                self._form.show_problem(field, sentence)

    def on_worker_failed(self, sentence: str) -> None:
        """Say what nobody expected."""
        self._form.show_problem("", sentence)

    def on_worker_finished(self) -> None:
        """Let the form be used again."""
        self._form.show_busy(False)


def join(home: Home, address: str, code: str, site_name: str) -> Generator[Joined | JoiningRefused]:
    """Exchange the code for a membership; takes up to some seconds."""
    try:
        yield Joined(enrol(home, address, code, site_name))
    except (CoordinatorAddressError, CoordinatorAwayError) as error:
        yield JoiningRefused("address", str(error))
    except CoordinatorRefusedError as error:
        yield JoiningRefused("code" if error.code == "code_refused" else "", str(error))
    except FederationError as error:
        yield JoiningRefused("", str(error))
