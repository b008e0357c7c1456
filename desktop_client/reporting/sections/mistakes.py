"""The held-out images that the model judged otherwise than readers, and was surest of."""

from desktop_client.reporting import words
from desktop_client.reporting.document import Block, Notice, Paragraph, Pictures, Section, Table
from desktop_client.reporting.subject import Subject

LISTED = 12
PATIENT_DATA = (
    "The pictures below are patient data. Treat this file like the images themselves: do not send "
    "or publish it where those may not go."
)


def surest_mistakes(subject: Subject) -> Section:
    """List them, with pictures if somebody asked for those; no image is named."""
    quality = subject.quality
    wrong_count = quality.together.accuracy.total - quality.together.accuracy.count
    if not quality.wrongest:
        said = "None of the held-out images was judged otherwise than by the readers."
        return Section("Surest mistakes", (Paragraph(said),))
    listed = quality.wrongest[:LISTED]
    blocks: list[Block] = [
        Paragraph(
            f"{words.images(wrong_count)} held out "
            f"{'was' if wrong_count == 1 else 'were'} judged otherwise than by the readers; "
            f"below {'is' if len(listed) == 1 else 'are'} the {len(listed)} of which the model was "
            "surest. Either may be wrong: such images are worth a second look. The program shows "
            "them under “How good is it?”."
        ),
        Table(
            "The surest of the mistakes.",
            ("No.", "Readers said", "The model answered", "Confidence", "Scanner"),
            tuple(
                (
                    str(number),
                    wrong.said,
                    wrong.answered,
                    words.percent(wrong.confidence),
                    words.scanner(wrong.domain),
                )
                for number, wrong in enumerate(listed, 1)
            ),
            text_columns=frozenset({1, 2, 4}),
        ),
    ]
    if subject.pictures:
        caption = (
            "The same images by their numbers, each beside itself under a map of where the model "
            "looked for its answer: the lighter the colour, the more the answer depends on the "
            "place; a line surrounds the stronger half. This shows where, not why, and is no proof "
            "that an answer is right."
        )
        blocks += [Notice(PATIENT_DATA), Pictures(caption, subject.pictures)]
    return Section("Surest mistakes", tuple(blocks))
