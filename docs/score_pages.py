"""Writes docs/scores: a page for each score, from its docstring and its properties.

    python docs/score_pages.py

The figures show each score of a perfect code against a rotation of its two latents:
3000 rows of two independent factors, uniform and Gaussian.
"""

from __future__ import annotations

import inspect
from pathlib import Path

import numpy as np
from matplotlib import rc_context

from tinyvae.plots.style import COLOURS, STYLE, new_figure
from tinyvae.scores.score import SCORES, Properties
from tinyvae.scores.suite import ORDER
from tinyvae.scores.tables import TO_REPORT
from tinyvae.scores.udr import UDR, udr

FOLDER = Path(__file__).parent / "scores"
DEGREES = np.arange(0, 91, 5)
NUM_ROWS = 3000


def page(name: str) -> str:
    """The page of one score, as Markdown."""
    scored = SCORES[name]
    titles = ", ".join(facts.title for facts in scored.facts)
    return (
        "\n\n".join(
            [
                f"# {titles}",
                f"```text\n{call(name, scored.function)}\n```",
                str(inspect.getdoc(scored.function)),
                facts_table(scored.facts),
                f"![{titles}: the rotation curve](figures/{name}.png)",
                "A perfect code of two factors, with its latents rotated by an angle. "
                "At 0 and 90 degrees each latent is one factor; at 45 each is half of "
                "both."
                + (" Dashed: the closed form." if scored.facts[0].rotation else ""),
                "[All scores](README.md)",
            ]
        )
        + "\n"
    )


def udr_page() -> str:
    """The page of UDR, which compares several runs and needs no factors."""
    return "\n\n".join(
        [
            "# UDR",
            f"```text\n{call('udr', udr)}\n```",
            str(inspect.getdoc(udr)),
            facts_table((UDR,)),
            "![UDR of two runs that are rotated against each other](figures/udr.png)",
            "Two runs of two latents, the second rotated against the first: at 0 and "
            "90 degrees they agree; at 45 each latent is half of both latents of the "
            "other.",
            "[All scores](README.md)\n",
        ]
    )


def facts_table(facts: tuple[Properties, ...]) -> str:
    """The properties of the score as a table; the tests check each row."""
    lines = [
        "| value | perfect code | independent codes | increasing maps of a latent |",
        "|---|---|---|---|",
    ]
    lines += [
        f"| {one.title} | {one.best:g} | {chance(one)} | "
        f"{'change nothing' if one.monotone else 'may change it'} |"
        for one in facts
    ]
    return "\n".join(lines)


def chance(facts: Properties) -> str:
    """The value of codes that are independent of the factors, in words."""
    if facts.chance is None:
        return "undefined"
    return "1 / factors" if callable(facts.chance) else f"{facts.chance:g}"


