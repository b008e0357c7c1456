"""The model among the others of the site."""

from desktop_client.reporting import words
from desktop_client.reporting.document import Paragraph, Section, Table
from desktop_client.reporting.subject import Subject
from desktop_client.training.quality import QualityReport


def earlier_trainings(subject: Subject) -> Section:
    """Put the models of the site side by side."""
    if not subject.earlier:
        return Section("Earlier trainings", (Paragraph("There is no other to compare it with."),))
    rows = (_row(subject.quality, "this model"), *(_row(r, "") for r in subject.earlier))
    return Section(
        "Earlier trainings",
        (
            Table(
                "Models of this site, the newest first.",
                (
                    *("Measured", "Extractor", "Learnt from", "Held out", "Judged right"),
                    *("Mean AUC", "Confidence off by", "Scanner told"),
                ),
                rows,
                text_columns=frozenset({1}),
            ),
            Paragraph(
                "Compare with care: each was judged by the images that were held out then, which "
                "need not be the same. Differences within the intervals may be chance, and whoever "
                "trains often and keeps the best will find it a little worse on new images.",
                "note",
            ),
        ),
    )


def _row(report: QualityReport, remark: str) -> tuple[str, ...]:
    judged, told = report.together, report.leakage
    when = words.moment(report.made_at)
    return (
        f"{when} ({remark})" if remark else when,
        report.record.design.extractor,
        f"{report.training_count:,}",
        f"{judged.image_count:,}",
        words.share(judged.accuracy),
        words.number(words.mean_auc_of(report)),
        words.percent(judged.calibration.expected_error),
        "unknown" if told is None else words.percent(told.trained),
    )
