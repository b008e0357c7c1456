"""Invented images to show: skin with a lesion, and an ultrasound with a name written into it."""

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont


def make_images(folder: Path, count: int) -> None:
    """Draw invented skin with an invented lesion, and one file that is no image."""
    folder.mkdir(parents=True)
    generator = np.random.default_rng(1)
    for number in range(count):
        skin = generator.integers((200, 150, 120), (240, 200, 175))
        picture = Image.new("RGB", (320, 240), tuple(int(c) for c in skin))
        draw = ImageDraw.Draw(picture)
        x, y = (int(c) for c in generator.integers((110, 80), (210, 160)))
        ink = tuple(int(c) for c in generator.integers((50, 20, 15), (150, 90, 70)))
        for _ in range(9):
            dx, dy = (int(c) for c in generator.integers(-22, 22, 2))
            radius = int(generator.integers(14, 40))
            draw.ellipse((x + dx - radius, y + dy - radius, x + dx + radius, y + dy + radius), ink)
        picture = picture.filter(ImageFilter.GaussianBlur(float(generator.uniform(1, 4))))
        noise = generator.normal(0, 6, (240, 320, 3))
        values = np.clip(np.asarray(picture) + noise, 0, 255).astype(np.uint8)
        Image.fromarray(values).save(folder / f"lesion_{number:04d}.png")
    (folder / "scan_0007.jpg").write_bytes(b"\xff\xd8\xff\xe0 cut off")


def draw_ultrasound(path: Path) -> None:
    """Draw a fan of speckle below a banner with an invented name."""
    rows, columns = np.mgrid[:600, :800]
    depth, angle = np.hypot(rows - 20, columns - 400), np.arctan2(columns - 400, rows - 20)
    speckle = np.random.default_rng(3).rayleigh(45, (600, 800)).clip(0, 255)
    fan = (depth > 60) & (depth < 560) & (np.abs(angle) < 0.6) & (rows > 50)
    picture = Image.fromarray(np.where(fan, speckle, 0).astype(np.uint8))
    draw, font = ImageDraw.Draw(picture), ImageFont.load_default(18)
    draw.text((14, 12), "Musterfrau, Erika  *12.08.1964   St. Anna Hospital", 230, font)
    draw.text((606, 564), "27.11.2026 10:41", 230, font)
    picture.save(path)
