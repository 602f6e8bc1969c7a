import copy
import json

import numpy as np
import pytest
from constructed_codes import EXPECTED, GRID, UNIFORM, represent, turned

from tinyvae.answer import Answer, DecoderResponse, ModelFit, build_answer

FIT = ModelFit(-22.5, -11.5, 11.0, 0.02, 0.97)
# The form that the run folder promises.
TOP_KEYS = {
    "factors", "share", "readout", "spearman", "matches", "latents", "linear_readout",
    "after_rotation", "after_ica", "elbo", "reconstruction", "kl",
    "total_correlation", "intersection_over_union", "verdict",
}  # fmt: skip
MATCH_KEYS = {
    "factor", "latent", "direction", "share", "readout", "runner_up_latent",
    "runner_up_share", "runner_up_readout", "verdict", "seen", "short", "why",
    "group", "group_readout", "group_share", "circle", "held_too", "held_too_share",
    "covariate", "covariate_part", "other",
}  # fmt: skip


@pytest.fixture(scope="module")
def answer():
    return build_answer(
        represent(turned(UNIFORM, 20)), kl=np.array([3.0, 4.0, 4.1]), fit=FIT
    )


@pytest.fixture
def data(answer):
    return copy.deepcopy(answer.to_json())


def test_json_has_the_promised_keys(answer):
    data = answer.to_json()
    assert set(data) >= TOP_KEYS
    assert all(set(match) == MATCH_KEYS for match in data["matches"])
    assert data["latents"][0] == {"name": "z0", "kl": 3.0, "active": True}
    assert np.shape(data["share"]) == (3, 3)
    assert data["elbo"] == -22.5
    assert data["verdict"] == "radius only"


@pytest.mark.parametrize("name", ["identity", "dead", "packed alone", "checkerboard"])
def test_json_comes_back_as_it_was(name):
    text = json.dumps(
        build_answer(represent(EXPECTED[name][0])).to_json(), allow_nan=False
    )
    assert json.dumps(Answer.from_json(json.loads(text)).to_json()) == text


def test_every_part_comes_back_from_json():
    answer = build_answer(
        represent(UNIFORM),
        kl=np.ones(3),
        fit=FIT,
        independent_coordinates=GRID,
        decoder=DecoderResponse(GRID.names, np.eye(3)),
    )
    back = Answer.from_json(json.loads(json.dumps(answer.to_json())))
    assert back.fit == FIT
    assert repr(back.matches) == repr(answer.matches)  # NaN is not itself
    assert back.independent_coordinates is not None
    assert back.independent_coordinates.verdict == "yes, each"
    assert back.decoder is not None
    np.testing.assert_array_equal(back.decoder.response, np.eye(3))
    np.testing.assert_array_equal(back.share, answer.share)
    assert str(back) == str(answer)


def test_an_older_answer_with_mixed_factors_is_judged_anew(data):
    new = {
        "short", "why", "group", "group_readout", "group_share", "circle", "other",
        "held_too", "held_too_share", "covariate", "covariate_part",
    }  # fmt: skip
    for match in data["matches"]:
        for key in new:
            del match[key]
        if match["verdict"] == "partial":
            match["verdict"] = "mixed"
    for latent in data["latents"]:
        del latent["name"]
    for key in ("text", "columns"):
        del data[key]
    back = Answer.from_json(data)
    assert [match.verdict for match in back.matches] == ["clear", "partial", "partial"]
    assert back.verdict == "radius only"
    assert "under 0.95" in back.sentences[1]


def test_the_text_of_the_json_is_that_of_the_answer(answer):
    assert "\n".join(answer.to_json()["text"]) == str(answer)


def test_what_is_undefined_is_null_and_comes_back_as_nan():
    answer = build_answer(represent(EXPECTED["dead"][0]))
    data = answer.to_json()
    assert data["share"][1] == [None, None, None]
    assert data["latents"][0]["kl"] is None
    assert data["elbo"] is None
    back = Answer.from_json(data)
    assert np.isnan(back.share[1]).all()
    assert back.fit is None


