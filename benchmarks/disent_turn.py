"""Scores of disent for the codes in an npz file, as JSON: runs in disent's own Python.

    PYTHON_WITH_DISENT benchmarks/disent_turn.py codes.npz

The metrics of disent take a data set and a network, not arrays. They ask the data set
only for random rows with their factors, and so a class with that one method stands for
it here. `representation_function` is the identity.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import json
import sys
import time
import warnings
from unittest.mock import MagicMock

import numpy as np


class Rows:
    """Random rows of given codes and factors, drawn as disent asks for them."""

    def __init__(self, codes: np.ndarray, factors: np.ndarray):
        self.codes, self.factors = codes, factors
        self.rng = np.random.default_rng(0)

    def dataset_sample_batch_with_factors(self, num: int, mode: str = "input"):
        """Codes, in the place of pictures, and factors of random rows."""
        rows = self.rng.integers(0, len(self.codes), num)
        return self.codes[rows], self.factors[rows]


def stand_in_for_torchvision() -> None:
    """Let disent be imported where torchvision is missing.

    disent imports torchvision for its data sets; metrics and frameworks do not use it.
    """
    warnings.simplefilter("ignore")
    import lightning  # noqa: F401  # pyright: ignore[reportMissingImports]

    if importlib.util.find_spec("torchvision") is None:
        for name in ("", ".datasets", ".models", ".transforms"):
            sys.modules[f"torchvision{name}"] = MagicMock()
        sys.modules["torchvision.transforms.functional"] = MagicMock()


def metrics():
    """The module `disent.metrics`."""
    stand_in_for_torchvision()
    import disent.metrics  # pyright: ignore[reportMissingImports]

    return disent.metrics


def main() -> None:
    """Print the values and the seconds of each metric."""
    found = np.load(sys.argv[1])
    rows = len(found["codes"])
    half = {"num_train": rows // 2, "num_test": rows // 2}
    module, results = metrics(), {}
    for name, settings in (
        ("metric_mig", {"num_train": rows}),
        ("metric_sap", half),
        ("metric_dci", half),
        ("metric_unsupervised", {"num_train": rows}),
    ):
        started = time.perf_counter()
        data = Rows(found["codes"], found["factors"])
        values = getattr(module, name)(data, lambda codes: codes, **settings)
        seconds = time.perf_counter() - started
        results |= {key: (float(value), seconds) for key, value in values.items()}
    version = importlib.metadata.version("disent")
    print(json.dumps({"version": version, "results": results}))


if __name__ == "__main__":
    main()
