"""What the page of a sweep is told, and the command that writes it."""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

import tinyvae as tv
from made_sweeps import (
    HOSTILE,
    NETWORK,
    TRAINING,
    WORLD,
    made_result,
    made_sweep,
    one_run,
    planned_sweep,
    planned_sweep_of,
    record_done,
    spearman_by_scipy,
    sweep_of_two_worlds,
)
from tinyvae.cli.commands import app
from tinyvae.page.html import page
from tinyvae.runs.config import config_from_mapping, merged, parse_assignment
from tinyvae.sweeps.keeping import line_on_unkept, record
from tinyvae.sweeps.rates import wilson_interval
from tinyvae.sweeps.report.measures import measures_of, score_measure
from tinyvae.sweeps.report.words import headline, ranking
from tinyvae.sweeps.sweep import run_sweep

QUALITIES = {
    tv.ELBO(): 0.1,
    tv.BetaVAE(2.0): 0.4,
    tv.BetaVAE(4.0): 0.6,
    tv.CoarseToFine(): 1.0,
}


@pytest.fixture(scope="module")
def run() -> tv.Run:
    return one_run()


@pytest.fixture(scope="module")
def table(run, tmp_path_factory) -> tv.SweepTable:
    folder = tmp_path_factory.mktemp("made") / "sweep"
    folder.mkdir()
    return made_sweep(folder, run, QUALITIES, 8, failures=True)


def worlds_of_page(text: str) -> list[dict]:
    found = re.search(r'<script type="application/json"[^>]*>(.*?)</script>', text)
    assert found is not None
    return json.loads(found[1])["worlds"]


def data_of(text: str) -> dict:
    (only,) = worlds_of_page(text)
    assert only["world"] == ""
    return only


@pytest.fixture(scope="module")
def data(table) -> dict:
    return data_of(table.report())


def test_settings_stand_best_first_with_counts_by_hand(data, table):
    names = [one["name"] for one in data["settings"]]
    assert names[0] == "recipe"
    assert sorted(names) == ["beta-VAE 2", "beta-VAE 4", "plain VAE", "recipe"]
    shares = [one["share"] for one in data["settings"]]
    assert shares == sorted(shares, reverse=True)
    rows = [row for row in table if row["objective.beta"] == 4.0]
    found = data["settings"][names.index("beta-VAE 4")]
    done = [row for row in rows if row["state"] == "done"]
    clear = sum(row["verdict"] == "yes, each" for row in done)
    assert (found["members"], found["done"], found["failed"]) == (8, 7, 1)
    assert (found["clear"], found["judged"]) == (clear, 7)
    low, high, _ = wilson_interval(clear, 7)
    assert (found["low"], found["high"]) == (low, high)
    assert found["elbo"] == pytest.approx(np.mean([r["elbo"] for r in done]), rel=1e-4)
    assert found["seconds"] == 3.0
    assert found["speed"] == 20 * 16 / 2.0


def test_the_smallest_share_is_that_of_the_worst_factor(data, table):
    places = {row["identity"]: row for row in table}
    for identity, value in zip(
        data["members"]["identity"], data["columns"]["smallest_share"], strict=True
    ):
        row = places[identity]
        shares = [row[f"{factor}.share"] for factor in ("radius", "x", "y")]
        expected = None if row["state"] == "failed" else min(shares)
        assert value == (
            expected if expected is None else pytest.approx(expected, rel=1e-4)
        )


def test_a_factor_that_two_latents_hold_as_a_circle_counts_by_the_circle(run, tmp_path):
    ledger, (member,) = planned_sweep(tmp_path, [tv.ELBO()], 1)
    made = made_result(member, run, [0.96, 0.95, 0.97])
    hue, *others = made.run.answer.matches
    hue = replace(hue, readout=0.5, group=(0, 1), circle=True)
    hue = replace(hue, group_share=0.98, group_readout=0.99)
    others = [replace(match, readout=0.96) for match in others]
    answer = replace(made.run.answer, matches=(hue, *others))
    record(ledger, replace(made, run=replace(made.run, answer=answer)), "none")
    ledger.close()
    (row,) = tv.load_sweep(tmp_path)
    assert (row["smallest_share"], row["smallest_readout"]) == (0.95, 0.96)
    assert (row["radius.share"], row["radius.readout"]) == (0.98, 0.99)


def test_correlations_are_those_of_scipy_over_the_members_that_are_done(data):
    names = data["correlations"]["names"]
    assert names[0] == "smallest_share"
    columns = {name: np.array(data["columns"][name], float) for name in names}
    for first in ("share", "elbo"):
        for second in ("smallest_share", "total_correlation"):
            i, j = names.index(first), names.index(second)
            both = np.isfinite(columns[first]) & np.isfinite(columns[second])
            expected = spearman_by_scipy(columns[first][both], columns[second][both])
            found = data["correlations"]["values"][i][j]
            assert found == pytest.approx(expected, abs=1e-3)
            assert data["correlations"]["members"][i][j] == both.sum() == 28


