"""Hands a study over to a server of this site and takes it back, beside the window."""

from collections.abc import Generator
from functools import partial

from PySide6.QtCore import Signal

from desktop_client.federation.handing_over import (
    HandedOver,
    TakenOver,
    hand_over,
    take_back,
    take_over,
)
from desktop_client.federation.membership import Membership
from desktop_client.gui.controllers.membership_act import MembershipAct
from desktop_client.gui.views.dialogs import TakeBackAnswer
from desktop_client.paths import Home
from desktop_client.project.backup import SUFFIX


class HandingOverController(MembershipAct):
    """Moves one study at a time."""

    changed = Signal(object)
    """The ``Membership`` as it is now."""

    def hand_over(self, member: Membership) -> None:
        """Say what it means, ask where to, and write the file."""
        is_meant = self._dialogs.confirm(
            self.tr("Hand the study “{0}” over to a server?").format(member.study.name),
            self.tr(
                "A file is written that the server takes: labels, and this site's place in the "
                "study, but no images. Whoever has the file can take that place: give it to nobody "
                "else. It is void as soon as the server has taken it.\n\nFrom then on the server "
                "takes part, and this desk rests until you take the study back. The server also "
                "needs the images: on a share under the same path, or as a copy."
            ),
            self.tr("Hand over …"),
        )
        path = (
            self._dialogs.pick_hand_over_to_write(f"{self._home.name}{SUFFIX}")
            if is_meant
            else None
        )
        reader = self._reader() if path is not None else None
        if path is not None and reader:
            self._start(
                partial(hand_over, self._home, member.study_id, reader, path),
                self.on_worker_event_emitted,
            )

    def take_back(self, member: Membership) -> None:
        """Ask whether the server has taken the study, and act on that."""
        answer = self._dialogs.ask_take_back(member.study.name)
        if answer is None:
            return
        path = self._dialogs.pick_hand_over_to_read() if answer is TakeBackAnswer.FILE else None
        if answer is TakeBackAnswer.FILE and path is None:
            return
        reader = self._reader()
        if not reader:
            return
        if path is not None:
            self._start(partial(take_over, self._home, path, reader), self.on_worker_event_emitted)
        else:
            self._start(
                partial(untaken, self._home, member.study_id, reader), self.on_worker_event_emitted
            )

    def on_worker_event_emitted(self, event: object) -> None:
        """Show the study as it is now, and what is to be done next."""
        match event:
            case HandedOver(membership, path):
                self.changed.emit(membership)
                self._page.show_hint(
                    self.tr("On the server: siteblind membership take {0}").format(path.name)
                )
            case TakenOver(membership, is_confirmed):
                self.changed.emit(membership)
                if not is_confirmed:
                    self._page.show_hint(
                        self.tr("The coordinator does not answer now; it is told before a round.")
                    )


def untaken(home: Home, study_id: str, reader: str) -> Generator[TakenOver]:
    """Take back what nobody has taken; takes up to some seconds."""
    yield take_back(home, study_id, reader)
