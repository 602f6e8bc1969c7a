"""JAX's compilation cache, which makes the second start fast."""

from __future__ import annotations

import os
from pathlib import Path

import jax


def cache_folder() -> Path:
    """Folder of compiled programs: `TINYVAE_CACHE`, or the user's cache folder."""
    if folder := os.environ.get("TINYVAE_CACHE"):
        return Path(folder)
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "tinyvae" / "compiled"


def use_compilation_cache() -> None:
    """Keep compiled programs on disk, unless JAX already has a cache folder."""
    if getattr(jax.config, "jax_compilation_cache_dir", None) is None:
        jax.config.update("jax_compilation_cache_dir", str(cache_folder()))
        jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)
