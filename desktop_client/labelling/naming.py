"""How names that people type are written, so that the same name is the same text."""

import unicodedata


def clean(name: str) -> str:
    """Collapse white space, and write accents as one character: file systems split them."""
    return unicodedata.normalize("NFC", " ".join(name.split()))
