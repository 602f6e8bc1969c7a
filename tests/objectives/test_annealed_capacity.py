import jax
import jax.numpy as jnp
import numpy as np
import pytest
from small_models import batch_of, loss, model_of

from tinyvae.models.vae import gaussian
from tinyvae.objectives import ELBO, AnnealedCapacity

KEY = jax.random.key(10_002)
MODEL, BATCH = model_of("vae"), batch_of("vae")


def kl_of_each_picture():
    """KL of each posterior to the prior, latent by latent and picture by picture."""
    posterior = gaussian(jax.vmap(MODEL.vae.encode)(BATCH.images), "this law")
    mean, log_variance = np.asarray(posterior.mean), np.asarray(posterior.log_variance)
    return [
        sum(
            0.5 * (m**2 + np.exp(v) - 1 - v)
            for m, v in zip(mean[i], log_variance[i], strict=True)
        )
        for i in range(len(mean))
    ]


@pytest.mark.parametrize("capacity", [0.0, 1e-3, 40.0])
def test_the_loss_is_the_distance_of_the_mean_kl(capacity):
    objective = AnnealedCapacity(capacity, 1000.0)
    _, terms = loss(objective, MODEL, BATCH, 0.5, KEY)
    _, plain = loss(ELBO(), MODEL, BATCH, 0.5, KEY)
    distance = abs(np.mean(kl_of_each_picture()) - capacity)
    (found,) = terms.penalties
    np.testing.assert_allclose(found.value, distance, rtol=1e-4, atol=1e-7)
    assert (found.weight, terms.kl_weight) == (1000, 0)
    expected = -plain.reconstruction + 1000 * distance
    np.testing.assert_allclose(terms.loss, expected, rtol=1e-5)
    np.testing.assert_allclose(terms.elbo, plain.elbo, rtol=1e-6)


def test_the_distance_is_not_taken_of_each_picture():
    # between the least and the largest KL, the two differ
    each = kl_of_each_picture()
    capacity = float(np.mean(each))
    _, terms = loss(AnnealedCapacity(capacity), MODEL, BATCH, 1.0, KEY)
    of_each = np.mean([abs(kl - capacity) for kl in each])
    assert float(terms.penalties[0].value) < 0.01 * of_each


def test_capacity_rises_linearly_and_stays():
    objective = AnnealedCapacity(20.0, capacity_until=0.5)
    found = [
        float(objective.capacity_at(jnp.asarray(float(t)))) for t in (0, 0.25, 0.5, 1)
    ]
    np.testing.assert_allclose(found, [0, 10, 20, 20])


def test_a_member_is_chosen_once_the_capacity_is_reached():
    assert AnnealedCapacity().selection_window() == (0.4, 0.5)
    assert AnnealedCapacity(capacity_until=0.7).selection_window()[0] == 0.7
    assert AnnealedCapacity(capacity_until=1.0).selection_window() == (0.9, 1.0)


@pytest.mark.parametrize("capacity", [-1.0, float("inf")])
def test_capacity_must_be_finite_and_not_negative(capacity):
    with pytest.raises(ValueError, match=f"at least 0 nats, got {capacity}"):
        AnnealedCapacity(capacity)
    with pytest.raises(ValueError, match="finite capacity_weight .* got -1"):
        AnnealedCapacity(capacity_weight=-1.0)


@pytest.mark.parametrize("until", [0.0, 1.5])
def test_capacity_is_reached_within_training(until):
    with pytest.raises(ValueError, match=f"share of training, got {until}"):
        AnnealedCapacity(capacity_until=until)
