"""The command line: what it prints, writes and ends with.

A process of its own where that matters, and else within this one, which is quicker.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from in_process import tinyvae_here
from tinyvae import cli
from tinyvae.cli.options import all_settings, settings_of
from tinyvae.errors import ConfigError
from tinyvae.models import NETWORKS, Translated
from tinyvae.objectives import OBJECTIVES, CoarseToFine
from tinyvae.objectives.objective import LEARNING_RATE
from tinyvae.runs.config import RunConfig, config_from_mapping
from tinyvae.training.config import GAUSSIAN_LEARNING_RATE
from tinyvae.worlds import WORLDS, Circles

SMALL = [
    "--size", "8", "--hidden", "16,8", "--steps", "60", "--batch-size", "16",
    "--seed", "10000",
]  # fmt: skip
COMMAND = [sys.executable, "-m", "tinyvae"]


def tinyvae(*arguments, cwd: Path, **environment) -> subprocess.CompletedProcess:
    return subprocess.run(
        [*COMMAND, *map(str, arguments)],
        cwd=cwd,
        env=os.environ | {"NO_COLOR": "1", "COLUMNS": "100"} | environment,
        capture_output=True,
        text=True,
        timeout=300,
    )


@pytest.fixture(scope="module")
def run_folder(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("cli") / "run"
    done = tinyvae("train", *SMALL, "--out", folder, cwd=folder.parent)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.mark.parametrize("command", [[], ["score"], ["answer"], ["encode"], ["export"]])
def test_help_does_not_import_jax(command, tmp_path):
    code = (
        "import sys\nfrom tinyvae.cli.commands import app\n"
        f"try: app([*{command}, '--help'], prog_name='tinyvae')\n"
        "except SystemExit: pass\n"
        "assert 'jax' not in sys.modules and 'numpy' not in sys.modules\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    assert "Examples" in done.stdout


def test_examples_of_the_help_fit_on_a_line_of_a_narrow_terminal():
    texts = [path.read_text() for path in Path(cli.__file__).parent.glob("*.py")]
    parts = [
        text.split("[bold]Examples[/bold]")[1].split('"""')[0]
        for text in texts
        if "[bold]Examples[/bold]" in text
    ]
    lines = [line.strip() for part in parts for line in part.splitlines()]
    assert len(parts) > 10
    assert [line for line in lines if len(line) > 72] == []


def test_help_of_train_has_an_option_for_every_registered_setting(tmp_path):
    done = tinyvae("train", "--help", cwd=tmp_path, COLUMNS="200")
    assert done.returncode == 0, done.stderr
    assert done.stdout.index("Examples") < done.stdout.index("--objective")
    for kind in [*WORLDS, *OBJECTIVES, *NETWORKS]:
        assert kind in done.stdout, kind
    for setting in all_settings():
        assert f"--{setting.flag} " in done.stdout, setting.flag


def test_train_writes_the_run_folder(run_folder):
    names = {path.name for path in run_folder.iterdir()}
    assert names == {
        "config.json", "answer.json", "history.jsonl", "model.safetensors",
        "environment.json", "pictures", "page.html",
    }  # fmt: skip
    assert (run_folder / "pictures" / "traversals.png").stat().st_size > 1000


def test_data_goes_to_stdout_and_talk_to_stderr(run_folder, tmp_path):
    done = tinyvae("answer", run_folder, "--json", cwd=tmp_path)
    assert done.returncode == 0
    assert done.stderr == ""
    assert json.loads(done.stdout)["factors"] == ["radius", "x", "y"]
    table = tinyvae("answer", run_folder, cwd=tmp_path)
    assert "radius" in table.stdout
    assert "\x1b[" not in table.stdout


