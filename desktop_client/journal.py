"""Tells the events of a service as lines of its journal, which carries the times.

Never names a file of an image: journals are read by people who may not see patient data.
"""

from typing import Any, TextIO

from desktop_client.console import as_json, counted, sentence_of
from desktop_client.federation.events import RoundWaited
from desktop_client.support.service_manager import tell_status
from desktop_client.training.events import ImageLeftOut, ImagesPrepared, StillWorking


class Journal:
    """One line for each thing that happens; what stays as it is, is said once.

    Args:
        out: Where the lines go.
        log: Gets the events as lines of JSON, if given; none that names an image's file.
    """

    def __init__(self, out: TextIO, log: TextIO | None = None) -> None:
        self._out = out
        self._log = log
        self._said = ""
        self._left_out_count = 0

    def say(self, sentence: str) -> None:
        """Write a line that is not the last one again, and show it as the service's status."""
        # The coordinator's words and sites' names are in it: they make no lines of their own.
        sentence = "".join(sign if sign.isprintable() else " " for sign in sentence)
        if sentence == self._said:
            return
        self._said = sentence
        self._out.write(f"{sentence}\n")
        self._out.flush()
        tell_status(sentence)

    def take(self, event: Any) -> None:  # noqa: ANN401  of any generator
        """Tell an event, if there is anything to tell."""
        match event:
            case StillWorking():
                return
            case ImageLeftOut():
                self._left_out_count += 1
                return
            case ImagesPrepared(done_count, total_count):
                if done_count == total_count and self._left_out_count:
                    left_out = counted(self._left_out_count, "image")
                    self.say(f"{left_out} cannot be read and are left out; the window lists them")
            case RoundWaited(sentence=sentence, waiting_for=others):
                self.say(f"{sentence}; it waits for {', '.join(others)}" if others else sentence)
            case _ if (told := sentence_of(event)) is not None:
                self.say(told)
        if self._log is not None:
            self._log.write(as_json(event) + "\n")
            self._log.flush()
