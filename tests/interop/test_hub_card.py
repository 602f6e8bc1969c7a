"""The card of a shared run."""

from dataclasses import replace

import numpy as np
import pytest
import yaml

import tinyvae as tv
from tinyvae.files.result_tables import markdown_line
from tinyvae.interop.hub_card import card_text
from tinyvae.scores.suite import Suite


def metadata_of(card):
    _, head, text = card.split("---\n", 2)
    return yaml.safe_load(head), text


def test_the_metadata_is_that_of_the_hub(small_run):
    found, _ = metadata_of(card_text(small_run, "ada/circles", license="cc-by-4.0"))
    assert found["library_name"] == "tinyvae"
    assert found["license"] == "cc-by-4.0"
    tags = {"tinyvae", "disentanglement", "coarse-to-fine", "circles"}
    assert tags <= {*found["tags"]}
    found, _ = metadata_of(card_text(small_run, "ada/circles"))
    assert "license" not in found


def test_it_states_answer_settings_supervision_and_versions(small_run):
    _, text = metadata_of(card_text(small_run, "ada/circles"))
    assert f"**{small_run.answer.verdict}**" in text
    for said in ("| radius |", "| factor |", "| world.size | 10 |"):
        assert said in text
    for sentence in small_run.answer.sentences:
        assert f"- {markdown_line(sentence)}" in text
    assert "| objective.kind | coarse-to-fine |" in text
    assert "supervision: none: the objective saw no factors" in text
    assert f"ELBO {small_run.answer.parts.fit.elbo:.2f}" in text
    assert f"tinyvae {tv.__version__}" in text
    assert "## Scores" not in text
    assert "pictures that it was trained on" not in text


def test_its_lines_load_the_run(small_run, small_images, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    small_run.save_pretrained("shared")
    card = (tmp_path / "shared" / "README.md").read_text()
    code = card.partition("```python\n")[2].partition("```")[0]
    assert len(code.split("\n\n")) == 2
    names = {"images": small_images}
    exec(code, names)
    np.testing.assert_array_equal(
        names["run"].encode(small_images), small_run.encode(small_images)
    )


def test_scores_that_were_measured_are_listed(small_run, tmp_path):
    codes = np.random.default_rng(10_000).normal(size=(40, 2))
    scores = Suite((tv.scores.mig(codes, codes),), (0.0,))
    _, text = metadata_of(card_text(small_run, "ada/circles", scores=scores))
    value = float(scores["mig"])
    assert f"| MIG | {value:.3f} | 1 | 0 |" in text
    small_run.save_pretrained(tmp_path / "a", scores=scores)
    kept = (tmp_path / "a" / "scores.json").read_text()
    assert '"id": "mig"' in kept
    small_run.save_pretrained(tmp_path / "a")
    assert not (tmp_path / "a" / "scores.json").exists()


@pytest.mark.parametrize("name", ["a|b", "<script>x</script>", "`*x*`", "a\nb"])
def test_names_of_factors_are_no_markup(small_run, name):
    matches = tuple(replace(match, factor=name) for match in small_run.answer.matches)
    answer = replace(small_run.answer, matches=matches)
    _, text = metadata_of(card_text(replace(small_run, answer=answer), "ada/circles"))
    table = text.partition("| factor |")[2].partition("\n\n")[0].splitlines()
    assert {line.replace("\\|", "").count("|") for line in table[1:5]} == {8}
    assert "<script>" not in text
