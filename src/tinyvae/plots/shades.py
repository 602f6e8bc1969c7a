"""How the numbers of a picture become colours."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Shaped
from matplotlib import colormaps

from tinyvae.pixels import Pixels

SIGNED_MAP = "RdBu_r"  # blue below 0, white at 0, red above
VECTOR_ASPECT = 4  # a row of numbers is drawn as many times wider than it is high


class Shades(NamedTuple):
    """The scale of a picture's colours: from `low` to `high`, clipped beyond.

    `signed` numbers run from blue through white (0) to red; others from black to white.
    """

    low: float = 0.0
    high: float = 1.0
    signed: bool = False

    @property
    def note(self) -> str:
        """What the colours mean, where they are not simply those of the picture."""
        if not self.signed:
            return ""
        return f"colours: blue {self.low:.2g}, white 0, red {self.high:.2g}"

    def rgb(
        self, image: Shaped[np.ndarray, "height width channel"]
    ) -> Float[np.ndarray, "shown_height width 3"]:
        """The picture in colours from 0 to 1; a row of numbers is made higher.

        Other numbers of channels than 1 and 3 are shown as their mean.
        """
        part = (np.asarray(image, float) - self.low) / (self.high - self.low)
        part = np.clip(part, 0, 1)
        if part.shape[-1] not in (1, 3):
            part = part.mean(-1, keepdims=True)
        part = tall_enough(part)
        if self.signed and part.shape[-1] == 1:
            return colormaps[SIGNED_MAP](part[..., 0])[..., :3]
        return np.repeat(part, 3, -1) if part.shape[-1] == 1 else part


def tall_enough(image: Shaped[np.ndarray, "height width *channel"]) -> np.ndarray:
    """A picture as it is; a row of numbers repeated downwards, so that it can be seen.

    >>> tall_enough(np.zeros((1, 12))).shape
    (3, 12)
    """
    if image.shape[0] > 1:
        return image
    return np.repeat(image, max(1, round(image.shape[1] / VECTOR_ASPECT)), 0)


PLAIN = Shades()


def shades_of(images: Shaped[np.ndarray, "..."], pixels: Pixels) -> Shades:
    """The scale of pictures whose pixels are of this sort.

    Any numbers run symmetrically about 0, as far as 99 in 100 of the given ones.
    """
    if pixels != "real":
        return PLAIN
    furthest = float(np.quantile(np.abs(np.asarray(images, float)), 0.99)) or 1.0
    return Shades(-furthest, furthest, signed=True)
