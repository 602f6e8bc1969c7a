"""A small plain VAE of circles, stored with the package, for the page's third lesson.

The lesson sets a plain VAE beside the recipe. Who has just trained the recipe has none
yet. `docs/plain_vae.py` trains this one and writes its file.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from tinyvae.files.html_page import SHARED, text_of
from tinyvae.runs.run import Run
from tinyvae.worlds import Circles

PLAIN_VAE = "worlds/plain_vae.json"


def lacks_plain_vae(runs: Sequence[Run]) -> bool:
    """Whether these runs are a single one, on circles, by another objective.

    A page of several runs holds what was asked for.
    """
    if len(runs) != 1:
        return False
    (run,) = runs
    return run.world == Circles() and run.config.objective.kind != "vae"


def plain_vae() -> dict[str, Any]:
    """What `model_data` gave for the small plain VAE."""
    return json.loads(text_of(SHARED, PLAIN_VAE))
