"""The tables of `elbo_terms.py`."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import mean, median, stdev
from typing import NamedTuple

import numpy as np
from scipy.stats import ttest_ind

from machine import markdown_table
from terms_cases import CASES, OURS, Case, Row
from terms_notes import DEFINITIONS, ESTIMATES, SETTING, TIMING
from terms_setting import BATCH_SIZE
from terms_tinyvae import MINIBATCHES, Estimates, Measured, Replayed

TERMS = {
    "reconstruction": "reconstruction",
    "KL": "kl",
    "ELBO": "elbo",
    "total correlation": "total_correlation",
}


class Check(NamedTuple):
    """A library beside tinyvae on the same pictures and noise."""

    first: Replayed  # on the first minibatch, of the same weights
    first_ours: Replayed
    first_by_their_definition: Replayed
    last: Replayed  # on the last minibatch, after the steps before it
    last_by_their_definition: Replayed
    apart: float  # weights after the last step, as a share of the way that they moved
    apart_by_rounding: float  # the same of tinyvae, from weights one rounding away


class Trained(NamedTuple):
    """A trained VAE."""

    measured: Measured
    seconds: float


Results = dict[tuple[str, str], list[Trained]]  # by objective and row, one a seed


class Difference(NamedTuple):
    """Mean of one row less that of another, with its 95 % interval over seeds."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:+.2f} ({self.low:+.2f} to {self.high:+.2f})"

    @property
    def within_noise(self) -> bool:
        """Whether the interval holds 0."""
        return self.low <= 0 <= self.high


def check_section(checks: Sequence[tuple[Case, Row, Check]], steps: int) -> str:
    """Differences without noise."""
    header = (
        "objective",
        "library",
        "reconstruction",
        "KL",
        "loss",
        "loss, by their definition",
        f"loss at step {steps}, by their definition",
        "weights apart",
        "by rounding",
    )
    rows = [
        [
            case.name,
            row.library,
            signed(check.first.reconstruction - check.first_ours.reconstruction),
            signed(check.first.kl - check.first_ours.kl),
            signed(check.first.loss - check.first_ours.loss),
            signed(check.first.loss - check.first_by_their_definition.loss),
            signed(check.last.loss - check.last_by_their_definition.loss),
            f"{check.apart:.0e}",
            f"{check.apart_by_rounding:.0e}",
        ]
        for case, row, check in checks
    ]
    return "\n\n".join(
        [
            "## The same weights, pictures and noise",
            f"Their value less ours, in nats, on one minibatch of {BATCH_SIZE} pictures"
            f" (losses here are 250 to 900 nats, of which one rounding is up to 6e-5); "
            f'then after {steps - 1} steps of training. "By their definition": beside '
            "tinyvae with the definition that their code has. Weights apart: distance "
            f"of the weights after {steps} steps, as a share of the way that they "
            "moved. By rounding: the same for tinyvae beside itself, from weights that "
            "are each moved by one rounding. -: the library does not tell the KL.",
            markdown_table(header, rows),
            DEFINITIONS,
        ]
    )


def signed(value: float) -> str:
    """A difference in nats."""
    if np.isnan(value):
        return "-"
    if value == 0:
        return "0"
    return f"{value:+.4f}" if abs(value) >= 5e-4 else f"{value:+.0e}"


def training_sections(
    results: Results, steps: int, seeds: int, compile_seconds: Sequence[float]
) -> list[str]:
    """Terms, differences and seconds after training."""
    return [
        "## After training",
        SETTING.format(steps=steps, seeds=seeds),
        terms_table(results),
        "## Theirs less ours",
        *differences(results),
        "## Seconds",
        seconds_table(results),
        TIMING.format(steps=steps, low=min(compile_seconds), high=max(compile_seconds)),
    ]


def estimates_section(found: Estimates | None) -> str:
    """What the estimates of beta-TCVAE amount to after training."""
    assert found is not None  # beta-TCVAE is always trained
    numbers = found._asdict() | {"batch": BATCH_SIZE, "minibatches": MINIBATCHES}
    return "## Estimates of the total correlation\n\n" + ESTIMATES.format(**numbers)


def terms_table(results: Results) -> str:
    """Mean and standard deviation over seeds of every term."""
    header = ("objective", "trained by", *TERMS, "KL of each latent, sorted")
    return markdown_table(
        header,
        [
            [
                objective,
                name,
                *(spread(values_of(trained, field)) for field in TERMS.values()),
                sorted_kl(trained),
            ]
            for (objective, name), trained in results.items()
        ],
    )


def values_of(trained: Sequence[Trained], field: str) -> list[float]:
    """One term of every seed."""
    return [getattr(each.measured, field) for each in trained]


def spread(values: Sequence[float]) -> str:
    """Mean and standard deviation."""
    return f"{mean(values):.2f} ± {stdev(values):.2f}"


def sorted_kl(trained: Sequence[Trained]) -> str:
    """Mean over seeds of the largest KL of a latent, of the second, and so on."""
    latents = np.mean([each.measured.kl_of_latents for each in trained], axis=0)
    return ", ".join(f"{kl:.2f}" for kl in latents)


def difference(theirs: Sequence[float], ours: Sequence[float]) -> Difference:
    """Mean difference with Welch's interval: both have their own spread."""
    interval = ttest_ind(theirs, ours, equal_var=False).confidence_interval(0.95)
    return Difference(mean(theirs) - mean(ours), interval.low, interval.high)


def compared(results: Results) -> list[tuple[str, Row, str, bool]]:
    """Objective, row, the row beside it, and whether the two must be equal."""
    pairs = []
    for case in CASES:
        for row in case.rows:
            if not row.beside or (case.name, row.name) not in results:
                continue
            pairs.append((case.name, row, row.beside, True))
            if row.beside != OURS:
                pairs.append((case.name, row, OURS, False))
    return pairs


def differences(results: Results) -> list[str]:
    """Differences of the means beside the spread over seeds, and how many are noise."""
    rows, inside = [], []
    for objective, row, beside, equal in compared(results):
        found = [
            difference(
                values_of(results[objective, row.name], field),
                values_of(results[objective, beside], field),
            )
            for field in TERMS.values()
        ]
        if equal:
            inside += [one.within_noise for one in found]
        verdict = "another definition"
        if equal:
            verdict = "yes" if all(one.within_noise for one in found) else "no"
        rows.append([objective, row.name, beside, *map(str, found), verdict])
    header = ("objective", "trained by", "beside", *TERMS, "equal within noise")
    return [
        "Difference of the means over seeds, in nats, with its 95 % interval (Welch). "
        "Equal within noise: the intervals of all four terms hold 0.",
        markdown_table(header, rows),
        f"Of {len(inside)} intervals of the same definition, {sum(inside)} hold 0. If "
        f"there were no difference, {0.95 * len(inside):.0f} would.",
    ]


def seconds_table(results: Results) -> str:
    """Median seconds, and ratios within a round."""
    rows = []
    for (objective, name), trained in results.items():
        ours = results[objective, OURS]
        ratios = [a.seconds / b.seconds for a, b in zip(trained, ours, strict=True)]
        rows.append(
            [
                objective,
                name,
                f"{median(each.seconds for each in trained):.1f}",
                f"{median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})",
            ]
        )
    header = ("objective", "trained by", "seconds", "to tinyvae")
    return markdown_table(header, rows)
