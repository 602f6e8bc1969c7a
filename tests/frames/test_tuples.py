"""Encoders that return means and variances: the message says to give the means."""

import numpy as np
import pytest

import tinyvae as tv
from tinyvae.errors import DataError
from tinyvae.from_arrays import representation_of

CODES = np.random.default_rng(0).normal(size=(60, 2))
SIZE = CODES[:, :1]
EXPECTED = r"tuple of 2 arrays .*give the means only; an encoder: encode=lambda x"


def test_an_encoder_of_means_and_variances_is_met_with_what_to_return():
    with pytest.raises(DataError, match=EXPECTED):
        tv.answer(CODES, {"size": SIZE[:, 0]}, encode=lambda x: (x, 0 * x))
    found = tv.answer(CODES, {"size": SIZE[:, 0]}, encode=lambda x: (x, 0 * x)[0])
    assert found.sentences[0].startswith("z0 is partly size")


def test_a_tuple_of_codes_is_met_with_the_same():
    with pytest.raises(DataError, match=EXPECTED):
        tv.answer((CODES, CODES), {"size": SIZE[:, 0]})
    with pytest.raises(DataError, match=EXPECTED):
        representation_of((CODES, CODES), SIZE)


def test_a_tuple_of_rows_is_codes():
    assert representation_of(tuple(CODES), SIZE).num_latents == 2
