"""Which images the model learnt from, and by which it is judged."""

from collections.abc import Iterator

from desktop_client.reporting import words
from desktop_client.reporting.document import Paragraph, Section, Table
from desktop_client.reporting.subject import Subject
from desktop_client.training.record import GroupAmount


def the_images(subject: Subject) -> Section:
    """Count images and patients."""
    return Section("The images", (*learnt_and_held_out(subject), *left_out(subject)))


def learnt_and_held_out(subject: Subject) -> tuple[Paragraph, Table]:
    """Say how images were held out, and count both sides by class and scanner."""
    total = subject.record.amount()
    where = "At this site, the" if subject.is_of_study else "The"
    text = (
        f"{where} model learnt from {words.images(total.learnt.images)} of "
        f"{words.patients(total.learnt.patients)}; {words.images(total.held_out.images)} of "
        f"{words.patients(total.held_out.patients)} were held out. Whole patients are held out: "
        "nobody is on both sides."
    )
    return Paragraph(text), amounts_table(subject)


def amounts_table(subject: Subject) -> Table:
    """Count images and patients by class and scanner, then by class, then all."""
    return Table(
        "Images and patients by class and scanner.",
        ("Class", "Scanner", "Learnt from", "of patients", "Held out", "of patients"),
        tuple(_rows(subject)),
        text_columns=frozenset({1}),
        total_count=len(subject.quality.class_names) + 1,
    )


def left_out(subject: Subject) -> Iterator[Paragraph | Table]:
    """Say what could not be used, and why; no file is named."""
    reasons = subject.record.left_out
    if not reasons:
        yield Paragraph("No labelled image was left out.")
        return
    count = sum(reason.count for reason in reasons)
    were = "was" if count == 1 else "were"
    yield Paragraph(f"{words.images(count)} could not be read and {were} left out.")
    yield Table(
        "Why images were left out.",
        ("Reason", "Images"),
        tuple((reason.reason, f"{reason.count:,}") for reason in reasons),
    )


def _rows(subject: Subject) -> Iterator[tuple[str, ...]]:
    record, quality = subject.record, subject.quality
    for lesion_class, name in enumerate(quality.class_names):
        for domain, judged in enumerate(quality.by_domain):
            amount = record.amount(lesion_class, domain)
            yield name, words.scanner(judged.domain), *_cells(amount)
    for lesion_class, name in enumerate(quality.class_names):
        yield name, "all scanners", *_cells(record.amount(lesion_class))
    yield "All classes", "all scanners", *_cells(record.amount())


def _cells(amount: GroupAmount) -> tuple[str, str, str, str]:
    learnt, held_out = amount.learnt, amount.held_out
    return (
        f"{learnt.images:,}",
        f"{learnt.patients:,}",
        f"{held_out.images:,}",
        f"{held_out.patients:,}",
    )
