import numpy as np
from sklearn.decomposition import FastICA

from tinyvae.measures.ica import independent_components
from tinyvae.measures.share import share_matrix

MIXING = np.array([[1.0, 0.4, -0.3], [0.2, 1.0, 0.8], [-0.6, 0.1, 1.0]])


def match(first, second):
    """Absolute correlations of two sets of components."""
    return np.abs(np.corrcoef(first.T, second.T)[: first.shape[1], first.shape[1] :])


def test_independent_factors_are_found_in_any_linear_mixture(grid):
    found = independent_components(grid.codes @ MIXING, grid.probability)
    assert found.converged
    shares = share_matrix(found.components, grid.factors, grid.probability)
    np.testing.assert_allclose(np.sort(shares, axis=0)[-1], 1, atol=1e-6)


def test_agrees_with_scikit_learn(grid):
    rng = np.random.default_rng(0)
    codes = (grid.codes + 0.2 * rng.laplace(size=grid.codes.shape)) @ MIXING
    theirs = FastICA(whiten="unit-variance", random_state=0, tol=1e-8, max_iter=1000)
    expected = theirs.fit_transform(codes)
    found = independent_components(codes, grid.probability)
    correlation = match(found.components, expected)
    np.testing.assert_allclose(correlation.max(axis=0), 1, atol=1e-5)


def test_weights_equal_duplicated_rows(grid):
    rng = np.random.default_rng(0)
    count = rng.integers(1, 4, size=len(grid.codes))
    weighted = independent_components(grid.codes @ MIXING, count / count.sum())
    repeated = independent_components(
        (grid.codes @ MIXING).repeat(count, axis=0),
        np.full(count.sum(), 1 / count.sum()),
    )
    correlation = match(weighted.components.repeat(count, axis=0), repeated.components)
    np.testing.assert_allclose(correlation.max(axis=0), 1, atol=1e-6)


def test_gaussian_noise_never_raises(grid):
    noise = np.random.default_rng(0).normal(size=(len(grid.codes), 5))
    found = independent_components(noise, grid.probability)
    assert found.components.shape == noise.shape
    assert np.isfinite(found.components).all()


def test_repeated_dead_and_inactive_latents_are_left_out(grid):
    codes = np.hstack([grid.codes, grid.codes[:, :1], np.zeros((len(grid.codes), 1))])
    assert independent_components(codes, grid.probability).components.shape[1] == 3
    none = np.zeros(5, bool)
    assert independent_components(codes, grid.probability, none).components.size == 0
