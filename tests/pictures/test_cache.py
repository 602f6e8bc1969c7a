"""The file of decoded pictures: whole or absent, and the same as direct decoding."""

import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from PIL import Image

from tinyvae.pictures import FormRule, Rules, read_pictures
from tinyvae.pictures.cache import cache_folder, in_memory
from tinyvae.pictures.fitting import Form
from tinyvae.pictures.store import open_store

LOOP = """
import sys
from tinyvae.pictures import read_pictures
while True:
    read_pictures(sys.argv[1], progress=lambda done, all: print(done, flush=True))
"""


def kept():
    return sorted(cache_folder().glob("*.pictures"))


def test_a_row_read_from_disk_equals_the_row_in_memory(photos, pixels):
    store = read_pictures(photos).store
    rows = np.random.default_rng(0).integers(0, 12, 200)
    assert np.array_equal(store.read(rows), pixels[rows])
    form = Form(10, 14, 3, "uint8", 255.0, FormRule())
    memory = in_memory(iter([pixels[:5], pixels[5:]]), pixels, form, None)
    assert memory.tally == store.tally
    assert np.array_equal(memory.digests, store.digests)


def test_another_size_is_another_file(photos):
    read_pictures(photos)
    read_pictures(photos, rules=Rules(FormRule(size=(8, 8))))
    read_pictures(photos)
    assert len(kept()) == 2


def test_a_changed_file_is_decoded_again(photos):
    before = read_pictures(photos).fingerprint
    Image.new("RGB", (14, 10), "red").save(photos / "p03.png")
    reading = read_pictures(photos)
    assert reading.fingerprint != before
    assert (reading.store.read(np.array([3]))[0] == [255, 0, 0]).all()


def test_a_file_that_is_only_touched_keeps_the_fingerprint(photos):
    before = read_pictures(photos).fingerprint
    os.utime(photos / "p03.png", (1, 1))
    assert read_pictures(photos).fingerprint == before


@pytest.mark.parametrize("cut", [10, 5000, -1])
def test_a_file_that_was_cut_short_is_written_anew(photos, pixels, cut):
    read_pictures(photos)
    (path,) = kept()
    path.write_bytes(path.read_bytes()[:cut])
    assert open_store(path, path.stem) is None
    assert np.array_equal(read_pictures(photos).store.read(np.arange(12)), pixels)


def test_progress_counts_up_to_all(photos):
    seen = []
    read_pictures(photos, progress=lambda done, count: seen.append((done, count)))
    assert seen == [(12, 12)]


def test_a_kill_at_any_moment_leaves_no_half_of_a_file(tmp_path):
    folder = tmp_path / "photos"
    folder.mkdir()
    noise = np.random.default_rng(0).integers(0, 256, (600, 64, 64), dtype=np.uint8)
    for row, picture in enumerate(noise):
        Image.fromarray(picture).save(folder / f"{row:03}.bmp")
    for delay in (0.0, 0.05):
        process = subprocess.Popen(
            [sys.executable, "-c", LOOP, str(folder)], stdout=subprocess.PIPE
        )
        assert process.stdout is not None
        process.stdout.readline()  # decoding has begun
        time.sleep(delay)
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        for path in kept():
            assert open_store(path, path.stem) is not None
    assert np.array_equal(
        read_pictures(folder).store.read(np.arange(600))[..., 0], noise
    )


def test_two_processes_may_decode_the_same_at_once(photos, pixels):
    code = "import sys; from tinyvae.pictures import read_pictures as r; r(sys.argv[1])"
    both = [
        subprocess.Popen([sys.executable, "-c", code, str(photos)]) for _ in range(2)
    ]
    assert [process.wait() for process in both] == [0, 0]
    assert len(list(cache_folder().iterdir())) == 1
    assert np.array_equal(read_pictures(photos).store.read(np.arange(12)), pixels)
