"""All that has to do with studies, as one: joining them, the way there, taking part.

What talks to a coordinator while somebody watches is made when it is first asked for: the window is
shown before what it takes is loaded.
"""

from functools import cached_property
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from desktop_client.federation.membership import Membership
from desktop_client.gui.controllers.alone import AloneController
from desktop_client.gui.controllers.compute import ComputeSlot
from desktop_client.gui.controllers.sent import SentController
from desktop_client.gui.controllers.study import StudyController
from desktop_client.gui.models.round_history import RoundTable
from desktop_client.gui.views.dialogs import Dialogs
from desktop_client.gui.views.study_page import StudyPage
from desktop_client.gui.worker import Workers
from desktop_client.paths import Home
from desktop_client.settings import ClientSettings
from desktop_client.training.request import DeviceChoice

if TYPE_CHECKING:
    from desktop_client.gui.controllers.contributing import ContributionController
    from desktop_client.gui.controllers.handing_over import HandingOverController
    from desktop_client.gui.controllers.joining import JoiningController
    from desktop_client.gui.controllers.leaving import LeavingController
    from desktop_client.gui.controllers.preflight import PreflightController


class StudyControllers(QObject):
    """Makes and connects the controllers of the study page."""

    joined = Signal(object)
    """The new ``Membership``."""

    def __init__(
        self,
        page: StudyPage,
        rounds: RoundTable,
        workers: Workers,
        home: Home,
        slot: ComputeSlot,
        dialogs: Dialogs,
    ) -> None:
        super().__init__(page)
        self._page, self._workers, self._home, self._dialogs = page, workers, home, dialogs
        self._settings = ClientSettings()
        self.taking_part = StudyController(page, rounds, workers, home, slot)
        self.sent = SentController(page, workers, home)
        self.alone = AloneController(page, workers, home, slot, dialogs)
        page.join_asked.connect(self.on_page_join_asked)
        asked = self.taking_part
        asked.contribution_asked.connect(lambda member: self.contributing.show(member))
        asked.check_asked.connect(self.on_check_asked)
        asked.leave_asked.connect(lambda member: self.leaving.leave(member))
        asked.hand_over_asked.connect(lambda member: self.handing_over.hand_over(member))
        asked.take_back_asked.connect(lambda member: self.handing_over.take_back(member))
        asked.sent_asked.connect(self.sent.show)
        asked.alone_asked.connect(self.alone.train)
        asked.history_shown.connect(self.alone.show)

    @cached_property
    def joining(self) -> "JoiningController":
        """Leads through the wizard."""
        from desktop_client.gui.controllers.joining import JoiningController

        made = JoiningController(self._page, self._workers, self._home, self._dialogs)
        made.site_name = self._settings.site_name
        made.reader_name = self._settings.reader_name
        made.joined.connect(self.on_joining_joined)
        return made

    @cached_property
    def preflight(self) -> "PreflightController":
        """Looks at the way to a coordinator."""
        from desktop_client.gui.controllers.preflight import PreflightController

        return PreflightController(self._page, self._workers, self._home, self._dialogs)

    @cached_property
    def leaving(self) -> "LeavingController":
        """Ends a membership."""
        from desktop_client.gui.controllers.leaving import LeavingController

        made = LeavingController(self._page, self._workers, self._home, self._dialogs)
        made.reader_name = self._settings.reader_name
        made.left.connect(self.taking_part.on_left)
        return made

    @cached_property
    def contributing(self) -> "ContributionController":
        """Says which classes and scanners take part."""
        from desktop_client.gui.controllers.contributing import ContributionController

        made = ContributionController(self._page, self._home, self._dialogs)
        made.reader_name = self._settings.reader_name
        made.changed.connect(self.taking_part.on_changed)
        return made

    @cached_property
    def handing_over(self) -> "HandingOverController":
        """Lets a server of this site take part in its place."""
        from desktop_client.gui.controllers.handing_over import HandingOverController

        made = HandingOverController(self._page, self._workers, self._home, self._dialogs)
        made.reader_name = self._settings.reader_name
        made.changed.connect(self.taking_part.on_changed)
        return made

    def show_settings(self, settings: ClientSettings) -> None:
        """Fill in the names of the last time, and compute where it was chosen."""
        self._settings = settings
        self.use_device(settings.device, 0 if settings.uses_all_cards else 1)

    def use_device(self, device: DeviceChoice, rank_count: int) -> None:
        """Compute there from now on, rounds on so many graphics cards."""
        self._settings = self._settings.model_copy(update={"device": device})
        self.taking_part.device = self.alone.device = device
        self.taking_part.rank_count = rank_count

    def on_page_join_asked(self) -> None:
        """Open the wizard."""
        self.joining.device = self._settings.device
        self.joining.begin()

    def on_check_asked(self, membership: Membership) -> None:
        """Look at the way to a study's coordinator."""
        self.preflight.device = self._settings.device
        self.preflight.show(membership)

    def on_joining_joined(self, membership: Membership) -> None:
        """Show the new study, and fill in the same name the next time."""
        self.joining.site_name = membership.site_name
        self.taking_part.on_joined(membership)
        self.joined.emit(membership)
