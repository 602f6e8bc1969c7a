"""Event files, as TensorBoard's own reader gives them back."""

import io

import numpy as np
import pytest
from PIL import Image
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.backend.event_processing.event_file_loader import EventFileLoader
from tensorboard.plugins.hparams import plugin_data_pb2

import tinyvae as tv
from tinyvae.runs.tracker import outcome_values, row_values
from tinyvae.runs.tracking import outcome_of
from tracked_runs import chosen_member, continued_run, interrupted_run, killed_run

ALL = {"scalars": 0, "images": 0, "tensors": 0}  # 0: as many as there are


def read(folder) -> EventAccumulator:
    found = EventAccumulator(str(folder), size_guidance=ALL)
    found.Reload()
    return found


def scalars(reader: EventAccumulator) -> dict[tuple[str, int], list[float]]:
    """All values of each name and step."""
    found: dict[tuple[str, int], list[float]] = {}
    for tag in reader.Tags()["scalars"]:
        for event in reader.Scalars(tag):
            found.setdefault((tag, event.step), []).append(event.value)
    return found


def files(folder) -> list:
    """Event files that hold anything."""
    return [path for path in folder.glob("events.*") if path.stat().st_size > 0]


def expected(rows) -> dict[tuple[str, int], list[float]]:
    return {
        (name, row.step): [float(np.float32(value))]
        for row in rows
        for name, value in row_values(row)
    }


def text(reader: EventAccumulator, name: str) -> str:
    (event,) = reader.Tensors(f"{name}/text_summary")
    return event.tensor_proto.string_val[0].decode()


@pytest.fixture(scope="module")
def logs(tmp_path_factory):
    return tmp_path_factory.mktemp("tensorboard") / "logs"


@pytest.fixture(scope="module")
def run(logs, tmp_path_factory) -> tv.Run:
    """A run that was killed, begun again, and finished, before an open TensorBoard."""
    folder = tmp_path_factory.mktemp("runs") / "small"
    folder.mkdir()
    killed_run(folder, [tv.TensorBoard(logs, pictures=False)])
    open_reader = read(logs / "small")
    assert len(open_reader.Scalars("loss")) >= 10
    run = continued_run(folder, [tv.TensorBoard(logs)])
    open_reader.Reload()
    assert scalars(open_reader) == scalars(read(logs / "small"))
    return run


def test_every_row_of_the_kept_vae_is_there_once(run, logs):
    chosen = chosen_member(run)
    rows = [row for row in run.history if row.member == chosen]
    found = scalars(read(logs / "small"))
    outcome = dict(outcome_values(outcome_of(run)))
    for (name, step), values in found.items():
        if name in outcome:
            assert (step, values) == (60, [pytest.approx(outcome[name], rel=1e-6)])
    rows_found = {key: v for key, v in found.items() if key[0] not in outcome}
    assert rows_found == expected(rows)  # each once: the values are lists
    assert rows[0].penalty("total correlation").weight > 0
    assert ("penalty/total_correlation", rows[0].step) in found
    assert {name for name in outcome if np.isfinite(outcome[name])} <= {
        name for name, _ in found
    }


def test_every_member_has_its_rows_until_one_is_selected(run, logs):
    rival = 1 - chosen_member(run)
    last = max(row.step for row in run.history if row.member == rival)
    for number in (0, 1):
        rows = [r for r in run.history if r.member == number and r.step <= last]
        assert rows
        assert scalars(read(logs / f"small/member{number}")) == expected(rows)


def test_one_file_holds_all_of_a_run_that_was_continued(run, logs):
    assert len(files(logs / "small")) == 1
    assert {path.name for path in logs.iterdir()} == {"small"}


def test_the_answer_is_a_text_and_the_pictures_are_pictures(run, logs):
    reader = read(logs / "small")
    assert run.answer.sentences[0] in text(reader, "answer")
    assert "| `training.steps` | `60` |" in text(reader, "settings")
    assert str(run.folder) in text(reader, "run folder")
    assert set(reader.Tags()["images"]) == {
        "pictures/traversals", "pictures/reconstructions", "pictures/answer"
    }  # fmt: skip
    (event,) = reader.Images("pictures/traversals")
    with Image.open(io.BytesIO(event.encoded_image_string)) as image:
        assert image.size == (event.width, event.height)
        assert np.asarray(image).std() > 0
    assert event.step == 60


def test_settings_are_hyperparameters(run, logs):
    (path,) = files(logs / "small")
    found = {}
    for event in EventFileLoader(str(path)).Load():
        for value in event.summary.value:
            if value.metadata.plugin_data.plugin_name == "hparams":
                content = value.metadata.plugin_data.content
                data = plugin_data_pb2.HParamsPluginData  # pyright: ignore
                found[value.tag] = data.FromString(content)
    settings = found["_hparams_/session_start_info"].session_start_info.hparams
    assert settings["training.batch_size"].number_value == 16
    assert settings["objective.kind"].string_value == "coarse-to-fine"
    assert found["_hparams_/session_end_info"].session_end_info.status == 1


def test_an_interrupted_run_says_so_and_a_new_run_has_a_folder_of_its_own(
    logs, run, tmp_path
):
    folder = tmp_path / "small"  # a folder of the same name
    folder.mkdir()
    interrupted_run(folder, [tv.TensorBoard(logs, pictures=False)], step=10)
    assert text(read(logs / "small-2"), "end") == "interrupted"


def test_a_full_disk_is_told_in_one_sentence(run, tmp_path):
    (tmp_path / "logs").write_text("a file where the folder should be")
    with pytest.warns(UserWarning, match="tensorboard:.*logs failed: .*File exists"):
        tv.track_run(run, [tv.TensorBoard(tmp_path / "logs")])
