"""How good a model trained at this site alone is, kept beside the membership. No torch."""

from datetime import datetime
from typing import Final

from pydantic import ValidationError

from coordinator.protocol import LesionMetrics
from desktop_client.durable import write_durably
from desktop_client.errors import MembershipError
from desktop_client.federation.sent import Kept
from desktop_client.paths import Home

ALONE_FILE: Final = "alone.json"


class AloneRecord(Kept):
    """A training at this site alone, by the study's description.

    Attributes:
        validation: On the site's held-out images.
        step_count: As many as the study's rounds have together.
        trained_at: When it was over.
    """

    validation: LesionMetrics
    step_count: int
    trained_at: datetime


def keep_alone(home: Home, study_id: str, record: AloneRecord) -> None:
    """Keep the record, in the place of an earlier one.

    Raises:
        MembershipError: if it cannot be written.
    """
    path = home.memberships_path / study_id / ALONE_FILE
    try:
        write_durably(path, record.model_dump_json(indent=1).encode())
    except OSError as error:
        raise MembershipError(f"{path} cannot be written: {error.strerror}") from error


def alone_of(home: Home, study_id: str) -> AloneRecord | None:
    """Return the record; None if nothing was trained alone, or it cannot be read."""
    try:
        text = (home.memberships_path / study_id / ALONE_FILE).read_text(encoding="utf-8")
        return AloneRecord.model_validate_json(text)
    except (OSError, UnicodeDecodeError, ValidationError):
        return None
