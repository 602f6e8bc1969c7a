"""Which latents and factors a figure has room for."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from tinyvae.answer import Answer


class Shown(NamedTuple):
    """What is drawn, in order, and a note that says what is left out."""

    which: tuple[int, ...]
    note: str = ""


def latents_to_show(kl: Float[np.ndarray, " latent"], most: int) -> Shown:
    """Every latent, or those that tell most about the picture.

    >>> latents_to_show(np.array([0.1, 3.0, 0.2, 2.0]), 2)
    Shown(which=(1, 3), note='the 2 latents of largest KL of 4')
    """
    if len(kl) <= most:
        return Shown(tuple(range(len(kl))))
    order = np.argsort(-np.nan_to_num(kl), kind="stable")
    which = tuple(sorted(int(latent) for latent in order[:most]))
    return Shown(which, f"the {most} latents of largest KL of {len(kl)}")


def factors_to_show(answer: Answer, most: int) -> Shown:
    """Every factor, or those that all latents together read best."""
    joint = answer.measurement.axes.joint_readout
    if len(joint) <= most:
        return Shown(tuple(range(len(joint))))
    order = np.argsort(-np.nan_to_num(joint), kind="stable")
    which = tuple(sorted(int(factor) for factor in order[:most]))
    return Shown(which, f"the {most} factors that are read best of {len(joint)}")


def latents_of_factors(answer: Answer, factors: tuple[int, ...], most: int) -> Shown:
    """Every latent, or those matched with these factors and those of largest KL."""
    kl = answer.measurement.kl
    if len(kl) <= most:
        return Shown(tuple(range(len(kl))))
    matched = [answer.matches[k].latent for k in factors]
    order = [j for j in matched if j is not None]
    order += [int(j) for j in np.argsort(-np.nan_to_num(kl), kind="stable")]
    which = tuple(sorted(list(dict.fromkeys(order))[:most]))
    return Shown(which, f"{most} of {len(kl)} latents: the matched ones, then by KL")


def notes(*texts: str) -> str:
    """The notes that say something, as one more line of a title."""
    found = [text for text in texts if text]
    return "\n" + "; ".join(found) if found else ""
