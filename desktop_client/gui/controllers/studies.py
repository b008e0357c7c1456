"""All that has to do with studies, as one: joining them, the way there, taking part."""

from PySide6.QtCore import QObject, Signal

from desktop_client.federation.membership import Membership
from desktop_client.gui.controllers.alone import AloneController
from desktop_client.gui.controllers.compute import ComputeSlot
from desktop_client.gui.controllers.contributing import ContributionController
from desktop_client.gui.controllers.handing_over import HandingOverController
from desktop_client.gui.controllers.joining import JoiningController
from desktop_client.gui.controllers.leaving import LeavingController
from desktop_client.gui.controllers.preflight import PreflightController
from desktop_client.gui.controllers.sent import SentController
from desktop_client.gui.controllers.study import StudyController
from desktop_client.gui.models.round_history import RoundTable
from desktop_client.gui.views.dialogs import Dialogs
from desktop_client.gui.views.study_page import StudyPage
from desktop_client.gui.worker import Workers
from desktop_client.paths import Home
from desktop_client.settings import ClientSettings
from desktop_client.training.request import DeviceChoice


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
        self.taking_part = StudyController(page, rounds, workers, home, slot)
        self.joining = JoiningController(page, workers, home, dialogs)
        self.preflight = PreflightController(page, workers, home, dialogs)
        self.sent = SentController(page, workers, home)
        self.alone = AloneController(page, workers, home, slot, dialogs)
        self.leaving = LeavingController(page, workers, home, dialogs)
        self.contributing = ContributionController(page, home, dialogs)
        self.handing_over = HandingOverController(page, workers, home, dialogs)
        self.taking_part.hand_over_asked.connect(self.handing_over.hand_over)
        self.taking_part.take_back_asked.connect(self.handing_over.take_back)
        self.handing_over.changed.connect(self.taking_part.on_changed)
        self.taking_part.contribution_asked.connect(self.contributing.show)
        self.contributing.changed.connect(self.taking_part.on_changed)
        self.taking_part.check_asked.connect(self.preflight.show)
        self.taking_part.sent_asked.connect(self.sent.show)
        self.taking_part.alone_asked.connect(self.alone.train)
        self.taking_part.leave_asked.connect(self.leaving.leave)
        self.taking_part.history_shown.connect(self.alone.show)
        self.leaving.left.connect(self.taking_part.on_left)
        self.joining.joined.connect(self.on_joining_joined)

    def show_settings(self, settings: ClientSettings) -> None:
        """Fill in the names of the last time, and compute where it was chosen."""
        self.joining.site_name = settings.site_name
        for controller in (self.joining, self.leaving, self.contributing, self.handing_over):
            controller.reader_name = settings.reader_name
        self.use_device(settings.device)

    def use_device(self, device: DeviceChoice) -> None:
        """Compute there from now on."""
        for controller in (self.taking_part, self.joining, self.preflight, self.alone):
            controller.device = device

    def on_joining_joined(self, membership: Membership) -> None:
        """Show the new study, and fill in the same name the next time."""
        self.joining.site_name = membership.site_name
        self.taking_part.on_joined(membership)
        self.joined.emit(membership)
