"""What the pixels of pictures are; the likelihood and the figures follow from it."""

from typing import Literal

Pixels = Literal["binary", "saturated", "grey", "real"]
"""`binary`: every pixel is 0 or 1. `saturated`: in [0, 1], most of them (nearly) 0 or
1. `grey`: in [0, 1]. `real`: any number."""
