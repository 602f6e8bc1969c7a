"""Codes that take a few values: ties count as equal, whatever the order of the rows."""

import numpy as np

import tinyvae as tv
from tinyvae.measures.tables import readout_of_table, share_of_table
from tinyvae.representation import Representation
from tinyvae.scores import mig

TABLE = tv.Circles(32).table
RADIUS, X, Y = TABLE.values.T
# six radii as they are; sixteen places in four levels of four
CODES = np.stack([RADIUS / 3, X // 4 - 3.5, -(Y // 4)], axis=1)


def test_levels_of_places_are_shares_of_1_and_lose_what_is_within_them():
    np.testing.assert_allclose(share_of_table(CODES, TABLE), np.eye(3), atol=1e-9)
    readout = readout_of_table(CODES, TABLE)
    # variance of n even steps: (n^2 - 1) / 12; within levels of four, of all sixteen
    kept = 1 - (4**2 - 1) / (16**2 - 1)
    np.testing.assert_allclose(np.diagonal(readout), [1, kept, kept], atol=0.01)
    assert np.abs(readout - np.diag(np.diagonal(readout))).max() < 0.01


def test_the_order_of_the_rows_does_not_count():
    order = np.random.default_rng(10_000).permutation(len(CODES))
    active = np.ones(3, bool)
    shuffled = tv.FactorTable(
        TABLE.factors,
        TABLE.values[order],
        TABLE.probability[order],
        independent=True,
        complete=True,
    )
    for score in (share_of_table, readout_of_table):
        np.testing.assert_allclose(
            score(CODES[order], shuffled), score(CODES, TABLE), atol=1e-6
        )
    plain, other = (
        mig(Representation(codes, table, active)).value
        for codes, table in ((CODES, TABLE), (CODES[order], shuffled))
    )
    assert plain == other
