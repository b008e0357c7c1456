"""Small worlds that tests begin from: images of two classes, a site that has them, a study."""

from collections import deque
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import tomli_w
from PIL import Image

from desktop_client.labelling.importing import import_folder
from desktop_client.paths import Home

CLASS_IDS = {
    "dot": "00000000-0000-4000-8000-0000000000d0",
    "ring": "00000000-0000-4000-8000-0000000000a0",
}


def draw(kind: str, seed: int, brightness: float = 0.6, size_px: int = 24) -> Image.Image:
    """Draw a dot or a ring somewhere near the middle, on noise of a site's brightness."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[:size_px, :size_px] - size_px / 2 + random.uniform(-2, 2, (2, 1, 1))
    distance = np.hypot(x, y)
    shape = distance < 5 if kind == "dot" else (distance > 6) & (distance < 9)
    pixels = brightness + 0.03 * random.standard_normal((size_px, size_px, 3))
    pixels[shape] -= 0.4
    return Image.fromarray((255 * pixels.clip(0, 1)).astype(np.uint8))


def write_images(
    folder: Path, counts: Mapping[str, int], brightness: float = 0.6, seed: int = 0
) -> Path:
    """Write ``folder/<class>/<number>.png`` for each class."""
    folder.mkdir(parents=True, exist_ok=True)
    for offset, (kind, count) in enumerate(counts.items()):
        (folder / kind).mkdir(exist_ok=True)
        for number in range(count):
            image = draw(kind, 10_000 * seed + 1_000 * offset + number, brightness)
            image.save(folder / kind / f"{number:03}.png")
    return folder


def new_site(folder: Path, counts: Mapping[str, int], seed: int = 0) -> Home:
    """Make a home with labelled images; each seed is another site with another brightness."""
    home = Home(folder / "home").create()
    images = write_images(folder / "images", counts, 0.5 + 0.08 * seed, seed)
    deque(import_folder(home.labels_path, images, labels_from_folders=True), maxlen=0)
    return home


def write_study(path: Path, **changes: Any) -> Path:
    """Write a small, quick study.toml; ``changes`` replace lists and add to sections."""
    sections: dict[str, Any] = {
        "name": "Dots and rings",
        "task": "Tell dots from rings",
        "classes": [{"class_id": i, "name": name} for name, i in CLASS_IDS.items()],
        "input": {"size_px": 24},
        "model": {"feature_dim": 16, "domain_capacity": 8},
        "method": {"local_steps": 4, "batch_size": 16},
        "rounds": {
            "count": 2,
            "averaged_rounds": 1,
            "poll_s": 0.05,
            "seen_within_s": 60,
            "deadline_s": 60,
        },
    }
    for section, values in changes.items():
        old = sections.get(section, {})
        sections[section] = {**old, **values} if isinstance(old, dict) else values
    path.write_text(tomli_w.dumps(sections), encoding="utf-8")
    return path
