"""Codes and labels as people hold them: frames, AnnData, transformers, callables."""

from tinyvae.frames.held import Held, representation_of_held

__all__ = ["Held", "representation_of_held"]
