"""Which model suggestions may be seen now, and what they say about an image.

Who reads blindly never sees one before saying what they see; whoever asks here cannot forget it.
"""

from collections.abc import Mapping

from desktop_client.labelling.sample import Sample
from desktop_client.labelling.suggestions import SuggestingModel, Suggestion


class ShownSuggestions:
    """The suggestions of the store, and when they may be seen.

    The samples asked about are those on the reader's desk: their label is what this reader says,
    in a second reading too.

    Attributes:
        model: Whose suggestions they are; None if there are none.
        is_shown_first: Whether a suggestion is seen before the reader's own label.
        is_blind: Whether somebody reads blindly now; ``is_shown_first`` does not count then.
        low_confidence: Below this probability a suggestion counts as uncertain.
    """

    def __init__(self) -> None:
        self.model: SuggestingModel | None = None
        self.is_shown_first = False
        self.is_blind = False
        self.low_confidence = 0.75
        self._by_sample: Mapping[str, Suggestion] = {}

    def replace_all(
        self, model: SuggestingModel | None, by_sample: Mapping[str, Suggestion]
    ) -> None:
        """Use these suggestions and no others."""
        self.model, self._by_sample = model, by_sample

    def has(self, sample: Sample) -> bool:
        """Return whether the model was asked about an image, seen or not."""
        return sample.sample_id in self._by_sample

    def may_be_seen(self, sample: Sample) -> bool:
        """Return whether what a model makes of an image may be shown to the reader now."""
        return sample.class_id is not None or (self.is_shown_first and not self.is_blind)

    def visible(self, sample: Sample) -> Suggestion | None:
        """Return the suggestion for an image if there is one and it may be seen."""
        return self._by_sample.get(sample.sample_id) if self.may_be_seen(sample) else None

    def differs(self, sample: Sample) -> bool:
        """Return whether the reader said something else than the model."""
        suggestion = self._by_sample.get(sample.sample_id)
        own = sample.class_id
        return suggestion is not None and own is not None and suggestion.class_id != own

    def is_uncertain(self, sample: Sample) -> bool:
        """Return whether the model is unsure, which says nothing of the class; never if blind."""
        suggestion = self._by_sample.get(sample.sample_id)
        if suggestion is None or (self.is_blind and self.visible(sample) is None):
            return False
        return suggestion.confidence < self.low_confidence

    def place(self, sample: Sample) -> int:
        """Return the place in the order “most useful next”; those without one come last."""
        suggestion = self._by_sample.get(sample.sample_id)
        last = len(self._by_sample)
        return last if suggestion is None or suggestion.rank is None else suggestion.rank
