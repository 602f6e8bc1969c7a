"""The environment of a run: versions and machine, to explain a result later."""

from __future__ import annotations

import os
import platform
from importlib.metadata import version
from typing import Any

import jax

from tinyvae.machine import cores

PACKAGES = (
    "tinyvae",
    "jax",
    "jaxlib",
    "equinox",
    "optax",
    "numpy",
    "scipy",
    "scikit-learn",
    "opencv-python-headless",
)


def describe_environment() -> dict[str, Any]:
    """Versions of the numerical libraries, the machine, and the devices of JAX."""
    return {
        "python": platform.python_version(),
        "platform": platform.platform(),
        "cores": cores(),
        "devices": [str(device) for device in jax.devices()],
        "xla_flags": os.environ.get("XLA_FLAGS", ""),
        "versions": {package: version(package) for package in PACKAGES},
    }
