"""The estimator as its users meet it, beyond scikit-learn's own checks."""

import pickle
import subprocess
import sys
from itertools import product

import jax.numpy as jnp
import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import tinyvae as tv
from tinyvae.interop import array_training
from tinyvae.interop.array_rows import capacity
from tinyvae.interop.array_training import lowest_loss
from tinyvae.sklearn import VAE

SMALL = {"hidden_layer_sizes": (6,), "steps": 20, "batch_size": 16, "random_state": 0}
TRAINED = {"hidden_layer_sizes": (16,), "steps": 500, "learning_rate": 0.01}
COLUMNS = ["height", "weight", "age"]


def small(**settings):
    return VAE(**{**SMALL, **settings})


@pytest.fixture(scope="module")
def X():
    rng = np.random.default_rng(10_000)
    source = rng.standard_normal((60, 1))
    return np.hstack([source, -source, rng.standard_normal((60, 1))])


@pytest.fixture(scope="module")
def fitted(X):
    return small().fit(X)


def test_codes_are_the_posterior_means_of_the_vae(fitted, X):
    row = ((X[3] - fitted.mean_) / fitted.scale_).astype(np.float32)
    posterior = fitted.vae_.encode(jnp.asarray(row[None, :, None]))
    np.testing.assert_allclose(
        fitted.transform(X)[3], posterior.code, rtol=1e-4, atol=1e-5
    )


def test_quantised_latents_take_few_values(X):
    model = small(objective=tv.Tripod(levels=3)).fit(X)
    levels = [-1, 0, 1]
    codes = model.transform(X)
    assert np.isin(codes, levels).all()
    decoded = model.inverse_transform(np.array(list(product(levels, levels)), float))
    for row in model.sample(20, random_state=0):
        assert np.isclose(decoded, row).all(axis=1).any()
    # ln p(x | code) minus ln 3 for each of two latents
    row = (X[3] - model.mean_) / model.scale_
    image = jnp.asarray(row, jnp.float32)[None, :, None]
    likelihood = model.vae_.log_likelihood(image, jnp.asarray(codes[3], jnp.float32))
    expected = float(likelihood) - 2 * np.log(3) - np.log(model.scale_).sum()
    np.testing.assert_allclose(model.score_samples(X)[3], expected, rtol=1e-4)


def test_the_same_random_state_gives_the_same_codes(fitted, X):
    np.testing.assert_array_equal(small().fit_transform(X), fitted.transform(X))
    other = small(random_state=1).fit_transform(X)
    assert not np.allclose(other, fitted.transform(X))


def test_reconstructions_are_in_the_units_of_the_input(X):
    model = small(**TRAINED)
    far = X * [1, 1000, 1e-3] + [0, 5000, 1]
    model.fit(far)
    again = model.inverse_transform(model.transform(far))
    left = ((again - far) ** 2).mean(0) / far.var(0)
    assert left.max() < 0.3


def test_the_score_is_a_log_density_in_the_units_of_the_input(fitted, X):
    # density of 10 x + 3 is a tenth for each feature
    other = small().fit(10 * X + 3)
    loss = X.shape[1] * np.log(10)
    assert other.score(10 * X + 3) == pytest.approx(fitted.score(X) - loss, abs=0.05)


def test_the_score_is_below_the_log_density_of_the_best_gaussian():
    numbers = np.random.default_rng(10_000).standard_normal((2000, 1))
    model = small(n_components=1, **TRAINED).fit(numbers)
    best = -0.5 * (np.log(2 * np.pi * numbers.var()) + 1)
    assert best - 0.2 < model.score(numbers) < best


def test_the_score_is_the_mean_of_the_samples_and_repeats(fitted, X):
    samples = fitted.score_samples(X)
    assert fitted.score(X) == samples.mean()
    np.testing.assert_array_equal(fitted.score_samples(X[5:9]), samples[5:9])
    # draws depend on the row: equal rows have equal values
    np.testing.assert_array_equal(fitted.score_samples(X[[5, 5]]), samples[[5, 5]])


