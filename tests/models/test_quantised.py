import jax
import jax.numpy as jnp
import numpy as np
import pytest

from tinyvae.errors import ConfigError
from tinyvae.models import Bernoulli, FullyConnected
from tinyvae.models.gaussian import DiagonalGaussian
from tinyvae.models.prior import random_latents
from tinyvae.models.quantised import (
    CodebookHead,
    FiniteScalarHead,
    QuantisedHead,
    check_levels,
)
from tinyvae.models.vae import GaussianHead, Posterior, gaussian

RNG = np.random.default_rng(10_000)
FEATURES = jnp.asarray(RNG.normal(size=(200, 3)), jnp.float32)
CODEBOOKS = jnp.asarray(RNG.normal(size=(3, 5)), jnp.float32)  # in no order


def codebook_head(values=CODEBOOKS):
    head = CodebookHead(*values.shape)
    return jax.tree.unflatten(jax.tree.structure(head), [values])


HEADS = [codebook_head(), FiniteScalarHead(3, 2), FiniteScalarHead(3, 7)]
every_head = pytest.mark.parametrize("head", HEADS)


@every_head
def test_a_quantised_head_keeps_both_interfaces(head):
    assert isinstance(head, QuantisedHead)
    assert isinstance(jax.vmap(head)(FEATURES), Posterior)
    assert not isinstance(GaussianHead(3), QuantisedHead)
    assert head.width() == head.latents == 3


def test_codebooks_give_the_value_that_enumeration_finds():
    found = jax.vmap(codebook_head())(FEATURES)
    features, values, levels, codebooks = map(
        np.asarray, (FEATURES, found.quantised, found.level, CODEBOOKS)
    )
    for feature, value, level in zip(features, values, levels, strict=True):
        for latent in range(3):
            distances = [abs(feature[latent] - v) for v in codebooks[latent]]
            nearest = int(np.argmin(distances))
            assert level[latent] == nearest
            assert value[latent] == codebooks[latent, nearest]


def test_codebooks_begin_as_evenly_spaced_values():
    np.testing.assert_allclose(
        CodebookHead(2, 5).values, [[-0.5, -0.25, 0, 0.25, 0.5]] * 2
    )


@pytest.mark.parametrize("num_levels", [2, 3, 8])
def test_fixed_levels_are_the_nearest_by_enumeration(num_levels):
    head = FiniteScalarHead(1, num_levels)
    levels = np.asarray(head.levels())[0]
    np.testing.assert_allclose(levels, np.linspace(-1, 1, num_levels), atol=1e-6)
    features = jnp.linspace(-9, 9, 999)[:, None]
    found = jax.vmap(head)(features)
    distance = np.abs(np.tanh(features) - levels)
    np.testing.assert_allclose(
        np.abs(np.tanh(features) - found.quantised)[:, 0], distance.min(1), atol=1e-6
    )
    assert set(np.unique(found.quantised)) == set(levels)
    np.testing.assert_array_equal(levels[found.level[:, 0]], found.quantised[:, 0])


@every_head
def test_straight_through_has_the_value_of_the_code_and_the_slope_of_the_feature(head):
    def drawn(features):
        return head(features).sample(key=jax.random.key(0))

    def before(features):
        return head(features).continuous

    for features in FEATURES[:5]:
        np.testing.assert_array_equal(drawn(features), head(features).code)
        np.testing.assert_array_equal(
            jax.jacobian(drawn)(features), jax.jacobian(before)(features)
        )
    if isinstance(head, CodebookHead):
        np.testing.assert_array_equal(jax.jacobian(drawn)(FEATURES[0]), np.eye(3))


def test_what_is_decoded_gives_codebooks_no_gradient():
    def drawn(values):
        return codebook_head(values)(FEATURES[0]).sample(key=jax.random.key(0)).sum()

    assert not np.any(jax.grad(drawn)(CODEBOOKS))


def test_the_value_of_a_level_gives_its_codebook_a_gradient():
    level = codebook_head()(FEATURES[0]).level
    slope = jax.grad(lambda v: codebook_head(v)(FEATURES[0]).quantised.sum())(CODEBOOKS)
    np.testing.assert_array_equal(slope, jax.nn.one_hot(level, 5))


@every_head
def test_kl_to_equally_probable_levels_is_that_of_a_point(head):
    posterior = head(FEATURES[0])
    # sum_k p_k ln(p_k / u) for p a point and u = 1 / levels
    expected = np.log(head.levels().shape[1])
    np.testing.assert_allclose(posterior.kl_to_prior(), [expected] * 3, rtol=1e-6)


def test_random_points_take_every_level_equally_often():
    vae = FullyConnected((4,), latents=3).build(
        (1, 2, 1), codebook_head(), Bernoulli(), key=jax.random.key(0)
    )
    points = random_latents(vae, 5000, np.random.default_rng(10_001))
    for column, values in zip(points.T, np.asarray(CODEBOOKS), strict=True):
        levels, counts = np.unique(column, return_counts=True)
        np.testing.assert_array_equal(levels, np.sort(values))
        assert np.abs(counts / 5000 - 1 / 5).max() < 0.03


def test_random_points_of_gaussian_latents_are_standard_normal():
    vae = FullyConnected((4,), latents=2).build(
        (1, 2, 1), GaussianHead(2), Bernoulli(), key=jax.random.key(0)
    )
    points = random_latents(vae, 3, np.random.default_rng(7))
    np.testing.assert_array_equal(
        points, np.random.default_rng(7).standard_normal((3, 2))
    )


def test_quantised_latents_are_refused_where_a_density_is_needed():
    point = codebook_head()(FEATURES[0])
    with pytest.raises(ConfigError, match="expected Gaussian latents for an ELBO, got"):
        gaussian(point, "an ELBO")
    normal = DiagonalGaussian(jnp.zeros(2), jnp.zeros(2))
    assert gaussian(normal, "an ELBO") is normal


@pytest.mark.parametrize("levels", [1, 257])
def test_the_number_of_levels_is_checked(levels):
    with pytest.raises(ConfigError, match=f"2 to 256 levels .*, got {levels}"):
        check_levels(levels)
