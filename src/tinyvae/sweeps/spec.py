"""The spec of a sweep: blocks of settings, each with lists of values and of seeds."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from tinyvae.errors import ConfigError
from tinyvae.models import BySize
from tinyvae.models.likelihoods import LikelihoodKind
from tinyvae.objectives import RECIPE
from tinyvae.runs.config import RunConfig, config_from_mapping
from tinyvae.training.config import TrainingConfig
from tinyvae.wording import counted
from tinyvae.worlds import Circles

MOST_RUNS = 1_000_000  # of a spec; more is a slip in a list
# what may be given by the name of its kind, and the setting of a run that it is
NAMED = {"objectives": "objective", "worlds": "world", "networks": "network"}
PLAIN = " tv.ELBO() is the plain VAE."
EXAMPLES = {"objective": RECIPE, "world": Circles(), "network": BySize()}


@dataclass(frozen=True)
class SweepBlock:
    """Every combination of some settings, each with every seed.

    Each argument is a sequence of alternatives for the setting of `RunConfig` that it
    names in the plural. Objectives, worlds and networks may be given by the names of
    their kinds ("vae"), with their defaults.

    Args:
        objectives: what training minimises.
        worlds: sources of the pictures.
        networks: encoders and decoders.
        trainings: lengths and speeds of training.
        likelihoods: distributions of the pixels; None chooses by the pixels.
        members: numbers of VAEs that start together in a run.
        samples: numbers of fixed pictures; None draws new ones.
        seeds: each seed is a run of its own.

    Raises: ConfigError if a sequence is empty, or if an entry is no such setting.
    """

    # each an Objective, a World, a network, or the name of a kind
    objectives: Sequence[Any] = (RECIPE,)
    worlds: Sequence[Any] = field(default_factory=lambda: (Circles(),))
    networks: Sequence[Any] = field(default_factory=lambda: (BySize(),))
    trainings: Sequence[TrainingConfig] = field(
        default_factory=lambda: (TrainingConfig(),)
    )
    likelihoods: Sequence[LikelihoodKind | None] = (None,)
    members: Sequence[int] = (4,)
    samples: Sequence[int | None] = (None,)
    seeds: Sequence[int] = (0,)

    def __post_init__(self):
        for entry in fields(self):
            values = getattr(self, entry.name)
            if isinstance(values, str) or not isinstance(values, Sequence):
                raise ConfigError(
                    f"{entry.name}: expected a sequence, got {values!r}. Write "
                    f"{entry.name}=[...], with one entry or several."
                )
            if len(values) == 0:
                raise ConfigError(
                    f"{entry.name}: expected at least one entry, got none. Leave "
                    f"{entry.name} out for the default."
                )
            if entry.name in NAMED:
                named = tuple(_of_name(NAMED[entry.name], value) for value in values)
                object.__setattr__(self, entry.name, named)

    def __len__(self) -> int:
        product = 1
        for entry in fields(self):
            product *= len(getattr(self, entry.name))
        return product

    def configs(self) -> Iterator[RunConfig]:
        """The settings of each run: all seeds of one combination, then the next.

        Raises: ConfigError if a number is out of range.
        """
        for (
            world,
            network,
            training,
            likelihood,
            samples,
            members,
            objective,
        ) in itertools.product(
            self.worlds,
            self.networks,
            self.trainings,
            self.likelihoods,
            self.samples,
            self.members,
            self.objectives,
        ):
            for seed in self.seeds:
                try:
                    yield RunConfig(
                        world,
                        objective,
                        network,
                        training,
                        likelihood=likelihood,
                        seed=int(seed),
                        members=members,
                        samples=samples,
                    )
                except ValueError as error:
                    raise ConfigError(str(error)) from None


@dataclass(frozen=True)
class SweepSpec:
    """The blocks of a sweep, and the text or settings that they were read from.

    Raises: ConfigError if there is no block, or if there are far too many runs.
    """

    blocks: tuple[SweepBlock, ...]
    source: Any = None  # JSON values, kept in the ledger as a record

    def __post_init__(self):
        if not self.blocks:
            raise ConfigError("expected at least one block in a sweep, got none.")
        if len(self) > MOST_RUNS:
            raise ConfigError(
                f"expected at most {MOST_RUNS:,} runs in a sweep, got {len(self):,}. "
                "Check the lists: a block has every combination of its lists."
            )

    def __len__(self) -> int:
        return sum(len(block) for block in self.blocks)

    def configs(self) -> Iterator[RunConfig]:
        """The settings of each run, block by block; the same run may come twice."""
        for block in self.blocks:
            yield from block.configs()


def _of_name(setting: str, value: Any) -> Any:
    """The setting itself, or the default one of a kind.

    Raises: ConfigError if it is neither.
    """
    if isinstance(value, str):
        return getattr(config_from_mapping({setting: value}), setting)
    if isinstance(value, type) or not hasattr(value, "kind"):
        example = type(EXAMPLES[setting]).__name__
        raise ConfigError(
            f"{setting}s: expected entries such as tv.{example}(), or names of kinds, "
            f"got {value!r}.{PLAIN if setting == 'objective' else ''}"
        )
    return value


def parse_seeds(seeds: Any) -> tuple[int, ...]:
    """The seeds of `0:20` (0 to 19), `3` (the seed 3), `1,5,9`, or a list of these.

    >>> parse_seeds("0:3"), parse_seeds("1,5:7"), parse_seeds([4, 2]), parse_seeds("7")
    ((0, 1, 2), (1, 5, 6), (4, 2), (7,))

    Raises: ConfigError if it is none of them, if there is no seed, or if there are far
    too many. A number alone is refused, since it may mean a seed or how many.
    """
    if isinstance(seeds, int) and not isinstance(seeds, bool):
        raise ConfigError(
            f"seeds: expected a range or a list, got {seeds}. Write [{seeds}] for the "
            f"seed {seeds}, or '0:{seeds}' for {counted(seeds, 'seed')}."
        )
    found = tuple(_seeds_in(seeds))
    if not found:
        raise ConfigError(
            f"seeds: expected at least one seed, got {seeds!r}. 0:20 are the seeds "
            "0 to 19."
        )
    return found


def _seeds_in(seeds: Any) -> Iterable[int]:
    if isinstance(seeds, bool):
        raise ConfigError(f"seeds: expected numbers, got {seeds}.")
    if isinstance(seeds, int):
        return [seeds]
    if isinstance(seeds, str):
        parts = [part.strip() for part in seeds.split(",") if part.strip()]
        return itertools.chain.from_iterable(_seed_range(part) for part in parts)
    if isinstance(seeds, range | list | tuple):
        return itertools.chain.from_iterable(_seeds_in(seed) for seed in seeds)
    raise ConfigError(
        f"seeds: expected a range such as '0:20', or a list of whole numbers, got "
        f"{seeds!r}."
    )


def _seed_range(text: str) -> range:
    first, colon, end = text.partition(":")
    try:
        start = int(first) if first or not colon else 0
        found = range(start, int(end) if colon else start + 1)
    except ValueError:
        raise ConfigError(
            f"seeds: expected a range such as 0:20, or whole numbers, got {text!r}."
        ) from None
    if found.stop - found.start > MOST_RUNS:
        raise ConfigError(
            f"seeds: expected at most {MOST_RUNS:,} seeds, got "
            f"{found.stop - found.start:,}, from {text}."
        )
    return found
