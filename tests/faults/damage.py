"""Damages image files by a seed and opens them, in a process of its own that may die of it.

``python -m tests.faults.damage FOLDER SEED COUNT`` damages each file in the folder COUNT times and
writes how that went as JSON; with 0 it opens the files as they are. Before each try its file and
seed are written to ``FOLDER.last``: if the process dies, that is what it died of.
"""

import faulthandler
import json
import logging
import random
import sys
import time
import warnings
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Final

COMPARERS: Final = ("gdcm", "openjpeg", "libjpeg", "pylibjpeg", "rle", "jpeg_ls")
"""Decoders that pydicom finds where they are installed; the program has none of them."""
SLOWEST_S: Final = 60.0


def damaged(content: bytes, chance: random.Random) -> bytes:
    """Return the content with a few things wrong, of the kinds that disks and networks cause."""
    made = bytearray(content)
    for _ in range(chance.choice((1, 1, 1, 2, 5))):
        chance.choice(_KINDS)(made, chance)
    return bytes(made)


def _other_byte(made: bytearray, chance: random.Random) -> None:
    if made:
        made[chance.randrange(len(made))] = chance.randrange(256)


def _other_byte_of_the_header(made: bytearray, chance: random.Random) -> None:
    if made:
        made[chance.randrange(min(len(made), 1500))] = chance.choice((0, 1, 0x7F, 0x80, 0xFF))


def _near_miss(made: bytearray, chance: random.Random) -> None:
    """Make a number, such as a length, a little too large or too small."""
    if made:
        place = chance.randrange(len(made))
        made[place] = (made[place] + chance.choice((-2, -1, 1, 2))) % 256


def _near_miss_behind_a_marker(made: bytearray, chance: random.Random) -> None:
    """Change the bytes behind a JPEG marker: its segment's length, size or table number."""
    markers = [place for place in range(len(made) - 12) if made[place] == 0xFF]
    if markers:
        place = chance.choice(markers[:200]) + chance.randrange(1, 12)
        made[place] = (made[place] + chance.choice((-2, -1, 1, 2, 128))) % 256


def _cut_off(made: bytearray, chance: random.Random) -> None:
    del made[chance.randrange(len(made) + 1) :]


def _piece_missing(made: bytearray, chance: random.Random) -> None:
    start = chance.randrange(len(made) + 1)
    del made[start : start + chance.choice((1, 2, 7, 512))]


def _piece_overwritten(made: bytearray, chance: random.Random) -> None:
    start = chance.randrange(len(made) + 1)
    length = len(made[start : start + chance.choice((4, 64, 4096))])
    filling = chance.choice((bytes(length), b"\xff" * length, chance.randbytes(length)))
    made[start : start + length] = filling


_KINDS: Final[tuple[Callable[[bytearray, random.Random], None], ...]] = (
    _other_byte,
    _other_byte_of_the_header,
    _near_miss,
    _near_miss_behind_a_marker,
    _cut_off,
    _piece_missing,
    _piece_overwritten,
)


def open_all_ways(path: Path, content: bytes) -> str:
    """Do with a file what the program does; say how that went.

    Raises:
        Exception: whatever is not a refusal, which would be a fault of the program.
    """
    from desktop_client.imaging.decode import decode_image
    from desktop_client.imaging.deidentify.areas import Area
    from desktop_client.imaging.deidentify.dicom import dicom_copy
    from desktop_client.imaging.deidentify.photo import photo_copy
    from desktop_client.imaging.deidentify.policy import Disguise, Policy
    from desktop_client.imaging.deidentify.pseudonyms import Pseudonyms
    from desktop_client.imaging.kinds import is_dicom
    from desktop_client.imaging.metadata import read_metadata

    areas = (Area(0, 0, 8, 2),)
    disguise = Disguise(Policy(), Pseudonyms(b"k" * 32), "patient group", areas)
    ways: tuple[Callable[[], object], ...] = (
        lambda: decode_image(path),
        lambda: decode_image(path, at_least_px=16),
        lambda: read_metadata(path),
        lambda: (
            dicom_copy(path, content, disguise)
            if is_dicom(content)
            else photo_copy(path, content, areas)
        ),
    )
    return " ".join("read" if _is_read(way) else "refused" for way in ways)


def _is_read(way: Callable[[], object]) -> bool:
    from desktop_client.errors import ImageUnreadableError

    try:
        way()
    except ImageUnreadableError:
        return False
    return True


def main(folder: Path, seed: int, count: int) -> None:
    faulthandler.enable()
    for name in COMPARERS:
        sys.modules[name] = None  # type: ignore[assignment]
    warnings.simplefilter("ignore")
    logging.disable()
    last, spoilt = folder.with_suffix(".last"), folder.with_suffix(".spoilt")
    outcomes: Counter[str] = Counter()
    slowest_s, slowest = 0.0, ""
    for original in sorted(folder.iterdir()):
        content = original.read_bytes()
        for number in range(seed, seed + max(count, 1)):
            last.write_text(f"{original.name}, seed {number}")
            chance = random.Random(f"{original.name} {number}")
            made = damaged(content, chance) if count else content
            spoilt.write_bytes(made)
            began_s = time.perf_counter()
            faulthandler.dump_traceback_later(SLOWEST_S, exit=True)
            outcomes[open_all_ways(spoilt, made)] += 1
            taken_s = time.perf_counter() - began_s
            if taken_s > slowest_s:
                slowest_s, slowest = taken_s, last.read_text()
    faulthandler.cancel_dump_traceback_later()
    result = {"outcomes": outcomes, "slowest_s": slowest_s, "slowest": slowest}
    json.dump(result, sys.stdout)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
