"""Speed of the page: time of a frame, size of the file, time to the first picture.

A page of three default models (a plain VAE, a beta-VAE and the recipe, one member each)
is opened in headless Chromium, and a latent slider is moved 300 times. Each move is
timed from the event to the end of all drawing, by the browser's own clock. Then the
page's network outputs are compared with JAX, on the weights rounded to 16 bits.

    .venv/bin/python benchmarks/page.py --out benchmarks/results/page.md

Needs Chromium, and the package's own `dev` extra (Playwright).
"""

from __future__ import annotations

import argparse
import base64
import shutil
import tempfile
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
from playwright.sync_api import sync_playwright

import tinyvae as tv
from machine import describe_machine, markdown_table, publish
from tinyvae.evaluation.encode import draw_rows
from tinyvae.evaluation.fit import answer_rows
from tinyvae.page import page

MOVES = 300
MOVE = """(moves) => {
    const slider = document.getElementById(moves.id);
    const times = [];
    for (let k = 0; k < moves.count; k += 1) {
        const part = 0.5 + 0.5 * Math.sin(k / 11);
        const [low, high] = [Number(slider.min), Number(slider.max)];
        const started = performance.now();
        slider.value = low + part * (high - low);
        slider.dispatchEvent(new Event('input', { bubbles: true }));
        times.push(performance.now() - started);
    }
    return times;
}"""
NUM_POINTS = 1000
# largest difference of logits of 1000 latents, and of outputs for 1000 pictures
AGREE = """([place, texts]) => {
    const model = window.tinyvae.models[place];
    const [latents, images, logits, outputs] = texts.map((text) => new Float32Array(
        Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer));
    const worst = (network, inputs, wanted) => {
        const [width, size] = [inputs.length / 1000, wanted.length / 1000];
        let most = 0;
        for (let i = 0; i < 1000; i += 1) {
            network.run(inputs.subarray(i * width, (i + 1) * width)).forEach((v, k) => {
                most = Math.max(most, Math.abs(v - wanted[i * size + k]));
            });
        }
        return most;
    };
    return [worst(model.decoderNetwork, latents, logits),
        worst(model.encoderNetwork, images, outputs)];
}"""
LOADS = 5
# the page sets a mark when everything is drawn for the first time
FIRST_PICTURE = "() => performance.getEntriesByName('first-picture')[0].startTime"


def models(steps: int) -> list[tuple[str, tv.Run]]:
    """The default models, one member each."""
    training = tv.TrainingConfig(steps=steps)
    objectives = {"plain VAE": tv.ELBO(), "beta-VAE": tv.BetaVAE(4.0)}
    objectives["recipe"] = tv.CoarseToFine()
    return [
        (name, tv.train(tv.Circles(), objective, training=training, members=1))
        for name, objective in objectives.items()
    ]


def measure(path: Path) -> dict[str, np.ndarray]:
    """Milliseconds of each move of a latent and of a factor."""
    chromium = shutil.which("chromium")
    if chromium is None:
        raise SystemExit("expected Chromium, found none: apt-get install chromium.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox"]
        )
        window = browser.new_page(viewport={"width": 1280, "height": 900})
        window.goto(path.as_uri())
        window.wait_for_function("() => window.tinyvae !== undefined")
        found = {
            "latent slider": window.evaluate(MOVE, {"id": "latent-0", "count": MOVES}),
            "factor slider": window.evaluate(MOVE, {"id": "factor-1", "count": MOVES}),
        }
        window.select_option("#path", "1")  # 16 circles encoded with each move
        found["latent slider, path of x"] = window.evaluate(
            MOVE, {"id": "latent-0", "count": MOVES}
        )
        browser.close()
    return {name: np.array(times) for name, times in found.items()}


def rounded(run: tv.Run):
    """The VAE of a run with the weights of its page."""
    return jax.tree.map(lambda w: w.astype(jnp.float16).astype(jnp.float32), run.vae)


def agreement(path: Path, runs: list[tuple[str, tv.Run]]) -> list[float]:
    """Largest difference of the page's outputs from JAX's, over the runs."""
    rng = np.random.default_rng(0)
    worst = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        window = browser.new_page()
        window.goto(path.as_uri())
        window.wait_for_function("() => window.tinyvae !== undefined")
        for place, (_, run) in enumerate(runs):
            vae = rounded(run)
            latents = rng.normal(size=(NUM_POINTS, len(run.answer.measurement.kl)))
            _, rows = answer_rows(run.population)
            rows = rows[rng.integers(len(rows), size=NUM_POINTS)]
            images = np.asarray(draw_rows(run.population, rows), np.float32)
            arrays = [
                latents,
                images,
                jax.vmap(vae.decoder)(jnp.asarray(latents, jnp.float32)),
                jax.vmap(vae.encoder)(jnp.asarray(images)),
            ]
            texts = [
                base64.b64encode(np.asarray(array, "<f4").tobytes()).decode()
                for array in arrays
            ]
            worst.append(max(window.evaluate(AGREE, [place, texts])))
        browser.close()
    return worst


def rounding(run: tv.Run) -> float:
    """Largest change of a pixel of any reconstruction by rounding the weights."""
    images = draw_rows(run.population, answer_rows(run.population).rows)
    before = jax.vmap(run.vae.reconstruct)(images)
    return float(jnp.abs(before - jax.vmap(rounded(run).reconstruct)(images)).max())


def first_picture(path: Path) -> float:
    """Milliseconds from opening a page to its first full drawing, median of five."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        times = []
        for _ in range(LOADS):
            window = browser.new_page(viewport={"width": 1280, "height": 900})
            window.goto(path.as_uri())
            window.wait_for_function("() => window.tinyvae !== undefined")
            times.append(window.evaluate(FIRST_PICTURE))
            window.close()
        browser.close()
    return float(np.median(times))


def report(steps: int) -> str:
    """The table, in Markdown."""
    runs = models(steps)
    with tempfile.TemporaryDirectory() as folder:
        path, single = Path(folder) / "three.html", Path(folder) / "one.html"
        path.write_text(page(runs), encoding="utf-8")
        single.write_text(page(runs[-1:]), encoding="utf-8")
        times = measure(path)
        first = [first_picture(file) for file in (single, path)]
        worst = agreement(path, runs)
        sizes = [file.stat().st_size / 1e6 for file in (single, path)]
    rows = [
        [
            f"move of a {name}, {MOVES} times",
            f"{np.median(times[name]):.1f} ms",
            f"{np.quantile(times[name], 0.95):.1f} ms",
        ]
        for name in times
    ]
    return "\n\n".join(
        [
            "# The page",
            markdown_table(("", "median", "95th percentile"), rows),
            f"Time to the first picture, all drawn: {first[0]:.0f} ms with the default "
            f"model, {first[1]:.0f} ms with three. Size: {sizes[0]:.2f} MB and "
            f"{sizes[1]:.2f} MB.",
            f"Sums of the page against JAX on the same rounded weights, {NUM_POINTS} "
            f"latents and pictures of each model: at most {max(worst):.0e}. Rounding "
            "the weights to 16 bits changes no pixel of a picture by more than "
            f"{max(rounding(run) for _, run in runs):.4f} of white.",
            describe_machine(),
        ]
    )


def main() -> None:
    """Run with the options of the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=2000, help="of each model")
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    publish(report(arguments.steps), arguments.out)


if __name__ == "__main__":
    main()
