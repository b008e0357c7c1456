"""What the user set, kept as JSON in the user's folder."""

from pathlib import Path
from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from coordinator.study import Augmentation, ExtractorName, Method
from desktop_client.durable import write_durably
from desktop_client.errors import SettingsError


class ClientSettings(BaseModel):
    """Every setting with its default.

    Keys that this version does not know are kept, so that trying an older program does not cost
    what a newer one had stored.
    """

    model_config = ConfigDict(frozen=True, extra="allow")

    site_name: str = Field(default="", max_length=200)
    reader_name: str = Field(default="", max_length=200)
    """Who is recorded with each label."""
    last_folder: Path | None = None
    thumbnail_size_px: int = Field(default=144, ge=96, le=320)
    order: str = Field(default="as imported", max_length=40)
    """Of the images in the grid; one that is not offered is as if none were set."""
    side_width_px: int | None = Field(default=None, ge=100, le=4000)
    """Of what stands beside the images, as it was dragged."""
    auto_advance: bool = True
    """Whether a label given by key goes on to the next image."""
    suggestions_shown_first: bool = False
    """Whether a model suggestion is seen before the reader's own label."""
    low_confidence_percent: int = Field(default=75, ge=1, le=100)
    keys: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    """By command, the keys chosen instead of its defaults."""
    theme: Literal["system", "light", "dark"] = "system"
    language: Literal["system", "en", "de"] = "system"
    is_welcomed: bool = False
    """Whether the questions of the first start were answered or skipped."""
    is_update_check_wanted: bool = False
    update_looked_at: AwareDatetime | None = None
    """When a newer version was last looked for unasked; once a day is enough."""
    declined_version: str = Field(default="", max_length=40)
    """The newer version that the person does not want to hear of again."""
    epoch_count: int = Field(default=20, ge=1, le=1000)
    device: Literal["automatic", "cpu", "cuda", "mps"] = "automatic"
    extractor: ExtractorName = "small_cnn"
    weights_path: Path | None = None
    """Of the file that this extractor begins from; None for what it has itself."""
    augmentation: Augmentation = "flips"
    """Mirrored, a lesion is the same lesion; all else that could be varied, scanners vary too."""
    adversarial_weight: float = Field(default=Method().adversarial_weight, ge=0, le=100)
    batch_size: int = Field(default=Method().batch_size, ge=2, le=4096)
    seed: int = Field(default=0, ge=0, lt=2**31)
    is_mixed_precision: bool = False
    is_deterministic: bool = False
    uses_all_cards: bool = False
    """Whether each batch is shared out among all graphics cards. Small networks and images are
    quicker on one, and so is what most sites begin with."""
    window_geometry: str | None = None
    """Qt's own bytes in base64."""
    help_geometry: str | None = None
    """The same of the help window."""


def load_settings(path: Path) -> ClientSettings:
    """Read the settings; without a file they are the defaults.

    Raises:
        SettingsError: if the file cannot be read or a value is impossible; it is left as it is.
    """
    try:
        return ClientSettings.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return ClientSettings()
    except OSError as error:
        raise SettingsError(f"The settings {path} cannot be read: {error.strerror}.") from error
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        where = f"{key}: " if key else ""
        raise SettingsError(
            f"The settings {path} are damaged ({where}{first['msg']}). "
            "Correct the file, or delete it to start from the defaults."
        ) from error


def save_settings(path: Path, settings: ClientSettings) -> None:
    """Write the settings so that a crash leaves either the old file or the new one.

    Raises:
        SettingsError: if the file cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_durably(path, settings.model_dump_json(indent=2).encode() + b"\n")
    except OSError as error:
        raise SettingsError(f"The settings {path} cannot be saved: {error.strerror}.") from error
