"""The study of Optuna behind a search. Nothing else here imports Optuna.

Its state is a function of the spec and of the trials so far, so nothing of it is
stored: it is asked and told again from the record, which also restores the sampler's
random numbers.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from tinyvae.runs.config import with_kind
from tinyvae.runs.kinds import KINDS, settings_type
from tinyvae.sweeps.search.ranges import Parameter, Range
from tinyvae.sweeps.search.spec import SearchSpec
from tinyvae.sweeps.spec_reading import setting_names

Values = Mapping[str, Any]  # of the settings that are searched, by name


@contextmanager
def _silent() -> Iterator[None]:
    """Without the messages of Optuna on each study."""
    import optuna

    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    try:
        yield
    finally:
        optuna.logging.set_verbosity(before)


def new_study(spec: SearchSpec, seed: int) -> Any:
    """A study in memory, with the sampler of the spec at this seed."""
    import optuna

    samplers: dict[str, Callable[..., Any]] = {
        "tpe": optuna.samplers.TPESampler,
        "random": optuna.samplers.RandomSampler,
    }
    with _silent():
        return optuna.create_study(
            study_name=spec.target.name,
            direction="maximize" if spec.target.maximise else "minimize",
            sampler=samplers[spec.sampler](seed=seed),
        )


class Asking:
    """Asks a study for settings, and tells it what came of them.

    `study` is the study of Optuna; its trials have the numbers of those here.
    """

    def __init__(self, spec: SearchSpec) -> None:
        self.spec = spec
        self.study = new_study(spec, spec.seed)
        self._open: dict[int, Any] = {}

    def ask(self, count: int) -> list[tuple[int, Values]]:
        """Numbers and values of new trials; none of them is told yet."""
        return [self._ask() for _ in range(count)]

    def _ask(self) -> tuple[int, Values]:
        trial = self.study.ask()
        self._open[trial.number] = trial
        return trial.number, suggested(trial, self.spec)

    def tell(self, number: int, value: float | None, facts: Mapping[str, Any]) -> None:
        """Say what came of a trial.

        None is told as a trial that was pruned: Optuna ranks it below all that have a
        value, and so keeps away from it. A trial that failed it would forget.
        """
        import optuna

        trial = self._open.pop(number)
        for name, fact in facts.items():
            trial.set_user_attr(name, fact)
        if value is None:
            self.study.tell(trial, state=optuna.trial.TrialState.PRUNED)
        else:
            self.study.tell(trial, value)

    def repeat(
        self,
        batches: Sequence[Sequence[Values]],
        outcomes: Sequence[tuple[float | None, Mapping[str, Any]]],
    ) -> bool:
        """Ask for and tell recorded trials once more, batch by batch.

        False where Optuna suggests others than it did then (another version, or a trial
        whose value has changed). The recorded trials are told all the same, but the
        sampler's random numbers begin anew.
        """
        if self._repeated(batches, outcomes, enforce=False):
            return True
        # at its own seed the sampler would suggest the first trials once more
        anew = np.random.SeedSequence((self.spec.seed, len(outcomes)))
        self.study = new_study(self.spec, int(anew.generate_state(1)[0]))
        self._open = {}
        self._repeated(batches, outcomes, enforce=True)
        return False

    def _repeated(self, batches, outcomes, *, enforce: bool) -> bool:
        for batch in batches:
            for values in batch if enforce else ():
                self.study.enqueue_trial(as_optuna(values))
            asked = self.ask(len(batch))
            if not enforce and [values for _, values in asked] != list(batch):
                return False
            for number, _ in asked:
                self.tell(number, *outcomes[number])
        return True


def suggested(trial: Any, spec: SearchSpec) -> dict[str, Any]:
    """A value for each setting that the suggested kinds have."""
    values: dict[str, Any] = {}
    for parameter in spec.parameters:
        if is_had(parameter, spec, values):
            values[parameter.name] = _suggest(trial, parameter)
    return values


def is_had(parameter: Parameter, spec: SearchSpec, values: Values) -> bool:
    """Whether the kinds that were suggested so far have this setting."""
    section, _, key = parameter.name.partition(".")
    if section not in KINDS or section not in values or not key:
        return True
    kind = with_kind(section, values[section])["kind"]
    return key in setting_names(settings_type(section, kind))


def _suggest(trial: Any, parameter: Parameter) -> Any:
    name = parameter.name
    if not isinstance(parameter, Range):
        texts = {_word(value): value for value in parameter.values}
        return texts[trial.suggest_categorical(name, list(texts))]
    low, high, step = parameter.low, parameter.high, parameter.step
    if parameter.whole:
        step = 1 if step is None else int(step)
        return trial.suggest_int(
            name, int(low), int(high), step=step, log=parameter.log
        )
    return trial.suggest_float(name, low, high, step=step, log=parameter.log)


def as_optuna(values: Values) -> dict[str, Any]:
    """The values as Optuna holds them: lists are texts."""
    return {name: _word(value) for name, value in values.items()}


def _word(value: Any) -> Any:
    return json.dumps(value) if isinstance(value, list | tuple) else value
