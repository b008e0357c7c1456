"""What the model is for, what not, and what its numbers do not say."""

from collections.abc import Iterator

from desktop_client.reporting import words
from desktop_client.reporting.document import Bullets, Paragraph, Section
from desktop_client.reporting.subject import NOTICE, Subject

FEW_IMAGES = 30
"""Of a class, below which a share says little: of 30, its interval spans some 30 points."""


def intended_use(subject: Subject) -> Section:
    """Say who may use it for what."""
    classes = ", ".join(subject.quality.class_names)
    return Section(
        "Intended use",
        (
            Paragraph(NOTICE),
            Bullets(
                (
                    f"Research on telling apart {classes} in images like those described here.",
                    "Suggesting labels to readers who judge each image themselves.",
                    "Comparing ways to train, for instance with and without other sites.",
                    "Users are researchers and clinical staff who know these limits.",
                )
            ),
        ),
    )


def out_of_scope() -> Section:
    """Say what it must not be used for."""
    return Section(
        "Out of scope",
        (
            Bullets(
                (
                    "Diagnosis, triage, treatment, or any decision about a patient.",
                    "Images of other body parts, lesions, devices or ways of taking them than "
                    "those it learnt from.",
                    "Lesions of other classes: whatever it is shown, it answers one of those it "
                    "knows.",
                    "Unattended use: its answers are to be seen by a person.",
                )
            ),
        ),
    )


def ethics(subject: Subject) -> Section:
    """Say what the program knows of patients, and what it therefore cannot tell."""
    where = "stayed at their sites" if subject.is_of_study else "stayed at this site"
    return Section(
        "Ethical considerations",
        (
            Bullets(
                (
                    f"The images {where}. A model can still reveal something of the images it "
                    "learnt from; hand it on only to those who may have it.",
                    "Age, sex and skin tone are not recorded here, so that nobody knows whether it "
                    "does worse for some people. Have that looked at before any study in which "
                    "people could be affected.",
                    "Labels are readers’ judgements; the model repeats their errors and habits.",
                )
            ),
        ),
    )


def limits(subject: Subject) -> Section:
    """Say in plain words what to bear in mind."""
    return Section("Caveats", (Bullets(tuple(_limits(subject))),))


def _limits(subject: Subject) -> Iterator[str]:
    quality, record = subject.quality, subject.record
    judged = quality.together
    yield (
        f"It is judged by {words.images(judged.image_count)} of "
        f"{words.patients(judged.patient_count)} of this site. That says little about other "
        "hospitals, scanners and patients."
    )
    if len(quality.by_domain) == 1:
        yield "All images are of one scanner; at another it may fail without any sign of it."
    for told in judged.classes:
        if told.auc is None:
            yield f"For {told.name} most measures are undefined: the held-out images cannot tell."
        elif told.positive_count < FEW_IMAGES:
            yield (
                f"Only {words.images(told.positive_count)} of {told.name} "
                f"{'is' if told.positive_count == 1 else 'are'} held out: what is said of this "
                "class is hardly more than an impression."
            )
    if record.done_count < record.stage_count:
        yield "Its training is not complete."
    if record.left_out:
        count = sum(reason.count for reason in record.left_out)
        yield f"{words.images(count)} could not be read; if they are unlike the others, it matters."
    if record.temperature is not None:
        yield (
            "Confidence was adjusted on the images that it is judged by; on new ones it is "
            "believed a little too much."
        )
    yield (
        "The held-out images were looked at after every "
        f"{'round' if subject.is_of_study else 'pass'}. Whoever chooses among many trainings by "
        "them needs other images for a last, honest test."
    )
    yield "Intervals tell of chance alone, not of wrong labels or of images unlike these."
