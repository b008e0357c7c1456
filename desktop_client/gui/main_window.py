"""The window: connects pages, controllers, menus and settings, and does nothing itself."""

import logging
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QByteArray, Signal
from PySide6.QtGui import QCloseEvent, QGuiApplication
from PySide6.QtWidgets import QApplication, QHBoxLayout, QMainWindow, QStackedWidget, QWidget

from desktop_client.errors import LabelStoreError, SettingsError
from desktop_client.federation.membership import Membership
from desktop_client.gui.controllers.browsing import BrowsingController
from desktop_client.gui.controllers.compute import ComputeSlot
from desktop_client.gui.controllers.copying import CopyController
from desktop_client.gui.controllers.explaining import ExplainController
from desktop_client.gui.controllers.exporting import ExportController
from desktop_client.gui.controllers.filing import FilingController
from desktop_client.gui.controllers.help import HelpController
from desktop_client.gui.controllers.importing import ImportController
from desktop_client.gui.controllers.keys import KeysController
from desktop_client.gui.controllers.recording import RecordingControllers
from desktop_client.gui.controllers.studies import StudyControllers
from desktop_client.gui.controllers.suggesting import SuggestionController
from desktop_client.gui.controllers.training import TrainingController
from desktop_client.gui.controllers.viewing import ViewingController
from desktop_client.gui.keymap import KeyMap
from desktop_client.gui.menus import Menus
from desktop_client.gui.models.heat_loader import HeatLoader
from desktop_client.gui.models.round_history import RoundTable
from desktop_client.gui.models.sample_model import SampleModel
from desktop_client.gui.theme import apply_palette, palette_for
from desktop_client.gui.views.dialogs import Dialogs
from desktop_client.gui.views.elements import column
from desktop_client.gui.views.footer import Footer
from desktop_client.gui.views.images_page import ImagesPage
from desktop_client.gui.views.navigation import Navigation
from desktop_client.gui.views.notice import Notice
from desktop_client.gui.views.sheets import about_sheet
from desktop_client.gui.views.study_page import StudyPage
from desktop_client.gui.views.training_page import TrainingPage
from desktop_client.gui.views.update_banner import UpdateBanner
from desktop_client.gui.worker import Workers
from desktop_client.labelling.store import LabelStore
from desktop_client.paths import NAME, Home
from desktop_client.settings import ClientSettings, save_settings

logger = logging.getLogger(__name__)

IMAGES, TRAINING, STUDY = range(3)
HELP_PAGES = ("labelling", "training", "study")
"""The page of help about each page."""
LABELLING = "labelling"
"""What a notice is about that a label or a class settles."""