def test_criteria_that_need_no_factor_are_compared_with_the_answer(data):
    found = {one["id"]: one for one in data["criteria"]}
    assert set(found) == {"elbo", "loss", "total_correlation"}
    assert found["total_correlation"]["value"] < -0.5
    assert found["elbo"]["members"] == 28
    assert found["elbo"]["settings"] == 4


def test_failures_have_their_step_and_reason(data):
    members = data["members"]
    failed = [k for k, state in enumerate(members["state"]) if state == "failed"]
    assert len(failed) == 4
    assert {members["step"][k] for k in failed} == {7}
    assert members["reasons"] == [f"too bold: {HOSTILE}"]
    assert "4 members failed" in data["headline"]["sentences"][-1]


def test_the_headline_names_the_best_its_interval_and_its_rivals(table):
    summary = table.over_seeds()
    names = ["plain VAE", "beta-VAE 2", "beta-VAE 4", "recipe"]
    found = headline(summary.settings, names)
    assert found.tone == "yes"
    assert found.verdict == (
        "recipe: every factor has a latent of its own in 7 of 7 seeds "
        "(95 % interval 65 to 100 %)."
    )
    rivals = [
        name
        for name, one in zip(names[:3], summary.settings, strict=False)
        if (interval := one.clear_interval()) and interval.high >= 0.6456
    ]
    said = found.sentences[0]
    assert [name in said for name in names[:3]] == [n in rivals for n in names[:3]]
    assert ranking(summary.settings)[0] == 3


def test_a_sweep_that_is_not_done_says_so(run, tmp_path):
    ledger, members = planned_sweep(tmp_path, [tv.ELBO()], 6)
    found = data_of(tv.load_sweep(tmp_path).report())
    assert found["headline"]["verdict"] == "No member is done yet."
    assert found["measures"] == []
    for place in range(4):
        record_done(ledger, members[place], run, [0.5, 0.99, 0.2 * place])
    ledger.close()
    found = data_of(tv.load_sweep(tmp_path).report())
    assert found["headline"]["verdict"] == (
        "No setting gave every factor a latent of its own, in any of 4 members."
    )
    assert found["headline"]["sentences"] == ["4 of 6 members are done."]
    # four members: too few for any correlation
    assert {v for row in found["correlations"]["values"] for v in row} == {None}
    assert found["criteria"][0]["value"] is None


def test_a_factor_without_a_latent_has_a_share_of_0(run, tmp_path):
    ledger, members = planned_sweep(tmp_path, [tv.ELBO()], 1)
    record_done(ledger, members[0], run, [float("nan"), 0.99, 0.99])
    ledger.close()
    found = data_of(tv.load_sweep(tmp_path).report())
    assert found["columns"]["smallest_share"] == [0.0]


def test_kept_seeds_have_a_udr_and_a_page_of_their_own(run, tmp_path):
    ledger, members = planned_sweep(tmp_path, [tv.ELBO(), tv.BetaVAE(2.0)], 2)
    for member in members[:3]:
        record_done(ledger, member, run, [0.5, 0.6, 0.7], keep="all")
    ledger.close()
    table = tv.load_sweep(tmp_path)
    found = data_of(table.report(tmp_path / "report.html"))
    # all are the same network: seeds agree as a network does with itself
    udr = found["columns"]["udr"]
    by_kind = dict(zip(found["members"]["setting"], udr, strict=True))
    assert len({value for value in udr if value is not None}) == 1
    assert None in by_kind.values()  # one seed of beta-VAE is kept
    kept = next(name for name in table["kept"] if name)
    assert (
        f"tinyvae report {kept} --out {kept}/page.html" in found["members"]["command"]
    )
    (tmp_path / str(kept) / "page.html").write_text("")
    found = data_of(table.report(tmp_path / "report.html"))
    assert f"{kept}/page.html" in found["members"]["link"]
    (tmp_path / "elsewhere").mkdir()
    found = data_of(table.report(tmp_path / "elsewhere" / "report.html"))
    assert f"../{kept}/page.html" in found["members"]["link"]


def test_too_few_pictures_leave_udr_undefined_and_the_page_is_written(
    run, tmp_path, monkeypatch
):
    monkeypatch.setattr("tinyvae.sweeps.agreement.MOST_ROWS", 8)
    ledger, members = planned_sweep(tmp_path, [tv.ELBO()], 2)
    for member in members:
        record_done(ledger, member, run, [0.5, 0.6, 0.7], keep="all")
    ledger.close()
    notes: list[str] = []
    found = data_of(tv.load_sweep(tmp_path).report(note=notes.append))
    assert "udr" not in found["columns"]
    assert "smallest_share" in found["columns"]
    assert "expected at least 10 samples, got 8" in notes[-1]


