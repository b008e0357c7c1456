"""How good the answers are, class by class, and at which threshold."""

from desktop_client.reporting import words
from desktop_client.reporting.charts import Curve, percent_axis, square_chart, style
from desktop_client.reporting.document import Block, Figure, Paragraph, Section, Table
from desktop_client.reporting.subject import Subject
from desktop_client.training.quality import ClassQuality, Judgement

CHART_SIDE = 190.0
NAMED_COLUMNS = 6
"""With more classes, the columns of the confusion matrix have numbers instead of names."""


def what_was_answered(subject: Subject) -> Section:
    """Tell sensitivity and specificity of each class, and what was taken for what."""
    judged = subject.quality.together
    return Section(
        "What was answered",
        (
            class_table(judged),
            Paragraph(
                "The model’s own answer is its most probable class. Sensitivity: of the images of "
                "a class, how many are answered so. Specificity: of all others, how many are not. "
                "AUC: how often an image of the class gets a higher probability for it than one "
                "of another class.",
                "note",
            ),
            confusion_table(subject),
        ),
    )


def class_table(judged: Judgement) -> Table:
    """Tell the measures of each class."""
    return Table(
        "Each class against all others, on the held-out images.",
        ("Class", "Images", "AUC", "Sensitivity", "Specificity"),
        tuple(
            (
                quality.name,
                f"{quality.positive_count:,}",
                words.number(quality.auc, quality.auc_interval),
                words.share(quality.sensitivity),
                words.share(quality.specificity),
            )
            for quality in judged.classes
        ),
    )


def confusion_table(subject: Subject) -> Table:
    """Tell what was taken for what; darker where there is more of the row."""
    names, confusion = subject.quality.class_names, subject.quality.together.confusion
    is_named = len(names) <= NAMED_COLUMNS
    heads = names if is_named else tuple(f"{n}" for n in range(1, len(names) + 1))
    rows = tuple(name if is_named else f"{n} {name}" for n, name in enumerate(names, 1))
    return Table(
        "Rows are what readers said, columns what the model answered, in images; darker: a "
        "larger share of the row.",
        ("Readers said", *heads, "All"),
        tuple(
            (name, *(f"{count:,}" for count in counts), f"{sum(counts):,}")
            for name, counts in zip(rows, confusion, strict=True)
        ),
        shades=tuple(tuple(c / max(1, sum(counts)) for c in counts) for counts in confusion),
    )


def thresholds(subject: Subject) -> Section:
    """Draw the curves, and tell what a threshold for the wanted sensitivity would do."""
    judged = subject.quality.together
    defined = [quality for quality in judged.classes if quality.roc is not None]
    blocks: list[Block] = []
    if defined:
        blocks.append(_curves(defined, subject.wanted_sensitivity))
    else:
        blocks.append(
            Paragraph(
                "There is no curve: it is undefined, since the held-out images are all of one "
                "class."
            )
        )
    blocks.append(operating_points(subject))
    blocks.append(
        Paragraph(
            "A threshold is chosen on these very images; on new ones it will do a little worse. "
            "Whoever uses one fixes it beforehand, on other images.",
            "note",
        )
    )
    return Section("Choosing a threshold", tuple(blocks))


def operating_points(subject: Subject) -> Table:
    """Tell for each class the strictest threshold that finds the wanted share."""
    wanted = subject.wanted_sensitivity
    return Table(
        f"The strictest threshold that finds at least {words.percent(wanted)} of a class.",
        ("Class", "Threshold of probability", "Sensitivity", "Specificity"),
        tuple(_operating_point(q, wanted) for q in subject.quality.together.classes),
    )


def _operating_point(quality: ClassQuality, wanted: float) -> tuple[str, str, str, str]:
    if quality.roc is None:
        return quality.name, words.UNDEFINED, words.UNDEFINED, words.UNDEFINED
    place = quality.roc.point(wanted)
    return (
        quality.name,
        f"{quality.roc.thresholds[place]:.2f}",
        words.percent(quality.roc.sensitivities[place]),
        words.percent(1 - quality.roc.false_positive_rates[place]),
    )


def _curves(defined: list[ClassQuality], wanted: float) -> Figure:
    curves = [Curve("guessing", ((0.0, 0.0), (1.0, 1.0)), "muted", (2, 2))]
    told = []
    for place, quality in enumerate(defined):
        roc = quality.roc
        if roc is None:
            continue
        points = tuple(zip(roc.false_positive_rates, roc.sensitivities, strict=True))
        ink, dash, shape = style(place)
        area = words.number(quality.auc, quality.auc_interval)
        name = f"{quality.name}: AUC {area}"
        curves.append(Curve(name, points, ink, dash, (points[roc.point(wanted)],), shape))
        told.append(name)
    chart = square_chart(
        [*curves[1:], curves[0]],
        percent_axis("false alarms among all others"),
        percent_axis("found of the class"),
        CHART_SIDE,
    )
    description = f"ROC curves. {'; '.join(told)}."
    caption = (
        "ROC curves: found among those of the class (sensitivity) against false alarms among all "
        f"others (1 − specificity). The mark is the threshold that finds {words.percent(wanted)}."
    )
    return Figure(caption, ((chart, description),))
