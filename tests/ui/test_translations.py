"""The German of the window: complete, as it is loaded, and with the same blanks to fill in.

What is missing is listed by ``make translations``; its comment says how to add it.
"""

import re
from collections import Counter
from pathlib import Path

import pytest

from desktop_client.gui.translation import language_code
from tests.ui.translations import QM_PATH, TS_PATH, collect, release, translations, untranslated

GERMAN = translations(TS_PATH)


def blanks(text: str) -> Counter[str]:
    return Counter(re.findall(r"\{[^}]*\}", text))


def test_every_text_of_the_window_has_a_german_translation() -> None:
    missing = sorted({text for _, text in untranslated(TS_PATH)})
    assert not missing, "run `make translations`: its comment in the Makefile says how to go on"


def test_nothing_is_translated_that_the_window_does_not_say_any_more() -> None:
    assert GERMAN.keys() <= collect()


def test_the_file_that_is_loaded_was_made_from_the_translations(tmp_path: Path) -> None:
    release(TS_PATH, tmp_path / "fresh.qm")
    assert (tmp_path / "fresh.qm").read_bytes() == QM_PATH.read_bytes(), "run `make translations`"


def test_every_translation_has_the_same_blanks_to_fill_in() -> None:
    wrong = [text for (_, text), german in GERMAN.items() if blanks(text) != blanks(german)]
    assert wrong == []


def test_what_opens_a_question_and_what_has_a_letter_to_choose_it_by_does_so_in_german() -> None:
    wrong = [
        german
        for (_, text), german in GERMAN.items()
        if ("…" in text) != ("…" in german) or ("&" in text) != ("&" in german)
    ]
    assert wrong == []


def test_clinicians_are_addressed_formally() -> None:
    familiar = [g for g in GERMAN.values() if re.search(r"\b(du|dein|deine|dir|dich)\b", g, re.I)]
    assert familiar == []


@pytest.mark.parametrize(("chosen", "code"), [("de", "de"), ("en", "en")])
def test_a_language_that_was_chosen_is_used_whatever_the_desktop_speaks(
    chosen: str, code: str
) -> None:
    assert language_code(chosen) == code
