"""How much of the fault is only rotation: the best share over SO(n), with factors."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float

from tinyvae.measures.matching import match_latents, matched_values
from tinyvae.measures.share import (
    between_covariance,
    covariance,
    is_constant,
    share_matrix,
)

NUM_STARTS = 6
MAX_SWEEPS = 60
SWEPT_ROWS = 300  # rows in all sweeps of a climb: many latents get fewer sweeps
TOLERANCE = 1e-10  # gain of mean share in a sweep below which the search ends
ANGLES = np.linspace(-np.pi / 2, np.pi / 2, 48, endpoint=False)
NUM_REFINEMENTS = 5  # each looks 24 times as closely at the best angle
SEED = 0


class BestRotation(NamedTuple):
    """The latents turned so that each factor is as much in one latent as it can be.

    The turned code is `rotation @ code`; `matching` names, for each factor, its row.
    """

    rotation: Float[np.ndarray, "latent latent"]
    angle: float  # degrees, 0: nothing to turn
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

    The codes are turned as they are, without whitening: the prior N(0, I) is blind to
    exactly these rotations. The factors are used, so this is a bound, not a method.
    Turning never bends: what a rotation does not repair is warped or lost.

    The share of row r of a rotation is (r B_k r') / (r C r') with C the covariance of
    the codes and B_k that of E[z | f_k], so the data are read once. Jacobi sweeps turn
    one pair of rows at a time to the best angle, from the identity and from five
    random starts. The result is turned back to the signed permutation nearest to the
    identity, which leaves every share as it is; `angle` is the geodesic distance
    from the identity (for 2 or 3 latents, the angle of the turn).
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
    """Length of the shortest way from the identity to a rotation, in degrees.

    The root of the sum of squares of its angles, one for each plane that it turns.
    """
    phases = np.angle(np.linalg.eigvals(rotation))
    return float(np.degrees(np.sqrt((phases**2).sum() / 2)))


def _search(whole, between):
    """Rows 0, 1, ... take factors 0, 1, ...; the best of several starts wins.

    Any row can become any factor's, since the starts permute and turn them all.
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


def _climb(rotation, whole, between):
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


def _shares(rows, whole, between):
    variance = np.einsum("...i,ij,...j->...", rows, whole, rows)
    explained = np.einsum("...i,kij,...j->...k", rows, between, rows)
    return explained / np.maximum(variance, np.finfo(float).tiny)[..., None]


def _owners(rotation, whole, between):
    """Factor that each row is turned towards; -1 for a row that is left over."""
    shares = _shares(rotation, whole, between)
    matching = match_latents(shares, shares, np.ones(len(rotation), bool))
    owners = np.full(len(rotation), -1)
    for factor, row in enumerate(matching):
        if row is not None:
            owners[row] = factor
    return owners


def _matched_mean(shares, owners):
    rows = np.flatnonzero(owners >= 0)
    return shares[rows, owners[rows]].sum() / shares.shape[1]


def _turn_pair(rotation, first, second, owners, whole, between):
    """Turn two rows in their plane by the angle at which their shares are largest."""
    if owners[first] < 0 and owners[second] < 0:
        return rotation
    pair = rotation[[first, second]]
    whole_2, between_2 = pair @ whole @ pair.T, pair @ between @ pair.T

    def gain(angle):
        turned = np.stack([np.cos(angle), np.sin(angle)], axis=-1)
        across = np.stack([-np.sin(angle), np.cos(angle)], axis=-1)
        total = np.zeros_like(angle)
        for row, owner in ((turned, owners[first]), (across, owners[second])):
            if owner >= 0:
                total += _shares(row, whole_2, between_2[[owner]])[..., 0]
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


def _nearest_to_identity(rotation):
    """Permute rows and change signs so that the turn is smallest; determinant 1."""
    from scipy.optimize import linear_sum_assignment

    _, row_of = linear_sum_assignment(np.abs(rotation).T, maximize=True)
    rows = rotation[row_of]
    signs = np.where(np.diag(rows) < 0, -1.0, 1.0)
    rows = rows * signs[:, None]
    if np.linalg.det(rows) < 0:
        rows[np.argmin(np.diag(rows))] *= -1
    return rows
