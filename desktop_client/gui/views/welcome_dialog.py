"""The first start in three short pages: what this is, who is labelling, how to begin."""

from enum import Enum, auto
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QDialog,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QRadioButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from desktop_client.gui.theme import THEMES
from desktop_client.gui.translation import LANGUAGES
from desktop_client.gui.views.elements import button, text

LAST_PAGE: Final = 2


class Beginning(Enum):
    """How somebody wants to begin."""

    OWN_IMAGES = auto()
    SAMPLE = auto()
    STUDY = auto()
    LATER = auto()


class WelcomeDialog(QDialog):
    """Every page can be left by Enter or Esc; Esc skips the rest."""

    theme_chosen = Signal(str)
    language_chosen = Signal(str)
    answered = Signal(str, object)
    """The reader's name, perhaps empty, and the ``Beginning``."""

    def __init__(self, language: str, theme: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Welcome to SiteBlind"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumSize(600, 400)
        self._pages = QStackedWidget()
        for page in (self._greeting(language, theme), self._reader_page(), self._beginnings()):
            self._pages.addWidget(page)
        self._step = text("", "muted")
        self._skip = button(self.tr("&Skip"), "quiet", self.tr("Skip these questions"))
        self._back = button(self.tr("&Back"))
        self._next = button("", "primary")
        self._next.setAutoDefault(True)
        self._next.setDefault(True)
        self._skip.clicked.connect(self.reject)
        self._back.clicked.connect(lambda: self._go(-1))
        self._next.clicked.connect(lambda: self._go(1))
        foot = QHBoxLayout()
        for widget in (self._skip, self._step):
            foot.addWidget(widget)
        foot.addStretch(1)
        for widget in (self._back, self._next):
            foot.addWidget(widget)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(28, 24, 28, 18)
        layout.setSpacing(16)
        layout.addWidget(self._pages, 1)
        layout.addLayout(foot)
        self._show_page(0)

    def reject(self) -> None:
        """Skip what was not asked yet; what was answered counts."""
        self._answer(Beginning.LATER)

    def _greeting(self, language: str, theme: str) -> QWidget:
        languages = (self.tr("As the desktop"), "English", "Deutsch")
        self._language = _choice(self.tr("Language"), LANGUAGES, languages, language)
        themes = (self.tr("As the desktop"), self.tr("Light"), self.tr("Dark"))
        self._theme = _choice(self.tr("Colours"), THEMES, themes, theme)
        self._language.activated.connect(self._choose_language)
        self._theme.activated.connect(lambda: self.theme_chosen.emit(self._theme.currentData()))
        form = QFormLayout()
        form.setVerticalSpacing(10)
        form.addRow(self.tr("&Language"), self._language)
        form.addRow(self.tr("&Colours"), self._theme)
        return _page(
            self.tr("Welcome to SiteBlind"),
            self.tr(
                "Here you look at your images of lesions and say what each of them shows. From "
                "your labels a model can learn: on this computer alone, or in a study together "
                "with other hospitals."
            ),
            text(
                self.tr(
                    "Your images never leave this hospital. They are not even moved or copied."
                ),
                "strong",
            ),
            text(self.tr("Research use only. Not for diagnostic use."), "warning"),
            form,
        )

    def _reader_page(self) -> QWidget:
        self._reader = QLineEdit()
        self._reader.setMaxLength(200)
        self._reader.setAccessibleName(self.tr("Your name or initials"))
        form = QFormLayout()
        form.addRow(self.tr("&Name or initials"), self._reader)
        return _page(
            self.tr("Who is labelling?"),
            self.tr(
                "Your name is kept with each label you give, on this computer, so that colleagues "
                "know whom to ask. It is not a password, and it is never sent to anybody."
            ),
            form,
        )

    def _beginnings(self) -> QWidget:
        offers = (
            (Beginning.OWN_IMAGES, self.tr("&Open a folder of my own images")),
            (Beginning.SAMPLE, self.tr("&Look around in a sample project with drawn lesions")),
            (Beginning.STUDY, self.tr("&Join a study with a code that I was given")),
            (Beginning.LATER, self.tr("&Decide later")),
        )
        self._beginning = QButtonGroup(self)
        column = QVBoxLayout()
        column.setSpacing(12)
        for beginning, words in offers:
            choice = QRadioButton(words)
            choice.setAccessibleName(words.replace("&", ""))
            self._beginning.addButton(choice, beginning.value)
            column.addWidget(choice)
        self._beginning.button(Beginning.OWN_IMAGES.value).setChecked(True)
        return _page(
            self.tr("How would you like to begin?"),
            self.tr("Everything can also be done later, from the menus."),
            column,
        )

    def _choose_language(self) -> None:
        self.language_chosen.emit(self._language.currentData())

    def _go(self, step: int) -> None:
        page = self._pages.currentIndex() + step
        if page > LAST_PAGE:
            self._answer(Beginning(self._beginning.checkedId()))
        else:
            self._show_page(page)

    def _show_page(self, number: int) -> None:
        self._pages.setCurrentIndex(number)
        self._step.setText(self.tr("{0} of {1}").format(number + 1, LAST_PAGE + 1))
        self._back.setVisible(number > 0)
        is_last = number == LAST_PAGE
        self._next.setText(self.tr("&Begin") if is_last else self.tr("&Next"))
        self._next.setAccessibleName(self._next.text().replace("&", ""))
        first = (self._next, self._reader, self._beginning.checkedButton())[number]
        if first is not None:
            first.setFocus()

    def _answer(self, beginning: Beginning) -> None:
        self.done(QDialog.DialogCode.Accepted)
        self.answered.emit(self._reader.text().strip(), beginning)


def _page(title: str, *parts: str | QWidget | QFormLayout | QVBoxLayout) -> QWidget:
    page = QWidget()
    layout = QVBoxLayout(page)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(14)
    layout.addWidget(text(title, "title"))
    for part in parts:
        if isinstance(part, str):
            layout.addWidget(text(part))
        elif isinstance(part, QWidget):
            layout.addWidget(part)
        else:
            layout.addLayout(part)
    layout.addStretch(1)
    return page


def _choice(name: str, values: tuple[str, ...], words: tuple[str, ...], present: str) -> QComboBox:
    box = QComboBox()
    box.setAccessibleName(name)
    for value, shown in zip(values, words, strict=True):
        box.addItem(shown, value)
    box.setCurrentIndex(values.index(present))
    return box
