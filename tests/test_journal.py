"""What the journal of a service says, line by line."""

import io
from pathlib import Path

from desktop_client.federation.events import RoundWaited
from desktop_client.journal import Journal
from desktop_client.training.events import ImageLeftOut

SENT = "Round 1 of 2: 1 of 2 picked sites have sent their update"


def test_sites_that_are_waited_for_are_not_taken_for_those_that_have_sent() -> None:
    out = io.StringIO()
    Journal(out).take(RoundWaited(SENT, 1, 2, False, 2, 1, 5, waiting_for=("St. Anna", "Ward 3")))
    assert out.getvalue() == f"{SENT}; it waits for St. Anna, Ward 3\n"


def test_what_stays_as_it_is_is_said_once_and_no_image_file_at_all() -> None:
    out, log = io.StringIO(), io.StringIO()
    journal = Journal(out, log)
    for _ in range(2):
        journal.take(RoundWaited(SENT, 1, 2, False, 2, 1, 5))
        journal.take(ImageLeftOut(Path("Doe_Jane.png"), "it is no image"))
    assert out.getvalue() == f"{SENT}\n"
    assert "Doe" not in log.getvalue()


def test_what_a_coordinator_says_is_one_line_that_no_terminal_obeys() -> None:
    out = io.StringIO()
    Journal(out).take(RoundWaited("Round 1\nStopped\x1b[2J", 1, 2, False, 2, 1, 5))
    assert out.getvalue() == "Round 1 Stopped [2J\n"
