"""Model suggestions as a reader meets them, from a model that was really trained."""

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QLabel, QWidget
from pytestqt.qtbot import QtBot

from coordinator.study import InputContract, Method, ModelDesign
from desktop_client.gui.controllers.training import TRAIN
from desktop_client.gui.main_window import TRAINING, MainWindow
from desktop_client.gui.views.sight_bar import DIFFERENT, LOW_CONFIDENCE, MOST_USEFUL
from desktop_client.gui.views.suggest_dialog import SuggestDialog
from desktop_client.labelling.desk import SecondReadingDesk
from desktop_client.labelling.importing import import_folder
from desktop_client.labelling.store import LabelStore
from desktop_client.labelling.suggestions import Answer, AnswerClass, SuggestingModel
from desktop_client.paths import Home
from desktop_client.settings import load_settings
from desktop_client.training.process import in_child_process
from desktop_client.training.request import TrainingRequest
from tests.scenes import new_site, write_images

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")
"""Said by Qt's offscreen platform of every dialog."""

Click = Callable[[QAbstractButton], None]
Find = Callable[[QWidget, str], QAbstractButton]
CHILD_MS = 120_000
"""A spawned process imports torch first; on a busy machine that takes a while."""


@pytest.fixture(scope="module")
def model_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that tells dots from rings, trained in the compute process."""
    folder = tmp_path_factory.mktemp("trained")
    request = TrainingRequest(
        labels_path=new_site(folder, {"dot": 40, "ring": 40}).labels_path,
        checkpoint_path=folder / "own-20261127-120000.safetensors",
        epoch_count=12,
        input=InputContract(size_px=24),
        model=ModelDesign(feature_dim=16),
        method=Method(batch_size=16),
        device="cpu",
    )
    for _ in in_child_process(TRAIN, request):
        pass
    return request.checkpoint_path


@pytest.fixture
def site(tmp_path: Path) -> Home:
    """A site with a labelled dot and ring, and five images without a label."""
    home = new_site(tmp_path, {"dot": 1, "ring": 1}, seed=1)
    write_images(tmp_path / "more", {"dot": 3, "ring": 2}, seed=2)
    list(import_folder(home.labels_path, tmp_path / "more", labels_from_folders=False))
    return home


def suggest(home: Home, shares: list[float]) -> None:
    """Keep suggestions as a model would have: the share of ``dot`` for each image in turn."""
    with LabelStore(home.labels_path) as store:
        classes = tuple(AnswerClass(c.name, c.class_id) for c in store.classes())
        model = SuggestingModel("a" * 64, "Trained at this site", classes, None)
        ids = [sample.sample_id for sample in store.samples()]
        store.suggestions.begin(model)
        store.suggestions.add(
            Answer(i, (share, round(1 - share, 2)), Z) for i, share in zip(ids, shares, strict=True)
        )
        store.suggestions.rank([ids[row] for row in (4, 2, 6, 3, 5)])


Z = np.zeros(2, dtype=np.float32)
SHARES = [0.9, 0.8, 0.83, 0.55, 0.6, 0.99, 0.1]
"""For a labelled dot, a labelled ring, and five images without a label."""


@pytest.fixture
def suggested(site: Home, open_window: Callable[[], MainWindow]) -> MainWindow:
    suggest(site, SHARES)
    window = open_window()
    window.images.grid.setFocus()
    window.images.grid.go_to(2)
    return window


def panel_text(window: MainWindow) -> str:
    return window.images.suggestion._words.text()


def names_shown(window: MainWindow) -> list[str]:
    model, role = window.images.grid.model(), Qt.ItemDataRole.AccessibleTextRole
    return [model.index(row, 0).data(role) for row in range(model.rowCount())]


def choose(window: MainWindow, box_name: str, data: object) -> None:
    box = {"Show": window.images.sight._filter, "Order": window.images.sight._order}[box_name]
    box.setCurrentIndex(box.findData(data))


def label_of(home: Home, row: int) -> str | None:
    with LabelStore(home.labels_path) as store:
        names = {c.class_id: c.name for c in store.classes()}
        class_id = store.samples()[row].class_id
        return None if class_id is None else names[class_id]


def test_without_a_model_the_dialog_says_to_train_one_and_leads_there(
    site: Home, open_window: Callable[[], MainWindow], click: Click, button_named: Find
) -> None:
    window = open_window()
    assert panel_text(window) == "No model suggestions yet."
    QTest.keyClick(window.images.grid, Qt.Key.Key_G, Qt.KeyboardModifier.ControlModifier)
    (dialog,) = window.findChildren(SuggestDialog)
    assert any("Train a model first" in label.text() for label in dialog.findChildren(QLabel))
    click(button_named(dialog, "Go to training"))
    assert window.pages.currentIndex() == TRAINING


def test_a_model_is_asked_in_the_compute_process_and_its_suggestions_are_accepted_by_a_key(
    site: Home,
    model_path: Path,
    open_window: Callable[[], MainWindow],
    click: Click,
    button_named: Find,
    qtbot: QtBot,
) -> None:
    site.checkpoints_path.mkdir()
    shutil.copy(model_path, site.checkpoints_path)
    window = open_window()
    window.images.grid.go_to(2)
    click(button_named(window.images.suggestion, "Suggest labels …"))
    (dialog,) = window.findChildren(SuggestDialog)
    QTest.keyClick(dialog, Qt.Key.Key_Return)
    assert window.images.suggestion_bar.isVisible()
    qtbot.waitUntil(lambda: not window.suggesting.is_running, timeout=CHILD_MS)
    assert window.notice.sentence == "7 images have a model suggestion now."
    assert panel_text(window) == "The model suggestion is shown after your own label."
    click(window.images.suggestion._first)
    assert panel_text(window).startswith("Model suggestion: dot, ")
    QTest.keyClicks(window.images.grid, "a")
    assert label_of(site, 2) == "dot"
    with LabelStore(site.labels_path) as store:
        assert list(store.audit.entries())[-1].kind == "suggestion_accepted"


def test_asking_can_be_stopped_and_the_window_goes_on(
    site: Home,
    model_path: Path,
    open_window: Callable[[], MainWindow],
    click: Click,
    button_named: Find,
    qtbot: QtBot,
) -> None:
    site.checkpoints_path.mkdir()
    shutil.copy(model_path, site.checkpoints_path)
    window = open_window()
    window.suggesting.ask()
    (dialog,) = window.findChildren(SuggestDialog)
    click(button_named(dialog, "Suggest labels"))
    click(button_named(window.images.suggestion_bar, "Stop asking the model"))
    qtbot.waitUntil(lambda: not window.suggesting.is_running, timeout=10_000)
    assert "its suggestions so far are kept" in window.notice.sentence
    assert window.suggesting._slot.holder is None


def test_by_default_a_suggestion_is_seen_only_after_the_own_label(suggested: MainWindow) -> None:
    assert panel_text(suggested) == "The model suggestion is shown after your own label."
    assert not any("suggestion" in words for words in names_shown(suggested)[2:])
    QTest.keyClicks(suggested.images.grid, "2")  # ring; goes on to the next image
    suggested.images.grid.go_to(2)
    assert panel_text(suggested) == "Model suggestion: dot, 83 % – differs from the label"
    assert "Model suggestion: dot, 83 %" in names_shown(suggested)[2]


def test_by_choice_it_is_seen_before_and_the_choice_is_kept(
    suggested: MainWindow, site: Home, click: Click
) -> None:
    click(suggested.images.suggestion._first)
    panel = suggested.images.suggestion
    assert panel_text(suggested) == "Model suggestion: dot, 83 %"
    assert panel._basis.text() == "Confidence unchecked, may be too high."
    assert panel._words.toolTip().startswith("By the model “Trained at this site”, asked ")
    assert load_settings(site.settings_path).suggestions_shown_first


def test_what_is_not_seen_cannot_be_accepted(suggested: MainWindow, site: Home) -> None:
    QTest.keyClicks(suggested.images.grid, "a")
    assert label_of(site, 2) is None
    assert suggested.notice.sentence == "Note: There is no model suggestion to accept here."


def test_suggestions_of_several_images_are_accepted_together_and_taken_back_together(
    suggested: MainWindow, site: Home, click: Click, button_named: Find
) -> None:
    click(suggested.images.suggestion._first)
    suggested.images.grid.selectAll()
    click(button_named(suggested.images.suggestion, "Accept the model suggestion"))
    assert [label_of(site, row) for row in range(7)] == ["dot"] * 6 + ["ring"]
    suggested.labelling.undo()
    assert [label_of(site, row) for row in range(7)] == ["dot", "ring"] + [None] * 5


def test_a_second_reader_never_sees_a_suggestion_before_their_own_opinion(
    site: Home, open_window: Callable[[], MainWindow], click: Click
) -> None:
    suggest(site, SHARES)
    with LabelStore(site.labels_path) as store:
        ids, ring = [s.sample_id for s in store.samples()], store.class_named("ring")
        assert ring is not None
        store.label(ids[2:5], ring.class_id, "Dr. Bo")
    window = open_window()
    click(window.images.suggestion._first)
    window.reading.sign_in("Dr. Ada")
    begin_second_reading(window)
    count = window.samples.rowCount()
    assert count >= 3
    for row in range(count):
        window.images.grid.go_to(row)
        assert panel_text(window) == "The model suggestion is shown after your own label."
    assert not any("suggestion" in words for words in names_shown(window))
    assert not window.images.suggestion._first.isVisible()
    choose(window, "Show", LOW_CONFIDENCE)
    assert names_shown(window) == []
    choose(window, "Show", "all")
    window.images.grid.go_to(0)
    QTest.keyClicks(window.images.grid, "1")  # dot
    window.images.grid.go_to(0)
    assert panel_text(window).startswith("Model suggestion: ")
    assert [words.count("suggestion") for words in names_shown(window)] == [1] + [0] * (count - 1)
    QTest.keyClicks(window.images.grid, "a")
    assert window.notice.sentence.startswith("Note: Here every reader says what they see")


def begin_second_reading(window: MainWindow) -> None:
    """Lay all images that others labelled on the signed-in reader's desk."""
    store = window._store
    assert store is not None
    draw = store.second_readings.draw("Dr. Ada", share=1.0, seed=0)
    window.labelling.use_desk(SecondReadingDesk(store, draw))


