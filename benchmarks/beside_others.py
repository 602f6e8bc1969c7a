"""Our scores beside those of scikit-learn, disent and DRVI, on the same codes.

    python benchmarks/beside_others.py --disent PYTHON --out FILE.md

Three kinds of codes: three factors of 8 values, rotated by 20 degrees with noise; the
same factors through a network; five types of cells, one of which is rare, each raised
in a latent of its own. scikit-learn stands for the published formula, written in a few
lines here. disent runs in a Python that has it (`disent_turn.py`). The matching score
of DRVI is written here from its definition.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np

from machine import describe_machine, markdown_table, publish
from tinyvae.from_arrays import representation_of
from tinyvae.representation import Representation
from tinyvae.scores import SCORES
from tinyvae.scores.suite import ORDER

NUM_ROWS = 2000
PACKAGES = ("tinyvae", "numpy", "scipy", "scikit-learn")
Scores = dict[str, tuple[float, float]]  # by our id: value, seconds
TITLES = {
    "mig.discrete_score": "mig",
    "sap.score": "sap",
    "dci.disentanglement": "dci_disentanglement",
    "dci.completeness": "dci_completeness",
    "dci.informativeness_test": "dci_informativeness",
    "unsup.gauss_total_corr": "total_correlation",
    "unsup.mi_score": "pairwise_information",
}


class Case(NamedTuple):
    """Codes with their factors, and what they are."""

    name: str
    codes: np.ndarray
    factors: np.ndarray  # whole numbers
    kind: str  # of every factor


def turned() -> Case:
    """Three factors of 8 values, two latents turned by 20 degrees, noise."""
    rng = np.random.default_rng(0)
    factors = rng.integers(0, 8, size=(NUM_ROWS, 3))
    codes = (factors - factors.mean(axis=0)) / factors.std(axis=0)
    cosine, sine = np.cos(np.radians(20)), np.sin(np.radians(20))
    codes[:, 1:] = codes[:, 1:] @ np.array([[cosine, -sine], [sine, cosine]])
    codes = np.column_stack([codes, np.zeros(NUM_ROWS)])
    noise = rng.normal(size=codes.shape) * [0.2, 0.2, 0.2, 1.0]
    return Case("turned by 20 degrees", codes + noise, factors, "ordered")


def network() -> Case:
    """The same factors through a network of 16 hidden units to six latents."""
    rng = np.random.default_rng(0)
    factors = rng.integers(0, 8, size=(NUM_ROWS, 3))
    weights = np.random.default_rng(7)
    first, second = weights.normal(size=(3, 16)), weights.normal(size=(16, 6))
    codes = np.tanh((factors / 4 - 0.9) @ first) @ second
    codes = codes + 0.05 * rng.normal(size=codes.shape)
    return Case("network", codes, factors, "ordered")


def cell_types() -> Case:
    """Five types, one of 1 in 100 cells, each raised in a latent of its own."""
    rng = np.random.default_rng(0)
    types = rng.choice(5, NUM_ROWS, p=[0.4, 0.3, 0.19, 0.1, 0.01])
    member = np.eye(5, dtype=int)[types]
    codes = 3.0 * member + 0.5 * rng.normal(size=member.shape)
    return Case("types of cells, one hot", codes, member, "categorical")


def seconds(function: Callable[[], object]) -> tuple[object, float]:
    """What a call returns, and its time."""
    started = time.perf_counter()
    found = function()
    return found, time.perf_counter() - started


def ours(found: Representation) -> Scores:
    """Every score of tinyvae, after a first call that imports what they need."""
    for scored in SCORES.values():
        scored.scores(found)
    results: Scores = {}
    for scored in SCORES.values():
        scores, spent = seconds(lambda scored=scored: scored.scores(found))
        results |= {one.id: (one.value, spent) for one in scores}  # type: ignore[attr-defined]
    return results


def of_scikit_learn(case: Case) -> Scores:
    """The published formulas with the estimators of scikit-learn."""
    found: Scores = {}
    for name, formula in (
        ("share", correlation_ratio),
        ("mig", binned_gap),
        ("mig_nearest", nearest_gap),
        ("sap", linear_gap),
        ("explicitness", logistic_auc),
    ):
        value, spent = seconds(lambda f=formula: f(case.codes, case.factors))
        found[name] = (float(value), spent)  # type: ignore[arg-type]
    importances, spent = seconds(lambda: forest_importances(case.codes, case.factors))
    disentanglement, completeness = dci_of(importances)  # type: ignore[arg-type]
    found["dci_disentanglement"] = (disentanglement, spent)
    found["dci_completeness"] = (completeness, spent)
    return found


def matched_mean(matrix: np.ndarray) -> float:
    """Mean over factors of a (latent, factor) matrix at the best one-to-one matching.

    A factor without a latent counts as 0.
    """
    from scipy.optimize import linear_sum_assignment

    rows, columns = linear_sum_assignment(matrix, maximize=True)
    return float(matrix[rows, columns].sum() / matrix.shape[1])


def correlation_ratio(codes: np.ndarray, factors: np.ndarray) -> float:
    """Share as eta squared, from scikit-learn's analysis of variance."""
    from sklearn.feature_selection import f_classif

    matrix = np.empty((codes.shape[1], factors.shape[1]))
    for place, factor in enumerate(factors.T):
        ratio, _ = f_classif(codes, factor)
        between, within = len(np.unique(factor)) - 1, len(factor) - 1
        matrix[:, place] = ratio * between / (ratio * between + within - between)
    return matched_mean(matrix)