def test_progress_is_plain_lines_where_there_is_no_terminal(tmp_path):
    done = tinyvae_here("train", *SMALL, "--no-pictures", "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["verdict"]
    assert "step 60/60: ELBO" in done.stderr
    assert "nats" in done.stderr
    assert "\r" not in done.stderr
    assert (tmp_path / "runs" / "circles-coarse-to-fine-seed10000").is_dir()


def test_quiet_says_nothing_but_the_answer(tmp_path):
    done = tinyvae("train", *SMALL, "--no-pictures", "--quiet", cwd=tmp_path)
    assert done.returncode == 0
    assert done.stderr == ""


def test_another_run_is_never_overwritten_silently(run_folder, tmp_path):
    done = tinyvae_here("train", *SMALL, "--out", run_folder, cwd=tmp_path)
    assert done.returncode == 3
    assert "already holds a run" in done.stderr
    assert "--overwrite" in done.stderr


def test_a_folder_with_other_things_is_left_alone(tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("precious")
    done = tinyvae_here("train", *SMALL, "--out", "mine", "--overwrite", cwd=tmp_path)
    assert done.returncode == 3
    assert (tmp_path / "mine" / "thesis.txt").read_text() == "precious"


def test_overwrite_replaces_the_run_with_its_pictures(run_folder, tmp_path):
    folder = shutil.copytree(run_folder, tmp_path / "run")
    (folder / "thesis.txt").write_text("precious")
    again = ("train", *SMALL, "--out", folder, "--no-pictures", "--quiet")
    done = tinyvae_here(*again, "--overwrite", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert list((folder / "pictures").iterdir()) == []
    assert (folder / "thesis.txt").read_text() == "precious"


def test_resume_says_so_where_there_is_nothing_to_go_on_with(tmp_path):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / ".config.json.4711.part").write_text("{")
    done = tinyvae_here(
        "train", *SMALL, "--out", "run", "--resume", "--no-pictures", cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    assert "nothing to resume in run: starting from the beginning" in done.stderr
    assert not list((tmp_path / "run").glob("*.part"))


def test_a_full_output_is_one_message(run_folder):
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [*COMMAND, "answer", str(run_folder)],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
        )
    assert done.returncode == 1
    assert done.stderr == (
        "tinyvae: cannot write the output: No space left on device.\n"
    )


def test_help_states_the_defaults_that_are_used():
    config = RunConfig()
    defaults = {
        ("training", "steps"): config.training.steps,
        ("training", "batch_size"): config.training.batch_size,
        ("training", "learning_rate"): (
            f"coarse-to-fine {CoarseToFine.needs.learning_rate}, other objectives "
            f"{LEARNING_RATE}; with a Gaussian likelihood {GAUSSIAN_LEARNING_RATE}"
        ),
        ("", "members"): config.members,
        ("", "seed"): config.seed,
        ("world", "layout"): Circles().layout,
    }
    shown = {(s.section, s.name): s.help for s in all_settings()}
    for setting, value in defaults.items():
        assert f"({value})" in shown[setting], setting
    assert "fully-connected 256,128" in shown["network", "hidden"]


def test_help_gives_each_meaning_of_an_option():
    shown = {s.name: s.help for s in all_settings()}
    assert shown["beta"] == (
        "Weight of the KL; 1 is the plain VAE (beta-vae 4; hfs 1; ada-gvae 1; "
        "ada-ml-vae 1). Weight of the total correlation; 1 is the plain VAE "
        "(beta-tcvae 6). Weight of the KL in a beta-vae, or of the total correlation "
        "in a beta-tcvae; 1 is the plain VAE (semi-supervised 1)"
    )
    assert "16 to 256 pixels (shapes 32" in shown["size"]


def test_options_of_several_networks_mean_the_usual_one():
    for name, text, kind in (
        ("hidden", "8", "fully-connected"),
        ("network_channels", "8,8", "convolutional"),
        ("blocks", "1,2", "additive"),
    ):
        assert settings_of({name: text})["network"]["kind"] == kind


def test_a_named_network_takes_the_options_that_it_has():
    given = {"network": "translated", "latents": 4, "hidden": "16,8"}
    config = config_from_mapping(settings_of(given))
    assert config.network == Translated((16, 8), latents=4)


def test_an_option_of_another_network_says_which_the_named_one_takes():
    with pytest.raises(ConfigError, match=r"which has no latents\. It takes .*--blo"):
        settings_of({"network": "additive", "latents": 3})


def test_every_option_takes_its_default_as_help_prints_it():
    """A list may hold commas itself: --corners 'high radius, low x'."""
    lists = 0
    for setting in all_settings():
        for kind, owner in setting.owners.items():
            (entry,) = (f for f in fields(owner) if f.name == setting.name)
            if not isinstance(entry.default, tuple) or not entry.default:
                continue
            text = setting.separator.join(map(str, entry.default))
            options = {setting.section: kind or None, setting.parameter_name: text}
            found = settings_of(options)[setting.section][setting.name]
            assert tuple(found) == entry.default, setting.flag
            lists += 1
    assert lists >= 3


def test_resume_with_other_settings_is_refused(run_folder, tmp_path):
    other = [*SMALL[:-1], "10001"]
    done = tinyvae_here("train", *other, "--resume", "--out", run_folder, cwd=tmp_path)
    assert done.returncode == 2
    assert "seed is 10000" in done.stderr


def test_encode_writes_codes_beside_factors(run_folder, tmp_path):
    done = tinyvae("encode", run_folder, "codes.npz", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    with np.load(tmp_path / "codes.npz", allow_pickle=False) as arrays:
        assert arrays["codes"].shape == arrays["log_variance"].shape
        assert arrays["codes"].shape[1] == 3
        assert list(arrays["factor_names"]) == ["radius", "x", "y"]
        assert arrays["factors"].shape == (len(arrays["codes"]), 3)


def test_export_writes_both_models_and_says_how_far_they_differ(run_folder, tmp_path):
    done = tinyvae_here("export", run_folder, "--to", "models", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "onnxruntime and tinyvae differ by at most" in done.stderr
    names = sorted(path.name for path in (tmp_path / "models").iterdir())
    assert names == ["decoder.onnx", "encoder.onnx"]
    done = tinyvae_here("export", run_folder, "--to", "model.onnx", cwd=tmp_path)
    assert done.returncode == 2
    assert "expected a folder" in done.stderr
    done = tinyvae_here(
        "export", run_folder, "--to", "a", "--layout", "cwh", cwd=tmp_path
    )
    assert done.returncode == 2
    assert "expected hwc or chw, got 'cwh'" in done.stderr


def test_encode_gives_the_same_codes_for_the_pictures_that_data_writes(
    run_folder, tmp_path
):
    tinyvae_here("data", "--size", "8", "--npz", "pictures.npz", cwd=tmp_path)
    tinyvae_here("encode", run_folder, "a.npz", cwd=tmp_path)
    images = ("--images", "pictures.npz")
    done = tinyvae_here("encode", run_folder, "b.npz", *images, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    with np.load(tmp_path / "a.npz") as a, np.load(tmp_path / "b.npz") as b:
        np.testing.assert_allclose(a["codes"], b["codes"], atol=1e-5)


def test_encode_refuses_to_leave_out_what_nothing_is_held_out_of(run_folder, tmp_path):
    ask = ("encode", run_folder, "a.npz", "--held-out")
    done = tinyvae_here(*ask, cwd=tmp_path)
    assert done.returncode == 2
    assert "held pictures out of training, got one that did not" in done.stderr
    done = tinyvae_here(*ask, "--images", "pictures.npz", cwd=tmp_path)
    assert done.returncode == 2
    assert "expected --held-out or --images, got both" in done.stderr
    assert not (tmp_path / "a.npz").exists()


def test_generate_and_plot_write_pictures(run_folder, tmp_path):
    done = tinyvae_here(
        "generate", run_folder, "--at", "0,1.5,-1", "--random", 3, cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "generated.png").read_bytes()[:4] == b"\x89PNG"
    done = tinyvae_here(
        "plot", run_folder, "--format", "svg", "--out", "svg", cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    assert {path.suffix for path in (tmp_path / "svg").iterdir()} == {".svg"}
    assert len(done.stdout.splitlines()) == len(list((tmp_path / "svg").iterdir()))


def test_score_judges_a_run_and_the_codes_that_encode_wrote_alike(run_folder, tmp_path):
    tinyvae_here("encode", run_folder, "codes.npz", cwd=tmp_path)
    one = tinyvae_here(
        "score", run_folder, "--only", "mig,share", "--json", cwd=tmp_path
    )
    two = tinyvae_here(
        "score", "codes.npz", "--only", "mig,share", "--json", cwd=tmp_path
    )
    assert one.returncode == two.returncode == 0, one.stderr + two.stderr
    first, second = json.loads(one.stdout), json.loads(two.stdout)
    assert [score["name"] for score in first["scores"]] == ["MIG", "share"]
    for a, b in zip(first["scores"], second["scores"], strict=True):
        assert a["value"] == pytest.approx(b["value"], abs=1e-4)
        np.testing.assert_allclose(a["matrix"], b["matrix"], atol=1e-4)
    assert first["answer"] is None


def test_score_needs_no_jax_for_codes_of_another_framework(tmp_path):
    rng = np.random.default_rng(0)
    factors = rng.uniform(size=(300, 2))
    np.savez(tmp_path / "torch.npz", codes=factors[:, ::-1] * 3, factors=factors)
    code = (
        "import sys\nfrom tinyvae.cli.commands import app\n"
        "try: app(['score', 'torch.npz', '--plot', 'm.png'])\n"
        "except SystemExit as end: assert not end.code\n"
        "assert 'jax' not in sys.modules\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    assert "Which latent is which factor? yes, each" in done.stdout
    assert "+z1" in done.stdout
    assert "DCI completeness" in done.stdout
    assert (tmp_path / "m.png").read_bytes()[:4] == b"\x89PNG"


def test_score_bounds_the_log_likelihood_of_a_run(run_folder, tmp_path):
    asked = ["score", run_folder, "--only", "share", "--likelihood", 5]
    told = tinyvae_here(*asked, cwd=tmp_path)
    assert "run: log likelihood at least -" in told.stdout
    found = json.loads(tinyvae_here(*asked, "--json", cwd=tmp_path).stdout)[
        "log_likelihood"
    ]
    assert (found["num_draws"], found["num_pictures"]) == (5, len(Circles(8).table))
    assert f"{found['value']:.2f} nats" in told.stdout
    elbo = json.loads((run_folder / "answer.json").read_text())["elbo"]
    assert found["value"] > elbo


def test_score_adds_intervals_and_p_values(tmp_path):
    rng = np.random.default_rng(0)
    factors = rng.uniform(size=(200, 2))
    np.savez(tmp_path / "c.npz", codes=factors, factors=factors)
    sure = ("--only", "sap", "--intervals", 10, "--p-values", 19)
    done = tinyvae_here("score", "c.npz", *sure, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert " to 1.000  <= 0.05  1        0" in done.stdout
    text = " ".join(done.stdout.split())
    assert "<= 0.05 is the least that 19 shuffles allow" in text
    assert "interval: 95 %, for the draw of the rows" in done.stdout


def test_plot_animates_the_walks(run_folder, tmp_path):
    done = tinyvae_here(
        "plot", run_folder, "--animate", "--out", tmp_path, cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == str(tmp_path / "traversals.gif")
    with Image.open(tmp_path / "traversals.gif") as gif:
        assert getattr(gif, "n_frames", 1) == 46


def test_report_puts_several_runs_into_one_page(run_folder, tmp_path):
    done = tinyvae_here(
        "report", run_folder, run_folder, "--out", "a.html", cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "a.html"
    text = (tmp_path / "a.html").read_text()
    for place in (1, 2):
        assert text.count(f'"name":"recipe, seed 10000 ({place})"') == 1
    assert "http://" not in text
    assert "https://" not in text


def test_report_makes_a_page_for_guessing(run_folder, tmp_path):
    done = tinyvae_here(
        "report", run_folder, "--guess", "--out", "a.html", cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    assert '{"start":"guess","models":' in (tmp_path / "a.html").read_text()
    assert "nothing can be guessed" not in done.stderr


@pytest.mark.parametrize("asked", [True, False])
def test_explore_serves_the_page_on_loopback(run_folder, asked):
    # asked to, or because no browser can be opened
    serve = ["--serve", "--no-show"] if asked else []
    no_display = {k: v for k, v in os.environ.items() if "DISPLAY" not in k}
    with subprocess.Popen(
        [*COMMAND, "explore", str(run_folder), *serve, "--seconds", "30"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**no_display, "BROWSER": "false"},
    ) as process:
        assert process.stdout is not None
        if not asked:
            assert process.stdout.readline().strip() == str(run_folder / "page.html")
        address = process.stdout.readline().strip()
        with urllib.request.urlopen(address, timeout=10) as response:
            assert response.read() == (run_folder / "page.html").read_bytes()
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 130


def test_doctor_tells_versions_and_devices(tmp_path):
    done = tinyvae("doctor", "--json", cwd=tmp_path)
    assert done.returncode == 0
    report = json.loads(done.stdout)
    assert report["missing"] == []
    assert report["extras"]["onnx"] == report["extras"]["hub"] == "installed"
    assert "dev" not in report["extras"]
    assert report["versions"]["jax"]
    assert report["devices"]


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["train", "--radius", "3:40"], 2, "at most 15 pixels"),
        (["train", "--radius", "three"], 2, "low:high in whole pixels"),
        (["train", "--beta", "-1"], 2, "beta of at least 0, got -1"),
        (["train", "--beta", "nan"], 2, "beta of at least 0, got nan"),
        (["train", "--beta", "4", "--objective", "vae"], 2, "has no beta"),
        (["train", "--learning-rate", "-1"], 2, "learning rate above 0, got -1"),
        (["train", "--latents", "0"], 2, "1 to 512 latents, got 0"),
        (["train", "--steps", "0"], 2, "at least 1 step, got 0"),
        (["train", "--objective", "beta-vea"], 2, "Did you mean 'beta-vae'"),
        (["train", "--objective", "json"], 2, "the module json, say json:CLASS"),
        (["score", "x.npz", "--only", "migg"], 2, "Did you mean 'mig'?"),
        (["train", "--set", "training.stepz=3"], 2, "Did you mean 'steps'"),
        (["train", "--sede", "3"], 2, "--seed"),
        (["trian"], 2, "train"),
        (["train", "--config", "absent.toml"], 2, "cannot read the configuration"),
        (["train", "--out", "/proc/run"], 3, "cannot make the folder"),
        (["train", "--checkpoint-every", "nan"], 2, "at least 0, got nan"),
        (["train", "--resume", "--overwrite"], 2, "got both"),
        (["train", "--set", "training.steps=true"], 2, "no boolean, got True"),
        (["train", "--set", "world=3", "--size", "8"], 2, "table of settings, got 3"),
        (["train", "--gamma", "3", "--beta", "2"], 2, "no objective has all"),
        (["train", "--rotations", "2", "--layout", "disc"], 2, "no world has all"),
        (["train", "--world", "circels"], 2, "Did you mean 'circles'"),
        (["train", "--images", "absent"], 3, "absent"),
        (["train", "--likelihood", "poisson"], 2, "bernoulli"),
        (["score", "x.npz", "--key", "file"], 2, "expected --labels with it"),
        (["train", "--out", "/proc/version"], 3, "got the file /proc/version"),
        (["answer", "absent"], 3, "which does not exist"),
        (["answer", "."], 3, "not a finished run"),
        (["plot", ".", "--format", "gif"], 2, "png, pdf, svg, got 'gif'"),
        (["generate", "."], 2, "expected latents to decode"),
        (["score", "absent.npz"], 3, "which does not exist"),
        (["score", ".", "--codes", "z*"], 2, "a run knows its factors"),
        (["score", "x.npz", "--only", "mgi"], 2, "among share, readout"),
        (["score", "x.npz", "--only", "udr"], 2, "`tinyvae compare` gives it"),
        (["score", "x.npz", "--to", "t.xlsx"], 2, "ends in .csv, .json, .md, .tex"),
        (["score", "a.npz", "b.npz", "--plot", "m.png"], 2, "one input to draw, got 2"),
        (["compare", "a.npz", "--to", "absent/t.md"], 2, "a folder that exists"),
        (["compare", "absent.npz", "absent.npz"], 3, "absent.npz"),
        (["compare", "a", "b", "--against", "none*"], 2, "got no match of 'none*'"),
        (["score", "x.npz", "--kinds", "shape"], 2, "expected name=kind"),
        (["score", "x.npz", "--likelihood", "5"], 2, "folders of runs, which hold a"),
        (["score", ".", "--likelihood", "-5"], 2, "at least 1 draw, got -5"),
        (["score", "x.npz", "--intervals", "-3"], 3, "which does not exist"),
        (["data", "--samples", "0", "--npz", "x.npz"], 2, "at least 1, got 0"),
        (["data", "--size", "256", "--npz", "x.npz"], 2, "Draw some with --samples"),
    ],
)
def test_bad_input_is_one_message_and_an_exit_code(arguments, code, message, tmp_path):
    done = tinyvae_here(*arguments, cwd=tmp_path)
    assert done.returncode == code
    assert message in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--at", "0,1"], "expected 3 finite numbers"),
        (["--at", "0,nan,1"], "expected 3 finite numbers"),
        (["--at", "0,inf,1"], "expected 3 finite numbers"),
        (["--random", "0"], "at least 1 point, got 0"),
        (["--random", "4", "--seed", "-1"], "a seed of at least 0, got -1"),
        (["--random", "100000000"], "at most 1024, got 100000000"),
    ],
)
def test_latents_that_cannot_be_decoded_are_refused(
    arguments, message, run_folder, tmp_path
):
    done = tinyvae_here("generate", run_folder, *arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert message in done.stderr


def wait_for(path: Path, process: subprocess.Popen) -> None:
    deadline = time.monotonic() + 120
    while not path.exists() and time.monotonic() < deadline:
        assert process.poll() is None, "training ended before it was to be interrupted"
        time.sleep(0.05)


LONG = [
    "train", "--size", "16", "--steps", "1000", "--batch-size", "128", "--hidden", "64",
    "--seed", "10000", "--no-pictures", "--deterministic", "--json",
    "--checkpoint-every", "0",
]  # fmt: skip


@pytest.mark.slow
def test_a_killed_run_resumes_to_the_same_bits(tmp_path):
    once = tinyvae(*LONG, "--out", "once", cwd=tmp_path)
    assert once.returncode == 0, once.stderr
    process = subprocess.Popen(
        [*COMMAND, *LONG, "--out", "killed"],
        cwd=tmp_path,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    wait_for(tmp_path / "killed" / "checkpoint.safetensors", process)
    process.kill()
    process.wait()
    assert not (tmp_path / "killed" / "answer.json").exists()
    done = tinyvae(*LONG, "--out", "killed", "--resume", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    for name in ("model.safetensors", "history.jsonl", "answer.json"):
        first = (tmp_path / "once" / name).read_bytes()
        assert first == (tmp_path / "killed" / name).read_bytes(), name
    assert not (tmp_path / "killed" / "checkpoint.safetensors").exists()


@pytest.mark.slow
def test_ctrl_c_ends_with_130_and_a_checkpoint(tmp_path):
    process = subprocess.Popen(
        [*COMMAND, *LONG, "--steps", "200000", "--out", "run"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    wait_for(tmp_path / "run" / "checkpoint.safetensors", process)
    asked = time.monotonic()
    process.send_signal(signal.SIGINT)
    _, talk = process.communicate(timeout=60)
    assert time.monotonic() - asked < 10
    assert process.returncode == 130
    assert "--resume" in talk
    assert "Traceback" not in talk