def index() -> str:
    """The table of all scores."""
    lines = [
        "# Scores",
        "",
        "Scores compare the codes of any network with true factors: `tinyvae score "
        "FILE.npz`, or `tinyvae.scores.all(codes, factors)`. Each page says what a "
        "score measures, what 0 and 1 mean, what it is blind to, where it comes from "
        "and how it differs from published code. To compare with published numbers, "
        "use `tinyvae.scores.locatello2019`, which reproduces disentanglement_lib.",
        "",
        "| score | id | in one line | perfect | by chance |",
        "|---|---|---|---|---|",
    ]
    for name in ORDER:
        facts = SCORES[name].facts
        line = str(inspect.getdoc(SCORES[name].function)).split("\n")[0]
        titles = ", ".join(one.title for one in facts)
        chances = ", ".join(dict.fromkeys(chance(one) for one in facts))
        ids = ", ".join(f"`{one}`" for one in SCORES[name].ids)
        best = f"{facts[0].best:g}"
        lines.append(f"| [{titles}]({name}.md) | {ids} | {line} | {best} | {chances} |")
    lines += [
        "| [UDR](udr.md) | `udr` | Unsupervised disentanglement ranking of several "
        "runs, 0 to 1 ([tinyvae compare](../compare.md)). | 1 | 0 |",
        "",
        'An id never changes; files and programs use it: `suite["mig_nearest"]`, '
        "`--to table.csv`. Titles are for people.",
        "",
        *four_to_report(),
        "",
        "## What all scores share",
        "",
        "A score is *undefined*, with the reason, for a constant factor or latent and "
        "where it would be 0 / 0; undefined parts are left out of the mean. Rows are a "
        "random sample unless they are every combination of the factors, once. Then "
        "they are the whole population: scores are exact if nothing is fitted, and "
        "have no interval.",
        "",
        "`tinyvae score --intervals 100 --p-values 199` adds intervals from half "
        "samples and permutation tests (`tinyvae.scores.uncertainty` says why not a "
        "bootstrap). IRS has no interval: it is a little too high in samples, by as "
        "much in half of the rows as in all, so that halves cannot show it, and "
        "intervals of 95 % held the truth in 74 to 93 % of samples. DCI has none of "
        "fewer than 1000 rows: at 300 they held it in 72 to 100 % for most kinds of "
        "codes, and those of disentanglement and completeness never for rare labels. "
        "[Both were measured]"
        "(../../benchmarks/results/coverage.md). A table shows how "
        "far scores of 1000 rows are from "
        "those of 20 000, for continuous, discrete, mixed and rare codes: "
        "[the bias of each score](../../benchmarks/results/bias.md). With fewer than "
        "100 rows, scores are rough, and some are undefined.",
        "",
        "Three situations need care, and are taken care of:",
        "",
        "- **Copies.** Where codes are continuous and whole rows repeat, as after "
        "oversampling, each row that differs is used once, since a copy of noise looks "
        "like knowledge; a note says how many rows differ. The repeats of discrete "
        "codes are their frequencies, and stay. Rows with the same combination of "
        "factors are held out together.",
        "- **Quantised codes, ties, many zeros.** Mutual information is counted where "
        "values repeat often, and taken from neighbours elsewhere, so that all kinds "
        "of codes share one scale: "
        "[estimates beside known values](../../benchmarks/results/information.md).",
        "- **Rare labels.** Where only a part of the rows is used, it is drawn by "
        "label, so that a rare label keeps all of its rows; bins are tried that are as "
        "fine as the rarest label. A label apart from all others is found if 20 rows "
        "of 20 000 have it.",
    ]
    return "\n".join(lines) + "\n"


REASONS = {
    "share": "The plainest number of the answer: no fit and no bins. Two latents that "
    "are turned into each other by an angle have the square of its cosine.",
    "mig_nearest": "Falls where a second latent knows the factor too, which the share "
    "does not see. By nearest neighbours it has no bins, whose number would decide the "
    "value.",
    "dci_disentanglement": "Judges every latent, also those that are no factor's own, "
    "by probes that see relations of any shape.",
    "infoe": "The only one of the four that is blind to how the factors are spread "
    "over latents: it tells a code that mixes factors from one that has lost them.",
}


def four_to_report() -> list[str]:
    """Which four scores to report, the question of each, and why."""
    lines = [
        "## Four to report",
        "",
        "`tinyvae score` marks four scores with `*`. Each answers another question, so "
        "that together they say where a code falls short. At 1000 rows share, MIG "
        "(nearest neighbours) and InfoE are within 0.02 of their values at 20 000, for "
        "all nine kinds of codes that were tried. DCI disentanglement is for six, and "
        "off by up to 0.07 for the others "
        "([bias](../../benchmarks/results/bias.md)).",
        "",
        "| score | its question | why this one |",
        "|---|---|---|",
    ]
    titles = {
        one: facts.title
        for scored in SCORES.values()
        for one, facts in zip(scored.ids, scored.facts, strict=True)
    }
    lines += [
        f"| {titles[name]} | {question} | {REASONS[name]} |"
        for name, question in TO_REPORT.items()
    ]
    return [
        *lines,
        "",
        "The others are there to compare with published tables, and some have a fault "
        "to know of. Spearman and MCC hardly fall when latents are mixed (0.71 at 45 "
        "degrees). MIG, MED and the FactorVAE score are biased by up to 0.05, 0.09 and "
        "0.07 at 1000 rows. MED, InfoM, InfoC, modularity, DCI disentanglement and DCI "
        "completeness do not fall if a factor is missing altogether: give InfoE beside "
        "them.",
        "",
        "Three total correlations have one name in papers. That of the *codes* is a "
        "score (`total_correlation`: a lower bound, from codes alone). That of the "
        "*aggregate posterior* stands in the answer of a run, beside the ELBO (exact "
        "for the mixture of all posteriors, noise included). That *in a minibatch* is "
        "the penalty in training, and is drawn in the curves. They differ.",
    ]


