"""Secrets that sites and owners show: how they are made, carried, hashed and compared.

None is ever kept or logged; the tables hold SHA-256 hashes. A plain hash is enough, since 100 and
256 random bits cannot be guessed from it the way a password can.
"""

import hashlib
import hmac
import re
import secrets
from typing import Final

_BEARER: Final = re.compile(r"Bearer ([A-Za-z0-9_-]{43})", re.IGNORECASE)


def new_credential() -> str:
    """Return 256 random bits as 43 URL-safe characters."""
    return secrets.token_urlsafe(32)


def bearer_credential(header: str | None) -> str | None:
    """Return the credential in an ``Authorization`` header, or None if it holds none."""
    match = _BEARER.fullmatch(header or "")
    return None if match is None else match[1]


def hash_of(secret: str) -> str:
    """Return what the tables keep of a secret: 64 hexadecimal digits."""
    # A form may hold what is no text at all; it has a hash like any wrong secret.
    return hashlib.sha256(secret.encode(errors="surrogatepass")).hexdigest()


def is_hash_of(kept: str, secret: str) -> bool:
    """Compare a secret with a kept hash, in a time that tells nothing about where they differ."""
    return hmac.compare_digest(kept, hash_of(secret))


def printable(name: str) -> str:
    """Blank what a terminal might obey, and what PostgreSQL cannot keep."""
    return "".join(sign if sign.isprintable() else " " for sign in name)
