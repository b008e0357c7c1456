"""The report on a model as a document."""

from typing import Final

from desktop_client.reporting import words
from desktop_client.reporting.document import Document, numbered
from desktop_client.reporting.sections.classes import thresholds, what_was_answered
from desktop_client.reporting.sections.confidence import believing_it
from desktop_client.reporting.sections.course import how_it_learnt
from desktop_client.reporting.sections.data import the_images
from desktop_client.reporting.sections.earlier import earlier_trainings
from desktop_client.reporting.sections.limits import ethics, intended_use, limits, out_of_scope
from desktop_client.reporting.sections.methods import how_numbers_were_made
from desktop_client.reporting.sections.mistakes import surest_mistakes
from desktop_client.reporting.sections.origin import the_model
from desktop_client.reporting.sections.overview import in_brief
from desktop_client.reporting.sections.scanners import scanner_by_scanner, seeing_the_scanner
from desktop_client.reporting.subject import NOTICE, Subject

PICTURED: Final = "Contains images of patients."
"""On every page, where there are any."""


def report_on(subject: Subject) -> Document:
    """Compose all chapters; each heading of a model card has its place among them."""
    name, when = subject.record.model_name, words.moment(subject.quality.made_at)
    return numbered(
        Document(
            title="How good is this model?",
            subtitle=f"{name} · measured {when}",
            running_title=f"SiteBlind · {name} · {when}",
            notice=f"{NOTICE} {PICTURED}" if subject.pictures else NOTICE,
            sections=(
                in_brief(subject),
                intended_use(subject),
                out_of_scope(),
                limits(subject),
                the_model(subject),
                the_images(subject),
                how_it_learnt(subject),
                what_was_answered(subject),
                thresholds(subject),
                believing_it(subject),
                scanner_by_scanner(subject),
                seeing_the_scanner(subject),
                surest_mistakes(subject),
                earlier_trainings(subject),
                ethics(subject),
                how_numbers_were_made(),
            ),
        )
    )