def test_uncertain_images_and_those_that_differ_are_found(suggested: MainWindow) -> None:
    choose(suggested, "Show", LOW_CONFIDENCE)  # below 75 %
    assert suggested.images.grid.model().rowCount() == 2
    choose(suggested, "Show", DIFFERENT)
    (only,) = names_shown(suggested)
    assert "ring, Model suggestion: dot, 80 %" in only


def test_the_most_useful_images_come_first_and_those_with_a_label_last(
    suggested: MainWindow,
) -> None:
    choose(suggested, "Order", MOST_USEFUL)
    shown = [suggested.browsing._shown.sample_at(row).sample_id for row in range(7)]
    ids = [sample.sample_id for sample in suggested.samples.samples]
    assert [ids.index(sample_id) for sample_id in shown] == [4, 2, 6, 3, 5, 0, 1]


def test_without_suggestions_there_is_nothing_to_filter_or_order_by(
    site: Home, open_window: Callable[[], MainWindow]
) -> None:
    window = open_window()
    assert window.images.sight._filter.findData(LOW_CONFIDENCE) == -1
    assert window.images.sight._order.findData(MOST_USEFUL) == -1


def test_a_second_computation_is_refused_in_a_sentence(
    suggested: MainWindow, site: Home, model_path: Path, click: Click, button_named: Find
) -> None:
    site.checkpoints_path.mkdir()
    shutil.copy(model_path, site.checkpoints_path)
    suggested.suggesting._slot.take("a training")
    suggested.suggesting.ask()
    (dialog,) = suggested.findChildren(SuggestDialog)
    click(button_named(dialog, "Suggest labels"))
    assert "This computer is busy with a training" in suggested.notice.sentence
