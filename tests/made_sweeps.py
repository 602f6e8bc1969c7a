"""Sweeps with made-up results, recorded as those of trained members are."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from scipy.stats import spearmanr

import tinyvae as tv
from tinyvae.scores.score import SCORES
from tinyvae.scores.value import Score
from tinyvae.sweeps.engines.engine import Task
from tinyvae.sweeps.keeping import record
from tinyvae.sweeps.ledger_writing import LedgerWriter, Plan, create_ledger
from tinyvae.sweeps.members import Member, Worlds, members_of
from tinyvae.sweeps.plan import Group
from tinyvae.sweeps.results import Done, Event, Failed

WORLD = tv.Circles(8)
NETWORK = tv.FullyConnected(hidden=(8,), latents=3)
TRAINING = tv.TrainingConfig(steps=20, batch_size=16)
HOSTILE = '</script><img src=x onerror="window.hurt=1">&amp;'
IDS = ("share", "mig_nearest", "total_correlation")


def one_run() -> tv.Run:
    """A run whose results the others vary."""
    return tv.train(WORLD, tv.ELBO(), network=NETWORK, training=TRAINING, members=1)


def planned_sweep(
    folder: Path, objectives: Sequence, seeds: int, worlds: Sequence = (WORLD,)
) -> tuple[LedgerWriter, list[Member]]:
    """A ledger of members that are planned, all seeds of each objective in a row."""
    configs = [
        tv.RunConfig(world, objective, NETWORK, TRAINING, seed=seed, members=1)
        for world in worlds
        for objective in objectives
        for seed in range(seeds)
    ]
    return planned_sweep_of(folder, configs)


def planned_sweep_of(
    folder: Path, configs: Sequence[tv.RunConfig]
) -> tuple[LedgerWriter, list[Member]]:
    """A ledger of members of these settings, which are planned."""
    members = members_of(configs, Worlds())
    positions = {member.identity: k for k, member in enumerate(members)}
    plan = Plan([Group(0, tuple(members), len(members))], positions, {}, {})
    return create_ledger(folder, {"spec": None, "keep": "none"}, plan), members


def record_done(
    ledger: LedgerWriter,
    member: Member,
    run: tv.Run,
    shares: Sequence[float],
    *,
    elbo: float = -9.0,
    keep: str = "none",
) -> None:
    """Record a member whose factors have these shares, clear from 0.95 upwards."""
    record(ledger, made_result(member, run, shares, elbo=elbo), keep)


def made_result(
    member: Member, run: tv.Run, shares: Sequence[float], *, elbo: float = -9.0
) -> Done:
    """The result of a member whose factors have these shares."""
    matches = tuple(
        replace(match, share=share, verdict="clear" if share >= 0.95 else "shared")
        for match, share in zip(run.answer.matches, shares, strict=True)
    )
    clear = [match.factor for match in matches if match.verdict == "clear"]
    verdict = f"{clear[0]} only" if clear else "none of them"
    if len(clear) == len(matches):
        verdict = "yes, each"
    assert run.answer.fit is not None
    fit = replace(run.answer.fit, elbo=elbo)
    answer = replace(run.answer, matches=matches, verdict=verdict, fit=fit)
    mean = float(np.mean(shares))
    values = dict(zip(IDS, (mean, mean**2, 1 - mean), strict=True))
    scores = tuple(Score(name, values[name], id=name) for name in IDS if name in SCORES)
    run = replace(run, config=member.config, answer=answer)
    return Done(member.identity, run, scores, 2.0, 1.0)


class MadeEngine:
    """An engine that trains nothing: a share of each factor by the settings.

    None stands for a member that fails. It counts how often each member was asked for,
    and stops like a killed process after `stop_after` members.
    """

    def __init__(
        self,
        run: tv.Run,
        share_of: Callable[[tv.RunConfig], float | None],
        *,
        stop_after: int | None = None,
    ) -> None:
        self.run, self.share_of, self.left = run, share_of, stop_after
        self.trained: Counter[str] = Counter()

    def results(self, tasks: Sequence[Task]) -> Iterator[Event]:
        """The results of all members that are not done."""
        for task in tasks:
            for member in task.group.members:
                if member.identity in task.done:
                    continue
                if self.left == 0:
                    raise KeyboardInterrupt
                self.left = None if self.left is None else self.left - 1
                self.trained[member.identity] += 1
                share = self.share_of(member.config)
                if share is None:
                    yield Failed(member.identity, 7, "the loss is not finite")
                else:
                    yield made_result(member, self.run, [share] * 3, elbo=-9 - share)


def made_sweep(
    folder: Path, run: tv.Run, qualities: dict, seeds: int, *, failures: bool = False
) -> tv.SweepTable:
    """A sweep in which a setting of quality q is clear in about q of its seeds."""
    ledger, members = planned_sweep(folder, list(qualities), seeds)
    rng = np.random.default_rng(0)
    for place, member in enumerate(members):
        quality = qualities[member.config.objective]
        if failures and place % seeds == 1:
            ledger.record(Failed(member.identity, 7, f"too bold: {HOSTILE}"))
            continue
        clear = rng.random() < quality
        shares = 1 - rng.random(3) * (0.04 if clear else 0.9)
        elbo = float(-12 + 3 * quality + rng.normal() / 3)
        record_done(ledger, member, run, shares.tolist(), elbo=elbo)
    ledger.close()
    return tv.load_sweep(folder)


def sweep_of_two_worlds(folder: Path, run: tv.Run) -> tv.SweepTable:
    """Two objectives and seven seeds in each of two worlds, of far apart ELBOs.

    Within a world the share falls as the ELBO rises; the world of the higher ELBOs has
    the higher shares. One seed of the first setting found nothing to score.
    """
    objectives = [tv.ELBO(), tv.BetaVAE(4.0)]
    worlds = [tv.Circles(8), tv.Circles(9)]
    ledger, members = planned_sweep(folder, objectives, 7, worlds)
    for place, member in enumerate(members):
        second, seed = place >= 14, place % 7
        share = (0.8 if second else 0.4) - 0.02 * seed
        elbo = (-5.0 if second else -50.0) + seed
        result = made_result(member, run, [share, 0.9, 0.9], elbo=elbo)
        if place == 0:
            scores = tuple(
                replace(one, value=float("nan"), undefined="no latent moves")
                for one in result.scores
            )
            result = replace(result, scores=scores)
        record(ledger, result, "none")
    ledger.close()
    return tv.load_sweep(folder)


def spearman_by_scipy(first: np.ndarray, second: np.ndarray) -> float:
    result: Any = spearmanr(first, second)
    return float(result.statistic)
