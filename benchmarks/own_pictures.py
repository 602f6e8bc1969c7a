"""Own pictures: decoding and caching per second, and memory for a large data set.

Folders of PNG and JPEG files are made; tinyvae and a plain loop over Pillow read them
in turns, and tinyvae decodes them into its cache. Then a file in the form of dSprites
(737 280 pictures of 64x64, random 0 and 1) is written. One process reads it into the
cache, another draws batches from the cache within a compiled loop, and each reports its
peak resident memory. A third is the whole command `tinyvae train --images`, with
figures and page. All files are temporary (6 GB) and deleted.

    python benchmarks/own_pictures.py --out own_pictures.md
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from statistics import median

import equinox as eqx
import jax
import numpy as np
from PIL import Image

from machine import CoreWatch, describe_machine, markdown_table, publish, thousands
from tinyvae.pictures import FormRule, Rules, read_pictures
from tinyvae.worlds.own_pictures import Pictures

PACKAGES = ("tinyvae", "jax", "jaxlib", "numpy", "pillow", "pyarrow")
FOLDERS = (("PNG", 64), ("PNG", 256), ("JPEG", 256), ("JPEG", 1024))
SIZE = 64  # pixels per side of all pictures
COUNTS = (1, 3, 6, 40, 32, 32)  # number of values of each factor of dSprites
BATCH = 128
DECODING = (
    "The loop is Pillow's open, convert, resize, one file after the other. tinyvae "
    "reads all headers, decodes with one thread per core, writes the cache to disk "
    "and looks for duplicates; the second reading uses the cache."
)
MEMORY_HEADER = (
    "process",
    "seconds to open",
    "pictures per second",
    "read per second",
    "drawn per second",
    "MiB after opening",
    "MiB at most",
)


def make_folder(folder: Path, kind: str, side: int, count: int) -> None:
    """Smooth noise in colour, about as compressible as photographs."""
    folder.mkdir()
    rng = np.random.default_rng(0)
    for number in range(count):
        coarse = rng.integers(0, 256, (16, 16, 3), dtype=np.uint8)
        large = Image.fromarray(coarse).resize((side, side), Image.Resampling.BICUBIC)
        large.save(folder / f"{number:06}.{kind.lower()}", kind)


def plain_loop(folder: Path) -> np.ndarray:
    """One picture after the other with Pillow, as in a user's own loader."""
    pictures = []
    for path in sorted(folder.iterdir()):
        with Image.open(path) as image:
            small = image.convert("RGB").resize((SIZE, SIZE), Image.Resampling.BOX)
            pictures.append(np.asarray(small))
    return np.stack(pictures)


def timed(work: Callable[[], object]) -> float:
    """Seconds that a call takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def decoding_row(kind: str, side: int, count: int, rounds: int) -> list[str]:
    """Pictures per second of the loop, of tinyvae, and of a second reading."""
    rules = Rules(FormRule(size=(SIZE, SIZE)))
    seconds: list[tuple[float, float, float]] = []
    with tempfile.TemporaryDirectory() as folder:
        photos = Path(folder, "photos")
        make_folder(photos, kind, side, count)
        for turn in range(rounds):
            os.environ["TINYVAE_CACHE"] = str(Path(folder, f"cache{turn}"))
            loop = timed(lambda: plain_loop(photos))
            first = timed(lambda: read_pictures(photos, rules=rules))
            again = timed(lambda: read_pictures(photos, rules=rules))
            seconds.append((loop, first, again))
    rates = [thousands(count / median(column)) for column in zip(*seconds, strict=True)]
    ratio = median(loop / first for loop, first, _ in seconds)
    return [f"{kind} {side} x {side}", *rates, f"{ratio:.1f}"]


def dsprites_values() -> np.ndarray:
    """Values of the factors in the order of dSprites."""
    axes = [np.linspace(0, 1, count) for count in COUNTS]
    axes[1] = np.arange(1.0, 4)
    grid = np.meshgrid(*axes, indexing="ij")
    return np.stack([axis.ravel() for axis in grid], axis=1)


def random_blocks(count: int) -> Iterator[bytes]:
    """Pictures of 0 and 1, in blocks of a thousand."""
    rng = np.random.default_rng(0)
    for start in range(0, count, 1000):
        shape = (min(1000, count - start), 64, 64)
        yield (rng.integers(0, 256, shape, dtype=np.uint8) >> 7).tobytes()


def write_dsprites(path: Path, count: int) -> None:
    """An uncompressed npz file in the form of dSprites."""
    header = {"descr": "|u1", "fortran_order": False, "shape": (count, 64, 64)}
    with zipfile.ZipFile(path, "w") as archive:
        with archive.open("imgs.npy", "w", force_zip64=True) as stream:
            np.lib.format.write_array_header_2_0(stream, header)
            for block in random_blocks(count):
                stream.write(block)
        with archive.open("latents_values.npy", "w", force_zip64=True) as stream:
            np.lib.format.write_array(stream, dsprites_values()[:count])


def peak_mebibytes() -> float:
    """Peak resident memory of this process so far."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) / 1024
    return float("nan")


