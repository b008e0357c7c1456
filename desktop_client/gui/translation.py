"""The language of the window: English as in the source, German from ``resources/translations``."""

from importlib import resources
from typing import Final

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator

LANGUAGES: Final = ("system", "en", "de")
TRANSLATED: Final = ("de",)
"""Languages with a file of their own; English stands in the source."""

_installed: list[QTranslator] = []
_in_use = ["en"]


def language_in_use() -> str:
    """Return ``en`` or ``de``."""
    return _in_use[0]


def language_code(chosen: str) -> str:
    """Return ``en`` or ``de``; ``system`` follows the desktop as far as we speak its language."""
    if chosen != "system":
        return chosen
    return next(
        (c for name in QLocale.system().uiLanguages() if (c := name[:2]) in LANGUAGES), "en"
    )


def use_language(chosen: str) -> None:
    """Let everything that is made from now on speak this language, Qt's own words too."""
    app = QCoreApplication.instance()
    assert app is not None  # noqa: S101  our own invariant
    for translator in _installed:
        app.removeTranslator(translator)
    _installed.clear()
    code = _in_use[0] = language_code(chosen)
    if code not in TRANSLATED:
        return
    qt_folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    with resources.as_file(resources.files("resources") / "translations") as ours:
        for folder, name in ((qt_folder, f"qtbase_{code}"), (str(ours), f"siteblind_{code}")):
            translator = QTranslator(app)
            if translator.load(name, folder):
                app.installTranslator(translator)
                _installed.append(translator)
