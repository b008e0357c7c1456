"""What is asked of a model that explains itself, and what it says; free of torch."""

from dataclasses import dataclass
from pathlib import Path

from desktop_client.imaging.heat import HeatMap
from desktop_client.training.events import StillWorking
from desktop_client.training.request import DeviceChoice


@dataclass(frozen=True, slots=True)
class ExplainRequest:
    """Answer questions about where one model looks, until nobody asks any more.

    Carried out by ``desktop_client.training.explain_on_demand:answer_questions``.
    """

    model_path: Path
    device: DeviceChoice = "automatic"


@dataclass(frozen=True, slots=True)
class ExplainQuestion:
    """Where does the model look in this frame?"""

    sample_id: str
    path: Path
    frame: int
    class_index: int | None = None
    """The class it is about; None for the one that the model answers."""


@dataclass(frozen=True, slots=True)
class ExplainerReady:
    """The model is loaded and can be asked; these are its classes."""

    model_name: str
    class_names: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class ImageExplained:
    """The answer to a question.

    Attributes:
        question: What was asked.
        class_index: The class that the map is about.
        probabilities: Of all classes of the model.
        heat: Over the whole image; None where no place stands out.
    """

    question: ExplainQuestion
    class_index: int
    probabilities: tuple[float, ...]
    heat: HeatMap | None

    @property
    def answered_index(self) -> int:
        """The class that the model answers."""
        return max(range(len(self.probabilities)), key=self.probabilities.__getitem__)


@dataclass(frozen=True, slots=True)
class ImageNotExplained:
    """An image that cannot be read, and why."""

    question: ExplainQuestion
    reason: str


ExplainEvent = StillWorking | ExplainerReady | ImageExplained | ImageNotExplained
