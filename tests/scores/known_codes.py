"""Factors and codes whose scores are known."""

import numpy as np

GRID_FACTORS = np.stack(
    np.meshgrid(np.arange(6.0), np.arange(16.0), np.arange(16.0), indexing="ij"), -1
).reshape(-1, 3)


def independent_factors(num_rows: int, num_factors: int = 3, seed: int = 0):
    """Continuous, uniform, independent factors."""
    return np.random.default_rng(seed).uniform(size=(num_rows, num_factors))


def standardised(values):
    return (values - values.mean(axis=0)) / values.std(axis=0)


def turned(codes, degrees, first=1, second=2):
    """Codes with two latents turned into each other."""
    angle = np.radians(degrees)
    found = codes.copy()
    found[:, first] = np.cos(angle) * codes[:, first] + np.sin(angle) * codes[:, second]
    found[:, second] = (
        np.cos(angle) * codes[:, second] - np.sin(angle) * codes[:, first]
    )
    return found


def noisy(num_rows: int, *, degrees: float, seed: int = 0):
    """Turned codes of three factors with noise, and a latent of noise alone."""
    rng = np.random.default_rng(seed)
    factors = rng.uniform(size=(num_rows, 3))
    codes = turned(standardised(factors), degrees)
    codes = codes + 0.2 * rng.normal(size=codes.shape)
    return np.column_stack([codes, rng.normal(size=num_rows)]), factors