def test_a_name_says_what_tells_apart_and_small_print_what_else_differs(tmp_path):
    """Not what differs between objectives of other titles."""
    few, more = tv.FullyConnected((8,), latents=3), tv.FullyConnected((8,), latents=4)
    told = tv.SemiSupervised(10)
    configs = [
        tv.RunConfig(WORLD, objective, network, TRAINING, members=members)
        for objective, network, members in [
            (tv.ELBO(), few, 1),
            (tv.ELBO(), more, 1),
            (tv.BetaTCVAE(), few, 1),
            (tv.BetaTCVAE(num_pictures=80), few, 1),
            (told, more, 1),
            (replace(told, base="coarse-to-fine"), more, 1),
            (tv.CoarseToFine(), few, 4),
        ]
    ]
    ledger, _ = planned_sweep_of(tmp_path, configs)
    ledger.close()
    data = data_of(tv.load_sweep(tmp_path).report())
    named = {one["name"]: one["others"] for one in data["settings"]}
    labels = "semi-supervised VAE (supervision: labels of 10 pictures)"
    assert named == {
        "plain VAE, latents 3": ["members 1"],
        "plain VAE, latents 4": ["members 1"],
        "beta-TCVAE": ["latents 3", "members 1"],
        "beta-TCVAE, num pictures 80": ["latents 3", "members 1"],
        f"{labels}, base beta-vae": ["latents 4", "members 1"],
        f"{labels}, base coarse-to-fine": ["latents 4", "members 1"],
        "recipe": ["latents 3", "members 4"],
    }


def test_worlds_are_not_pooled(run, tmp_path):
    table = sweep_of_two_worlds(tmp_path, run)
    pooled = spearman_by_scipy(
        np.array(table["elbo"], float), np.array(table["smallest_share"], float)
    )
    assert pooled > 0.4
    worlds = worlds_of_page(table.report())
    assert [one["world"] for one in worlds] == ["circles, size 8", "circles, size 9"]
    for one in worlds:
        assert [setting["name"] for setting in one["settings"]] == [
            "plain VAE", "beta-VAE 4",
        ]  # fmt: skip
        assert one["states"] == {"done": 14}
        assert len(one["columns"]["elbo"]) == 14
        names = one["correlations"]["names"]
        places = names.index("elbo"), names.index("smallest_share")
        assert one["correlations"]["values"][places[0]][places[1]] == -1
        criterion = next(c for c in one["criteria"] if c["id"] == "elbo")
        assert (criterion["value"], criterion["within"]) == (-1, -1)
        assert criterion["members"] == 14
        assert "of 14 members" in one["headline"]["verdict"]


def test_undefined_values_are_counted_by_setting(run, tmp_path):
    first, second = worlds_of_page(sweep_of_two_worlds(tmp_path, run).report())
    assert first["undefined"]["mig_nearest"] == [[1, 7], [0, 7]]
    assert first["undefined"]["smallest_share"] == [[0, 7], [0, 7]]
    assert second["undefined"]["mig_nearest"] == [[0, 7], [0, 7]]


def test_the_command_of_a_member_gives_its_settings(data, table):
    """What `tinyvae train` reads of it is the member's identity, but for the seed."""
    from tinyvae.sweeps.members import identity_of

    for place, member_of in enumerate(data["members"]["setting"]):
        words = data["settings"][member_of]["command"].split(" --")
        assert words[0] == "tinyvae train"
        assert words[-1] == "seed SEED"
        settings: dict = {"seed": data["members"]["seed"][place]}
        for word in words[1:-1]:
            text = word.removeprefix("set ").strip("'")
            settings = dict(merged(settings, parse_assignment(text)))
        config = config_from_mapping(settings)
        assert identity_of(config) == data["members"]["identity"][place]


def test_chance_and_perfect_are_those_that_scores_declare():
    assert score_measure("factor_vae_score", [3]).chances == (pytest.approx(1 / 3),)
    assert score_measure("factor_vae_score", [2, 5]).chances == (0.2, 0.5)
    assert score_measure("modularity", [3]).chances == ()
    assert score_measure("explicitness", [3]).chances == (0.5,)
    correlation = score_measure("total_correlation", [3])
    assert (correlation.kind, correlation.higher, correlation.best) == (
        "criterion",
        False,
        0.0,
    )
    assert score_measure("of tomorrow", [3]).best is None
    kinds = [measure.kind for measure in measures_of(["udr", "mig"], [3])]
    assert kinds == [
        "answer", "answer", "score", "criterion", "criterion", "criterion",
        "criterion", "cost", "cost",
    ]  # fmt: skip


