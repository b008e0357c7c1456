"""The first start: a few questions over the empty window, each of which can be skipped."""

from PySide6.QtCore import QObject, Signal

from desktop_client.gui.main_window import STUDY, MainWindow
from desktop_client.gui.views.welcome_dialog import Beginning, WelcomeDialog


class WelcomeController(QObject):
    """Shows the questions and does what was answered."""

    sample_asked = Signal()
    language_chosen = Signal(str)

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window

    def begin(self) -> None:
        """Ask; the window is not blocked for its owner, only greyed."""
        settings = self._window.settings
        dialog = WelcomeDialog(settings.language, settings.theme, self._window)
        dialog.theme_chosen.connect(self._window.choose_theme)
        dialog.theme_chosen.connect(self._window.menus.show_theme)
        dialog.language_chosen.connect(self.language_chosen)
        dialog.answered.connect(self.on_dialog_answered)
        dialog.open()

    def on_dialog_answered(self, reader_name: str, beginning: Beginning) -> None:
        """Go on as the person wants to begin."""
        window = self._window
        window.change_settings(is_welcomed=True)
        if reader_name:
            window.reading.sign_in(reader_name)
        match beginning:
            case Beginning.OWN_IMAGES:
                window.importing.on_page_folder_asked()
            case Beginning.SAMPLE:
                self.sample_asked.emit()
            case Beginning.STUDY:
                window.show_page(STUDY)
            case Beginning.LATER:
                pass
