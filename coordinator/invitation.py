"""What a hospital needs to join a study, as one string that survives being mailed and copied.

Pure and shared: the coordinator writes it, the site reads it. It holds a one-time code: whoever
reads it can join in the hospital's place.

It is read wherever it stands in a text: case, spaces, line breaks, quotation marks and what comes
before and after are of no meaning, and its length and a checksum are part of it.
"""

import base64
import binascii
import hashlib
import re
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from coordinator.errors import InvitationUnreadableError

CODE_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base32, without letters that look like digits; https://www.crockford.com/base32.html"""
MISREAD: Final = str.maketrans("OIL", "011")
MARK: Final = "SITEBLIND1"
"""Where an invitation begins; the digit is the version of what follows."""
LONGEST_TEXT: Final = 100_000
"""Characters of a mail that somebody pastes as a whole; more is not looked through."""

_RFC4648: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_TO_CODE: Final = str.maketrans(_RFC4648, CODE_ALPHABET)
_FROM_CODE: Final = str.maketrans(CODE_ALPHABET, _RFC4648)
_GROUP: Final = 8
_LENGTH_BYTES: Final = 2
_CHECKSUM_BYTES: Final = 4


@dataclass(frozen=True, slots=True)
class Invitation:
    """Who invites whom to what. Holds the code: never log it.

    Attributes:
        address: Of the coordinator, such as ``https://study.example.org``.
        study_id: The study that the code is for.
        code: One-time enrolment code.
        fingerprint: SHA-256 of the coordinator's certificate when the invitation was written, in
            hexadecimal; empty where the coordinator does not know its certificate.
    """

    address: str
    study_id: str
    code: str
    fingerprint: str = ""


def fingerprint_of(certificate_pem: str) -> str:
    """Return the SHA-256 of the first certificate in a PEM file, which is the server's own.

    Raises:
        ValueError: if there is none.
    """
    found = re.search(
        r"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", certificate_pem, re.DOTALL
    )
    if found is None:
        raise ValueError("there is no certificate in it")
    return hashlib.sha256(ssl.PEM_cert_to_DER_cert(found[0])).hexdigest()


def write_invitation(invitation: Invitation) -> str:
    """Return an invitation as one string, such as ``SITEBLIND1-0MSP8QK1-…``."""
    fields = (
        invitation.address.encode(),
        invitation.study_id.encode(),
        invitation.code.encode(),
        bytes.fromhex(invitation.fingerprint),
    )
    content = b"".join(len(field).to_bytes(1, "big") + field for field in fields)
    counted = len(content).to_bytes(_LENGTH_BYTES, "big") + content
    signs = base64.b32encode(counted + _checksum(counted)).decode().rstrip("=")
    signs = signs.translate(_TO_CODE)
    groups = [signs[start : start + _GROUP] for start in range(0, len(signs), _GROUP)]
    return "-".join((MARK, *groups))


def read_invitation(text: str) -> Invitation:
    """Find and read the invitation in a text, for example in a whole mail.

    Raises:
        InvitationUnreadableError: if there is none, or it is damaged.
    """
    signs = "".join(re.findall(r"[0-9A-Z]", text[:LONGEST_TEXT].upper()))
    signs = signs.translate(MISREAD)
    begun = [found.end() for found in re.finditer(MARK.translate(MISREAD), signs)]
    if not begun:
        raise InvitationUnreadableError(
            f"There is no invitation in this text; it begins with {MARK}. Copy it once more from "
            "the message of the study's owner"
        )
    for start in begun:
        content = _whole(signs[start:])
        if content is not None:
            return _parse(content)
    raise InvitationUnreadableError(
        "The invitation is not whole: something of it is missing or altered. Copy it once more, "
        "from its first to its last character"
    )


def _whole(signs: str) -> bytes | None:
    """Return what follows a mark, if its checksum is right."""
    symbols = signs.translate(_FROM_CODE)
    head = _decoded(symbols[:_GROUP])
    length = int.from_bytes(head[:_LENGTH_BYTES], "big") + _LENGTH_BYTES
    raw = _decoded(symbols[: -(-8 * (length + _CHECKSUM_BYTES) // 5)])
    counted, checksum = raw[:length], raw[length:]
    is_whole = len(counted) == length and checksum == _checksum(counted)
    return counted[_LENGTH_BYTES:] if is_whole else None


def _decoded(symbols: str) -> bytes:
    try:
        return base64.b32decode(symbols + "=" * (-len(symbols) % 8))
    except binascii.Error:  # a length that no bytes have, or the letter U
        return b""


def _parse(content: bytes) -> Invitation:
    try:
        address, study_id, code, fingerprint = _fields(content)
        return Invitation(address.decode(), study_id.decode(), code.decode(), fingerprint.hex())
    except ValueError as error:
        raise InvitationUnreadableError(
            "The invitation was written by another version of SiteBlind; update this program"
        ) from error


def _fields(content: bytes) -> Iterator[bytes]:
    while content:
        end = 1 + content[0]
        yield content[1:end]
        content = content[end:]


def _checksum(counted: bytes) -> bytes:
    return hashlib.sha256(counted).digest()[:_CHECKSUM_BYTES]
