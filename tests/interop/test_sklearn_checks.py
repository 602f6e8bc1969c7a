"""scikit-learn's own checks of an estimator; none is expected to fail."""

from sklearn.utils.estimator_checks import parametrize_with_checks

from tinyvae.sklearn import VAE

SMALL = VAE(hidden_layer_sizes=(4,), steps=3, batch_size=8)


@parametrize_with_checks([SMALL])
def test_checks_of_scikit_learn(estimator, check):
    check(estimator)
