"""What is found out before a site takes part: plain, frozen, in words, free of torch.

A sentence is kept apart from its values, so that the window can say it in another language.
"""

from dataclasses import dataclass
from typing import Literal

Verdict = Literal["good", "note", "problem"]
Helper = Literal["nobody", "you", "it", "operator"]
"""Who can mend it: nobody needs to, whoever sits here, the hospital's IT department, or whoever
runs the coordinator."""
Topic = Literal[
    "address",
    "proxy",
    "name",
    "connection",
    "certificate",
    "clock",
    "version",
    "membership",
    "disk",
    "images",
    "computer",
]


@dataclass(frozen=True, slots=True)
class Phrase:
    """A sentence with places for values, ``{0}`` and so on; English as it stands."""

    words: str
    values: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.words.format(*self.values)


NOTHING_TO_DO = Phrase("")


@dataclass(frozen=True, slots=True)
class Checked:
    """One thing that was looked at."""

    topic: Topic
    verdict: Verdict
    sentence: Phrase
    helper: Helper = "nobody"
    remedy: Phrase = NOTHING_TO_DO
    """What ``helper`` can do; empty if nobody needs to do anything."""


@dataclass(frozen=True, slots=True)
class PreflightFinished:
    """Everything was looked at that could be."""

    problem_count: int
    note_count: int


class Hindered(Exception):  # noqa: N818  no failure of ours: what was looked at ends here
    """What was found rules out that anything behind it can be looked at."""

    def __init__(self, checked: Checked) -> None:
        super().__init__(str(checked.sentence))
        self.checked = checked
