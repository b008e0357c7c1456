"""Names that stand for patients, images and scanners; nobody finds the way back without the key.

The same original always gets the same pseudonym from one installation, and another from any
other. All are drawn from an HMAC-SHA-256, so the key and a list of patients would be needed to
find whom one stands for.
"""

import base64
import hmac
from datetime import date, timedelta
from typing import Final
from uuid import UUID

_SHORTEST_SHIFT_DAYS: Final = 400
_LONGEST_SHIFT_DAYS: Final = 3650
"""Always back, so that no date of a copy lies in the future; over a year, so that a copy's date
says nothing of the season."""

_NAME_LENGTH: Final = 12
"""Characters of base32, 60 bits: two of a million patients share one with probability 4e-7."""


class Pseudonyms:
    """Draws pseudonyms from one installation's key."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def patient(self, group: str) -> str:
        """Return the name that stands for a patient, like ``P-7QX2M4KD9ABC``."""
        return f"P-{self._name('patient', group)}"

    def scanner(self, domain_id: UUID) -> str:
        """Return the name that stands for a scanner."""
        return f"S-{self._name('scanner', str(domain_id))}"

    def image(self, file_digest: str) -> str:
        """Return the name that stands for a file."""
        return f"I-{self._name('image', file_digest)}"

    def uid(self, uid: str) -> str:
        """Return the identifier that takes another's place, wherever that is referred to.

        Source:
            DICOM PS3.5, annex B.2: ``2.25.`` and a UUID as a decimal number; RFC 9562, section
            5.8: version 8 leaves how the bits are made to the program.
        """
        bits = bytearray(self._digest("uid", uid)[:16])
        bits[6] = bits[6] & 0x0F | 0x80
        bits[8] = bits[8] & 0x3F | 0x80
        return f"2.25.{int.from_bytes(bits)}"

    def shifted(self, day: date, group: str) -> date:
        """Move a date by as many days as all dates of this patient; intervals stay."""
        number = int.from_bytes(self._digest("dates", group)[:8])
        span = _LONGEST_SHIFT_DAYS - _SHORTEST_SHIFT_DAYS + 1
        return day - timedelta(days=_SHORTEST_SHIFT_DAYS + number % span)

    def _name(self, kind: str, text: str) -> str:
        return base64.b32encode(self._digest(kind, text)).decode()[:_NAME_LENGTH]

    def _digest(self, kind: str, text: str) -> bytes:
        return hmac.digest(self._key, f"{kind}:{text}".encode(), "sha256")
