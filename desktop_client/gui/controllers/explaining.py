"""Where the model looks: a map over the image that is seen large, and what it is worth."""

from pathlib import Path

from PySide6.QtCore import QObject

from desktop_client.errors import ClientError
from desktop_client.gui.controllers.suggesting import SuggestionController
from desktop_client.gui.controllers.viewing import ViewingController
from desktop_client.gui.file_words import file_words
from desktop_client.gui.models.heat_loader import HeatLoader
from desktop_client.gui.models.model_choices import ModelChoice, model_choices
from desktop_client.gui.models.sample_model import SampleModel
from desktop_client.gui.views.heat_drawing import HeatDrawing
from desktop_client.gui.views.images_page import ImagesPage
from desktop_client.gui.wording import percent
from desktop_client.labelling.sample import Sample
from desktop_client.paths import Home
from desktop_client.training.explanations import ImageExplained, ImageNotExplained


class ExplainController(QObject):
    """Keeps the map and its words in step with the image, the model and the class.

    A map tells what the model answers, so it is seen when a suggestion may be, and not before.
    """

    def __init__(
        self,
        page: ImagesPage,
        model: SampleModel,
        viewing: ViewingController,
        suggesting: SuggestionController,
        loader: HeatLoader,
        home: Home,
    ) -> None:
        super().__init__(page)
        self._page = page
        self._model = model
        self._viewing = viewing
        self._suggesting = suggesting
        self._loader = loader
        self._home = home
        self._choice: ModelChoice | None = None
        self._class_index: int | None = None
        self._sample_id = ""
        """Of the image whose pixels are seen; empty while there are none."""
        self._is_on = False
        bar = page.viewer.heat
        bar.model_chosen.connect(self.on_bar_model_chosen)
        bar.class_chosen.connect(self.on_bar_class_chosen)
        bar.strength_changed.connect(self.show_now)
        bar.training_asked.connect(suggesting.training_asked)
        viewing.heat_asked.connect(self.on_viewing_heat_asked)
        viewing.shown_changed.connect(self.on_viewing_shown_changed)
        model.dataChanged.connect(lambda *_: self.show_now())
        loader.changed.connect(self.show_now)

    def on_viewing_heat_asked(self) -> None:
        """Show the map, in the image large if it was not; or show it no more."""
        self._is_on = not self._is_on or not self._page.is_viewer_open
        if self._is_on:
            self._look_for_models(None if self._choice is None else self._choice.path)
            self._viewing.show_large(is_large=True)
        self._page.viewer.show_heat_bar(self._is_on)
        self.show_now()

    def show_for(self, model_path: Path) -> None:
        """Show where this model looks in the image that is seen large, if it is still there."""
        self._look_for_models(model_path)
        if self._choice is not None and self._choice.path == model_path:
            self._is_on = True
            self._page.viewer.show_heat_bar(True)
        self.show_now()

    def on_viewing_shown_changed(self, sample: Sample | None) -> None:
        """Show the map of another image."""
        self._sample_id = "" if sample is None else sample.sample_id
        self.show_now()

    def on_bar_model_chosen(self, choice: ModelChoice) -> None:
        """Ask another model."""
        self._use(choice)
        self.show_now()

    def on_bar_class_chosen(self, class_index: int | None) -> None:
        """Ask about another class."""
        self._class_index = class_index
        self.show_now()

    def show_now(self) -> None:
        """Show the map if it is on and there is one, and say what is seen or why nothing is."""
        canvas, bar = self._page.viewer.canvas, self._page.viewer.heat
        drawing = None
        if self._is_on and self._page.is_viewer_open:
            if self._loader.model is not None:
                bar.show_classes(self._loader.model.class_names, self._class_index)
            words, answer = self._told()
            bar.show_words(words)
            if answer is not None and answer.heat is not None:
                drawing = HeatDrawing(answer.heat, bar.strength)
        if drawing != canvas.heat:
            canvas.show_heat(drawing)

    def _told(self) -> tuple[str, ImageExplained | None]:
        """Return what to say, and the answer whose map is to be shown."""
        if self._choice is None:
            return self.tr("There is no model here yet. Train one, or take part in a study."), None
        if not self._model.index_of(self._sample_id).isValid():
            return "", None
        sample = self._model.sample(self._sample_id)
        if not self._model.suggestions.may_be_seen(sample):
            return self.tr("Where the model looks is shown after your own label."), None
        answer = self._loader.ask(sample, self._viewing.neighbours(), self._class_index)
        match answer:
            case ImageExplained():
                return self._words_of(answer), answer
            case ImageNotExplained(reason=reason):
                said = self.tr("This image cannot be read: {0}").format(file_words(reason))
                return said, None
        return self._words_without_answer(), None

    def _words_of(self, answer: ImageExplained) -> str:
        assert self._loader.model is not None  # noqa: S101  it has just answered
        told = [
            self.tr("“{0}” ({1})").format(name, percent(share))
            for name, share in zip(
                self._loader.model.class_names, answer.probabilities, strict=True
            )
        ]
        asked, answered = told[answer.class_index], told[answer.answered_index]
        is_own = answer.class_index == answer.answered_index
        if answer.heat is None:
            said = self.tr("No place stands out for {0}: no map is drawn.").format(asked)
        elif is_own:
            return self.tr("Where the model looks for its answer {0}").format(asked)
        else:
            said = self.tr("Where the model looks for {0}.").format(asked)
        return said if is_own else f"{said} {self.tr('Its answer is {0}.').format(answered)}"

    def _words_without_answer(self) -> str:
        if self._loader.failure:
            return self._loader.failure
        if self._loader.is_waiting_for:
            said = self.tr("This computer is busy with {0}; the map comes when that is over.")
            return said.format(self._loader.is_waiting_for)
        if self._loader.is_loaded:
            return self.tr("Asking the model …")
        return self.tr("Starting the model …")

    def _look_for_models(self, wanted: Path | None) -> None:
        """Offer the models there are now; use the wanted one, or the newest."""
        try:
            choices = model_choices(self._home)
        except ClientError as error:
            self._suggesting.problem_met.emit(str(error))
            choices = []
        chosen = next((c for c in choices if c.path == wanted), None)
        chosen = chosen or next(iter(choices), None)
        self._page.viewer.heat.show_models(choices, chosen)
        self._use(chosen)

    def _use(self, choice: ModelChoice | None) -> None:
        self._loader.device = self._suggesting.device
        if choice != self._choice:
            self._choice, self._class_index = choice, None
            self._page.viewer.heat.show_classes((), None)
        self._loader.use_model(choice)
