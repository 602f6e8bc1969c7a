"""Worlds: known factors in, a picture out. One file a world."""

from tinyvae.worlds.circles import Circles

__all__ = ["Circles"]
