"""Own pictures on the command line: from a folder and a table to codes and a page."""

import csv
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import tinyvae as tv
from in_process import tinyvae_here
from quick_compilation import QUICKLY
from tinyvae.cli.train import tell_fewer_latents
from tinyvae.runs.opened import open_world
from tinyvae.worlds.picture_rows import PictureRows

NUM_PICTURES = 60
SMALL = [
    "--steps", "30", "--batch-size", "16", "--members", "1", "--hidden", "16,8",
    "--latents", "4", "--seed", "10000",
]  # fmt: skip


def tinyvae(*arguments, cwd: Path) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-m", "tinyvae", *map(str, arguments)],
        cwd=cwd,
        env=os.environ | QUICKLY | {"NO_COLOR": "1", "COLUMNS": "100"},
        capture_output=True,
        text=True,
        timeout=300,
    )


ONE_SCORE = ("--only", "share", "--json")


def write_photos(folder: Path) -> None:
    """Coloured bars: their place and their colour are labels."""
    rng = np.random.default_rng(10_000)
    (folder / "photos").mkdir()
    with (folder / "labels.csv").open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["file", "place", "colour"])
        for number in range(NUM_PICTURES):
            place, colour = int(rng.integers(2, 8)), int(rng.integers(2))
            image = np.zeros((9, 12, 3), np.uint8)
            image[:, place : place + 3, colour] = 255
            Image.fromarray(image).save(folder / "photos" / f"{number:03}.png")
            writer.writerow([f"{number:03}.png", place, ("red", "green")[colour]])


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Path:
    """A folder with photos, labels, and a finished run of them."""
    folder = tmp_path_factory.mktemp("own")
    write_photos(folder)
    done = tinyvae(
        "train", "--images", "photos", "--labels", "labels.csv", "--key", "file",
        *SMALL, "--out", "run", cwd=folder,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    (folder / "talk.txt").write_text(done.stderr)
    return folder


def test_training_says_what_was_read_guessed_and_decided(home):
    talk = (home / "talk.txt").read_text()
    assert "60 files in photos" in talk
    assert "60 of 60 pictures have a row of labels.csv" in talk
    assert "colour: categorical" in talk
    assert "place: ordered" in talk
    assert "12 of 60 pictures are held out" in talk
    assert "network: fully connected" in talk
    assert "likelihood: bernoulli" in talk  # every pixel is 0 or 1


def test_the_answer_is_measured_on_the_held_out_pictures(home):
    done = tinyvae_here("answer", "run", "--json", cwd=home)
    answer = json.loads(done.stdout)
    assert answer["factors"] == ["place", "colour"]
    assert answer["complete"] is False
    assert answer["test"]["samples"] == 12


def test_the_run_has_figures_and_a_page(home):
    assert (home / "run" / "pictures" / "traversals.png").stat().st_size > 1000
    assert (home / "run" / "pictures" / "movement.png").exists()
    page = (home / "run" / "page.html").read_text()
    assert "http://" not in page
    assert "colour" in page


def test_codes_keep_the_names_of_their_pictures_and_join_labels(home):
    done = tinyvae_here("encode", "run", "codes.csv", "--images", "photos", cwd=home)
    assert done.returncode == 0, done.stderr
    with (home / "codes.csv").open() as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == NUM_PICTURES
    assert rows[7]["picture"] == "007.png"
    images = [
        np.asarray(Image.open(home / "photos" / row["picture"])) / 255 for row in rows
    ]
    codes = tv.load_run(str(home / "run")).encode(np.stack(images))
    written = [[float(row[f"z{j}"]) for j in range(4)] for row in rows]
    np.testing.assert_allclose(written, codes, atol=1e-4)
    (home / "shuffled.csv").write_text(
        "\n".join(
            [
                (lines := (home / "labels.csv").read_text().splitlines())[0],
                *np.random.default_rng(0).permutation(lines[1:]),
            ]
        )
    )
    values = []
    for labels in ("labels.csv", "shuffled.csv"):
        done = tinyvae_here(
            "score", "codes.csv", "--labels", labels, "--key", "file",
            "--only", "share", "--json", cwd=home,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert "60 of 60" in done.stderr
        values.append(json.loads(done.stdout)["scores"][0]["matrix"])
    np.testing.assert_allclose(*values, atol=0.05)  # folds follow the order of rows


def test_codes_of_held_out_pictures_alone_are_scored_as_the_run_is(home):
    done = tinyvae_here("encode", "run", "held.npz", "--held-out", cwd=home)
    assert done.returncode == 0, done.stderr
    assert "12 of 60 pictures are held out" in done.stderr
    run = tv.load_run(str(home / "run"))
    assert isinstance(run.population, PictureRows)
    held = run.population.reading.held
    names = np.array(run.population.names)[held]
    assert np.load(home / "held.npz")["names"].tolist() == names.tolist()
    scored = [
        json.loads(tinyvae_here("score", path, *ONE_SCORE, cwd=home).stdout)["scores"]
        for path in ("run", "held.npz")
    ]
    matrices = [score["matrix"] for (score,) in scored]
    np.testing.assert_allclose(*matrices, atol=1e-6)


def test_a_run_goes_on_only_with_the_same_pictures(home, tmp_path):
    shutil.copytree(home / "photos", tmp_path / "photos")
    shutil.copy(home / "labels.csv", tmp_path)
    asked = (
        "train", "--images", "photos", "--labels", "labels.csv", "--key", "file",
        *SMALL, "--out", "run", "--no-pictures", "--resume",
    )  # fmt: skip
    first = tinyvae_here(*asked, cwd=tmp_path)
    assert first.returncode == 0, first.stderr
    again = tinyvae_here(*asked, cwd=tmp_path)
    assert "is already finished" in again.stderr
    (tmp_path / "photos" / "007.png").unlink()
    changed = tinyvae_here(*asked, cwd=tmp_path)
    assert changed.returncode == 2, changed.stderr
    assert "1 gone (007.png)" in changed.stderr
    assert "Traceback" not in changed.stderr


def test_a_run_goes_on_with_its_stored_settings(home):
    done = tinyvae_here("train", "--resume", "--out", "run", "--no-pictures", cwd=home)
    assert done.returncode == 0, done.stderr
    assert "run is already finished" in done.stderr
    assert "pictures: 60 files in" in done.stderr


def test_data_says_what_was_read_and_takes_a_size_of_two_sides(home, tmp_path):
    sheet = tmp_path / "sheet.png"
    asked = ("data", "--images", "photos", "--labels", "labels.csv")
    done = tinyvae_here(*asked, "--size", "18x24", "--out", sheet, cwd=home)
    assert done.returncode == 0, done.stderr
    assert "60 of 60 pictures have a row of labels.csv" in done.stderr
    assert "brought to 18x24" in done.stderr
    assert sheet.exists()


def test_samples_are_drawn_before_training(home):
    talk = (home / "talk.txt").read_text()
    assert talk.index("samples: run/pictures/data.png") < talk.index("\nstep ")


def test_a_folder_without_its_option_is_told_the_option(tmp_path):
    done = tinyvae_here("train", "photos", cwd=tmp_path)
    assert done.returncode == 2
    assert "--images photos" in done.stderr


def test_no_labels_are_fine(home, tmp_path):
    done = tinyvae_here(
        "train", "--images", home / "photos", *SMALL, "--out", "bare", cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    assert "no labels" in done.stdout
    assert re.search(r"^z\d (moves|changes) .*pixel", done.stdout, re.MULTILINE)
    assert (tmp_path / "bare" / "page.html").exists()
    scores = tinyvae_here("score", "bare", cwd=tmp_path)
    assert scores.returncode in (0, 3), scores.stderr
    assert "Traceback" not in scores.stderr


def test_generate_shows_colour(home, tmp_path):
    done = tinyvae_here("generate", home / "run", "--random", 2, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    pixels = np.asarray(Image.open(tmp_path / "generated.png").convert("RGB"), int)
    assert np.ptp(pixels, axis=-1).max() > 30


def test_data_writes_a_folder_that_train_reads(tmp_path):
    done = tinyvae_here(
        "data", "--world", "shapes", "--size", "16", "--hues", "4", "--samples", "30",
        "--folder", "shapes", cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert len(list((tmp_path / "shapes").glob("*.png"))) == 30
    world = tv.Pictures(
        str(tmp_path / "shapes"), labels=str(tmp_path / "shapes" / "labels.csv")
    )
    names = [factor.name for factor in world.population().factors]
    assert "shape" in names
    assert world.image_shape == (16, 16, 3)


def test_fewer_latents_than_own_pictures_would_have_are_said(capsys):
    pixels = np.random.default_rng(0).integers(0, 2, (40, 8, 8)).astype(bool)
    named = tv.RunConfig(tv.Pictures(pixels), network=tv.FullyConnected((8,)))
    tell_fewer_latents({"kind": "fully-connected", "hidden": [8]}, open_world(named))
    assert capsys.readouterr().err == (
        "latents: 3, the default of the network that the options name; without them "
        "there would be 10. --latents chooses.\n"
    )
    tell_fewer_latents({"latents": 3}, open_world(named))
    tell_fewer_latents(None, open_world(tv.RunConfig(tv.Pictures(pixels))))
    assert capsys.readouterr().err == ""
