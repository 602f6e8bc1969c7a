"""The answer in sentences that a person can read."""

from __future__ import annotations

import math
from collections.abc import Sequence

from tinyvae.answer.match import Match, Shortfall

HALF = 0.5  # of a latent: a smaller share is not called holding


def sentence(match: Match, joint_readout: float, latents: Sequence[str] = ()) -> str:
    """One sentence on one factor; `joint_readout` is its R2 from all latents.

    `latents` are the names of the latents: z0, z1 and so on if there are none.

    >>> match = Match("size", 2, "+", 0.996, 0.992, 0, 0.0, 0.01, "clear", "wider")
    >>> sentence(match, 1.0)
    'z2 is size (share 0.99, readout 0.99; larger z2, wider)'
    """
    return _Words(match, joint_readout, tuple(latents)).sentence()


def two_digits(value: float) -> str:
    """A score with two decimals, rounded down, so that it never claims more than is.

    >>> two_digits(0.9499), two_digits(1.0), two_digits(float("nan"))
    ('0.94', '1.00', '-')
    """
    if math.isnan(value):
        return "-"
    # what is 1 but for rounding errors is 1
    return f"{math.floor(value * 100 + 1e-6) / 100:.2f}"


def latent_name(latent: int, latents: Sequence[str]) -> str:
    """The latent's own name, or z and its number."""
    return latents[latent] if latents else f"z{latent}"


class _Words:
    """A match in words."""

    def __init__(self, match: Match, joint_readout: float, latents: tuple[str, ...]):
        self.match, self.joint, self.latents = match, joint_readout, latents
        self.name = match.factor
        self.own = "" if match.latent is None else self.of(match.latent)
        self.scores = (
            f"share {two_digits(match.share)}, readout {two_digits(match.readout)}"
        )

    def sentence(self) -> str:
        verdict = self.match.verdict
        if verdict == "undefined":
            return f"{self.name} is undefined"
        if verdict == "missing":
            return f"{self.name} is missing: {self.together()}"
        said = {
            "clear": self.clear,
            "folded": self.folded,
            "partial": self.partial,
            "shared": self.shared,
        }[verdict]()
        return said + self.better() + self.covariate()

    def clear(self) -> str:
        match = self.match
        if match.circle:
            return f"{self.name} is the circle in {self.group()} ({self.of_group()})"
        return f"{self.own} is {self.name} ({self.scores}{self.direction()})"

    def folded(self) -> str:
        return (
            f"{self.own} folds {self.name}: it depends on nothing else, but does not "
            f"run along it ({self.scores})"
        )

    def partial(self) -> str:
        failed = {one.threshold for one in self.match.short}
        if "readout" not in failed:
            held = f"it reads it (readout {two_digits(self.match.readout)})"
        elif "share" not in failed:
            held = f"it holds little else (share {two_digits(self.match.share)})"
        else:
            held = f"of all latents it reads {self.name} best"
        return f"{self.own} is partly {self.name}: {held}, but {self.short()}"

    def shared(self) -> str:
        match = self.match
        if match.group:
            return self.shared_by_group()
        if match.why == "taken" and match.runner_up_latent is not None:
            return self.shared_and_taken()
        if match.latent is None or match.why == "spread":
            most = "" if match.latent is None else f", {self.own} alone with "
            most += two_digits(match.readout) if most else ""
            return f"{self.name} is shared: {self.together()}{most}"
        held = match.share >= HALF
        own = f"{self.own} {'holds it' if held else 'comes nearest'} ({self.scores})"
        if match.why == "factors":
            also = f"but holds {match.held_too} too "
            also += f"(share {two_digits(match.held_too_share)})"
            return f"{self.name} is shared: {own}, {also}"
        share, readout = match.runner_up_share, match.runner_up_readout
        read = f"(share {two_digits(share)}, readout {two_digits(readout)})"
        if held and share >= HALF:
            return (
                f"{self.name} is shared: {own}, and so does {self.runner_up()} {read}"
            )
        also = f"{self.runner_up()} holds some of it too {read}"
        return f"{self.name} is shared: {own}; {also}"

    def shared_and_taken(self) -> str:
        match = self.match
        share = two_digits(match.runner_up_share)
        read = f"share {share}, readout {two_digits(match.runner_up_readout)}"
        said = f"{self.name} is shared: {self.runner_up()} reads it best ({read})"
        if not match.held_too:
            return said
        also = f"{match.held_too} too (share {two_digits(match.held_too_share)})"
        return f"{said}, and holds {also}"

    def shared_by_group(self) -> str:
        match = self.match
        if match.circle:
            return (
                f"{self.name} is shared: it is the circle in {self.group()} "
                f"({self.of_group()}), but {self.short()}"
            )
        return (
            f"{self.name} is shared: {self.group()} read it together with "
            f"{two_digits(match.group_readout)}, {self.own} alone with "
            f"{two_digits(match.readout)}"
        )

    def of(self, latent: int) -> str:
        return latent_name(latent, self.latents)

    def group(self) -> str:
        return f"({', '.join(map(self.of, self.match.group))})"

    def of_group(self) -> str:
        share, readout = self.match.group_share, self.match.group_readout
        return f"share {two_digits(share)}, readout {two_digits(readout)}"

    def together(self) -> str:
        if math.isnan(self.joint):
            return "no latent is active"
        return f"all latents together read it with {two_digits(self.joint)}"

    def runner_up(self) -> str:
        latent = self.match.runner_up_latent
        return "no other latent" if latent is None else self.of(latent)

    def short(self) -> str:
        *others, last = [self.shortfall(one) for one in self.match.short]
        return f"{', '.join(others)}, and {last}" if others else last

    def shortfall(self, one: Shortfall) -> str:
        whose = "their" if self.match.group else "its"
        needed = two_digits(one.needed)
        if one.threshold == "other_readout":
            rival = self.runner_up() if one.latent is None else self.of(one.latent)
            value = two_digits(one.value)
            if value == needed:  # rounded down, as the table has it
                value = f"{one.value:.3f}"
            more = f", though it reads {one.other} better" if one.other else ""
            return f"{rival} reads {self.name} too ({value}, over {needed}){more}"
        what = "rank correlation" if one.threshold == "spearman" else one.threshold
        return f"{whose} {what} is {two_digits(one.value)}, under {needed}"

    def better(self) -> str:
        """The runner-up, where it reads the factor better than its latent does."""
        match = self.match
        read = match.group_readout if match.group else match.readout
        if match.why == "taken" or not match.runner_up_readout > read + 0.005:
            return ""
        value = two_digits(match.runner_up_readout)
        return f"; {self.runner_up()} reads it better ({value})"

    def covariate(self) -> str:
        match = self.match
        if not match.covariate or match.why == "taken":
            return ""
        part = two_digits(match.covariate_part)
        return (
            f"; {part} of what {self.own} reads of {self.name} goes with "
            f"{match.covariate}"
        )

    def direction(self) -> str:
        """What is seen as the latent grows; nothing where it has no direction."""
        match = self.match
        if match.direction == "none":
            return ""
        sort = "larger" if match.direction == "+" else "smaller"
        return f"; larger {self.own}, {match.seen or f'{sort} {self.name}'}"
