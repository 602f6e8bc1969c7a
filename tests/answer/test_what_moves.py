import json

import numpy as np
import pytest
from constructed_codes import UNIFORM, represent, turned

from tinyvae.answer import Answer, Movement, build_answer
from tinyvae.factors import FactorTable
from tinyvae.representation import Representation

MOVEMENT = Movement(
    change=np.array([0.2, 0.1, 0.05]),
    pixels=np.array([0.12, 0.004, 0.0]),
    x=np.array([14.2, 3.0, np.nan]),
    y=np.array([19.8, 4.0, np.nan]),
    spread=np.array([4.1, 0.2, np.nan]),
)


def unlabelled(num_rows, num_latents):
    codes = np.random.default_rng(0).normal(size=(num_rows, num_latents))
    probability = np.full(num_rows, 1 / num_rows)
    table = FactorTable((), np.zeros((num_rows, 0)), probability, False, False)
    return Representation(codes, table, np.ones(num_latents, bool))


def test_without_labels_each_latent_is_told_by_what_it_moves():
    lines = str(build_answer(unlabelled(10, 3), movement=MOVEMENT)).splitlines()
    assert lines[1:] == [
        "z0 moves 12 % of the pixels, around x 14, y 20 (spread 4 px)",
        "z1 moves less than 1 % of the pixels, around x 3, y 4 (spread 0 px)",
        "z2 moves nothing",
    ]


def test_a_latent_that_a_label_explains_needs_no_pixels():
    text = str(build_answer(represent(UNIFORM), movement=MOVEMENT))
    assert "of the pixels" not in text
    noise = UNIFORM.copy()
    noise[:, 0] = np.random.default_rng(0).normal(size=len(noise))
    text = str(build_answer(represent(noise), movement=MOVEMENT))
    assert "z0 moves 12 % of the pixels, around x 14, y 20 (spread 4 px)" in text
    assert "z1 moves" not in text


def test_a_vector_is_told_in_numbers():
    nowhere = np.full(3, np.nan)
    vector = Movement(MOVEMENT.change, MOVEMENT.pixels, nowhere, nowhere, nowhere)
    text = str(build_answer(unlabelled(10, 3), movement=vector))
    assert "z0 moves 12 % of the numbers in a row" in text


def test_of_many_latents_those_that_move_most_are_told():
    change = np.linspace(0, 1, 50)
    many = Movement(change, change, change, change, change)
    text = str(build_answer(unlabelled(10, 50), movement=many))
    assert "38 other latents move less" in text
    assert "z49 moves 100 %" in text
    assert "z37 moves" not in text


def test_movement_comes_back_from_json_and_may_be_absent():
    answer = build_answer(represent(turned(UNIFORM, 45)), movement=MOVEMENT)
    data = json.loads(json.dumps(answer.to_json(), allow_nan=False))
    assert data["movement"]["x"] == [14.2, 3.0, None]
    back = Answer.from_json(data)
    assert back.movement is not None
    np.testing.assert_array_equal(back.movement.x, MOVEMENT.x)
    assert back.to_json() == data
    data["movement"]["x"] = [1.0]
    with pytest.raises(ValueError, match=r"'x' .* numbers of shape \(3,\)"):
        Answer.from_json(data)
    del data["movement"]
    assert Answer.from_json(data).movement is None
