import json
import os

import jax.numpy as jnp
import numpy as np
import pytest

from tinyvae.errors import DataError, RunFolderError
from tinyvae.files.npz import check_image_shape, checked_images, read_array, write_npz
from tinyvae.files.whole import read_json, write_json, write_whole
from tinyvae.runs.trees import read_history, read_tree, write_history, write_tree
from tinyvae.training.history import HistoryRow, PenaltyRow

ROWS = [
    HistoryRow(4, 0, 3.5, -3.0, -2.0, (0.5, 0.5), 1.0),
    HistoryRow(
        5, 1, 3.0, -3.0, -2.0, (0.5, 0.5), 1.0,
        (PenaltyRow("a", 0.1, 2.0), PenaltyRow("b", 0.3, 0.0)),
    ),
]  # fmt: skip
TREE = {"a": jnp.arange(6.0).reshape(2, 3), "b": (jnp.ones(2, jnp.int32),)}


def test_a_tree_comes_back_bit_for_bit(tmp_path):
    write_tree(tmp_path / "t.safetensors", TREE)
    back = read_tree(tmp_path / "t.safetensors", TREE)
    np.testing.assert_array_equal(back["a"], TREE["a"])
    np.testing.assert_array_equal(back["b"][0], TREE["b"][0])
    assert back["b"][0].dtype == jnp.int32


def test_weights_that_do_not_fit_are_refused(tmp_path):
    path = tmp_path / "t.safetensors"
    write_tree(path, TREE)
    with pytest.raises(RunFolderError, match=r"shape \(3,\).*got \(2, 3\)"):
        read_tree(path, {**TREE, "a": jnp.zeros(3)})
    with pytest.raises(RunFolderError, match="expected 3 arrays, got 2"):
        read_tree(path, {**TREE, "c": jnp.zeros(3)})


@pytest.mark.parametrize("damage", [b"", b"not safetensors", None])
def test_damaged_weights_are_refused(tmp_path, damage):
    path = tmp_path / "t.safetensors"
    write_tree(path, TREE)
    path.write_bytes(path.read_bytes()[:-4] if damage is None else damage)
    with pytest.raises(RunFolderError, match="is damaged: expected safetensors"):
        read_tree(path, TREE)


def test_a_failed_write_leaves_what_was_there(tmp_path, monkeypatch):
    path = tmp_path / "a.json"
    write_json(path, {"format": 1, "value": "old"})

    def full_disk(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full_disk)
    with pytest.raises(RunFolderError, match="No space left on device.*is intact"):
        write_json(path, {"format": 1, "value": "new"})
    assert read_json(path)["value"] == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["a.json"]


def test_a_missing_folder_is_one_message(tmp_path):
    with pytest.raises(RunFolderError, match="cannot write .* No such file"):
        write_whole(tmp_path / "absent" / "a", b"x")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "expected JSON"),
        ("[]", "format 1 to 2"),
        ('{"format": 9}', "got format 9"),
    ],
)
def test_damaged_or_foreign_json_is_refused(tmp_path, content, message):
    path = tmp_path / "answer.json"
    path.write_text(content)
    with pytest.raises(RunFolderError, match=message):
        read_json(path)


def test_history_comes_back_as_it_was(tmp_path):
    write_history(tmp_path / "h.jsonl", ROWS)
    assert read_history(tmp_path / "h.jsonl") == ROWS


def test_a_row_knows_its_penalties_by_name():
    assert ROWS[1].penalty("b") == PenaltyRow("b", 0.3, 0.0)
    absent = ROWS[0].penalty("a")
    assert np.isnan(absent.value)
    assert absent.weight == 0


def test_a_row_of_format_1_has_total_correlation_as_its_penalty(tmp_path):
    row = {
        "step": 5, "member": 0, "loss": 3.0, "elbo": -3.0, "reconstruction": -2.0,
        "kl": [0.5, 0.5], "total_correlation": 0.1, "kl_weight": 1.0, "tc_weight": 0.0,
    }  # fmt: skip
    lines = [json.dumps(row), json.dumps({**row, "step": 6, "tc_weight": 30.0})]
    (tmp_path / "h.jsonl").write_text("\n".join(lines))
    without, weighted = read_history(tmp_path / "h.jsonl")
    assert without == HistoryRow(5, 0, 3.0, -3.0, -2.0, (0.5, 0.5), 1.0)
    assert weighted.penalties == (PenaltyRow("total correlation", 0.1, 30.0),)


