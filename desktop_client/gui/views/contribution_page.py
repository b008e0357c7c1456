"""Which classes of this site mean which of the study's, and which scanners take part."""

from uuid import UUID

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from coordinator.study import Study
from desktop_client.federation.membership import Contribution
from desktop_client.federation.offer import Offer
from desktop_client.gui.views.elements import button, key_badge, text
from desktop_client.gui.wording import counted


class ContributionPage(QScrollArea):
    """A choice for each class and each scanner, and what comes of them together."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setWidgetResizable(True)
        self.setAccessibleName(self.tr("Classes and scanners that take part"))
        self.classes: dict[UUID, QComboBox] = {}
        self.scanners: dict[UUID, QCheckBox] = {}
        self._offer = Offer()
        self._study: Study | None = None
        self._outcome = text("", "strong")

    def show_offer(self, study: Study, offer: Offer, chosen: Contribution) -> None:
        """Show what there is; classes of the study's names are matched beforehand."""
        self._study, self._offer = study, offer
        self.classes.clear()
        self.scanners.clear()
        self._outcome = text("", "strong")
        content = QWidget()
        content.setProperty("role", "scrolled")
        layout = QVBoxLayout(content)
        layout.setContentsMargins(0, 0, 8, 0)
        layout.setSpacing(10)
        layout.addWidget(text(self.tr("Your classes"), "heading"))
        layout.addWidget(text(self._words_on_classes()))
        layout.addLayout(self._class_rows(study, offer, chosen))
        layout.addSpacing(8)
        layout.addWidget(text(self.tr("Your scanners"), "heading"))
        layout.addWidget(text(self._words_on_scanners()))
        for domain in offer.domains:
            images = counted(
                offer.domain_count(domain.domain_id), self.tr("labelled image"),
                self.tr("labelled images"),
            )  # fmt: skip
            box = QCheckBox(f"{domain.name} · {images}")
            box.setChecked(chosen.takes(domain.domain_id))
            box.toggled.connect(self.on_choice_changed)
            layout.addWidget(box)
            self.scanners[domain.domain_id] = box
        layout.addSpacing(8)
        layout.addWidget(self._outcome)
        layout.addStretch(1)
        self.setWidget(content)
        self.on_choice_changed()

    def contribution(self) -> Contribution:
        """Return what was chosen."""
        chosen = {
            class_id: None if box.currentData() is None else UUID(box.currentData())
            for class_id, box in self.classes.items()
        }
        taken = frozenset(d for d, box in self.scanners.items() if box.isChecked())
        return Contribution(classes=chosen, domain_ids=taken if self.scanners else None)

    def on_choice_changed(self) -> None:
        """Say what comes of the choices."""
        if self._study is None:
            return
        contribution = self.contribution()
        taken = self._offer.taken(contribution)
        meant = {chosen for chosen in contribution.classes.values() if chosen is not None}
        absent = [c.name for c in self._study.classes if c.class_id not in meant]
        images = counted(taken.total(), self.tr("image takes"), self.tr("images take"))
        scanners = counted(
            sum(count > 0 for count in taken.values()), self.tr("scanner"), self.tr("scanners")
        )
        told = self.tr("{0} part, of {1}.").format(images, scanners)
        if absent:
            told += " " + self.tr("Nothing of yours means: {0}.").format(", ".join(absent))
        self._outcome.setText(told)
        self.changed.emit()

    def _class_rows(self, study: Study, offer: Offer, chosen: Contribution) -> QGridLayout:
        rows = QGridLayout()
        rows.setColumnStretch(2, 1)
        rows.setHorizontalSpacing(10)
        of_name = {c.name.casefold(): c.class_id for c in study.classes}
        for row, own in enumerate(offer.classes):
            images = counted(offer.class_count(own.class_id), self.tr("image"), self.tr("images"))
            box = QComboBox()
            box.setAccessibleName(self.tr("“{0}” means in the study").format(own.name))
            box.addItem(self.tr("takes no part"), None)
            for theirs in study.classes:
                box.addItem(self.tr("means “{0}”").format(theirs.name), str(theirs.class_id))
            meant = chosen.classes.get(own.class_id, of_name.get(own.name.casefold()))
            box.setCurrentIndex(max(0, box.findData(None if meant is None else str(meant))))
            box.currentIndexChanged.connect(self.on_choice_changed)
            rows.addWidget(key_badge(own), row, 0)
            name = text(f"{own.name} · {images}")
            name.setWordWrap(False)
            rows.addWidget(name, row, 1)
            rows.addWidget(box, row, 2)
            self.classes[own.class_id] = box
        return rows

    def _words_on_classes(self) -> str:
        if not self._offer.classes:
            return self.tr(
                "You have no classes yet. Join all the same; the study's page then offers to add "
                "the study's classes to yours."
            )
        return self.tr(
            "Say which of them mean the same as a class of the study. Several may mean one. Your "
            "own names stay here and are never sent."
        )

    def _words_on_scanners(self) -> str:
        if not self._offer.domains:
            return self.tr("No image is labelled yet; every scanner will take part.")
        return self.tr(
            "Only images of these scanners are trained on. Scanners that come later take part when "
            "somebody here says so."
        )


class ContributionDialog(QDialog):
    """The page in a window of its own, for a study that was joined."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("What takes part"))
        self.resize(640, 520)
        self.page = ContributionPage()
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        save = button(self.tr("Use from the next start on"), "primary")
        buttons.addButton(save, QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 16)
        layout.setSpacing(12)
        layout.addWidget(text(self.tr("What of yours takes part"), "title"))
        layout.addWidget(self.page, 1)
        layout.addWidget(buttons)
