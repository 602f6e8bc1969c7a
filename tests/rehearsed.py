"""Sweeps whose trainings are rehearsed: trained once, and played again in an instant.

All else is as in any sweep: sessions are written as checkpoints and read from them,
results are recorded, weights are kept.
"""

from __future__ import annotations

import itertools
import pickle
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import jax
import jaxtyping
import numpy as np
import pytest

import tinyvae as tv
from tinyvae.errors import DataError
from tinyvae.runs import trees
from tinyvae.runs.opened import Opened
from tinyvae.sweeps import live, planning, sweep
from tinyvae.sweeps.engines import local
from tinyvae.sweeps.engines.local import LocalEngine
from tinyvae.sweeps.group import ForEach, GroupSession
from tinyvae.sweeps.ledger_file import has_ledger
from tinyvae.sweeps.members import Member, Worlds
from tinyvae.sweeps.plan import Sizes
from tinyvae.sweeps.progress import SweepWatcher
from tinyvae.sweeps.results import Done
from tinyvae.sweeps.spec import SweepBlock, SweepSpec
from tinyvae.sweeps.sweep import run_sweep
from watched_disk import content_of

real_begin, real_train_group = local.begin, local.train_group
real_measured = local.measured
TIMES = ("training_seconds", "measuring_seconds", "ended")
# two groups of two seeds each; one member of the second cannot be measured
SPEC = SweepSpec(
    (
        SweepBlock(
            objectives=[tv.BetaVAE(2.0), tv.BetaVAE(4.0)],
            worlds=[tv.Circles(8)],
            networks=[tv.FullyConnected((4,), latents=2)],
            trainings=[tv.TrainingConfig(steps=8, batch_size=4)],
            members=[2],
            seeds=[0, 1],
        ),
    )
)


class Rehearsal:
    """Trainings of groups and results of members, made once."""

    def __init__(self) -> None:
        self.worlds = Worlds()
        self._sessions: dict[Any, list[GroupSession]] = {}
        self._results: dict[str, Any] = {}

    def begin(self, runs: Sequence[Opened]) -> GroupSession:
        """The session before the first step."""
        return self._of(runs)[0]

    def train_group(
        self, runs: Sequence[Opened], session: GroupSession, for_each: ForEach = map
    ) -> Iterator[GroupSession]:
        """The sessions after this one."""
        for after in self._of(runs):
            if after.step > session.step:
                yield after

    def _of(self, runs: Sequence[Opened]) -> list[GroupSession]:
        key = tuple(run.config for run in runs)
        if key not in self._sessions:
            first = real_begin(runs)
            self._sessions[key] = [first, *real_train_group(runs, first)]
        return self._sessions[key]

    def measured(self, opened: Opened, member: Member, *rest: Any) -> Done:
        """The result of a member; of the last one there is none."""
        if member.config.objective == tv.BetaVAE(4.0) and member.config.seed == 1:
            raise DataError("expected codes, got none.")
        if member.identity not in self._results:
            found = real_measured(opened, member, *rest)
            self._results[member.identity] = found
        return self._results[member.identity]

    def without_jax(self) -> Rehearsal:
        """The same with NumPy's arrays, for a process in which JAX has not started."""
        other = Rehearsal()
        for key, sessions in self._sessions.items():
            other._sessions[key] = [
                GroupSession(jax.tree.map(np.asarray, each.state), each.runs)
                for each in sessions
            ]
        for identity, done in self._results.items():
            run = replace(done.run, vae=jax.tree.map(np.asarray, done.run.vae))
            other._results[identity] = replace(done, run=run)
        return other

    @contextmanager
    def played(self) -> Iterator[None]:
        """Within the block, sweeps are played from the rehearsal."""
        # types were checked in the rehearsal, and take most of the time
        jaxtyping.config.update("jaxtyping_disable", True)
        try:
            with pytest.MonkeyPatch.context() as patch:
                for name in ("begin", "train_group", "measured"):
                    patch.setattr(local, name, getattr(self, name))
                patch.setattr(local, "describe_environment", environment)
                # of times only those of checkpoints, the same in each play
                ticks = itertools.count()
                clock = "seconds_without_compiling"
                patch.setattr(local, clock, lambda: 0.125 * next(ticks))
                patch.setattr(local, "compile_seconds", lambda: 0.0)
                patch.setattr(planning, "describe_environment", environment)
                # whether it is written depends on the speed of the machine
                patch.setattr(live, "BETWEEN_SECONDS", float("inf"))
                # nor does a second checkpoint depend on how long the first one took
                patch.setattr(local, "CHECKPOINT_PART", 1e-9)
                # without a thread, so that calls come in one order
                patch.setattr(sweep, "pulled", lambda start, _: closing(start()))
                yield
        finally:
            jaxtyping.config.update("jaxtyping_disable", False)

    def run(
        self, folder: Path, *, resume: bool = False, watch: SweepWatcher | None = None
    ) -> None:
        """Begin or continue the sweep in a folder."""
        engine = LocalEngine(self.worlds, checkpoint_every=0.0)
        with self.played():
            run_sweep(
                None if resume else SPEC,
                folder,
                resume=resume,
                keep="best",
                sizes=Sizes(together=2),
                engine=engine,
                watch=watch,
            )


def environment() -> dict[str, str]:
    return {"tinyvae": "a test"}


def rows_of(folder: Path) -> dict[str, dict[str, Any]]:
    """The rows of members that have ended, without times, by identity."""
    if not has_ledger(folder):
        return {}
    return {
        str(row["identity"]): {n: repr(c) for n, c in row.items() if n not in TIMES}
        for row in tv.load_sweep(folder)
        if row["state"] in ("done", "failed")
    }


def finish(rehearsal: Rehearsal, folder: Path) -> dict[str, dict[str, Any]]:
    """Go on to the end, as a user would; the rows, and the files that are left."""
    rehearsal.run(folder, resume=has_ledger(folder))
    # the lock and the ledger are not the same each time
    left = {
        path: content if "/" in path else None
        for path, content in content_of(folder).items()
    }
    return {**rows_of(folder), "files": left}


class NumpyAlone:
    """What a process without JAX reads checkpoints with."""

    asarray = staticmethod(np.asarray)


def play(rehearsal: bytes, folder: str, begun: Any) -> None:
    """Begin or continue a sweep, in a process of its own and without JAX."""
    trees.jnp = NumpyAlone
    local.vaes_of = lambda session: session.runs  # results are there already
    player, path = pickle.loads(rehearsal), Path(folder)
    begun.set()
    player.run(path, resume=has_ledger(path))
