"""Which model this is, and with what it was made."""

from desktop_client.reporting import words
from desktop_client.reporting.document import Facts, Paragraph, Section, Table
from desktop_client.reporting.subject import Subject
from desktop_client.training.record import ModelRecord


def the_model(subject: Subject) -> Section:
    """Tell what identifies the model, and what it is made of."""
    return Section("The model", (Facts(facts(subject)),))


def facts(subject: Subject) -> tuple[tuple[str, str], ...]:
    """Return what identifies a model, and the versions of what made it."""
    record, quality = subject.record, subject.quality
    origin = (
        f"The study “{record.model_name}”: trained by several sites, of which only this one’s "
        "images are judged here"
        if subject.is_of_study
        else "Trained at this site alone, outside any study"
    )
    versions = record.versions
    return (
        ("Name", record.model_name),
        ("Origin", origin),
        ("Measured", words.moment(quality.made_at)),
        ("Classes", ", ".join(quality.class_names)),
        ("Progress", _progress(subject)),
        ("Feature extractor", f"{record.design.extractor}, {record.design.feature_dim} features"),
        ("Input", _input(record)),
        ("Confidence", _temperature(record)),
        ("Computed on", record.device),
        (
            "Programs",
            f"SiteBlind {versions.siteblind}, PyTorch {versions.torch}, Python {versions.python}",
        ),
        ("File’s SHA-256", record.model_digest),
    )


def settings_table(subject: Subject) -> Table:
    """List every setting of the method as it was in force."""
    record = subject.record
    unit = "rounds" if subject.is_of_study else "passes over the images"
    pairs = [
        (f"Planned {unit}", str(record.stage_count)),
        ("Seed", str(record.seed)),
        *((_spoken(name), _value(value)) for name, value in record.method),
    ]
    half = (len(pairs) + 1) // 2
    rows = [
        (*left, *right)
        for left, right in zip(pairs[:half], [*pairs[half:], ("", "")], strict=False)
    ]
    return Table(
        "Settings, named as in a study’s file.",
        ("Setting", "Value", "Setting", "Value"),
        tuple(rows),
        text_columns=frozenset({1, 2, 3}),
    )


def settings_note() -> Paragraph:
    """Say what the settings are for."""
    return Paragraph(
        "With the same settings, images, versions and a processor, training gives the same model "
        "again, bit for bit.",
        "note",
    )


def _progress(subject: Subject) -> str:
    record = subject.record
    done, planned = record.done_count, record.stage_count
    if subject.is_of_study:
        return f"After round {done} of {planned}"
    said = f"{done} of {planned} passes over the images"
    return said if done >= planned else f"{said}; the training was paused or stopped"


def _input(record: ModelRecord) -> str:
    side, channels = record.input.size_px, record.input.channels
    colour = "colour" if channels == 3 else "grey"
    return f"{side} × {side} pixels, {colour}, intensities by “{_spoken(record.input.intensity)}”"


def _temperature(record: ModelRecord) -> str:
    if record.temperature is None:
        return "Not adjusted: there were too few held-out images to fit a temperature"
    return f"Adjusted by a temperature of {record.temperature:.2f}, fitted on the held-out images"


def _spoken(name: str) -> str:
    return name.replace("_", " ")


def _value(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else _spoken(str(value))
