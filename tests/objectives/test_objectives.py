import jax
import jax.numpy as jnp
import numpy as np
import pytest

from tinyvae.models.gaussian import DiagonalGaussian
from tinyvae.objectives import ELBO, OBJECTIVES, AnnealedTC, BetaVAE, EncodedBatch


@pytest.fixture
def batch() -> EncodedBatch:
    keys = jax.random.split(jax.random.key(10_000), 4)
    posterior = DiagonalGaussian(
        jax.random.normal(keys[0], (8, 3)), jax.random.normal(keys[1], (8, 3)) - 2
    )
    return EncodedBatch(
        posterior,
        jax.random.normal(keys[2], (8, 3)),
        -10 * jax.random.uniform(keys[3], (8,)),
    )


@pytest.mark.parametrize("kind", OBJECTIVES)
@pytest.mark.parametrize("progress", [0.0, 0.3, 1.0])
def test_loss_is_the_weighted_sum_of_its_terms(kind, progress, batch):
    terms = OBJECTIVES[kind]().terms(batch, jnp.asarray(progress))
    expected = (
        -terms.reconstruction
        + terms.kl_weight * terms.kl.sum()
        + terms.tc_weight * terms.total_correlation
    )
    np.testing.assert_allclose(terms.loss, expected, rtol=1e-6)
    np.testing.assert_allclose(terms.reconstruction, batch.log_likelihood.mean())
    assert terms.kl.shape == (3,)


@pytest.mark.parametrize("kind", OBJECTIVES)
def test_kind_is_the_name_under_which_it_is_found(kind):
    assert OBJECTIVES[kind]().kind == kind


def test_plain_vae_minimises_minus_the_elbo(batch):
    terms = ELBO().terms(batch, jnp.asarray(0.5))
    np.testing.assert_allclose(terms.loss, -terms.elbo, rtol=1e-6)


def test_beta_one_is_the_plain_vae(batch):
    plain, beta = (o.terms(batch, jnp.asarray(0.5)) for o in (ELBO(), BetaVAE(1.0)))
    np.testing.assert_allclose(plain.loss, beta.loss)


def test_kl_weight_falls_linearly_to_one():
    objective = AnnealedTC(kl_weight=21.0, kl_until=0.5)
    found = [
        float(objective.kl_weight_at(jnp.asarray(float(t)))) for t in (0, 0.25, 0.5, 1)
    ]
    np.testing.assert_allclose(found, [21, 11, 1, 1])


def test_tc_weight_holds_and_then_falls_geometrically():
    objective = AnnealedTC(tc_weight=40.0, tc_until=0.5, tc_weight_end=0.1, tc_end=0.9)
    found = [
        float(objective.tc_weight_at(jnp.asarray(float(t)))) for t in (0, 0.5, 0.7, 0.9)
    ]
    np.testing.assert_allclose(found, [40, 40, 2, 0.1], rtol=1e-5)


@pytest.mark.parametrize("weight", [-1.0, float("nan"), float("inf")])
def test_weights_must_be_finite_and_not_negative(weight):
    with pytest.raises(ValueError, match=f"finite beta of at least 0, got {weight}"):
        BetaVAE(weight)
    with pytest.raises(
        ValueError, match=f"finite tc_weight of at least 0, got {weight}"
    ):
        AnnealedTC(tc_weight=weight)


def test_a_geometric_fall_cannot_reach_zero():
    with pytest.raises(ValueError, match="tc_weight_end above 0.* got 0"):
        AnnealedTC(tc_weight_end=0.0)


def test_times_must_be_in_order():
    with pytest.raises(ValueError, match="tc_until=0.9, tc_end=0.5"):
        AnnealedTC(tc_until=0.9, tc_end=0.5)
