"""Lets other classes and scanners of this site take part in a study that was joined."""

from PySide6.QtCore import QObject, Signal

from desktop_client.errors import ClientError
from desktop_client.federation.consent import change_contribution
from desktop_client.federation.membership import Membership
from desktop_client.federation.offer import offer_of
from desktop_client.gui.views.contribution_page import ContributionDialog
from desktop_client.gui.views.dialogs import Dialogs
from desktop_client.gui.views.study_page import StudyPage
from desktop_client.paths import Home


class ContributionController(QObject):
    """Opens one dialog at a time."""

    changed = Signal(object)
    """The ``Membership`` as it is now."""

    def __init__(self, page: StudyPage, home: Home, dialogs: Dialogs) -> None:
        super().__init__(page)
        self._page = page
        self._home = home
        self._dialogs = dialogs
        self._member: Membership | None = None
        self.dialog: ContributionDialog | None = None
        self.reader_name = ""

    def show(self, member: Membership) -> None:
        """Open the dialog with what takes part now."""
        if self.dialog is not None:
            return
        try:
            offer = offer_of(self._home.labels_path)
        except ClientError as error:
            self._page.show_problem(str(error))
            return
        self._member = member
        self.dialog = ContributionDialog(self._page)
        self.dialog.page.show_offer(member.study, offer, member.contribution)
        self.dialog.accepted.connect(self.on_dialog_accepted)
        self.dialog.finished.connect(self.on_dialog_finished)
        self.dialog.open()

    def on_dialog_accepted(self) -> None:
        """Keep what was chosen, by name."""
        if self.dialog is None or self._member is None:
            return
        reader = self.reader_name or self._dialogs.ask_reader((), "")
        if not reader:
            return
        try:
            chosen = self.dialog.page.contribution()
            changed = change_contribution(self._home, self._member.study_id, chosen, reader)
        except ClientError as error:
            self._page.show_problem(str(error))
        else:
            self.changed.emit(changed)

    def on_dialog_finished(self) -> None:
        """Forget the dialog."""
        if self.dialog is not None:
            self.dialog.deleteLater()
        self.dialog = None
