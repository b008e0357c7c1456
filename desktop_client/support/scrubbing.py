"""Takes out of a text whatever could tell of a person, a patient, a place or a secret.

Rather too much goes than too little: whoever reads a report needs to know where the program was,
not with what.
"""

import re
from collections.abc import Iterable
from typing import Final

_SOURCE: Final = re.compile(
    r'File "[^"\n]*?[/\\]((?:desktop_client|coordinator|[\w-]+)[/\\][^"\n]*?)"'
)
_RULES: Final = (
    (re.compile(r"\b[a-z][a-z0-9+.-]*://\S+", re.I), "‹address›"),
    (re.compile(r"\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+\b"), "‹address›"),
    (re.compile(r"[“\"‘'`«„][^”\"’'`»“\n]*[”\"’'`»“]"), "‹quoted›"),
    (
        re.compile(
            r"(?:\b[A-Za-z]:|\\\\|(?<![\w.])~?)[\\/][^\n]*?[^\s,;:)\]](?=[,;:)\]]?(?:\s|$))"
        ),
        "‹path›",
    ),
    (
        re.compile(
            r"[^\s/\\]+\.(?:dcm|dicom|ima|png|jpe?g|tiff?|bmp|csv|tsv|txt|xlsx?|sqlite|json|toml|zip|safetensors)\b",
            re.I,
        ),
        "‹file›",
    ),
    (re.compile(r"[^\s^=]+\^[^\s]*"), "‹name›"),
    (re.compile(r"[A-Za-z0-9_-]{20,}={0,2}"), "‹token›"),
    (re.compile(r"\d{1,4}[-./]\d{1,2}[-./]\d{2,4}"), "‹date›"),
    (re.compile(r"\w*\d{4,}\w*"), "‹number›"),
)


def scrub(text: str, names: Iterable[str]) -> str:
    """Return the text without names, paths, files, addresses, quotations, tokens, long numbers.

    Args:
        text: Lines of a log, each without its time.
        names: Words known to tell of somebody: readers, the site, the user, the computer.
    """
    return "\n".join(_scrub_line(line, names) for line in text.splitlines())


def _scrub_line(line: str, names: Iterable[str]) -> str:
    found = _SOURCE.search(line)
    if found:  # of a traceback, the place in a program is what is wanted; it is nobody's data
        rest = line[found.end() :]
        return f"  File {_tail(found[1])}{rest}"
    for name in sorted(set(names), key=len, reverse=True):
        if len(name.strip()) > 1:
            line = re.sub(re.escape(name.strip()), "‹name›", line, flags=re.I)
    for pattern, instead in _RULES:
        line = pattern.sub(instead, line)
    return line


def _tail(path: str) -> str:
    """Return the end of a source file's path, from our folder or the library's on."""
    parts = re.split(r"[/\\]", path)
    for folder in ("site-packages", "desktop_client", "coordinator"):
        if folder in parts:
            return "/".join(parts[parts.index(folder) :])
    return parts[-1]
