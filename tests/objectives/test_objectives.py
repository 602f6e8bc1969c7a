import jax
import jax.numpy as jnp
import numpy as np
import pytest
from small_models import batch_of, loss, model_of

from tinyvae.objectives import ELBO, AnnealedTC, BetaTCVAE, BetaVAE
from tinyvae.objectives.objective import encode_batch
from tinyvae.objectives.total_correlation import (
    batch_total_correlation,
    stratified_total_correlation,
)

KEY = jax.random.key(10_002)
MODEL, BATCH = model_of("vae"), batch_of("vae")


def terms_of(objective, progress=0.5):
    return loss(objective, MODEL, BATCH, progress, KEY)[1]


def test_plain_vae_minimises_minus_the_elbo():
    terms = terms_of(ELBO())
    np.testing.assert_allclose(terms.loss, -terms.elbo, rtol=1e-6)
    assert terms.penalties == ()


def test_beta_one_is_the_plain_vae():
    plain, beta = terms_of(ELBO()), terms_of(BetaVAE(1.0))
    np.testing.assert_allclose(plain.loss, beta.loss)


def test_beta_weighs_the_kl():
    terms = terms_of(BetaVAE(6.0))
    assert terms.kl_weight == 6
    expected = terms_of(ELBO()).loss + 5 * terms.kl.sum()
    np.testing.assert_allclose(terms.loss, expected, rtol=1e-6)


def test_beta_one_of_the_total_correlation_is_the_plain_vae():
    plain, beta = terms_of(ELBO()), terms_of(BetaTCVAE(1.0))
    np.testing.assert_allclose(plain.loss, beta.loss, rtol=1e-6)


@pytest.mark.parametrize("num_pictures", [None, 100])
def test_beta_weighs_the_total_correlation(num_pictures):
    terms = terms_of(BetaTCVAE(6.0, num_pictures))
    encoded = encode_batch(MODEL.vae, BATCH.images, key=KEY)
    drawn = encoded.posterior, encoded.latent
    correlation = (
        batch_total_correlation(*drawn)
        if num_pictures is None
        else stratified_total_correlation(*drawn, num_pictures)
    )
    assert terms.kl_weight == 1
    expected = terms_of(ELBO()).loss + 5 * correlation
    np.testing.assert_allclose(terms.loss, expected, rtol=1e-5)


def test_pictures_are_counted_from_one():
    with pytest.raises(ValueError, match="num_pictures of at least 1, got 0"):
        BetaTCVAE(num_pictures=0)


def test_terms_are_means_over_the_batch():
    encoded = encode_batch(MODEL.vae, BATCH.images, key=KEY)
    terms = terms_of(ELBO())
    expected = np.mean(encoded.log_likelihood)
    np.testing.assert_allclose(terms.reconstruction, expected, rtol=1e-5)
    kl = np.mean(encoded.posterior.kl_to_prior(), axis=0)
    np.testing.assert_allclose(terms.kl, kl, rtol=1e-5)


def test_the_annealed_penalty_is_the_total_correlation_of_the_batch():
    encoded = encode_batch(MODEL.vae, BATCH.images, key=KEY)
    (penalty,) = terms_of(AnnealedTC(), progress=0.1).penalties
    expected = batch_total_correlation(encoded.posterior, encoded.latent)
    np.testing.assert_allclose(penalty.value, expected, rtol=1e-4)
    assert (penalty.name, penalty.weight) == ("total correlation", 30)


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