def test_a_truncated_history_is_refused(tmp_path):
    path = tmp_path / "h.jsonl"
    write_history(path, ROWS)
    path.write_text(path.read_text()[:20])
    with pytest.raises(RunFolderError, match="one row of training in each line"):
        read_history(path)


def test_an_array_of_an_npz_comes_back(tmp_path):
    images = np.random.default_rng(10_000).random((3, 8, 8)).astype(np.float32)
    write_npz(tmp_path / "i.npz", images=images)
    np.testing.assert_array_equal(read_array(tmp_path / "i.npz", "images"), images)


@pytest.mark.parametrize(
    ("shape", "image_shape"),
    [
        ((3, 8, 9), (8, 9, 1)),
        ((3, 8, 9, 1), (8, 9, 1)),
        ((3, 8, 9, 3), (8, 9, 3)),
        ((3, 7), (1, 7, 1)),
        ((3, 1, 7), (1, 7, 1)),
    ],
)
def test_pictures_get_the_axes_that_they_may_come_without(shape, image_shape):
    images = np.random.default_rng(10_000).random(shape)
    checked = checked_images(images, image_shape)
    assert checked.shape == (3, *image_shape)
    np.testing.assert_array_equal(checked.ravel(), images.ravel().astype(np.float32))


@pytest.mark.parametrize(
    ("images", "message"),
    [
        (np.zeros((3, 9, 8)), r"\(sample, 8, 8\).*got \(3, 9, 8\)"),
        (np.zeros((3, 8, 8, 3)), r"\(sample, 8, 8\).*got \(3, 8, 8, 3\)"),
        (np.zeros((8, 8)), r"\(sample, 8, 8\).*got \(8, 8\)"),
        (np.zeros((0, 8, 8)), r"got \(0, 8, 8\)"),
        (np.full((1, 8, 8), np.nan), "NaN or infinity in image 0"),
        (np.full((1, 8, 8), 255), r"\[0, 1\], got 255 to 255. Divide by 255"),
        (np.full((1, 8, 8), "a"), "expected pixels that are numbers"),
    ],
)
def test_images_that_no_network_can_take_are_refused(images, message):
    with pytest.raises(DataError, match=f"photos: .*{message}"):
        checked_images(images, (8, 8, 1), "photos")


def test_a_row_of_numbers_may_come_without_its_height_and_channel():
    for shape in [(3, 2), (3, 1, 2), (3, 1, 2, 1)]:
        check_image_shape(np.zeros(shape), (1, 2, 1))
    with pytest.raises(DataError, match=r"got \(3, 4\)"):
        check_image_shape(np.zeros((3, 4)), (1, 2, 1))


def test_object_arrays_are_refused_without_unpickling(tmp_path):
    path = tmp_path / "o.npz"
    np.savez(path, images=np.array([print, {}], dtype=object))
    with pytest.raises(DataError, match="got Python objects"):
        read_array(path, "images")


def test_an_array_that_declares_more_than_the_file_holds_is_refused(tmp_path):
    import io
    import zipfile

    header = io.BytesIO()
    declared = {"descr": "<f8", "fortran_order": False, "shape": (10**6, 10**6)}
    np.lib.format.write_array_header_1_0(header, declared)
    with zipfile.ZipFile(tmp_path / "huge.npz", "w") as archive:
        archive.writestr("images.npy", header.getvalue())
    with pytest.raises(DataError, match="declares 8000000000000 bytes"):
        read_array(tmp_path / "huge.npz", "images")


def test_what_is_no_npz_is_refused(tmp_path):
    (tmp_path / "x.npz").write_bytes(b"hello")
    with pytest.raises(DataError, match="not an npz file"):
        read_array(tmp_path / "x.npz", "images")
    with pytest.raises(DataError, match="which does not exist"):
        read_array(tmp_path / "absent.npz", "images")
    np.savez(tmp_path / "y.npz", codes=np.zeros(3))
    with pytest.raises(DataError, match="expected an array 'images', got codes"):
        read_array(tmp_path / "y.npz", "images")