def gap(information: np.ndarray, factors: np.ndarray) -> float:
    """Lead of the best latent over the runner-up, over the entropy of the factor."""
    from sklearn.metrics import mutual_info_score

    entropy = [mutual_info_score(factor, factor) for factor in factors.T]
    runner_up, best = np.sort(information, axis=0)[-2:]
    return float(np.mean((best - runner_up) / entropy))


def binned_gap(codes: np.ndarray, factors: np.ndarray) -> float:
    """MIG in 20 bins of equal width."""
    from sklearn.metrics import mutual_info_score
    from sklearn.preprocessing import KBinsDiscretizer

    binner = KBinsDiscretizer(20, encode="ordinal", strategy="uniform")
    bins = binner.fit_transform(codes)
    table = [[mutual_info_score(b, f) for f in factors.T] for b in bins.T]
    return gap(np.array(table), factors)


def nearest_gap(codes: np.ndarray, factors: np.ndarray) -> float:
    """MIG with scikit-learn's search for nearest neighbours, on the scale of ours.

    Information I becomes 1 - exp(-2 I), over its value where I is the entropy.
    """
    from sklearn.feature_selection import mutual_info_classif
    from sklearn.metrics import mutual_info_score

    gaps = []
    for factor in factors.T:
        shared = mutual_info_classif(codes, factor, n_neighbors=3, random_state=0)
        squared = np.sort(1 - np.exp(-2 * shared))
        ceiling = 1 - np.exp(-2 * mutual_info_score(factor, factor))
        gaps.append((squared[-1] - squared[-2]) / ceiling)
    return float(np.mean(gaps))


def linear_gap(codes: np.ndarray, factors: np.ndarray) -> float:
    """SAP: lead of the best R2 of a line over the runner-up's."""
    from sklearn.linear_model import LinearRegression

    table = [
        [LinearRegression().fit(z[:, None], f).score(z[:, None], f) for f in factors.T]
        for z in codes.T
    ]
    runner_up, best = np.sort(table, axis=0)[-2:]
    return float(np.mean(best - runner_up))


