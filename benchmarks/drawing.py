"""Pictures drawn per second: tinyvae beside a loop of `cv2.circle`.

Both draw the same circles, in turns: tinyvae compiled, whole batches on the device;
OpenCV one circle after the other, blackening the array first. Both draw into memory
that they hold already; "new memory" lets JAX take fresh memory for each batch, which
the system has to clear first where a batch is larger than about 32 MB. "Random factors"
also draws radius, x and y at random, as training does at each step.

    python benchmarks/drawing.py --rounds 5 --seconds 0.3 --out drawing.md
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median

import cv2
import jax
import jax.numpy as jnp
import numpy as np

from machine import CoreWatch, describe_machine, markdown_table, publish, thousands
from tinyvae.worlds import Circles
from tinyvae.worlds.draws import draw_one

PACKAGES = ("tinyvae", "jax", "jaxlib", "numpy", "opencv-python-headless")
SIZES = (32, 64, 128, 256)
BATCH_SIZES = (128, 1024, 8192)

Draw = Callable[[], object]  # draws one batch, and returns when it is there


def opencv_drawer(world: Circles, factors: np.ndarray) -> Draw:
    """A loop of `cv2.circle` into one array."""
    images = np.zeros((len(factors), world.size, world.size), np.uint8)
    circles = [tuple(row) for row in factors.tolist()]

    def draw() -> np.ndarray:
        images.fill(0)
        for image, (radius, x, y) in zip(images, circles, strict=True):
            cv2.circle(image, (x, y), radius, (1,), thickness=-1)
        return images

    return draw


def tinyvae_drawer(world: Circles, factors: np.ndarray) -> Draw:
    """Given factors, drawn on the device over the batch before."""
    return reusing_memory(world.draw, jnp.asarray(factors))


def random_drawer(world: Circles, batch_size: int) -> Draw:
    """Random factors, drawn on the device: a minibatch as training has it."""
    population = world.population()

    def minibatch(key: jax.Array) -> jax.Array:
        return draw_one(population, batch_size, key=key).images

    return reusing_memory(minibatch, jax.random.key(0))


def new_memory_drawer(world: Circles, factors: np.ndarray) -> Draw:
    """Given factors, drawn on the device into memory that is taken anew."""
    draw, on_device = jax.jit(world.draw), jnp.asarray(factors)
    return lambda: draw(on_device).block_until_ready()


def reusing_memory(draw_batch: Callable[[jax.Array], jax.Array], source) -> Draw:
    """Draw batches from factors or a key, each into the memory of the one before."""
    images = jax.jit(draw_batch)(source)
    draw_over = jax.jit(
        # the source is an argument, or XLA would draw while it compiles
        lambda before, source: draw_batch(source),
        donate_argnums=0,
        keep_unused=True,
    )

    def draw() -> jax.Array:
        nonlocal images
        images = draw_over(images, source).block_until_ready()
        return images

    return draw


def batches_for(draw: Draw, seconds: float) -> int:
    """Batches that take about so many seconds, after compilation."""
    draw()
    batches = 1
    while True:
        elapsed = timed(draw, batches)
        if elapsed > seconds / 8:
            return max(1, round(batches * seconds / elapsed))
        batches *= 2


def timed(draw: Draw, batches: int) -> float:
    """Seconds that so many batches take."""
    started = time.perf_counter()
    for _ in range(batches):
        draw()
    return time.perf_counter() - started


def measure(size: int, batch_size: int, rounds: int, seconds: float) -> list[str]:
    """One row of the table.

    Raises: RuntimeError if the two do not draw the same pictures.
    """
    world = Circles(size)
    factors = world.table.sample_rows(batch_size, seed=0).values.astype(np.int16)
    drawers = (
        opencv_drawer(world, factors),
        tinyvae_drawer(world, factors),
        random_drawer(world, batch_size),
        new_memory_drawer(world, factors),
    )
    expected, drawn = (np.array(draw(), np.uint8) for draw in drawers[:2])
    if not np.array_equal(expected, drawn[..., 0]):
        raise RuntimeError(f"expected the same pictures of size {size} from both.")
    counts = [batches_for(draw, seconds) for draw in drawers]
    rates = [
        [
            count * batch_size / timed(draw, count)
            for draw, count in zip(drawers, counts, strict=True)
        ]
        for _ in range(rounds)
    ]
    ratios = [
        f"{median(row[column] / row[0] for row in rates):.1f}" for column in (1, 2, 3)
    ]
    medians = [thousands(median(column)) for column in zip(*rates, strict=True)]
    return [f"{size} x {size}", str(batch_size), *medians, *ratios]


def report(
    sizes: Sequence[int], batch_sizes: Sequence[int], rounds: int, seconds: float
) -> str:
    """The whole table, in Markdown."""
    watch = CoreWatch()
    rows = [
        measure(size, batch_size, rounds, seconds)
        for size in sizes
        for batch_size in batch_sizes
    ]
    header = (
        "picture",
        "batch",
        "cv2.circle loop",
        "tinyvae",
        "tinyvae, random factors",
        "tinyvae, new memory",
        "ratio",
        "ratio, random factors",
        "ratio, new memory",
    )
    return "\n\n".join(
        [
            "# Pictures drawn per second",
            f"{rounds} rounds of {seconds:g} s a turn, medians; ratios within a round. "
            "Every picture was compared, and is the same in both.",
            markdown_table(header, rows),
            watch.sentence(),
            describe_machine(PACKAGES),
        ]
    )


def main() -> None:
    """Measure as the command line asks."""
    parser = argparse.ArgumentParser(description="Pictures drawn per second.")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=0.3, help="length of a turn")
    parser.add_argument("--size", type=int, nargs="+", default=SIZES)
    parser.add_argument("--batch-size", type=int, nargs="+", default=BATCH_SIZES)
    parser.add_argument("--out", type=Path, help="also write the table to this file")
    arguments = parser.parse_args()
    publish(
        report(
            arguments.size, arguments.batch_size, arguments.rounds, arguments.seconds
        ),
        arguments.out,
    )


if __name__ == "__main__":
    main()
