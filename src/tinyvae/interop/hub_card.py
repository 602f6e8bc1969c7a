"""The card of a shared run: README.md with what it is, what it says, how to load it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from tinyvae.answer.tables import AnswersOfInputs
from tinyvae.files.result_tables import ResultTable, markdown_line, markdown_text
from tinyvae.interop.hub_files import shared_settings
from tinyvae.models.told import told_to
from tinyvae.objectives.naming import supervision_of
from tinyvae.own import is_own
from tinyvae.runs.run import Run
from tinyvae.scores.suite import Suite
from tinyvae.scores.tables import ScoresOfInputs
from tinyvae.wording import shortened
from tinyvae.worlds import Pictures

START = "---\nlibrary_name: tinyvae\n"
LONGEST_VALUE = 200  # letters of a setting in the table
# what a world finds in its files, which says nothing to a reader
FOUND = ("fingerprint", "offsets", "scales")
SUPERVISION = {
    "none": "the objective saw no factors",
    "pairs": "the objective saw pairs of pictures that share some factors",
    "labels": "the objective saw the values of factors",
}
LOADED = "run.encode(images)   # pictures in, codes out; run.decode(codes) goes back"


def card_text(
    run: Run, name: str, *, license: str | None = None, scores: Suite | None = None
) -> str:
    """The card in Markdown, with its metadata in YAML.

    Args:
        run: the run that is shared.
        name: by which `from_pretrained` finds it.
        license: left out if the user gave none.
        scores: a table of them, if they were measured.
    """
    kinds = (run.config.objective.kind, run.world.kind)
    objective, world = (kind.rpartition(":")[2] for kind in kinds)
    parts = [
        metadata(run, license),
        f"# {markdown_line(f'{objective} on {world}')}",
        "A tiny variational autoencoder, trained and measured with tinyvae. "
        f"Which latent is which factor? **{markdown_line(run.answer.verdict)}**",
        answer_section(run),
        "## Load it\n\n" + loading(run, name),
        "## Settings\n\n" + markdown_text(settings_table(run)),
        "## Training\n\n" + training_section(run),
    ]
    if scores is not None and len(scores):
        table = ScoresOfInputs(("run",), (scores.scores,)).paper_tables()[0]
        headed = replace(table, caption="")  # the section has a title
        parts.append("## Scores\n\n" + markdown_text(headed))
    return "\n\n".join(part.rstrip("\n") for part in parts) + "\n"


def metadata(run: Run, license: str | None) -> str:
    """The head of the card; every text in it is quoted as JSON, which YAML reads."""
    kinds = (run.config.objective.kind, run.world.kind)
    own = [re.sub(r"[^a-z0-9-]+", "-", kind.lower()).strip("-") for kind in kinds]
    tags = ["tinyvae", "variational-autoencoder", "disentanglement", *own]
    lines = [f"license: {json.dumps(license)}"] if license is not None else []
    lines += ["tags:", *(f"- {json.dumps(tag)}" for tag in tags)]
    return START + "\n".join(lines) + "\n---"


def answer_section(run: Run) -> str:
    """The table and the sentences of the answer."""
    answer = run.answer
    if not answer.matches:
        return f"```text\n{str(answer).replace('`', chr(39))}\n```"
    table = AnswersOfInputs(("run",), (answer,)).paper_tables()[0]
    plain = ResultTable(table.columns, table.rows)
    sentences = "\n".join(f"- {markdown_line(said)}" for said in answer.sentences)
    return (
        f"{markdown_text(plain)}\n{sentences}\n\n"
        "share: the part of the latent that the factor explains. readout: how well the "
        "latent alone reads the factor in held-out rows. Each is 0 to 1."
    )


def loading(run: Run, name: str) -> str:
    """Three lines of Python, and what they need besides."""
    own = [kind for kind in (run.world.kind, run.config.objective.kind) if is_own(kind)]
    allowed = ", import_own_classes=True" if own else ""
    call = f"tv.from_pretrained({json.dumps(name)}{allowed})"
    lines = ["```python", "import tinyvae as tv", "", f"run = {call}", LOADED, "```"]
    text = "\n".join(lines)
    if own:
        listed = ", ".join(markdown_line(kind) for kind in own)
        text += (
            f"\n\nIts settings name classes of its author's own ({listed}). Reading it "
            "imports their modules from your computer, which must have them."
        )
    if isinstance(run.world, Pictures):
        text += (
            "\n\nThe pictures that it was trained on are not part of this repository. "
            "Encoding and decoding do without them; to score it, give the same "
            "pictures: `tv.from_pretrained(..., images=..., labels=...)`."
        )
    return text


def settings_table(run: Run) -> ResultTable:
    """One row for each setting; of paths only the last part."""
    settings = shared_settings(run.config)
    rows = [
        (name, shortened(value, LONGEST_VALUE))
        for name, value in _leaves(settings)
        if name.rpartition(".")[2] not in FOUND
    ]
    return ResultTable(("setting", "value"), tuple(rows))


def _leaves(settings: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for name, value in settings.items():
        if isinstance(value, Mapping):
            yield from _leaves(value, f"{prefix}{name}.")
        elif value is not None:
            text = value if isinstance(value, str) else json.dumps(value)
            yield f"{prefix}{name}", text


def training_section(run: Run) -> str:
    """What the objective saw, how well the pictures are fitted, and the versions."""
    seen = supervision_of(run.config.objective)
    lines = [f"- supervision: {seen}: {SUPERVISION[run.supervision]}"]
    if told := told_to(run.config.network):
        lines.append(f"- the network is told: {told}")
    fit = run.answer.parts.fit
    if fit is not None:
        lines.append(_fit("pictures of the answer", vars(fit)))
    if run.test is not None:
        lines.append(_fit("held-out pictures", run.test))
    versions = run.environment.get("versions", {})
    shown = [f"{package} {version}" for package, version in versions.items()]
    if "python" in run.environment:
        shown.append(f"Python {run.environment['python']}")
    if shown:
        lines.append(f"- versions: {', '.join(map(markdown_line, shown))}")
    return "\n".join(lines)


def _fit(which: str, fit: Mapping[str, float]) -> str:
    elbo, reconstruction, kl = (fit[key] for key in ("elbo", "reconstruction", "kl"))
    return (
        f"- {which}, in nats per picture: ELBO {elbo:.2f}, reconstruction "
        f"{reconstruction:.2f}, KL {kl:.2f}"
    )
