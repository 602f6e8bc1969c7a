"""The engine of this machine: one group after another, in this process."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import jax

from tinyvae.files.whole import remove_file
from tinyvae.from_arrays import FEWEST_ROWS
from tinyvae.models.vae import VAE
from tinyvae.runs.compilation import use_compilation_cache
from tinyvae.runs.compile_clock import compile_seconds, seconds_without_compiling
from tinyvae.runs.environment import describe_environment
from tinyvae.runs.of_run import answer_of, held_out_fit
from tinyvae.runs.opened import Opened
from tinyvae.runs.run import Run
from tinyvae.runs.scoring import UNMEASURABLE, population_representation
from tinyvae.scores.suite import all_scores
from tinyvae.scores.value import Score
from tinyvae.sweeps.engines.engine import Task
from tinyvae.sweeps.group import (
    ForEach,
    GroupSession,
    RunState,
    begin,
    train_group,
    vaes_of,
)
from tinyvae.sweeps.group_checkpoints import read_group, write_group
from tinyvae.sweeps.members import Member, Worlds
from tinyvae.sweeps.plan import split, work_of
from tinyvae.sweeps.results import Advanced, Done, Event, Failed, Halved, Started
from tinyvae.sweeps.weights import save_at_url

CHECKPOINT_SECONDS = 10.0
CHECKPOINT_PART = 0.05  # of the time, at most, is spent on writing checkpoints
OUT_OF_MEMORY = ("RESOURCE_EXHAUSTED", "out of memory", "Out of memory")


class LocalEngine:
    """Trains one group after another in this process.

    Args:
        worlds: pictures that are open already.
        checkpoint_every: seconds between checkpoints of a group.
        for_each: measures the members of a group: `map` in this process, `Beside` in
            others.
    """

    def __init__(
        self,
        worlds: Worlds | None = None,
        *,
        checkpoint_every: float = CHECKPOINT_SECONDS,
        for_each: ForEach = map,
    ) -> None:
        self.worlds = worlds or Worlds()
        self.checkpoint_every = checkpoint_every
        self.for_each = for_each

    def results(self, tasks: Sequence[Task]) -> Iterator[Event]:
        """The events of all groups, in order; see `Engine`."""
        use_compilation_cache()
        for task in tasks:
            members = task.group.members
            left = [m for m in members if m.identity not in task.done]
            if left:
                yield Started(task.group.number, tuple(m.identity for m in left))
                yield from self._group(task)

    def _group(self, task: Task) -> Iterator[Event]:
        """The events of a group, in parts of the size that memory allows."""
        together, reported = task.group.together, set(task.done)
        waiting = split(task.group.members, together)
        while waiting:
            part = waiting.pop(0)
            if all(member.identity in reported for member in part):
                continue
            try:
                for event in self._part(task, part, reported):
                    if isinstance(event, Done | Failed):
                        reported.add(event.identity)
                    yield event
            except (MemoryError, jax.errors.JaxRuntimeError) as error:
                if not is_out_of_memory(error):
                    raise
                if len(part) == 1:
                    yield _did_not_fit(part[0])
                    reported.add(part[0].identity)
                    continue
                together = (len(part) + 1) // 2
                yield Halved(task.group.number, together)
                rest = [member for each in waiting for member in each]
                waiting = split([*part, *rest], together)

    def _part(
        self, task: Task, members: Sequence[Member], reported: set[str]
    ) -> Iterator[Event]:
        """Train some members together, then measure those that are not reported."""
        opened = [self.worlds.opened(member.config) for member in members]
        identities = [member.identity for member in members]
        path, session, compiled = None, None, compile_seconds()
        if task.checkpoints is not None:
            path = checkpoint_path(task.checkpoints, identities)
            session = read_group(path, opened, identities)
        session = session or begin(opened)
        session = counted(session, 0.0, compile_seconds() - compiled)
        training = self._training(task, opened, session, path, identities)
        for after, event in training:
            session = after
            yield event
        yield from self._measured(task, members, opened, session, reported)
        if path is not None:
            remove_file(path)

    def _training(
        self,
        task: Task,
        opened: Sequence[Opened],
        session: GroupSession,
        path: Path | None,
        identities: Sequence[str],
    ) -> Iterator[tuple[GroupSession, Advanced]]:
        """Each stretch of training; the session is written now and then."""
        yield session, _advanced(task, opened, session, session)
        wait = self.checkpoint_every
        saved, unsaved = time.perf_counter(), False
        started, compiled = seconds_without_compiling(), compile_seconds()
        try:
            for after in train_group(opened, session, self.for_each):
                seconds = seconds_without_compiling() - started
                compiling, now = compile_seconds() - compiled, time.perf_counter()
                before, unsaved = session, True
                after = replace(
                    after,
                    seconds=before.seconds,
                    compile_seconds=before.compile_seconds,
                )
                session = counted(after, seconds, compiling)
                if path is not None and now - saved >= wait:
                    write_group(path, session, identities)
                    saved, unsaved = time.perf_counter(), False
                    wait = max(self.checkpoint_every, (saved - now) / CHECKPOINT_PART)
                yield session, _advanced(task, opened, before, session)
                # neither writing nor what the driver does meanwhile is training
                started, compiled = seconds_without_compiling(), compile_seconds()
        finally:
            # also where the driver closes the iterator: Ctrl-C
            if path is not None and unsaved:
                write_group(path, session, identities)

    def _measured(
        self,
        task: Task,
        members: Sequence[Member],
        opened: Sequence[Opened],
        session: GroupSession,
        reported: set[str],
    ) -> Iterator[Event]:
        """The result of each member that is not reported yet."""
        seconds = session.seconds / len(members)
        environment = describe_environment() | {
            # of the whole group, which compiles one program
            "compile_seconds": round(session.compile_seconds, 3)
        }
        everything = zip(opened, members, session.runs, vaes_of(session), strict=True)
        left = [each for each in everything if each[1].identity not in reported]
        if not left:
            return
        number, steps = task.group.number, opened[0].config.training.steps
        before = len(members) - len(left)
        at_once = min(getattr(self.for_each, "processes", 1), len(left))
        of_each = map(list, zip(*left, strict=True))
        times, environments = [seconds] * len(left), [environment] * len(left)
        results = self.for_each(result_of, *of_each, times, environments)
        for count in range(before, len(members)):
            doing = f"measuring {count + 1} of {len(members)}"
            yield Advanced(number, session.step, steps, 0, 0, 0.0, doing)
            result = next(results)
            if isinstance(result, Done):
                kept = None
                if task.weights is not None:
                    kept = save_at_url(result.run, result.identity, task.weights)
                result = replace(result, kept=kept, measured_at_once=at_once)
            yield result


def result_of(
    opened: Opened,
    member: Member,
    run: RunState,
    vae: VAE,
    training_seconds: float,
    environment: dict[str, Any],
) -> Done | Failed:
    """What became of a member of a group that has trained to its end."""
    if run.divergence is not None:
        return Failed(member.identity, *run.divergence, run.history, training_seconds)
    try:
        return measured(opened, member, run, vae, training_seconds, environment)
    except UNMEASURABLE as e:
        reason = f"it was trained but could not be measured: {e}"
        step = opened.config.training.steps
        return Failed(member.identity, step, reason, run.history, training_seconds)


def measured(
    opened: Opened,
    member: Member,
    run: RunState,
    vae: VAE,
    training_seconds: float,
    environment: dict[str, Any],
) -> Done:
    """Answer, held-out fit and every score of a trained member.

    Times are without compiling, and without loading libraries, which the first member
    does for all others.
    """
    # loaded before the clock starts
    import sklearn.ensemble  # noqa: F401
    import sklearn.linear_model  # noqa: F401
    import sklearn.metrics  # noqa: F401

    started = seconds_without_compiling()
    answer = answer_of(vae, opened)
    test = held_out_fit(vae, opened.population)
    scores = scores_of(vae, opened)
    seconds = seconds_without_compiling() - started
    times = {
        "training_seconds": round(training_seconds, 3),
        "answer_seconds": round(seconds, 3),
    }
    # the settings of the member, since those of `opened` may be shared
    found = Run(
        member.config,
        vae,
        answer,
        run.history,
        run.members,
        environment | times,
        test,
    )
    return Done(member.identity, found, scores, training_seconds, seconds)


def scores_of(vae: VAE, opened: Opened) -> tuple[Score, ...]:
    """Every score; none where there are too few pictures, as the answer says too."""
    representation = population_representation(vae, opened.population)
    if len(representation.codes) < FEWEST_ROWS:
        return ()
    return all_scores(representation).scores


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error says that memory was not enough."""
    return isinstance(error, MemoryError) or any(
        words in str(error) for words in OUT_OF_MEMORY
    )


