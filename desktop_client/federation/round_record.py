"""What this site keeps of every round: its part in it, how it did, and exactly what it sent.

A small file for each round beside the membership; values that were sent are not kept. Never loads
torch.
"""

import logging
from collections.abc import Generator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, TypeVar

from pydantic import ValidationError

from coordinator.protocol import LesionMetrics
from desktop_client.durable import write_durably
from desktop_client.errors import MembershipError
from desktop_client.federation.events import (
    ParametersLoaded,
    RoundJoined,
    RoundTrained,
    RoundWaited,
    UpdatePrepared,
    UpdateRefused,
    UpdateSent,
)
from desktop_client.federation.sent import Kept, SentUpdate
from desktop_client.paths import Home

logger = logging.getLogger(__name__)

ROUNDS_FOLDER: Final = "rounds"
Event = TypeVar("Event")


class RoundRecord(Kept):
    """One round as this site saw it; 0 is the model that the study began with.

    Attributes:
        is_picked: Whether the site was picked; None if it never heard.
        picked_at: When it first heard so.
        before: How the model that it trained from does on its held-out images.
        after: How its own model does there after its training, before any averaging.
        shared: How the round's shared model does there.
        sent: What it sent; None if nothing.
        is_accepted: Whether the coordinator has said that it has it.
        refusal: Why it would not have it; empty if it did not refuse.
    """

    round_number: int
    is_picked: bool | None = None
    picked_at: datetime | None = None
    before: LesionMetrics | None = None
    after: LesionMetrics | None = None
    shared: LesionMetrics | None = None
    sent: SentUpdate | None = None
    is_accepted: bool = False
    refusal: str = ""


def rounds_of(home: Home, study_id: str) -> dict[int, RoundRecord]:
    """Return every round that this site has a record of, by number; damaged ones are left out."""
    found = {}
    for path in sorted(_folder(home, study_id).glob("*.json")):
        record = _read(path)
        if record is not None:
            found[record.round_number] = record
    return found


def recorded(home: Home, study_id: str, events: Generator[Event]) -> Generator[Event]:
    """Yield events, each only after what it tells of a round is durable.

    Raises:
        MembershipError: if it cannot be kept.
    """
    rounds = rounds_of(home, study_id)
    try:
        for event in events:
            told = _told_by(event)
            if told is not None:
                number, changes = told
                before = rounds.get(number, RoundRecord(round_number=number))
                after = _changed(before, changes)
                if after != before:
                    _write(home, study_id, after)
                    rounds[number] = after
            yield event
    finally:
        events.close()


def _told_by(event: object) -> tuple[int, dict[str, Any]] | None:
    match event:
        case RoundWaited(round_number=number, picked_count=picked_count) if picked_count:
            return number, {"is_picked": event.is_picked}
        case RoundJoined(round_number=number):
            return number, {"is_picked": True, "refusal": ""}
        case RoundTrained(number, before, after):
            return number, {"before": before, "after": after}
        case UpdatePrepared(number, update):
            return number, {"sent": update}
        case UpdateSent(round_number=number):
            return number, {"is_accepted": True}
        case UpdateRefused(number, sentence):
            return number, {"refusal": sentence}
        case ParametersLoaded(round_number=number):
            return number, {"shared": event.validation}
    return None


def _changed(before: RoundRecord, changes: dict[str, Any]) -> RoundRecord:
    if "is_picked" in changes:
        # A site that was picked once in a round has been, whoever is picked in a later attempt.
        changes["is_picked"] = changes["is_picked"] or bool(before.is_picked)
        if changes["is_picked"] and before.picked_at is None:
            changes["picked_at"] = datetime.now(UTC)
    return before.model_copy(update=changes)


def _write(home: Home, study_id: str, record: RoundRecord) -> None:
    path = _folder(home, study_id) / f"{record.round_number:06}.json"
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_durably(path, record.model_dump_json(indent=1).encode())
    except OSError as error:
        raise MembershipError(
            f"What leaves this site cannot be put on record: {path} cannot be written, "
            f"{error.strerror}. Nothing is sent without; make room, then take part again"
        ) from error


def _read(path: Path) -> RoundRecord | None:
    try:
        return RoundRecord.model_validate_json(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, ValidationError):
        logger.warning("The record of a round, %s, cannot be read and is left out", path.name)
        return None


def _folder(home: Home, study_id: str) -> Path:
    return home.memberships_path / study_id / ROUNDS_FOLDER
