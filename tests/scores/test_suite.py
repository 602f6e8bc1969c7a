"""The suite of all scores as a mapping and as a frame."""

import sys

import numpy as np
import pytest
from known_codes import noisy

import tinyvae.scores as scores
from tinyvae.errors import DataError
from tinyvae.scores.suite import ORDER
from tinyvae.scores.tables import COLUMNS, TO_REPORT, ScoresOfInputs


@pytest.fixture(scope="module")
def suite():
    return scores.all(*noisy(200, degrees=20))


def test_every_value_has_an_id_of_its_own():
    ids = [one for name in ORDER for one in scores.SCORES[name].ids]
    assert len(set(ids)) == len(ids) == 21
    assert all(one.replace("_", "").isalnum() and one == one.lower() for one in ids)
    assert set(TO_REPORT) < set(ids)


def test_ids_are_these_for_ever():
    assert scores.SCORES["dci"].ids == (
        "dci_disentanglement", "dci_completeness", "dci_informativeness",
    )  # fmt: skip
    assert scores.SCORES["infomec"].ids == ("infom", "infoe", "infoc")
    assert scores.SCORES["mig_nearest"].ids == ("mig_nearest",)


def test_a_suite_is_a_mapping_by_id_that_takes_titles_too(suite):
    assert list(suite) == [score.id for score in suite.scores]
    assert len(suite) == len(suite.scores) == len(dict(suite.items()))
    assert suite["mig_nearest"] is suite["MIG, nearest neighbours"]
    assert suite["mig"] is suite["MIG"]
    assert "infoe" in suite
    assert "InfoE" in suite
    assert "udr" not in suite
    assert suite.get("nothing") is None
    with pytest.raises(KeyError, match="expected a score among share, .*, got 'dci'"):
        suite["dci"]


def test_rows_hold_value_perfect_and_chance(suite):
    table = suite.to_rows()
    assert table.columns == COLUMNS
    row = dict(zip(COLUMNS, table.rows[0], strict=True))
    assert (row["id"], row["perfect"], row["chance"]) == ("share", 1.0, 0.0)
    assert row["value"] == suite["share"].value
    by_id = {row[1]: dict(zip(COLUMNS, row, strict=True)) for row in table.rows}
    assert by_id["factor_vae_score"]["chance"] == pytest.approx(1 / 3)
    assert by_id["infom"]["chance"] is None


def test_a_suite_is_a_frame(suite):
    pytest.importorskip("pandas")
    frame = suite.to_frame()
    assert frame.index.name == "id"
    assert frame.loc["sap", "value"] == suite["sap"].value
    assert frame.loc["explicitness", "chance"] == 0.5


def test_without_pandas_a_frame_is_refused_clearly(suite, monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(DataError, match="expected pandas to make a frame, got no such"):
        suite.to_frame()


def test_html_has_perfect_and_chance_and_escapes_names():
    codes, factors = noisy(100, degrees=20)
    found = scores.all(codes, factors, names=["<b>", "x", "y"])
    html = found._repr_html_()
    assert "<th>perfect</th><th>chance</th>" in html
    assert "&lt;b&gt;" in html
    assert "<b>" not in html


def test_inputs_side_by_side_have_the_same_scores(suite):
    two = ScoresOfInputs(("a", "b"), (suite.scores, suite.scores))
    (table,) = two.paper_tables()
    assert table.columns == ("score", "a", "b", "perfect", "chance")
    assert len(two.data_table().rows) == 2 * len(suite)
    with pytest.raises(ValueError, match="the same scores of each input"):
        ScoresOfInputs(("a", "b"), (suite.scores, suite.scores[1:]))


def test_json_has_the_id_and_what_is_declared(suite):
    for one in suite.to_json():
        assert one["id"] in suite
        assert one["best"] in (0.0, 1.0)
    chances = [one["chance"] for one in suite.to_json()]
    assert all(chance is None or np.isfinite(chance) for chance in chances)