def checkpoint_path(folder: Path, identities: Sequence[str]) -> Path:
    """The file of a part of a group, named by its first member and its size."""
    return folder / f"{identities[0]}-{len(identities)}.safetensors"


def _did_not_fit(member: Member) -> Failed:
    return Failed(
        member.identity,
        0,
        "it ran out of memory, although it trained alone. Lower the batch size, the "
        "network or the number of members that start together.",
    )


def counted(session: GroupSession, seconds: float, compiling: float) -> GroupSession:
    """The session with so many seconds more of training and of compiling."""
    return replace(
        session,
        seconds=session.seconds + seconds,
        compile_seconds=session.compile_seconds + compiling,
    )


def _advanced(
    task: Task,
    opened: Sequence[Opened],
    before: GroupSession,
    after: GroupSession,
) -> Advanced:
    config = opened[0].config
    left = pictures_left(after, config.training.batch_size, opened)
    pictures = pictures_left(before, config.training.batch_size, opened) - left
    steps = config.training.steps
    return Advanced(
        task.group.number,
        after.step,
        steps,
        pictures,
        left,
        after.seconds - before.seconds,
        compile_seconds=after.compile_seconds - before.compile_seconds,
    )


def pictures_left(
    session: GroupSession, batch_size: int, opened: Sequence[Opened]
) -> int:
    """Pictures that the runs of a group still train on."""
    left = 0
    for each, run in zip(opened, session.runs, strict=True):
        config = each.config
        left += (config.training.steps - session.step) * batch_size
        if len(run.numbers) > 1:
            alone = config.training.steps * batch_size
            rivals = work_of(config) - alone
            left += rivals - (len(run.numbers) - 1) * session.step * batch_size
    return left
