"""The processes in which the libraries of PyTorch train, for `elbo_terms.py`."""

from __future__ import annotations

import json
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from terms_setting import Networks, Tape, load_networks, save_networks
from terms_tinyvae import Replayed

HERE = Path(__file__).parent


class Worker:
    """A process that trains with one library when asked."""

    def __init__(self, library: str, python: str, images: np.ndarray):
        self.library, self.folder = library, tempfile.TemporaryDirectory()
        pictures = self.path("pictures.npy")
        np.save(pictures, images.transpose(0, 3, 1, 2))
        self.process = subprocess.Popen(
            [python, str(HERE / f"terms_{library}.py"), str(pictures)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.versions: dict[str, str] = self.answer()

    def path(self, name: str) -> Path:
        """A file of this worker."""
        return Path(self.folder.name) / name

    def answer(self) -> dict[str, Any]:
        """The next answer of the process."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"expected an answer of {self.library}, see above.")
        return json.loads(line)

    def ask(self, start: Networks, **asked: Any) -> tuple[dict[str, Any], Networks]:
        """The answer to a request, and the weights after it."""
        assert self.process.stdin is not None
        save_networks(self.path("start.npz"), start)
        out = self.path("out.npz")
        files = {"start": str(self.path("start.npz")), "out": str(out)}
        self.process.stdin.write(json.dumps(files | asked) + "\n")
        self.process.stdin.flush()
        return self.answer(), load_networks(out)

    def train(
        self, objective: str, weight: float, start: Networks, seed: int, steps: int
    ) -> tuple[Networks, float]:
        """The trained weights, and the seconds that the steps took."""
        asked = {"objective": objective, "weight": weight, "steps": steps}
        answer, networks = self.ask(start, seed=seed, tape=None, **asked)
        return networks, answer["seconds"]

    def replay(
        self, objective: str, weight: float, start: Networks, tape: Tape, steps: int
    ) -> tuple[Networks, list[Replayed]]:
        """Weights after the steps of the tape, and the terms of each step.

        The KL is NaN where the library does not tell it.
        """
        path = self.path("tape.npz")
        np.savez(path, **tape._asdict())
        asked = {"objective": objective, "weight": weight, "steps": steps}
        answer, networks = self.ask(start, tape=str(path), **asked)
        terms = [Replayed(**({"kl": float("nan")} | each)) for each in answer["terms"]]
        return networks, terms

    def close(self) -> None:
        """End the process."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait()
        self.folder.cleanup()
