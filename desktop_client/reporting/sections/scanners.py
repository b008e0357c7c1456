"""Whether the model does equally well at every scanner, and whether it can tell them apart."""

from collections.abc import Iterator

from desktop_client.reporting import words
from desktop_client.reporting.charts import Span, span_chart
from desktop_client.reporting.document import Block, Figure, Paragraph, Section, Table
from desktop_client.reporting.subject import Subject
from desktop_client.training.quality import Judgement, LeakageQuality, Share

CHART_WIDTH = 430.0


def scanner_by_scanner(subject: Subject) -> Section:
    """Tell the measures of each scanner, and of each class there."""
    quality = subject.quality
    if len(quality.by_domain) == 1:
        name = words.scanner(quality.by_domain[0].domain)
        return Section(
            "Scanner by scanner",
            (
                Paragraph(
                    f"All images come from one scanner ({name}), so that nothing is known of how "
                    "the model does at another."
                ),
            ),
        )
    return Section(
        "Scanner by scanner",
        (_accuracies(subject), scanner_table(subject), class_by_scanner_table(subject)),
    )


def scanner_table(subject: Subject) -> Table:
    """Tell the measures of each scanner."""
    quality = subject.quality
    return Table(
        "Each scanner’s held-out images by themselves.",
        ("Scanner", "Images", "Patients", "Judged right", "Mean AUC", "Confidence off by"),
        (
            *(_row(words.scanner(judged.domain), judged) for judged in quality.by_domain),
            _row("All scanners", quality.together),
        ),
        total_count=1,
    )


def class_by_scanner_table(subject: Subject) -> Table:
    """Tell the measures of each class at each scanner."""
    rows = [
        (
            quality.name,
            words.scanner(judged.domain),
            f"{quality.positive_count:,}",
            words.number(quality.auc, quality.auc_interval),
            words.share(quality.sensitivity),
            words.share(quality.specificity),
        )
        for place in range(len(subject.quality.class_names))
        for judged in subject.quality.by_domain
        for quality in (judged.classes[place],)
    ]
    return Table(
        "Each class at each scanner.",
        ("Class", "Scanner", "Images", "AUC", "Sensitivity", "Specificity"),
        tuple(rows),
        text_columns=frozenset({1}),
    )


def seeing_the_scanner(subject: Subject) -> Section:
    """Tell how well the scanner can still be told from what the model sees."""
    told = subject.quality.leakage
    if told is None:
        reason = subject.quality.leakage_missing.rstrip(".")
        why = f"{reason[:1].lower()}{reason[1:]}"
        text = f"Whether the scanner can be told from what the model sees is not known: {why}."
        return Section("Does it see the scanner?", (Paragraph(text),))
    return Section("Does it see the scanner?", tuple(_leakage(told)))


def _leakage(told: LeakageQuality) -> Iterator[Block]:
    named = (
        ("From this model’s features", told.trained),
        ("From the untrained network’s", told.untrained),
        ("From the lesion alone", told.label_floor),
    )
    spans = [Span(name, share, None, None, words.percent(share)) for name, share in named]
    chance = words.percent(told.chance)
    chart = span_chart(spans, CHART_WIDTH, (told.chance, f"guessing {chance}"))
    description = "; ".join(f"{span.name}: {span.words}" for span in spans)
    yield Paragraph(
        "A fresh classifier is trained to guess the scanner from what the model makes of an "
        f"image. It succeeds in {words.percent(told.trained)} of the images, each scanner counted "
        f"alike; before training it was {words.percent(told.untrained)}, guessing gives {chance}, "
        f"and knowing the lesion alone {words.percent(told.label_floor)}, since lesions are not "
        "equally frequent at every scanner."
    )
    yield Figure(
        "How often the scanner is told rightly. Low is good, but below “from the lesion alone” "
        "the model would have lost lesions, not scanners; to be read only together with how often "
        "lesions are judged right.",
        ((chart, f"{description}; by guessing: {chance}."),),
    )


def _accuracies(subject: Subject) -> Figure:
    quality = subject.quality
    spans = [_span(words.scanner(j.domain), j.accuracy) for j in quality.by_domain]
    total = quality.together.accuracy.value or 0.0
    chart = span_chart(spans, CHART_WIDTH, (total, f"all together {words.percent(total)}"))
    description = "; ".join(f"{span.name}: {span.words}" for span in spans)
    return Figure(
        "Judged right at each scanner, with 95 % intervals. Where intervals overlap widely, the "
        "difference may be chance.",
        ((chart, f"Shares of right answers. {description}."),),
    )


def _span(name: str, counted: Share) -> Span:
    interval = counted.interval
    low, high = (None, None) if interval is None else (interval.low, interval.high)
    return Span(name, counted.value, low, high, words.share(counted))


def _row(name: str, judged: Judgement) -> tuple[str, ...]:
    has_images = judged.image_count > 0
    return (
        name,
        f"{judged.image_count:,}",
        f"{judged.patient_count:,}",
        words.share(judged.accuracy),
        words.number(words.mean_auc([quality.auc for quality in judged.classes])),
        words.percent(judged.calibration.expected_error if has_images else None),
    )
