"""Leaves a study for good, or removes one that was handed over, after asking."""

from collections.abc import Generator
from functools import partial

from PySide6.QtCore import Signal

from desktop_client.federation.leaving import forget_handed_over, leave_study
from desktop_client.federation.membership import Membership
from desktop_client.gui.controllers.membership_act import MembershipAct
from desktop_client.paths import Home


class LeavingController(MembershipAct):
    """Ends one membership at a time."""

    left = Signal(object)
    """The ``Membership`` that was."""

    def leave(self, member: Membership) -> None:
        """Ask whether it is meant, and who leaves; then tell the coordinator."""
        is_here = member.handed_over_at is None
        is_meant = self._confirm_leaving(member) if is_here else self._confirm_removing(member)
        reader = self._reader() if is_meant else None
        if reader:
            act = leave if is_here else remove
            self._start(partial(act, self._home, member.study_id, reader), self.left.emit)

    def _confirm_leaving(self, member: Membership) -> bool:
        return self._dialogs.confirm(
            self.tr("Leave the study “{0}” for good?").format(member.study.name),
            self.tr(
                "The coordinator removes what it keeps of this site. What was averaged before "
                "stays in the shared model. The newest model and the records of what was sent "
                "stay here. To take part again takes a new invitation."
            ),
            self.tr("Leave the study"),
        )

    def _confirm_removing(self, member: Membership) -> bool:
        return self._dialogs.confirm(
            self.tr("Remove the study “{0}” from this desk?").format(member.study.name),
            self.tr(
                "The server goes on with its part; to leave the study, leave it there. Meant for "
                "a study that has ended, or that was left on the server. The newest model and the "
                "records of what was sent stay here."
            ),
            self.tr("Remove it from this desk"),
        )


def leave(home: Home, study_id: str, reader: str) -> Generator[Membership]:
    """End the membership; takes up to some seconds."""
    yield leave_study(home, study_id, reader)


def remove(home: Home, study_id: str, reader: str) -> Generator[Membership]:
    """Forget here a study that was handed over."""
    yield forget_handed_over(home, study_id, reader)
