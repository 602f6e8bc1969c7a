"""Pictures without labels, and tables that are small or have many latents."""

import json

import numpy as np
import pytest

import tinyvae.scores as scores
from tinyvae.answer import Answer, ModelFit, build_answer, overall_verdict
from tinyvae.errors import DataError
from tinyvae.factors import Factor, FactorTable
from tinyvae.representation import Representation

GREY = ModelFit(-22.5, -11.5, 11.0, 0.02, float("nan"))


def sampled(num_rows, num_factors, num_latents, active=True):
    rng = np.random.default_rng(0)
    factors = tuple(
        Factor(f"f{place}", (0.0, 1.0, 2.0, 3.0)) for place in range(num_factors)
    )
    values = rng.integers(0, 4, (num_rows, num_factors)).astype(float)
    probability = np.full(num_rows, 1 / num_rows)
    table = FactorTable(factors, values, probability, False, complete=False)
    codes = rng.normal(size=(num_rows, num_latents))
    return Representation(codes, table, np.full(num_latents, active))


@pytest.mark.parametrize(
    ("num_rows", "num_factors", "num_latents"),
    [(10, 0, 1), (10, 0, 3), (300, 0, 120), (10, 1, 1), (10, 1, 3), (50, 2, 105)],
)
@pytest.mark.parametrize("active", [True, False])
def test_an_answer_is_built_shown_and_read_back(
    num_rows, num_factors, num_latents, active
):
    found = sampled(num_rows, num_factors, num_latents, active)
    answer = build_answer(found, kl=np.linspace(0, 3, num_latents), fit=GREY)
    text = json.dumps(answer.to_json(), allow_nan=False)
    back = Answer.from_json(json.loads(text))
    assert json.dumps(back.to_json()) == text
    assert str(back) == str(answer)
    assert "nan" not in str(answer)
    assert "ELBO -22.50" in answer._repr_html_()


def test_without_labels_the_answer_says_kl_and_fit_and_shows_no_table():
    answer = build_answer(sampled(10, 0, 2), kl=np.array([1.5, 0.0]), fit=GREY)
    assert answer.verdict == "no labels"
    assert str(answer).splitlines() == [
        "Which latent is which factor? no labels",
        "KL of each latent, nats: z0 1.50, z1 0.00",
        "ELBO -22.50 = reconstruction -11.50 - KL 11.00 nats; "
        "total correlation of the aggregate posterior 0.02 nats",
    ]
    page = answer._repr_html_()
    assert "no labels" in page
    assert "<table>" not in page


def test_constant_labels_are_undefined_not_absent():
    found = sampled(20, 1, 2)
    found.table.values[:] = 0
    assert build_answer(found).verdict == "undefined"
    assert overall_verdict(()) == "undefined"


def test_of_many_latents_those_with_the_largest_kl_are_listed():
    answer = build_answer(sampled(10, 0, 120), kl=np.arange(120.0))
    line = str(answer).splitlines()[1]
    assert line.startswith("KL of each latent, nats: z100 100.00, z101 ")
    assert line.endswith("z119 119.00, and 100 others (0 not active)")


def test_without_labels_only_the_scores_of_codes_are_given():
    suite = scores.all(sampled(100, 0, 3))
    assert [score.name for score in suite.scores] == [
        "total correlation of codes",
        "mean pairwise mutual information",
    ]
    with pytest.raises(DataError, match="mig: expected at least one factor, got none"):
        scores.mig(sampled(100, 0, 3))