class MainWindow(QMainWindow):
    """Everything the person at the desk sees of one project."""

    closed = Signal()
    """All work is over and the files are let go."""
    language_chosen = Signal(str)

    def __init__(
        self,
        home: Home,
        settings: ClientSettings,
        dialogs: Dialogs | None = None,
        settings_path: Path | None = None,
    ) -> None:
        """Show a project; without a ``settings_path``, settings are kept in it."""
        super().__init__()
        self.home = home
        self._settings_path = settings_path or home.settings_path
        self._settings = settings
        self._store: LabelStore | None = None
        self.dialogs = dialogs or Dialogs(self)
        self.workers = Workers(self)
        self.setWindowTitle(f"{home.name} – SiteBlind" if home.name != NAME else NAME)
        self.setMinimumSize(1024, 680)
        self._make_views()
        self._make_controllers()
        self._connect_controllers()
        self._connect_menus()
        self._show_settings()

    def _make_views(self) -> None:
        self.rounds = RoundTable(self)
        self.images, self.training = ImagesPage(), TrainingPage()
        self.study = StudyPage(self.rounds)
        self.pages = QStackedWidget()
        for page in (self.images, self.training, self.study):
            self.pages.addWidget(page)
        self.navigation = Navigation(
            (
                ("images", self.tr("Images")),
                ("training", self.tr("Training")),
                ("study", self.tr("Study")),
            )
        )
        self.navigation.page_chosen.connect(self.show_page)
        self.update_banner, self.notice, self.footer = UpdateBanner(), Notice(), Footer()
        shown = (self.update_banner, self.notice, self.pages)
        content = column(*shown, spacing=0, sides=20, top=10)
        middle = QWidget()
        row = QHBoxLayout(middle)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.navigation)
        row.addWidget(content, 1)
        self.setCentralWidget(column(middle, self.footer, spacing=0))

    def _make_controllers(self) -> None:
        home, workers, dialogs = self.home, self.workers, self.dialogs
        self.samples = SampleModel(self)
        slot = ComputeSlot()
        self.recording = RecordingControllers(
            self.images, self.footer, self.samples, dialogs, workers, home.labels_path
        )
        self.labelling, self.reading = self.recording.labelling, self.recording.reading
        self.browsing = BrowsingController(self.images, self.samples, workers, home.thumbnails_path)
        self.viewing = ViewingController(self.images, self.samples, self.browsing, workers)
        self.importing = ImportController(
            self.images, self.samples, workers, dialogs, home.labels_path
        )
        self.exporting = ExportController(
            self.images, self.samples, workers, dialogs, home.labels_path
        )
        self.copying = CopyController(self.images, self.samples, workers, dialogs, home.labels_path)
        self.exporting.reader_name = self.copying.reader_name = lambda: self.labelling.reader_name
        self.own_training = TrainingController(self.training, workers, home, slot, dialogs)
        self.suggesting = SuggestionController(self.images, self.samples, workers, home, slot)
        self.explaining = ExplainController(
            *(self.images, self.samples, self.viewing, self.suggesting),
            HeatLoader(workers, slot, self),
            home,
        )
        self.filing = FilingController(self.images, self.samples, workers, dialogs, home)
        self.filing.duplicates.exclude = self.recording.remarks.exclude_as
        self.studies = StudyControllers(self.study, self.rounds, workers, home, slot, dialogs)
        self.taking_part = self.studies.taking_part
        self.help = HelpController(self)

    def _connect_controllers(self) -> None:
        asked = (self.exporting, self.suggesting, self.copying, self.taking_part)
        for controller in (self.browsing, *asked):
            controller.problem_met.connect(self.on_problem_met)
        for storing in (self.importing, self.filing):
            storing.problem_met.connect(self.on_problem_met)
            storing.finished.connect(self.on_good_news)
            storing.stored.connect(self.labelling.reload)
        self.recording.problem_met.connect(self.on_labelling_problem_met)
        self.reading.signed_in.connect(lambda name: self.change_settings(reader_name=name))
        self.labelling.labelled.connect(self.browsing.on_labelled)
        self.labelling.labels_changed.connect(self.on_labels_changed)
        self.importing.folder_opened.connect(self.on_importing_folder_opened)
        self.browsing.search_begun.connect(lambda: self.show_page(IMAGES))
        self.labelling.labels_changed.connect(self.suggesting.on_labels_changed)
        self.suggesting.changed.connect(self.browsing.on_suggestions_changed)
        self.suggesting.accepted.connect(self.labelling.accept_suggestions)
        self.suggesting.finished.connect(self.on_good_news)
        self.suggesting.training_asked.connect(lambda: self.show_page(TRAINING))
        for changing in (self.browsing, self.own_training, self.suggesting, self.help):
            changing.settings_changed.connect(self.save)
        for working in (self.own_training, self.taking_part, self.suggesting):
            working.activity_changed.connect(self.footer.show_activity)
        self.taking_part.classes_asked.connect(self.labelling.add_classes)
        self.studies.joined.connect(self.on_studies_joined)
        self.own_training.results.image_asked.connect(self.on_image_asked)
        self.training.images_asked.connect(lambda: self.show_page(IMAGES))

    def _connect_menus(self) -> None:
        self.menus = Menus(self)
        self.menus.theme_chosen.connect(self.choose_theme)
        self.menus.language_chosen.connect(self.language_chosen)
        QGuiApplication.styleHints().colorSchemeChanged.connect(self.on_desktop_colours_changed)
        self.menus.image_command_asked.connect(self.images.ask)
        self.recording.second_reading.blinded.connect(self.menus.show_blind)
        self.recording.second_reading.blinded.connect(self.training.show_blind)
        self.keys = KeysController(self, self.menus, self.images)
        self.keys.settings_changed.connect(self.save)
        does: dict[str, Callable[[], object]] = {
            "open_folder": self.importing.on_page_folder_asked,
            "open_files": self.importing.ask_for_files,
            "open_dicomdir": self.importing.ask_for_dicomdir,
            "import_table": self.importing.on_page_table_asked,
            "quit": self.close,
            "next_unlabelled": self.on_next_unlabelled_triggered,
            "add_class": self.images.classes.begin_adding,
            "suggest": self.suggesting.ask,
            "page_images": partial(self.show_page, IMAGES),
            "page_training": partial(self.show_page, TRAINING),
            "page_study": partial(self.show_page, STUDY),
            "help": self.on_help_triggered,
            "how_it_works": self.help.show_how_it_works,
            "keys": self.keys.show_sheet,
            "choose_keys": self.keys.choose,
            "about": lambda: about_sheet(self).open(),
            **self.recording.commands(),
            **self.exporting.commands(),
            **self.copying.commands(),
            **self.browsing.commands(),
            **self.filing.commands(),
        }
        for command_id, do in does.items():
            self.menus.actions[command_id].triggered.connect(lambda _checked, do=do: do())

    def _show_settings(self) -> None:
        settings = self._settings
        self.browsing.show_settings(
            settings.thumbnail_size_px, settings.order, settings.auto_advance
        )
        self.training.settings.show_values(settings)
        self.suggesting.device = settings.device
        self.studies.show_settings(settings)
        self.suggesting.show_settings(
            settings.low_confidence_percent, is_shown_first=settings.suggestions_shown_first
        )
        self.importing.last_folder = settings.last_folder
        self.help.geometry = settings.help_geometry
        self.keys.use(KeyMap(settings.keys))
        self.menus.show_theme(settings.theme)
        self.menus.show_language(settings.language)
        self._use_theme(settings.theme)
        self.resize(1280, 820)
        if settings.window_geometry:
            self.restoreGeometry(QByteArray.fromBase64(settings.window_geometry.encode()))
        if settings.side_width_px:
            self.images.show_side_width(settings.side_width_px)
        self.images.show_progress(0, 0)
        self.show_page(IMAGES)

    def start(self) -> None:
        """Open the label store and show what is in it; called after the first paint."""
        try:
            self.home.create()
            self._store = LabelStore(self.home.labels_path)
            self.recording.use_store(self._store, self._settings.reader_name)
            self.browsing.use_store(self._store)
            self.suggesting.use_store(self._store)
            self.filing.use_store(self._store)
        except (LabelStoreError, OSError) as error:
            logger.error("The label store cannot be opened: %s", error)
            self.dialogs.show_problem(str(error))
        self.own_training.look()
        self.taking_part.reload()

    @property
    def settings(self) -> ClientSettings:
        """What is set now."""
        return self._settings

    def open_paths(self, paths: Sequence[Path]) -> None:
        """Open folders, images or a table, for example those the program was started with."""
        if paths:
            self.show_page(IMAGES)
            self.importing.on_page_paths_dropped(list(paths))

    def show_page(self, number: int) -> None:
        """Show one of the pages."""
        self.pages.setCurrentIndex(number)
        self.navigation.show_page(number)
        self.notice.forget_good_news()
        if number == IMAGES:
            self.images.take_focus()

    def choose_theme(self, theme: str) -> None:
        """Use another theme from now on."""
        self.change_settings(theme=theme)
        self._use_theme(theme)

    def on_desktop_colours_changed(self) -> None:
        """Follow the desktop, if that was chosen."""
        if self._settings.theme == "system":
            self._use_theme("system")

    def save(self) -> None:
        """Keep what was set by hand."""
        own = self.training.settings
        self.suggesting.device = own.chosen_device()
        self.studies.use_device(own.chosen_device(), own.rank_count())
        self.change_settings(
            thumbnail_size_px=self.browsing.size_px,
            order=self.browsing.order,
            auto_advance=self.browsing.is_auto_advancing,
            suggestions_shown_first=self.samples.suggestions.is_shown_first,
            low_confidence_percent=round(100 * self.samples.suggestions.low_confidence),
            **own.values(),
            help_geometry=self.help.geometry,
            keys=self.keys.keymap.chosen,
        )

    def on_problem_met(self, sentence: str) -> None:
        """Say what is wrong."""
        self.notice.tell(sentence, "warning")

    def on_labelling_problem_met(self, sentence: str) -> None:
        """Say what is wrong until labelling goes on."""
        self.notice.tell(sentence, "warning", LABELLING)

    def on_labels_changed(self) -> None:
        """Let the other pages and the menu know."""
        self.notice.settle(LABELLING)
        progress = self.labelling.progress()
        if progress is not None:
            self.own_training.show_labels(progress, self.labelling.classes)
        self.taking_part.show_classes(self.labelling.classes)
        self.menus.actions["undo"].setEnabled(self.labelling.can_undo())
        self.menus.actions["redo"].setEnabled(self.labelling.can_redo())

    def on_good_news(self, sentence: str) -> None:
        """Say what was done."""
        self.notice.tell(sentence, "success")

    def on_importing_folder_opened(self, folder: Path) -> None:
        """Begin there the next time."""
        self.change_settings(last_folder=folder)

    def on_studies_joined(self, membership: Membership) -> None:
        """Fill in the same name the next time."""
        self.change_settings(site_name=membership.site_name)
        self.notice.tell(
            self.tr("This site is now in the study “{0}”.").format(membership.study.name), "success"
        )

    def on_image_asked(self, sample_id: str, model_path: Path) -> None:
        """Show one image large, and where a model looks in it."""
        self.show_page(IMAGES)
        self.browsing.go_to_sample(sample_id)
        self.viewing.show_large(is_large=True)
        self.explaining.show_for(model_path)

    def on_next_unlabelled_triggered(self) -> None:
        """Go to the next image without a label, or say that there is none."""
        self.show_page(IMAGES)
        if not self.browsing.go_to_next_unlabelled():
            self.notice.tell(self.tr("Every image shown here is labelled."), "success")

    def on_help_triggered(self) -> None:
        """Show the help on what is on the screen."""
        self.help.show_page(HELP_PAGES[self.pages.currentIndex()])

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802  Qt's name
        """Stop all work, wait until it is over and let the files go."""
        if self._is_abandoned(event):
            return
        self.help.close()
        self.change_settings(
            window_geometry=bytes(self.saveGeometry().toBase64().data()).decode(),
            side_width_px=self.images.side_width_px,
        )
        self.hide()
        self.workers.cancel_all()
        for controller in (self.labelling, self.browsing, self.suggesting, self.filing):
            controller.leave_store()
        if self._store is not None:
            self._store.close()
            self._store = None
        event.accept()
        self.closed.emit()

    def _is_abandoned(self, event: QCloseEvent) -> bool:
        """Ask before a training is lost, and return whether the window stays."""
        if not (self.own_training.is_running or self.taking_part.is_running):
            return False
        stays = not self.dialogs.confirm(
            self.tr("Training is still going on."),
            self.tr("If you quit, it stops; it can go on from its last save another time."),
            self.tr("Stop and quit"),
        )
        if stays:
            event.ignore()
        return stays

    def _use_theme(self, theme: str) -> None:
        app = QApplication.instance()
        assert isinstance(app, QApplication)  # noqa: S101  our own invariant
        palette = palette_for(theme)
        apply_palette(app, palette)
        for part in (
            self.navigation,
            self.footer,
            self.notice,
            self.browsing,
            self.copying,
            self.help,
        ):
            part.set_palette(palette)
        for page in (self.images, self.training, self.study):
            page.set_palette(palette)

    def change_settings(self, **changes: object) -> None:
        """Keep what is set to another value."""
        self._settings = self._settings.model_copy(update=changes)
        try:
            save_settings(self._settings_path, self._settings)
        except SettingsError as error:
            self.notice.tell(str(error), "warning")