def test_more_rows_than_a_block(fitted, X):
    many = np.vstack([X] * 10)
    codes = np.vstack([fitted.transform(X)] * 10)
    np.testing.assert_array_equal(fitted.transform(many), codes)


@pytest.mark.parametrize("num", [2, 255, 257, 5000, 65_537, 1_000_000])
def test_padding_is_small(num):
    assert num <= capacity(num) <= max(256, num + max(256, num // 8))


def test_padding_is_never_trained_on():
    # rows of zeros would be far from these, without standardisation
    model = small(standardize=False, steps=400, learning_rate=0.02)
    model.fit(np.full((20, 1), 5.0) + np.linspace(-0.1, 0.1, 20)[:, None])
    assert model.sample(50, random_state=0).min() > 4


def test_likelihood_auto_is_bernoulli_for_zeros_and_ones(X):
    binary = (X > 0).astype(int)
    model = small().fit(binary)
    assert model.likelihood_ == "bernoulli"
    assert model.transform(binary).dtype == np.float64
    probabilities = model.inverse_transform(model.transform(binary))
    assert 0 < probabilities.min() < probabilities.max() < 1
    assert model.score(binary) < 0
    with pytest.raises(ValueError, match="from 0 to 1 .* got 2"):
        model.score(binary * 2)


def test_a_number_between_0_and_1_is_the_probability_of_a_1():
    quarters = np.full((60, 3), 0.25)
    settings = {"steps": 400, "learning_rate": 0.02}
    model = small(likelihood="bernoulli", **settings).fit(quarters)
    found = model.inverse_transform(model.transform(quarters))
    np.testing.assert_allclose(found, 0.25, atol=0.02)
    # the best score is minus the entropy of three coins
    entropy = 3 * -(0.25 * np.log(0.25) + 0.75 * np.log(0.75))
    assert -entropy - 0.1 < model.score(quarters) <= -entropy


def test_float32_stays_float32(fitted, X):
    codes = fitted.transform(X.astype(np.float32))
    assert codes.dtype == np.float32
    assert fitted.inverse_transform(codes).dtype == np.float32


def test_names_and_frames(X):
    frame = pd.DataFrame(dict(zip(COLUMNS, X.T, strict=True)))
    model = small().set_output(transform="pandas").fit(frame)
    codes = model.transform(frame)
    assert isinstance(codes, pd.DataFrame)
    assert list(codes.columns) == ["vae0", "vae1"]
    assert list(model.get_feature_names_out()) == ["vae0", "vae1"]
    assert list(model.feature_names_in_) == COLUMNS
    assert model.inverse_transform(codes).shape == X.shape


def test_a_part_of_the_columns(X):
    frame = pd.DataFrame(dict(zip(COLUMNS, X.T, strict=True)))
    columns = [("codes", small(), ["height", "weight"])]
    model = ColumnTransformer(columns, remainder="passthrough")
    model.set_output(transform="pandas")
    codes = pd.DataFrame(model.fit_transform(frame))
    assert list(codes.columns) == [
        "codes__vae0",
        "codes__vae1",
        "remainder__age",
    ]


def test_pipeline_and_grid_search(X):
    y = X[:, 0] > 0
    pipeline = make_pipeline(StandardScaler(), small(**TRAINED), LogisticRegression())
    assert pipeline.fit(X, y).score(X, y) > 0.9
    grid = {"objective": ["vae", tv.BetaVAE(beta=8.0)]}
    search = GridSearchCV(small(), grid, cv=2).fit(X)
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()


def test_a_pickled_model_gives_the_same_codes(fitted, X):
    again = pickle.loads(pickle.dumps(fitted))
    np.testing.assert_array_equal(again.transform(X), fitted.transform(X))
    assert again.history_ == fitted.history_


def test_history_and_kl(fitted):
    assert fitted.n_iter_ == 20
    assert [row.step for row in fitted.history_] == list(range(1, 21))
    assert fitted.kl_.shape == (2,)
    np.testing.assert_allclose(fitted.kl_, fitted.history_[-1].kl)


def test_steps_follow_the_number_of_rows(X):
    assert small(steps=None).fit(X).n_iter_ == 400  # 60 rows, 16 in a batch
    assert small(steps=None, batch_size=60).fit(X).n_iter_ == 300


def test_of_several_starts_the_one_of_lowest_loss_continues(X, monkeypatch):
    seen = []
    monkeypatch.setattr(
        array_training,
        "lowest_loss",
        lambda state, history, *rest: (
            seen.append(list(history)) or lowest_loss(state, history, *rest)
        ),
    )
    model = small(n_init=3).fit(X)
    (number,) = {row.member for row in model.history_}
    # the plain VAE is judged by the tenth of its training before the middle
    rows = [row for row in seen[0] if 8 < row.step <= 10]
    losses = [np.mean([r.loss for r in rows if r.member == n]) for n in range(3)]
    assert number == np.argmin(losses)
    assert model.n_iter_ == len(model.history_) == 20


def test_beta_reaches_the_objective(X):
    free = small(objective="beta-vae", beta=0.0, **TRAINED).fit(X)
    bound = small(objective="beta-vae", beta=50.0, **TRAINED).fit(X)
    assert bound.kl_.sum() < 0.1 < free.kl_.sum()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (
            {"n_components": 0},
            r"n_components: expected a whole number, 1 to 512, got 0",
        ),
        ({"n_components": 2.5}, "n_components: expected a whole number"),
        ({"steps": 0}, "steps: expected a whole number, 1 or more, got 0"),
        ({"batch_size": 1}, "batch_size: expected a whole number, 2 or more, got 1"),
        ({"n_init": True}, "n_init: expected a whole number"),
        ({"hidden_layer_sizes": ()}, "at least one hidden layer"),
        ({"hidden_layer_sizes": (4, 0)}, "hidden_layer_sizes: expected a whole"),
        ({"activation": "swish"}, "expected an activation among relu"),
        ({"objective": "gan"}, "objective: expected one of coarse-to-fine, annealed"),
        ({"objective": "beta_vae"}, "got .beta_vae.\\. Did you mean .beta-vae.\\?"),
        ({"objective": VAE}, "objective: expected one of"),
        ({"objective": tv.BetaVAE}, "got the class BetaVAE. Write .* tv.BetaVAE"),
        ({"objective": "semi-supervised"}, "got 'semi-supervised', which needs labels"),
        ({"objective": "ada-gvae"}, "got 'ada-gvae', which needs pairs of pictures"),
        ({"objective": tv.AdaMLVAE()}, "learns from X alone, got 'ada-ml-vae'"),
        ({"beta": 2.0}, "the objective 'vae' has no beta, got 2.0"),
        ({"objective": "beta-vae", "beta": "2"}, "beta: expected a number, got '2'"),
        ({"objective": "beta-vae", "beta": -1.0}, "a finite beta of at least 0"),
        ({"likelihood": "poisson"}, "likelihood: expected auto, bernoulli"),
        ({"likelihood": "bernoulli"}, "from 0 to 1 for likelihood='bernoulli'"),
        ({"likelihood": "continuous-bernoulli"}, "expected numbers from 0 to 1"),
        ({"learning_rate": 0.0}, "a finite learning rate above 0, got 0.0"),
        ({"learning_rate": "fast"}, "learning_rate: expected a number"),
    ],
)
def test_wrong_parameters_are_refused(settings, message, X):
    with pytest.raises(ValueError, match=message):
        small(**settings).fit(X)


def test_latents_of_another_width_are_refused(fitted):
    with pytest.raises(ValueError, match=r"shape \(sample, 2\), got \(1, 3\)"):
        fitted.inverse_transform(np.zeros((1, 3)))


def test_only_the_estimator_imports_scikit_learn():
    code = (
        "import sys, tinyvae as tv\n"
        "tv.train, tv.Circles\n"
        "assert 'sklearn' not in sys.modules\n"
        "tv.sklearn.VAE\n"
        "assert 'sklearn' in sys.modules\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