def test_sampled_intervals_come_back():
    rows = GRID.sample_rows(500, seed=0)
    answer = build_answer(represent(rows.values, rows))
    back = Answer.from_json(json.loads(json.dumps(answer.to_json())))
    assert back.measurement.intervals is not None
    assert back.to_json() == answer.to_json()


def test_a_file_of_an_older_version_is_read(data):
    for match in data["matches"]:
        assert match.pop("seen") in ("larger radius", "larger x", "larger y", "")
    back = Answer.from_json(data)
    assert [match.seen for match in back.matches] == ["", "", ""]
    assert "larger z0, larger radius" in back.sentences[0]


@pytest.mark.parametrize("key", sorted(TOP_KEYS))
def test_a_missing_key_is_named(data, key):
    del data[key]
    with pytest.raises(ValueError, match=f"expected the key '{key}' in the answer"):
        Answer.from_json(data)


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (("share",), [[1, 2], [3, 4]], r"'share' .* numbers of shape \(3, 3\), got"),
        (("share",), [[1, 2, 3]], r"'share' .* got shape \(1, 3\)"),
        (("share",), "high", r"'share' .* numbers of shape \(3, 3\), got high"),
        (("readout", 0, 0), "a", r"'readout' .* numbers of shape \(3, 3\)"),
        (("factors",), "radius", "'factors' .* a list, got radius"),
        (("factors",), [1, 2, 3], "'factors' .* list of strings"),
        (("matches",), [], "'matches' .* a list of 3, got a list of 0"),
        (("matches", 0, "latent"), 3, "'latent' .* from 0 to 2 or null, got 3"),
        (("matches", 0, "latent"), True, "'latent' .* got True"),
        (("matches", 0, "verdict"), "good", "'verdict' .* one of .* got good"),
        (("matches", 0, "direction"), "up", "'direction' .* one of .* got up"),
        (("matches", 0, "factor"), "size", "'factor' .* got size"),
        (("latents", 0, "active"), "no", "'active' .* true or false, got no"),
        (("latents", 0, "kl"), "x", "'kl' .* a number or null, got x"),
        (("elbo",), [1], r"'elbo' .* a number or null, got \[1\]"),
        (("verdict",), None, "'verdict' .* a string, got None"),
        (("matches", 0, "seen"), 3, "'seen' .* a string, got 3"),
        (("after_ica",), None, "expected an object with the key"),
        (("after_rotation", "rotation"), [[1]], r"'rotation' .* shape \(3, 3\)"),
        (("after_ica", "matched_component"), [0, 1, 9], "'matched_component' .* got 9"),
        (("decoder",), {"factors": ["a"], "response": [[1]]}, "'response' .* shape"),
    ],
)
def test_damaged_json_is_refused(data, path, value, message):
    *parents, last = path
    place = data
    for step in parents:
        place = place[step]
    place[last] = value
    with pytest.raises(ValueError, match=message):
        Answer.from_json(data)


@pytest.mark.parametrize("foreign", [None, [], "answer", 3])
def test_foreign_json_is_refused(foreign):
    with pytest.raises(ValueError, match="damaged or was not written by tinyvae"):
        Answer.from_json(foreign)


def test_text_shows_verdict_sentences_and_fit(answer):
    text = str(answer)
    assert text.startswith("Which latent is which factor? radius only")
    assert "z0 is radius (share 1.00" in text
    assert "ELBO -22.50 = reconstruction -11.50 - KL 11.00 nats" in text
    assert "(by 20.0 degrees, found with the factors)" in text
    assert repr(answer) == text


def test_html_escapes_the_names_of_factors(data):
    for place in (data["factors"],):
        place[0] = "<script>"
    data["matches"][0]["factor"] = "<script>"
    page = Answer.from_json(data)._repr_html_()
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