def rotation_figure(name: str):
    """The score of a rotated code against the angle."""
    scored = SCORES[name]
    rng = np.random.default_rng(0)
    kinds = {
        "uniform": rng.uniform(-1.7, 1.7, size=(NUM_ROWS, 2)),
        "Gaussian": rng.normal(size=(NUM_ROWS, 2)),
    }
    with rc_context(STYLE):
        figure = new_figure(3.4 * len(scored.facts) + 0.4, 2.5)
        panels = figure.subplots(1, len(scored.facts), squeeze=False, sharey=True)[0]
        for colour, (label, factors) in zip(COLOURS, kinds.items(), strict=False):
            curves = [
                [s.value for s in scored.scores(turned(factors, degrees), factors)]
                for degrees in DEGREES
            ]
            for axes, curve in zip(panels, np.transpose(curves), strict=True):
                axes.plot(DEGREES, curve, color=colour, label=label, linewidth=1.6)
        for axes, facts in zip(panels, scored.facts, strict=True):
            if facts.rotation is not None:
                form = [facts.rotation(np.radians(degrees)) for degrees in DEGREES]
                axes.plot(DEGREES, form, "k--", linewidth=0.8, label="closed form")
            axes.set_title(facts.title, fontsize=9)
            axes.set_xlabel("turned by, degrees")
            axes.set_xticks([0, 30, 45, 60, 90])
            axes.set_ylim(*((-0.03, 1.05) if facts.best == 1 else (-0.01, 0.5)))
        panels[0].set_ylabel("score" if scored.facts[0].best else "nats")
        panels[0].legend(frameon=False, fontsize=7, loc="lower left")
    return figure


def udr_figure():
    """The UDR of two runs against the angle between them."""
    rng = np.random.default_rng(0)
    with rc_context(STYLE):
        figure = new_figure(3.8, 2.5)
        axes = figure.subplots()
        for colour, (label, codes) in zip(
            COLOURS,
            {
                "uniform": rng.uniform(-1.7, 1.7, size=(NUM_ROWS, 2)),
                "Gaussian": rng.normal(size=(NUM_ROWS, 2)),
            }.items(),
            strict=False,
        ):
            curve = [udr([codes, turned(codes, angle)]).value for angle in DEGREES]
            axes.plot(DEGREES, curve, color=colour, label=label, linewidth=1.6)
        axes.set_xlabel("turned by, degrees")
        axes.set_xticks([0, 30, 45, 60, 90])
        axes.set_ylim(-0.03, 1.05)
        axes.set_ylabel("UDR")
        axes.legend(frameon=False, fontsize=7, loc="lower left")
    return figure


def turned(factors: np.ndarray, degrees: float) -> np.ndarray:
    """Two columns rotated by an angle."""
    cosine, sine = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return factors @ np.array([[cosine, -sine], [sine, cosine]])


def call(name: str, function) -> str:
    """The call of a score: its parameters and their defaults."""
    parameters = inspect.signature(function).parameters.values()
    shown = [
        p.name if p.default is p.empty else f"{p.name}={p.default!r}"
        for p in parameters
    ]
    return f"tinyvae.scores.{name}({', '.join(shown)})"


def main() -> None:
    """Write every page and every figure."""
    (FOLDER / "figures").mkdir(parents=True, exist_ok=True)
    (FOLDER / "README.md").write_text(index())
    (FOLDER / "udr.md").write_text(udr_page())
    udr_figure().savefig(FOLDER / "figures" / "udr.png", dpi=90)
    for name in ORDER:
        (FOLDER / f"{name}.md").write_text(page(name))
        rotation_figure(name).savefig(FOLDER / "figures" / f"{name}.png", dpi=90)


if __name__ == "__main__":
    main()
