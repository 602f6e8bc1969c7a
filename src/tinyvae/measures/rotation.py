"""The effect of rotation: the best share over SO(n), found with the factors."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Int

from tinyvae.measures.matching import match_latents, matched_values
from tinyvae.measures.share import (
    between_covariance,
    covariance,
    is_constant,
    share_matrix,
)

NUM_STARTS = 6
MAX_SWEEPS = 60
SWEPT_ROWS = 300  # rows in all sweeps of one search: many latents get fewer sweeps
TOLERANCE = 1e-10  # the search ends when a sweep gains less mean share
ANGLES = np.linspace(-np.pi / 2, np.pi / 2, 48, endpoint=False)
NUM_REFINEMENTS = 5  # each searches a 24 times finer grid around the best angle
SEED = 0


class BestRotation(NamedTuple):
    """The latents rotated so that each factor is concentrated in one latent.

    The rotated code is `rotation @ code`; `matching` gives the row for each factor.
    """

    rotation: Float[np.ndarray, "latent latent"]
    angle: float  # degrees, 0: no rotation is needed
    share: Float[np.ndarray, "latent factor"]
    matching: tuple[int | None, ...]
    matched_share: Float[np.ndarray, " factor"]


def best_rotation(
    codes: Float[np.ndarray, "sample latent"],
    factors: Float[np.ndarray, "sample factor"],
    probability: Float[np.ndarray, " sample"],
    active: Bool[np.ndarray, " latent"] | None = None,
) -> BestRotation:
    """The rotation of the active latents that maximises the mean matched share.

    The codes are rotated without whitening, since the prior N(0, I) is invariant under
    exactly these rotations. The search uses the factors, so the result is a bound, not
    a method. A rotation is linear: what it does not repair is nonlinear or lost.

    The share of row r of a rotation is (r B_k r') / (r C r') with C the covariance of
    the codes and B_k that of E[z | f_k], so the data are used once. Jacobi sweeps turn
    one pair of rows at a time to the best angle, from the identity and from five
    random starts. The result is multiplied by the signed permutation that brings it
    nearest to the identity, which changes no share; `angle` is its geodesic distance
    from the identity (for 2 or 3 latents, the angle of rotation).
    """
    moving = ~is_constant(codes)
    active = moving if active is None else active & moving
    defined = np.flatnonzero(~is_constant(factors))
    num_latents, num_active = codes.shape[1], int(active.sum())
    rotation = np.eye(num_latents)
    if num_active > 1 and len(defined) > 0:
        kept = codes[:, active]
        between = np.stack(
            [between_covariance(kept, factors[:, k], probability) for k in defined]
        )
        best = _search(covariance(kept, probability), between)
        rotation[np.ix_(active, active)] = _nearest_to_identity(best)
    turned = share_matrix(codes @ rotation.T, factors, probability)
    matching = match_latents(turned, turned, active)
    return BestRotation(
        rotation,
        geodesic_angle(rotation) if num_active > 1 and len(defined) > 0 else 0.0,
        turned,
        matching,
        matched_values(turned, matching),
    )


def geodesic_angle(rotation: Float[np.ndarray, "latent latent"]) -> float:
    """Geodesic distance of a rotation from the identity, in degrees.

    The square root of the sum of its squared angles, one for each plane that it turns.
    """
    phases = np.angle(np.linalg.eigvals(rotation))
    return float(np.degrees(np.sqrt((phases**2).sum() / 2)))


def _search(
    whole: Float[np.ndarray, "latent latent"],
    between: Float[np.ndarray, "factor latent latent"],
) -> Float[np.ndarray, "latent latent"]:
    """Rows 0, 1, ... are matched with factors 0, 1, ...; the best of several starts.

    Every row can be matched with every factor, since the starts permute and mix them.
    """
    rng = np.random.default_rng(SEED)
    best, best_mean = np.eye(len(whole)), -np.inf
    for start in range(NUM_STARTS):
        rotation = np.eye(len(whole))
        if start > 0:
            rotation = np.linalg.qr(rng.normal(size=whole.shape))[0]
        rotation, mean = _climb(rotation, whole, between)
        if mean > best_mean + TOLERANCE:
            best, best_mean = rotation, mean
    return best


def _climb(
    rotation: Float[np.ndarray, "latent latent"],
    whole: Float[np.ndarray, "latent latent"],
    between: Float[np.ndarray, "factor latent latent"],
) -> tuple[Float[np.ndarray, "latent latent"], float]:
    """Sweeps of rotations from one start; the rotation and its mean matched share."""
    mean = -np.inf
    for _ in range(min(MAX_SWEEPS, SWEPT_ROWS // len(rotation))):
        owners = _owners(rotation, whole, between)
        for first in range(len(rotation)):
            for second in range(first + 1, len(rotation)):
                rotation = _turn_pair(rotation, first, second, owners, whole, between)
        shares = _shares(rotation, whole, between)
        before, mean = mean, _matched_mean(shares, _owners(rotation, whole, between))
        if mean - before < TOLERANCE:
            break
    return rotation, mean


def _shares(
    rows: Float[np.ndarray, "*row latent"],
    whole: Float[np.ndarray, "latent latent"],
    between: Float[np.ndarray, "factor latent latent"],
) -> Float[np.ndarray, "*row factor"]:
    """Share of each factor in the latent that each row of a rotation defines."""
    variance = np.einsum("...i,ij,...j->...", rows, whole, rows)
    explained = np.einsum("...i,kij,...j->...k", rows, between, rows)
    return explained / np.maximum(variance, np.finfo(float).tiny)[..., None]


def _owners(
    rotation: Float[np.ndarray, "latent latent"],
    whole: Float[np.ndarray, "latent latent"],
    between: Float[np.ndarray, "factor latent latent"],
) -> Int[np.ndarray, " latent"]:
    """Factor that each row is matched with; -1 for a row without a factor."""
    shares = _shares(rotation, whole, between)
    matching = match_latents(shares, shares, np.ones(len(rotation), bool))
    owners = np.full(len(rotation), -1)
    for factor, row in enumerate(matching):
        if row is not None:
            owners[row] = factor
    return owners


def _matched_mean(
    shares: Float[np.ndarray, "latent factor"], owners: Int[np.ndarray, " latent"]
) -> float:
    rows = np.flatnonzero(owners >= 0)
    return shares[rows, owners[rows]].sum() / shares.shape[1]


def _turn_pair(
    rotation: Float[np.ndarray, "latent latent"],
    first: int,
    second: int,
    owners: Int[np.ndarray, " latent"],
    whole: Float[np.ndarray, "latent latent"],
    between: Float[np.ndarray, "factor latent latent"],
) -> Float[np.ndarray, "latent latent"]:
    """Turn two rows in their plane by the angle that maximises their shares."""
    if owners[first] < 0 and owners[second] < 0:
        return rotation
    pair = rotation[[first, second]]
    whole_2, between_2 = pair @ whole @ pair.T, pair @ between @ pair.T

    def gain(angle):
        cosine, sine = np.cos(angle), np.sin(angle)
        total = np.zeros_like(angle)
        for row, place in (((cosine, sine), first), ((-sine, cosine), second)):
            if (factor := owners[place]) >= 0:
                variance = np.maximum(_form(whole_2, *row), np.finfo(float).tiny)
                total += _form(between_2[factor], *row) / variance
        return total

    angles, step = ANGLES, ANGLES[1] - ANGLES[0]
    best = 0.0
    for _ in range(NUM_REFINEMENTS):
        best = angles[np.argmax(gain(angles))]
        angles = best + np.linspace(-step, step, 49)
        step /= 24
    if gain(np.array([best]))[0] <= gain(np.zeros(1))[0]:
        return rotation
    cosine, sine = np.cos(best), np.sin(best)
    result = rotation.copy()
    result[[first, second]] = np.array([[cosine, sine], [-sine, cosine]]) @ pair
    return result


def _form(
    matrix: Float[np.ndarray, "2 2"],
    first: Float[np.ndarray, " angle"],
    second: Float[np.ndarray, " angle"],
) -> Float[np.ndarray, " angle"]:
    """The quadratic form of a symmetric matrix at each (first, second)."""
    mixed = 2 * matrix[0, 1] * first * second
    return matrix[0, 0] * first**2 + mixed + matrix[1, 1] * second**2


def _nearest_to_identity(
    rotation: Float[np.ndarray, "latent latent"],
) -> Float[np.ndarray, "latent latent"]:
    """Permute rows and change signs for the smallest angle; determinant 1."""
    from scipy.optimize import linear_sum_assignment

    _, row_of = linear_sum_assignment(np.abs(rotation).T, maximize=True)
    rows = rotation[row_of]
    signs = np.where(np.diag(rows) < 0, -1.0, 1.0)
    rows = rows * signs[:, None]
    if np.linalg.det(rows) < 0:
        rows[np.argmin(np.diag(rows))] *= -1
    return rows
