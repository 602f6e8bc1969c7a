"""One factor, its latent, and the verdict on both: what the policy fills in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Verdict = Literal["clear", "folded", "partial", "shared", "missing", "undefined"]
Direction = Literal["+", "-", "none"]

NAN = float("nan")
# why a factor is shared: other latents read it, its latent has other factors, the
# latent that reads it best is another factor's, or all latents together read far more
Why = Literal["", "latents", "factors", "taken", "spread"]
# thresholds that a match can fail
Threshold = Literal["share", "readout", "spearman", "other_readout"]


@dataclass(frozen=True)
class Shortfall:
    """A threshold that a match fails: the value, and the value that it needs.

    `other_readout` fails where another latent reads the factor with more than that,
    beyond what the factors of both have in common; `latent` is that one, and `other`
    the factor that it reads better, if there is one.
    """

    threshold: Threshold
    value: float
    needed: float
    latent: int | None = None
    other: str = ""


@dataclass(frozen=True)
class Match:
    """One factor, its latent, and whether that latent is the factor.

    `direction`: "+" if the factor grows with the latent, "-" if it falls, "none" where
    it does neither. The runner-up is the other active latent that reads the factor
    best. Scores are NaN, and latents None, where there is none. `seen` is what a person
    sees as the latent grows ("larger circle"); "" where the factor has no direction.

    `short` lists the thresholds that fail, for a verdict that is partial or shared,
    and `why` says why it is shared. `group` are latents that hold the factor together
    where none does alone. `other` is the factor that the runner-up reads better than
    this one, if there is one. `circle` says that they are its cosine and sine.
    `held_too` is the other factor that has most of the latent that reads this one best.
    `covariate` is the factor that goes with `covariate_part` of what the latent reads
    of this one.
    """

    factor: str
    latent: int | None
    direction: Direction
    share: float
    readout: float
    runner_up_latent: int | None
    runner_up_share: float
    runner_up_readout: float
    verdict: Verdict
    seen: str = ""
    short: tuple[Shortfall, ...] = ()
    why: Why = ""
    group: tuple[int, ...] = ()
    group_readout: float = NAN
    group_share: float = NAN
    circle: bool = False
    other: str = ""
    held_too: str = ""
    held_too_share: float = NAN
    covariate: str = ""
    covariate_part: float = NAN

    @property
    def latents(self) -> tuple[int, ...]:
        """The group, or the one latent; none where there is none."""
        if self.group or self.latent is None:
            return self.group
        return (self.latent,)

    @property
    def judged(self) -> tuple[float, float]:
        """Share and readout that the verdict is of: of the circle if that is found."""
        if self.circle:
            return self.group_share, self.group_readout
        return self.share, self.readout