@eqx.filter_jit
def draw(population, key: jax.Array, batches: int) -> jax.Array:
    """The mean of this number of batches, drawn in a compiled loop."""

    def step(_, carry):
        key, total = carry
        key, now = jax.random.split(key)
        images = population.images(population.sample(BATCH, key=now))
        return key, total + images.mean()

    return jax.lax.fori_loop(0, batches, step, (key, 0.0))[1]


def child(path: str, batches: int) -> None:
    """Read the pictures, draw from them, and print seconds and memory."""
    started = time.perf_counter()
    population = Pictures(path).population()
    opened = time.perf_counter() - started
    after_opening = peak_mebibytes()
    store = population.reading.store
    rows = np.random.default_rng(0).integers(0, store.shape[0], (500, BATCH))
    reading = timed(lambda: [store.read(batch) for batch in rows])
    draw(population, jax.random.key(0), 1).block_until_ready()
    drawing = timed(
        lambda: draw(population, jax.random.key(1), batches).block_until_ready()
    )
    measured = {
        "pictures": store.shape[0],
        "opened": opened,
        "read": rows.size / reading,
        "drawn": batches * BATCH / drawing,
        "after opening": after_opening,
        "peak": peak_mebibytes(),
    }
    print(json.dumps(measured))


def train(
    path: Path, steps: int, environment: Mapping[str, str]
) -> tuple[float, float]:
    """Seconds and peak MiB of the whole command, which finds the cache filled."""
    command = [sys.executable, "-m", "tinyvae", "train", "--images", str(path)]
    options = ["--steps", str(steps), "--out", str(path.parent / "run"), "--quiet"]
    started = time.perf_counter()
    process = subprocess.Popen([*command, *options], env=environment)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"expected the training to end well, got status {status}.")
    return time.perf_counter() - started, usage.ru_maxrss / 1024


def memory_rows(
    count: int, batches: int, steps: int
) -> tuple[list[list[str]], tuple[float, float]]:
    """The process that fills the cache, the one that uses it, and a training."""
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "dsprites.npz")
        write_dsprites(path, count)
        environment = {**os.environ, "TINYVAE_CACHE": str(Path(folder, "cache"))}
        command = [sys.executable, __file__, "--child", str(path)]
        for title in ("into the cache", "from the cache"):
            output = subprocess.run(
                [*command, "--batches", str(batches)],
                env=environment,
                check=True,
                stdout=subprocess.PIPE,
            ).stdout
            found = json.loads(output)
            rates = [found["pictures"] / found["opened"], found["read"], found["drawn"]]
            rest = [*rates, found["after opening"], found["peak"]]
            rows.append([title, f"{found['opened']:.1f}", *map(thousands, rest)])
        return rows, train(path, steps, environment)


def report(files: int, rounds: int, count: int, batches: int, steps: int) -> str:
    """Both tables, in Markdown."""
    watch = CoreWatch()
    decoding = [decoding_row(kind, side, files, rounds) for kind, side in FOLDERS]
    memory, (seconds, peak) = memory_rows(count, batches, steps)
    size = count * 64 * 64 / 2**30
    return "\n\n".join(
        [
            "# Own pictures: decoding, caching, memory",
            f"Pictures per second, {files} files per folder, scaled to {SIZE} x {SIZE} "
            f"in colour, medians of {rounds} rounds. {DECODING}",
            markdown_table(
                ("files", "loop", "tinyvae", "second reading", "tinyvae / loop"),
                decoding,
            ),
            f"{thousands(count)} pictures of 64 x 64 x 1 ({size:.1f} GiB) in a file "
            "in the form of dSprites, two processes. Read: random batches of "
            f"{BATCH} from the cache. Drawn: {batches} batches within a compiled "
            "loop. Memory: peak resident memory of the process, JAX included.",
            markdown_table(MEMORY_HEADER, memory),
            f"`tinyvae train --images dsprites.npz --steps {steps}`, with the answer, "
            f"figures and page: {seconds:.0f} s, **{peak:.0f} MiB** of resident memory "
            "at most.",
            watch.sentence(),
            describe_machine(PACKAGES),
        ]
    )


def main() -> None:
    """Run with the options of the command line."""
    parser = argparse.ArgumentParser(description="Own pictures: speed and memory.")
    parser.add_argument("--files", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--pictures", type=int, default=737_280)
    parser.add_argument("--batches", type=int, default=2000)
    parser.add_argument("--steps", type=int, default=100, help="of the training")
    parser.add_argument("--out", type=Path, help="also write the tables to this file")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.child:
        child(arguments.child, arguments.batches)
        return
    text = report(
        arguments.files,
        arguments.rounds,
        arguments.pictures,
        arguments.batches,
        arguments.steps,
    )
    publish(text, arguments.out)


if __name__ == "__main__":
    main()
