"""A copy of pictures that are in a file has all of them, wherever it goes."""

import pickle

import numpy as np

from tinyvae.pictures import FormRule
from tinyvae.pictures.cache import cached
from tinyvae.pictures.fitting import Form
from tinyvae.pictures.store import FileStore


def test_a_copy_does_without_the_file(tmp_path, monkeypatch):
    monkeypatch.setenv("TINYVAE_CACHE", str(tmp_path))
    pictures = np.random.default_rng(0).integers(0, 256, (7, 4, 5, 1), np.uint8)
    form = Form(4, 5, 1, "uint8", 255.0, FormRule())
    store = cached("key", 7, form, lambda: iter([pictures]), None)
    assert isinstance(store, FileStore)
    sent = pickle.dumps(store)
    (tmp_path / "pictures" / "key.pictures").unlink()
    del store
    copy = pickle.loads(sent)
    assert copy.shape == (7, 4, 5, 1)
    assert copy.peak == 255.0
    assert len(copy.digests) == 7
    np.testing.assert_array_equal(copy.read(np.array([6, 0])), pictures[[6, 0]])
