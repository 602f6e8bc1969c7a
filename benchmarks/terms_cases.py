"""What `elbo_terms.py` compares: four objectives, and who trains each of them."""

from __future__ import annotations

from typing import NamedTuple

from terms_definitions import DisentBetaTCVAE, PythaeBetaTCVAE, PythaeFactorVAE
from terms_setting import BETA, FACTOR, PLAIN, STRATIFIED, TC, WEIGHTS
from tinyvae.objectives import ELBO, BetaTCVAE, BetaVAE, FactorVAE, Objective
from tinyvae.worlds import Circles

OURS, PYTHAE, DISENT = "tinyvae", "pythae", "disent"
NUM_PICTURES = len(Circles().table)


class Row(NamedTuple):
    """Who trains, and by which definition."""

    name: str
    library: str
    definition: Objective  # in the words of tinyvae
    asked: str = ""  # the objective's name in the library's script
    beside: str = ""  # the row that it must equal within noise


class Case(NamedTuple):
    """An objective, as each library trains it."""

    name: str
    ours: Objective
    weight: float  # beta or gamma
    rows: tuple[Row, ...]
    checked_only: tuple[Row, ...] = ()  # rows that are not trained to the end


def same_everywhere(name: str, ours: Objective) -> Case:
    """An objective that all three define alike."""
    rows = (
        Row(OURS, OURS, ours),
        Row(PYTHAE, PYTHAE, ours, asked=name, beside=OURS),
        Row(DISENT, DISENT, ours, asked=name, beside=OURS),
    )
    return Case(name, ours, WEIGHTS[name], rows)


def total_correlation_case() -> Case:
    """beta-TCVAE: pythae differs by constants, disent weighs the KL too."""
    beta = WEIGHTS[TC]
    ours, theirs = BetaTCVAE(beta), DisentBetaTCVAE(beta)
    weighted = PythaeBetaTCVAE(NUM_PICTURES, beta=beta)
    as_disent = f"{OURS}, disent's definition"
    rows = (
        Row(OURS, OURS, ours),
        Row(PYTHAE, PYTHAE, weighted, asked=TC, beside=OURS),
        Row(DISENT, DISENT, theirs, asked=TC, beside=as_disent),
        Row(as_disent, OURS, theirs),
    )
    return Case(TC, ours, beta, rows)


def stratified_case() -> Case:
    """The other estimate of pythae, its default, beside ours; it is only checked."""
    beta = WEIGHTS[TC]
    ours = BetaTCVAE(beta, num_pictures=NUM_PICTURES)
    theirs = PythaeBetaTCVAE(NUM_PICTURES, stratified=True, beta=beta)
    row = Row(PYTHAE, PYTHAE, theirs, asked=STRATIFIED)
    return Case(STRATIFIED, ours, beta, (), (row,))


def adversarial_case() -> Case:
    """FactorVAE: disent has none, pythae's encoder has another gradient."""
    gamma = WEIGHTS[FACTOR]
    ours, theirs = FactorVAE(gamma), PythaeFactorVAE(gamma)
    as_pythae = f"{OURS}, pythae's definition"
    rows = (
        Row(OURS, OURS, ours),
        Row(PYTHAE, PYTHAE, theirs, asked=FACTOR, beside=as_pythae),
        Row(as_pythae, OURS, theirs),
    )
    return Case(FACTOR, ours, gamma, rows)


CASES = (
    same_everywhere(PLAIN, ELBO()),
    same_everywhere(BETA, BetaVAE(WEIGHTS[BETA])),
    total_correlation_case(),
    stratified_case(),
    adversarial_case(),
)