def test_no_text_ends_the_data_and_nothing_is_fetched(table):
    text = table.report()
    assert HOSTILE not in text
    assert "default-src &#x27;none&#x27;" in text
    assert re.findall(r"(?:src|href)=\"(?!data:)", text) == []
    assert str(table.folder.parent) not in text
    assert '<iframe title="Which objective answers the question?"' in (
        text._repr_html_()
    )


def test_no_two_modules_of_the_page_use_one_name(table):
    declared = re.findall(
        r"^(?:async )?(?:const|let|class|function) +(?:\[?)(\w+)",
        table.report(),
        flags=re.MULTILINE,
    )
    assert len(declared) > 50
    assert {name for name in declared if declared.count(name) > 1} == set()


def test_the_command_writes_the_page_and_those_of_its_members(run, tmp_path):
    ledger, members = planned_sweep(tmp_path, [tv.ELBO()], 2)
    for member in members:
        record_done(ledger, member, run, [0.5, 0.6, 0.7], keep="all")
    ledger.close()
    done = CliRunner().invoke(app, ["sweep", "report", str(tmp_path), "--pages"])
    assert done.exit_code == 0, done.stderr
    assert done.stdout == f"{tmp_path / 'report.html'}\n"
    assert "2 of 2 pages written" in done.stderr
    found = data_of((tmp_path / "report.html").read_text())
    links = found["members"]["link"]
    assert all((tmp_path / link).is_file() for link in links)
    run_there = tv.load_run(tmp_path / Path(links[0]).parent)
    assert page([("a", run_there)]).startswith("<!doctype html>")


def test_pages_whose_pictures_have_moved_are_left_out_and_the_report_is_written(
    run, tmp_path
):
    photos = tmp_path / "photos"
    photos.mkdir()
    for number in range(20):
        image = np.zeros((8, 8), np.uint8)
        image[:, number % 7] = 255
        Image.fromarray(image).save(photos / f"{number:02}.png")
    own = tv.Pictures(str(photos))
    settings: Any = {"network": NETWORK, "training": TRAINING, "members": 1}
    runs = [tv.train(own, tv.ELBO(), **settings), run]
    (tmp_path / "a").mkdir()
    ledger, members = planned_sweep(tmp_path / "a", [tv.ELBO()], 1, [own, WORLD])
    for member, result in zip(members, runs, strict=True):
        score = made_result(member, run, [0.5, 0.6, 0.7])
        result = replace(score.run, config=result.config, vae=result.vae)
        record(ledger, replace(score, run=result), "all")
    ledger.close()
    photos.rename(tmp_path / "elsewhere")
    command = ["sweep", "report", str(tmp_path / "a"), "--pages"]
    done = CliRunner().invoke(app, command)
    assert done.exit_code == 0, done.stderr
    assert "1 of 2 pages written" in done.stderr
    (line,) = [line for line in done.stderr.splitlines() if "left out" in line]
    assert line.startswith("1 page left out: ")
    assert str(photos) in line
    assert (tmp_path / "a" / "report.html").is_file()


def test_finished_members_without_weights_are_told_and_where_to_get_them(run, tmp_path):
    ledger, members = planned_sweep(tmp_path, [tv.ELBO(), tv.BetaVAE(4.0)], 2)
    for place, member in enumerate(members):
        keep = "best" if place == 0 else "none"
        record_done(ledger, member, run, [0.5, 0.6, 0.7], keep=keep)
    found = {keep: line_on_unkept(ledger.read, keep) for keep in ("all", "best")}
    assert line_on_unkept(ledger.read, "none") is None
    ledger.close()
    assert found["all"] is not None
    assert found["best"] is not None
    assert found["all"].startswith("--keep all: 3 finished members without weights")
    assert found["best"].startswith("--keep best: 2 finished members without weights")
    assert found["all"].endswith("sweep into another folder with --keep all.")
    said: list[str] = []
    run_sweep(None, tmp_path, resume=True, keep="all", note=said.append)
    assert said == [found["all"]]


def test_what_is_no_sweep_is_refused(tmp_path):
    done = CliRunner().invoke(app, ["sweep", "report", str(tmp_path)])
    assert done.exit_code != 0
    assert "expected the folder of a sweep" in done.stderr


def test_paper_tables_have_the_share_and_its_interval(table):
    (paper,) = table.paper_tables()
    place = paper.columns.index("share clear")
    assert paper.columns[place - 1 : place + 2] == (
        "clear", "share clear", "clear, 95 %",
    )  # fmt: skip
    assert paper.rows[3][place - 1 : place + 2] == ("7 of 7", "1.00", "0.65 to 1.00")
    program = table.over_seeds().data_table()
    values = dict(zip(program.columns, program.rows[3], strict=True))
    assert values["clear_share"] == 1.0
    assert values["clear_low"] == wilson_interval(7, 7).low
