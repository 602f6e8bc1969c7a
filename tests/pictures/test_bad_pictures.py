"""Each bad input: one message that says what was expected, what came, what to do."""

import errno
import io
import os
import shutil
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from tinyvae.errors import ConfigError, DataError
from tinyvae.pictures import FormRule, LabelRule, Rules, SplitRule, read_pictures
from tinyvae.pictures.cache import cache_folder
from tinyvae.worlds.own_pictures import Pictures

GREY = np.random.default_rng(0).integers(0, 256, (20, 6, 6), dtype=np.uint8)
NUMBERS = np.arange(20.0) ** 2


def labelled(labels, **rule):
    return read_pictures(GREY, labels, rules=Rules(labels=LabelRule(**rule)))


def csv(tmp_path, text, name="labels.csv"):
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def bomb(width, height):
    """A PNG of a few bytes that declares a huge picture."""

    def chunk(kind, content):
        body = kind + content
        return (
            struct.pack(">I", len(content)) + body + struct.pack(">I", zlib.crc32(body))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", b"")


# --- files ---


def test_a_path_that_does_not_exist(tmp_path):
    with pytest.raises(DataError, match=r"absent, which does not exist"):
        read_pictures(tmp_path / "absent")


def test_an_empty_folder(tmp_path):
    with pytest.raises(DataError, match=r"expected pictures \(PNG.*got no file"):
        read_pictures(tmp_path)


def test_a_folder_without_pictures_names_what_is_there(tmp_path):
    (tmp_path / "notes.txt").write_text("x")
    with pytest.raises(DataError, match=r"got 1 other files \(notes.txt\)"):
        read_pictures(tmp_path)


def test_mixed_sizes_name_two_files_and_what_to_pass(photos):
    Image.new("RGB", (20, 30)).save(photos / "p05.png")
    message = r"got p00.png with 10x14 and p05.png with 30x20 .*2 sizes.*--size 64"
    with pytest.raises(DataError, match=message):
        read_pictures(photos)


def test_pictures_larger_than_a_tiny_vae_takes(tmp_path):
    for row in range(10):
        Image.new("L", (1100, 2)).save(tmp_path / f"{row}.png")
    with pytest.raises(DataError, match=r"at most 1024 pixels per side, got 2x1100"):
        read_pictures(tmp_path)


def test_a_truncated_jpeg_is_named(photos):
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    whole = io.BytesIO()
    Image.fromarray(noise).save(whole, "JPEG")
    (photos / "broken.jpg").write_bytes(whole.getvalue()[:2000])
    (photos / "broken2.jpg").write_bytes(whole.getvalue()[:1500])
    with pytest.raises(
        DataError, match=r"broken.jpg: expected a whole picture.*So are broken2.jpg"
    ):
        read_pictures(photos, rules=Rules(FormRule(size=(8, 8))))
    assert not list(cache_folder().iterdir())


def test_a_text_called_png_is_named_with_its_beginning(photos):
    (photos / "p03.png").write_text("hello, world")
    with pytest.raises(
        DataError, match=r"p03.png: expected a picture.*b'hello, world'"
    ):
        read_pictures(photos)


def test_an_empty_file_called_png(photos):
    (photos / "p03.png").write_bytes(b"")
    with pytest.raises(
        DataError, match=r"p03.png: expected a picture.*begins with b''"
    ):
        read_pictures(photos)


def test_a_picture_that_declares_an_absurd_size_is_not_decoded(photos):
    (photos / "p03.png").write_bytes(bomb(60_000, 60_000))
    with pytest.raises(DataError, match=r"p03.png: expected at most 80000000 pixels"):
        read_pictures(photos)


def test_a_picture_just_above_the_limit_is_not_decoded(photos):
    (photos / "p03.png").write_bytes(bomb(9_000, 9_000))
    with pytest.raises(DataError, match=r"declares 9000x9000. It was not decoded"):
        read_pictures(photos)


def test_a_file_that_may_not_be_read(photos, monkeypatch):
    open_image = Image.open

    def refuse(file, *arguments, **settings):
        if str(file).endswith("p03.png"):
            raise PermissionError(errno.EACCES, "Permission denied")
        return open_image(file, *arguments, **settings)

    monkeypatch.setattr(Image, "open", refuse)
    with pytest.raises(DataError, match=r"p03.png: expected a readable file"):
        read_pictures(photos)


def test_a_folder_that_may_not_be_read(photos, monkeypatch):
    def refuse(path):
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.raises(DataError, match=r"cannot read the folder .*Permission denied"):
        read_pictures(photos)


def test_pictures_both_here_and_in_subfolders(photos):
    (photos / "more").mkdir()
    shutil.copy(photos / "p00.png", photos / "more" / "x.png")
    with pytest.raises(DataError, match=r"got both: p00.png.* and more/x.png"):
        read_pictures(photos)


def test_a_single_picture_in_place_of_a_folder(photos):
    with pytest.raises(DataError, match=r"got the single picture .*Pass its folder"):
        read_pictures(photos / "p00.png")


def test_fewer_than_ten_pictures(photos):
    with pytest.raises(DataError, match=r"expected at least 10 pictures, got 3"):
        read_pictures(sorted(photos.iterdir())[:3])


def test_a_list_with_a_path_that_is_not_there(photos):
    with pytest.raises(DataError, match=r"row 1 of the list.*absent.png"):
        read_pictures([photos / "p00.png", photos / "absent.png"])


def test_a_list_with_a_path_twice(photos):
    with pytest.raises(DataError, match=r"each path once, got .*p00.png twice"):
        read_pictures([photos / "p00.png"] * 2)


def test_a_full_disk_leaves_nothing_half_written(photos, monkeypatch):
    def full(_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(DataError, match=r"No space left.*set TINYVAE_CACHE"):
        read_pictures(photos)
    assert not list(cache_folder().iterdir())


def test_a_disk_without_room_is_refused_before_decoding(photos, monkeypatch):
    usage = shutil.disk_usage("/")._replace(free=1000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    with pytest.raises(DataError, match=r"bytes of free disk .*got 1000"):
        read_pictures(photos)


def test_a_folder_that_changes_between_start_and_resume(photos, tmp_path):
    run = tmp_path / "run"
    run.mkdir()
    kept = Pictures(photos).settled().keep(run)
    (photos / "p03.png").unlink()
    shutil.copy(photos / "p04.png", photos / "p05.png")
    shutil.copy(photos / "p04.png", photos / "new.png")
    message = r"1 new \(new.png\), 1 gone \(p03.png\), 1 changed \(p05.png\)"
    with pytest.raises(ConfigError, match=message):
        kept.resolved(run).population()


def test_labels_that_change_between_start_and_resume(photos, tmp_path):
    run = tmp_path / "run"
    run.mkdir()
    labels = tmp_path / "labels.csv"
    kept = Pictures(photos, labels).settled().keep(run)
    labels.write_text(labels.read_text().replace("p02.png,dog,3.0", "p02.png,dog,4.0"))
    message = r"labels of 1 picture have changed since the run began \(p02.png\)"
    with pytest.raises(ConfigError, match=message):
        kept.resolved(run).population()


# --- arrays ---


def test_an_array_with_channels_first():
    images = np.zeros((20, 3, 32, 32), np.uint8)
    with pytest.raises(DataError, match=r"channels first. Give images.transpose"):
        read_pictures(images)


def test_five_channels():
    with pytest.raises(DataError, match=r"got 5 \(shape \(20, 6, 6, 5\)\)"):
        read_pictures(np.zeros((20, 6, 6, 5), np.uint8))


def test_five_dimensions():
    with pytest.raises(DataError, match=r"\(sample, height, width\) or"):
        read_pictures(np.zeros((20, 6, 6, 5, 2), np.uint8))


def test_floats_from_0_to_65535():
    images = GREY.astype(float) * 257
    with pytest.raises(DataError, match=r"in \[0, 1\], got .* Pass images / 65535"):
        read_pictures(images)


def test_floats_from_0_to_255():
    with pytest.raises(
        DataError, match=r"in \[0, 1\], got .* first in picture 0.*such as 255"
    ):
        read_pictures(GREY.astype(float))


def test_floats_from_0_to_16():
    with pytest.raises(DataError, match=r"Divide by the value .* such as 16"):
        read_pictures(np.round(GREY / 255 * 16))


def test_floats_from_minus_1_to_1():
    with pytest.raises(DataError, match=r"Pass \(images \+ 1\) / 2"):
        read_pictures(GREY / 127.5 - 1)


def test_nan_in_a_picture_names_its_row():
    images = GREY / 255
    images[7, 2, 3] = np.nan
    with pytest.raises(DataError, match=r"NaN or infinity in picture 7"):
        read_pictures(images)


def test_nan_in_a_table_of_numbers_names_row_and_number():
    numbers = np.ones((20, 5))
    numbers[3, 4] = np.nan
    with pytest.raises(DataError, match=r"got nan in row 3 of the array, number 4"):
        read_pictures(numbers)


def test_whole_numbers_of_a_type_whose_range_is_unknown():
    with pytest.raises(DataError, match=r"got int64. Convert with images.astype"):
        read_pictures(GREY.astype(np.int64))


def test_bytes_that_are_0_and_1():
    with pytest.raises(DataError, match=r"got 0 and 1 only.*astype\(bool\)"):
        read_pictures((GREY > 100).astype(np.uint8))


def test_16_bits_that_hold_8():
    with pytest.raises(DataError, match=r"got at most 255.*astype\(numpy.uint8\)"):
        read_pictures(GREY.astype(np.uint16))


def test_pictures_that_are_all_the_same_grey():
    with pytest.raises(DataError, match=r"pictures that differ, got the value"):
        read_pictures(np.full((20, 4, 4), 0.5))


def test_a_list_of_arrays_of_different_shapes():
    with pytest.raises(DataError, match=r"different shapes"):
        read_pictures([np.zeros((4, 4)), np.zeros((5, 4))])


def test_an_empty_array_and_an_empty_list():
    with pytest.raises(DataError, match=r"expected at least 10 pictures, got 0"):
        read_pictures(np.zeros((0, 6, 6)))
    with pytest.raises(DataError, match=r"got an empty list"):
        read_pictures([])


def test_something_else_altogether():
    with pytest.raises(DataError, match=r"expected a folder of pictures.*got int"):
        read_pictures(5)


def test_a_size_for_a_table_of_numbers():
    with pytest.raises(ConfigError, match=r"expected no size for a table of numbers"):
        read_pictures(np.ones((20, 64)), rules=Rules(FormRule(size=(8, 8))))


def test_an_npz_with_two_arrays_that_may_be_pictures(tmp_path):
    np.savez(tmp_path / "a.npz", a=GREY, b=GREY)
    with pytest.raises(
        DataError, match=r"an array called images.*got a \(20, 6, 6\), b"
    ):
        read_pictures(tmp_path / "a.npz")


def test_an_npz_of_python_objects(tmp_path):
    np.save(tmp_path / "a.npy", np.array([None] * 20))
    with pytest.raises(DataError, match=r"got Python objects, which could run code"):
        read_pictures(tmp_path / "a.npy")


def test_an_npz_that_is_damaged(tmp_path):
    np.savez(tmp_path / "a.npz", images=GREY)
    content = (tmp_path / "a.npz").read_bytes()
    (tmp_path / "a.npz").write_bytes(content[: len(content) // 2])
    with pytest.raises(DataError, match=r"a.npz: expected a whole .npy or .npz file"):
        read_pictures(tmp_path / "a.npz")


def test_an_npy_that_declares_more_than_it_holds(tmp_path):
    np.save(tmp_path / "a.npy", GREY)
    content = (tmp_path / "a.npy").read_bytes()
    (tmp_path / "a.npy").write_bytes(content.replace(b"(20, 6, 6)", b"(99, 6, 6)"))
    with pytest.raises(DataError, match=r"as large as it declares, 3564 bytes"):
        read_pictures(tmp_path / "a.npy")


def test_an_hdf5_file_that_is_none(tmp_path):
    (tmp_path / "a.h5").write_text("no")
    with pytest.raises(DataError, match=r"a.h5: expected an HDF5 file"):
        read_pictures(tmp_path / "a.h5")


def test_a_parquet_file_that_is_none(tmp_path):
    (tmp_path / "a.parquet").write_text("no")
    with pytest.raises(DataError, match=r"a.parquet: expected a Parquet file"):
        read_pictures(tmp_path / "a.parquet")


def test_an_ending_that_is_not_known(tmp_path):
    (tmp_path / "a.xyz").write_text("no")
    with pytest.raises(DataError, match=r"expected a folder of pictures.*got .*a.xyz"):
        read_pictures(tmp_path / "a.xyz")


# --- labels ---


def test_a_table_that_is_not_there(photos):
    with pytest.raises(
        DataError, match=r"a table in a file, got absent.csv, which is not a file"
    ):
        read_pictures(photos, "absent.csv")


def test_a_key_that_is_no_column(photos):
    rules = Rules(labels=LabelRule(key="flie"))
    with pytest.raises(
        ConfigError, match=r"key: expected a column .*got 'flie'. Did you mean 'file'"
    ):
        read_pictures(photos, photos.parent / "labels.csv", rules=rules)


def test_a_table_that_names_none_of_the_pictures(photos, tmp_path):
    table = csv(tmp_path, "file,x\n" + "".join(f"q{r}.png,{r}\n" for r in range(12)))
    with pytest.raises(DataError, match=r"'file' to name pictures such as p00.png"):
        read_pictures(photos, table, rules=Rules(labels=LabelRule(key="file")))
    with pytest.raises(DataError, match=r"columns file, x, none of which does"):
        read_pictures(photos, table)


def test_rows_without_picture_are_counted_and_named(photos, tmp_path):
    rows = "".join(f"p{r:02}.png,{r * r}\n" for r in range(14))
    report = read_pictures(photos, csv(tmp_path, "file,x\n" + rows)).report
    text = "left out: 2 rows without a picture: p12.png, p13.png."
    assert text in report.lines()


def test_pictures_without_row_are_counted_and_named(photos, tmp_path):
    rows = "".join(f"p{r:02}.png,{r * r}\n" for r in range(11))
    report = read_pictures(photos, csv(tmp_path, "file,x\n" + rows)).report
    assert any("1 picture without a row" in n.text for n in report.about("warning"))
    assert any(n.names == ("p11.png",) for n in report.about("warning"))


def test_a_picture_that_two_rows_name(photos, tmp_path):
    rows = "".join(f"p{r:02}.png,{r}\n" for r in range(12)) + "p03.png,9\n"
    message = r"p03.png in row 4, line 5 and in row 13, line 14 of column 'file'. Keep"
    with pytest.raises(DataError, match=message):
        read_pictures(photos, csv(tmp_path, "file,x\n" + rows))


def test_a_file_name_that_is_in_two_subfolders(tmp_path):
    for folder in ("a", "b"):
        (tmp_path / "p" / folder).mkdir(parents=True)
        for row in range(6):
            Image.new("L", (4, 4), row * 20).save(tmp_path / f"p/{folder}/{row}.png")
    table = {"file": [f"{row}.png" for row in range(6)], "x": np.arange(6.0)}
    with pytest.raises(
        DataError, match=r"got '0.png' in row 1, which is the .* of several pictures"
    ):
        read_pictures(tmp_path / "p", table, rules=Rules(labels=LabelRule(key="file")))


def test_more_rows_than_pictures():
    with pytest.raises(DataError, match=r"each of the 20 pictures.*got 21 rows"):
        labelled({"x": np.arange(21.0)})


def test_columns_of_different_lengths():
    with pytest.raises(DataError, match=r"equal length, got a 20, b 19"):
        labelled({"a": NUMBERS, "b": NUMBERS[:19]})


def test_a_kind_that_is_not_known():
    with pytest.raises(ConfigError, match=r"label 'x': expected a kind .*got 'round'"):
        labelled({"x": NUMBERS}, kinds=(("x", "round"),))


def test_a_period_below_0():
    with pytest.raises(ConfigError, match=r"circular:PERIOD.*got 'circular:-3'"):
        labelled({"x": NUMBERS}, kinds=(("x", "circular:-3"),))


def test_a_kind_of_a_column_that_is_absent():
    with pytest.raises(ConfigError, match=r"kinds: expected a column .*got 'y'"):
        labelled({"x": NUMBERS}, kinds=(("y", "ordered"),))


def test_a_factor_that_is_absent():
    with pytest.raises(ConfigError, match=r"factors: expected a column .*got 'y'"):
        labelled({"x": NUMBERS}, factors=("y",))


def test_a_group_that_is_absent():
    with pytest.raises(ConfigError, match=r"group: expected a column .*got 'patient'"):
        labelled({"x": NUMBERS}, group="patient")


def test_a_single_group():
    with pytest.raises(DataError, match=r"at least 2 groups.*got 1"):
        labelled({"x": NUMBERS, "g": ["a"] * 20}, group="g")


def test_a_text_among_numbers_names_the_row():
    cells = [str(number) for number in NUMBERS]
    cells[4] = "broken"
    with pytest.raises(DataError, match=r"column 'x' of row 5, got 'broken'.*x=categ"):
        labelled({"x": cells})


def test_a_column_of_texts_declared_ordered():
    with pytest.raises(
        DataError, match=r"finite number in column 'x' of row 1, got 'a'"
    ):
        labelled({"x": ["a", "b"] * 10}, kinds=(("x", "ordered"),))


def test_infinity_as_a_label():
    numbers = NUMBERS.copy()
    numbers[2] = np.inf
    with pytest.raises(DataError, match=r"finite number in column 'x' of row 3"):
        labelled({"x": numbers})


def test_two_thousand_different_texts_are_left_out_by_name():
    images = np.random.default_rng(0).random((2000, 2, 2))
    labels = {"name": [f"n{row}" for row in range(2000)], "x": np.arange(2000.0) ** 2}
    reading = read_pictures(images, labels)
    assert [factor.name for factor in reading.factors] == ["x"]
    (note,) = reading.report.about("left out")
    assert "'name': 2000 different texts in 2000 rows" in note.text
    rules = Rules(labels=LabelRule(kinds=(("name", "categorical"),)))
    with pytest.raises(DataError, match=r"at most 256 different texts .*got 2000"):
        read_pictures(images, labels, rules=rules)


def test_constant_labels_are_left_out_by_name():
    reading = labelled({"x": NUMBERS, "y": np.full(20, 3.0), "site": ["A"] * 20})
    assert [factor.name for factor in reading.factors] == ["x"]
    texts = [note.text for note in reading.report.about("left out")]
    assert any("'y': it is 3 in every picture" in text for text in texts)
    assert any("'site': it is A in every picture" in text for text in texts)


def test_labels_that_no_picture_has_are_left_out():
    reading = labelled({"x": NUMBERS, "y": np.full(20, np.nan)})
    (note,) = reading.report.about("left out")
    assert "'y': no picture has one" in note.text


def test_no_picture_with_every_label():
    first, second = NUMBERS.copy(), NUMBERS.copy()
    first[::2], second[1::2] = np.nan, np.nan
    with pytest.raises(DataError, match=r"that have every label, got none of 4"):
        labelled({"a": first, "b": second})


def test_settings_of_labels_without_labels():
    with pytest.raises(DataError, match=r"expected labels for the settings key"):
        read_pictures(GREY, rules=Rules(labels=LabelRule(key="file")))


def test_labels_that_are_no_table():
    with pytest.raises(DataError, match=r"expected labels as a file.*got int"):
        labelled(5)


def test_a_csv_whose_rows_have_too_many_cells(photos, tmp_path):
    with pytest.raises(
        DataError, match=r"at most 2 cells in each row.*got 3 in row 2, line 3"
    ):
        read_pictures(photos, csv(tmp_path, "file,x\np00.png,1\np01.png,2,3\n"))


def test_a_csv_with_a_column_twice(photos, tmp_path):
    with pytest.raises(DataError, match=r"different column names, got 'x' twice"):
        read_pictures(photos, csv(tmp_path, "file,x,x\np00.png,1,2\n"))


def test_a_csv_without_rows(photos, tmp_path):
    with pytest.raises(DataError, match=r"expected rows below the names, got none"):
        read_pictures(photos, csv(tmp_path, "file,x\n"))


def test_an_empty_csv(photos, tmp_path):
    with pytest.raises(
        DataError, match=r"names of columns in its first line, got none"
    ):
        read_pictures(photos, csv(tmp_path, ""))


def test_a_csv_that_is_not_utf8(photos, tmp_path):
    with pytest.raises(DataError, match=r"UTF-8"):
        read_pictures(photos, csv(tmp_path, "file,größe\n".encode("latin-1")))


def test_labels_in_a_file_of_another_kind(photos, tmp_path):
    with pytest.raises(DataError, match=r"a table in a file .csv, .tsv.*labels.xlsx"):
        read_pictures(photos, csv(tmp_path, "x", "labels.xlsx"))


# --- settings ---


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"fit": "squeeze"}, r"fit pad, crop or stretch, got 'squeeze'"),
        ({"channels": "cmyk"}, r"channels auto, grey or rgb, got 'cmyk'"),
        ({"background": "nocolour"}, r"background such as .*got 'nocolour'"),
        ({"size": (0, 4)}, r"a size of 1 to 1024 pixels, got 0x4"),
    ],
)
def test_a_form_that_is_none(settings, message):
    with pytest.raises(ConfigError, match=message):
        FormRule(**settings)


def test_a_share_that_is_none():
    with pytest.raises(ConfigError, match=r"from 0 \(none\) to 0.9, got 1.5"):
        SplitRule(held_out=1.5)
