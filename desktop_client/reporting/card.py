"""A model card: who may use a model for what, and how well it does, on a page or two.

Source:
    Mitchell et al. 2019, https://doi.org/10.1145/3287560.3287596, section 4.
"""

from desktop_client.reporting import words
from desktop_client.reporting.document import Document, Facts, Paragraph, Section
from desktop_client.reporting.sections.classes import class_table, confusion_table, operating_points
from desktop_client.reporting.sections.data import learnt_and_held_out, left_out
from desktop_client.reporting.sections.limits import ethics, intended_use, limits, out_of_scope
from desktop_client.reporting.sections.origin import facts
from desktop_client.reporting.sections.scanners import (
    class_by_scanner_table,
    scanner_table,
    seeing_the_scanner,
)
from desktop_client.reporting.subject import NOTICE, Subject


def card_of(subject: Subject) -> Document:
    """Compose a card under the paper's headings."""
    name, when = subject.record.model_name, words.moment(subject.quality.made_at)
    return Document(
        title=f"Model card: {name}",
        subtitle=f"Measured {when}, on this site’s held-out images.",
        running_title=name,
        notice=NOTICE,
        sections=(
            Section("Model details", (Facts(facts(subject)),)),
            intended_use(subject),
            out_of_scope(),
            _factors(subject),
            _metrics(subject),
            Section(
                "Training and evaluation data", (*learnt_and_held_out(subject), *left_out(subject))
            ),
            _results(subject),
            ethics(subject),
            limits(subject),
        ),
    )


def _factors(subject: Subject) -> Section:
    scanners = [words.scanner(judged.domain) for judged in subject.quality.by_domain]
    return Section(
        "Factors",
        (
            Paragraph(
                f"Results are told by class and by scanner ({', '.join(scanners)}). Nothing else "
                "about patients or images is known to the program."
            ),
        ),
    )


def _metrics(subject: Subject) -> Section:
    judged = subject.quality.together
    return Section(
        "Metrics",
        (
            Facts(
                (
                    ("Judged right", words.share(judged.accuracy)),
                    ("Mean AUC over classes", words.number(words.mean_auc_of(subject.quality))),
                    ("Confidence off by", words.percent(judged.calibration.expected_error)),
                )
            ),
            Paragraph(
                "In brackets: 95 % intervals. Shares: Wilson; AUC: bootstrap over patients. "
                "“Undefined”: the held-out images cannot tell."
            ),
        ),
    )


def _results(subject: Subject) -> Section:
    return Section(
        "Results by group",
        (
            class_table(subject.quality.together),
            confusion_table(subject),
            operating_points(subject),
            scanner_table(subject),
            class_by_scanner_table(subject),
            *seeing_the_scanner(subject).blocks[:1],
        ),
    )