def logistic_auc(codes: np.ndarray, factors: np.ndarray) -> float:
    """Explicitness: AUC of logistic regression, one level against the rest."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import roc_auc_score
    from sklearn.model_selection import cross_val_predict

    areas = []
    for factor in factors.T:
        model = LogisticRegression(max_iter=1000)
        chance = cross_val_predict(model, codes, factor, method="predict_proba")
        areas += [
            roc_auc_score(factor == level, np.asarray(chance)[:, place])
            for place, level in enumerate(np.unique(factor))
        ]
    return float(np.mean(areas))


def forest_importances(codes: np.ndarray, factors: np.ndarray) -> np.ndarray:
    """Importances (latent, factor) of random forests that classify each factor."""
    from sklearn.ensemble import RandomForestClassifier

    return np.transpose(
        [
            RandomForestClassifier(100, random_state=0)
            .fit(codes, factor)
            .feature_importances_
            for factor in factors.T
        ]
    )


def dci_of(importances: np.ndarray) -> tuple[float, float]:
    """Disentanglement and completeness of importances: 1 less the entropy, weighted."""
    from scipy.stats import entropy

    sizes = importances.sum(axis=1)
    latents = 1 - entropy(importances.T, base=importances.shape[1])
    factors = 1 - entropy(importances, base=importances.shape[0])
    return float(latents @ sizes / sizes.sum()), float(np.mean(factors))


def of_disent(case: Case, python: str | None) -> tuple[Scores, str]:
    """The scores of disent, and its version; none where there is no disent."""
    if python is None:
        return {}, "disent: not measured"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "codes.npz"
        np.savez(path, codes=case.codes, factors=case.factors)
        script = Path(__file__).with_name("disent_turn.py")
        done = subprocess.run(
            [python, "-W", "ignore", script, path], capture_output=True, text=True
        )
    if done.returncode:
        return {}, f"disent: failed ({done.stderr.strip().splitlines()[-1]})"
    found = json.loads(done.stdout.splitlines()[-1])
    scores = {TITLES[k]: tuple(v) for k, v in found["results"].items() if k in TITLES}
    return scores, f"disent {found['version']}"  # type: ignore[return-value]


def of_drvi(case: Case) -> tuple[float, float]:
    """DRVI's latent matching score with scaled mutual information, and its seconds.

    Each level of each factor is a target, 0 or 1. The matrix holds the mutual
    information of each target with each latent in 10 bins of equal width, over the
    entropy of the target; the score is its mean at the best one-to-one matching.
    """
    from sklearn.metrics import mutual_info_score
    from sklearn.preprocessing import KBinsDiscretizer

    def score() -> float:
        targets = [f == level for f in case.factors.T for level in np.unique(f)]
        if case.kind == "categorical":  # one-hot columns already
            targets = [factor == 1 for factor in case.factors.T]
        binner = KBinsDiscretizer(10, encode="ordinal", strategy="uniform")
        bins = binner.fit_transform(case.codes)
        table = [
            [mutual_info_score(b, t) / mutual_info_score(t, t) for t in targets]
            for b in bins.T
        ]
        return matched_mean(np.array(table))

    value, spent = seconds(score)
    return float(value), spent  # type: ignore[arg-type]


def section(case: Case, python: str | None) -> tuple[str, str]:
    """The table of one kind of codes, and the version of disent."""
    kinds = [case.kind] * case.factors.shape[1]
    found = representation_of(case.codes, case.factors, kinds=kinds)
    mine, learn = ours(found), of_scikit_learn(case)
    disent, version = of_disent(case, python)
    rows = [
        [
            name,
            *cells(mine.get(name)),
            *cells(learn.get(name)),
            *cells(disent.get(name)),
        ]
        for function in ORDER
        for name in SCORES[function].ids
    ]
    value, spent = of_drvi(case)
    header = ("score", "tinyvae", "s", "scikit-learn", "s", "disent", "s")
    text = f"## {case.name}\n\n{markdown_table(header, rows)}\n\n"
    text += f"DRVI's latent matching score: {value:.3f} ({spent:.2f} s).\n"
    return text, version


def cells(found: tuple[float, float] | None) -> tuple[str, str]:
    """A value and its seconds as they are printed."""
    if found is None:
        return "-", "-"
    value = "undefined" if np.isnan(found[0]) else f"{found[0]:.3f}"
    return value, f"{found[1]:.2f}"


NOTES = """
Seconds are those of one call on a machine that others used too: read them as orders of
magnitude. Scores that one function gives together share its time.

Why values differ:

- **MIG**: scikit-learn's and disent's bins are 20 of equal width, and their bias is not
  corrected. disent draws its rows with repetition.
- **MIG, nearest**: scikit-learn's `mutual_info_classif` on the scale of ours, which is
  that of R2, 1 - exp(-2 I), so that continuous factors have it too.
- **share**: eta squared is biased upwards for a sample; ours is corrected (epsilon
  squared). Here the matching is by the share alone.
- **DCI**: the importances of random forests (scikit-learn), of gradient boosting
  (disent) and of extremely randomised trees that count only above chance (tinyvae).
- **SAP**: disent takes the accuracy of a linear classifier of the levels.
- **explicitness**: ours is a discriminant analysis, scikit-learn's a logistic
  regression.
- **pairwise information**: disent's bins are not corrected for chance.
- **total correlation**: disent takes the covariance of the codes as they are; ours maps
  each latent to a normal by its ranks.
- **DRVI** matches a latent with each *level* of a factor. It fits types of cells, and
  is low by design where one latent holds a factor of 8 ordered levels.

The metrics of disent do not take arrays: they take a data set and a network. Here a
class that returns rows of codes stands for the data set, which suffices for MIG, SAP,
DCI and the total correlation. disent's FactorVAE score asks the data set to draw
pictures with one factor held, and is left out. disent 0.9 was asked for; 0.8.0 is the
newest that pip found.
"""


def main() -> None:
    """Measure, print, and write the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--disent", help="a Python in which disent is installed")
    given = parser.parse_args()
    sections = [section(make(), given.disent) for make in (turned, network, cell_types)]
    text = "\n".join(
        [
            "# Scores beside those of other libraries\n",
            f"{NUM_ROWS} rows of each kind of codes; a dash: no such score.\n",
            *(text for text, _ in sections),
            NOTES.strip() + "\n",
            f"{describe_machine(PACKAGES).rstrip('.')}; {sections[0][1]}.",
        ]
    )
    publish(text, given.out)


if __name__ == "__main__":
    main()
