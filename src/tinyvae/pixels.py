"""What the pixels of pictures are; the likelihood and the figures follow from it."""

from typing import Any, Literal, get_args

from tinyvae.errors import ConfigError

Pixels = Literal["binary", "saturated", "grey", "real"]
"""`binary`: every pixel is 0 or 1. `saturated`: in [0, 1], most of them (nearly) 0 or
1. `grey`: in [0, 1]. `real`: any number."""


def check_pixels(pixels: Any) -> None:
    """Refuse what is no type of pixels.

    Raises: ConfigError, naming the types.
    """
    if pixels not in get_args(Pixels):
        raise ConfigError(
            f"expected pixels among {', '.join(get_args(Pixels))}, got {pixels!r}."
        )
