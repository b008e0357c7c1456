"""How a scanner changes what it sees; the reason why hospitals' images differ."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Scanner:
    """One device. The defaults are those of a perfect one."""

    gamma: float = 1.0
    """Above 1 darkens the middle tones."""
    contrast: float = 1.0
    """Spread around middle grey."""
    blur_px: float = 0.0
    """Standard deviation of the optics' Gaussian blur, in pixels of a picture 96 wide."""
    noise: float = 0.0
    """Standard deviation of the sensor's noise; white is 1."""
    colour_cast: tuple[float, float, float] = (1.0, 1.0, 1.0)
    """Gain of red, green and blue."""
    vignette: float = 0.0
    """Share of light missing in the corners."""

    def scan(self, picture: Floats, rng: np.random.Generator) -> npt.NDArray[np.uint8]:
        """Return the image of a picture ``[S, S, 3]`` of 0 to 1, in the order light takes."""
        light = picture * self._falloff(picture.shape[0])[..., None]
        light = _blur(light, self.blur_px * picture.shape[0] / 96)
        signal = light * np.array(self.colour_cast, dtype=np.float32)
        signal += np.float32(self.noise) * rng.standard_normal(signal.shape, dtype=np.float32)
        signal = np.clip((signal - 0.5) * self.contrast + 0.5, 0, 1) ** self.gamma
        image: npt.NDArray[np.uint8] = np.rint(signal * 255).astype(np.uint8)
        return image

    def _falloff(self, size_px: int) -> Floats:
        """Return the share of light that arrives, 1 in the middle."""
        squares: Floats = np.linspace(-1, 1, size_px, dtype=np.float32) ** 2
        # The fourth power leaves the middle bright and darkens corners, as dermatoscopes do.
        corner = (squares[:, None] + squares) / 2
        return np.asarray(1 - self.vignette * corner**2, dtype=np.float32)


def _blur(picture: Floats, deviation_px: float) -> Floats:
    """Convolve rows, then columns, with a Gaussian; the border pixels are repeated outwards."""
    if deviation_px == 0:
        return picture
    reach = max(1, int(np.ceil(3 * deviation_px)))
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / deviation_px) ** 2)
    kernel = (kernel / kernel.sum()).astype(np.float32)
    for axis in (0, 1):
        size = picture.shape[axis]
        padding = [(reach, reach) if a == axis else (0, 0) for a in range(3)]
        padded = np.pad(picture, padding, mode="edge")
        picture = sum(
            weight * np.take(padded, range(at, at + size), axis) for at, weight in enumerate(kernel)
        )
    return picture
