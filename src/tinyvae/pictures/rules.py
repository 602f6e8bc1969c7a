"""The rules that a user sets: form of the pictures, labels, and held-out share."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, get_args

from PIL import Image, ImageColor

from tinyvae.errors import ConfigError
from tinyvae.tables.rules import LabelRule

Fit = Literal["pad", "crop", "stretch"]
Channels = Literal["auto", "grey", "rgb"]
LARGEST_SIDE = 1024  # pixels; larger pictures are not for a tiny VAE


@dataclass(frozen=True)
class FormRule:
    """How all pictures get the same size and number of channels.

    Args:
        size: (height, width) in pixels; None: the size that all pictures have.
        fit: what to do if the shape differs. `pad`: the whole picture, centred on the
            background; `crop`: its middle; `stretch`: each side separately. A picture
            that shrinks is averaged over areas (Pillow's BOX); one that grows is
            interpolated (Pillow's BILINEAR).
        channels: `grey` (ITU-R 601 luma), `rgb`, or `auto`: grey if every picture is.
        background: colour behind transparent pixels and padding, as a name or #rrggbb.

    Raises: ConfigError if a setting is not one of these.
    """

    size: tuple[int, int] | None = None
    fit: str = "pad"
    channels: str = "auto"
    background: str = "black"

    def __post_init__(self):
        if self.fit not in get_args(Fit):
            raise ConfigError(f"expected fit pad, crop or stretch, got {self.fit!r}.")
        if self.channels not in get_args(Channels):
            raise ConfigError(
                f"expected channels auto, grey or rgb, got {self.channels!r}."
            )
        if self.size is not None and not all(
            1 <= side <= LARGEST_SIDE for side in self.size
        ):
            raise ConfigError(
                f"expected a size of 1 to {LARGEST_SIDE} pixels, got "
                f"{self.size[0]}x{self.size[1]}. Try 64."
            )
        try:
            ImageColor.getrgb(self.background)
        except ValueError:
            raise ConfigError(
                "expected a background such as 'black', 'white' or '#ff8800', "
                f"got {self.background!r}."
            ) from None

    @property
    def colour(self) -> tuple[int, int, int]:
        """The background as red, green and blue, 0 to 255."""
        red, green, blue, *_ = ImageColor.getrgb(self.background)
        return red, green, blue

    @property
    def luma(self) -> int:
        """The background as a grey, 0 to 255."""
        pixel = Image.new("RGB", (1, 1), self.colour).convert("L")
        return int(pixel.tobytes()[0])


@dataclass(frozen=True)
class SplitRule:
    """How many pictures are held out: a share from 0 (none) to 0.9, and a seed.

    Raises: ConfigError if the share is out of range.
    """

    held_out: float = 0.2
    seed: int = 0

    def __post_init__(self):
        if not 0 <= self.held_out <= 0.9:
            raise ConfigError(
                "expected a share of held-out pictures from 0 (none) to 0.9, "
                f"got {self.held_out}."
            )


@dataclass(frozen=True)
class Rules:
    """All rules that a user sets for pictures and labels."""

    form: FormRule = field(default_factory=FormRule)
    labels: LabelRule = field(default_factory=LabelRule)
    split: SplitRule = field(default_factory=SplitRule)


DEFAULT = Rules()
