"""Sizes, channels and turns, against Pillow by hand."""

import io

import numpy as np
import pytest
from PIL import ExifTags, Image, ImageOps

from tinyvae.pictures import FormRule, Rules, read_pictures

BOX = Image.Resampling.BOX
RNG = np.random.default_rng(0)
WIDE = RNG.integers(0, 256, (40, 60, 3), dtype=np.uint8)


def read_as(pictures, **rule):
    reading = read_pictures(pictures, rules=Rules(FormRule(**rule)))
    return reading.store.read(np.arange(len(reading.names)))


def in_folder(tmp_path, picture, name="a.png", count=10, **settings):
    for row in range(count):
        picture.save(tmp_path / f"{row}{name}", **settings)
    return tmp_path


def by_pillow(fit):
    image = Image.fromarray(WIDE)
    if fit == "stretch":
        return image.resize((20, 20), BOX)
    if fit == "crop":
        return ImageOps.fit(image, (20, 20), BOX)
    return ImageOps.pad(image, (20, 20), BOX, color="red")


@pytest.mark.parametrize("fit", ["pad", "crop", "stretch"])
def test_files_and_arrays_are_fitted_as_pillow_does(fit, tmp_path):
    expected = np.asarray(by_pillow(fit))
    folder = in_folder(tmp_path, Image.fromarray(WIDE))
    settings = {"size": (20, 20), "fit": fit, "background": "red"}
    assert np.array_equal(read_as(folder, **settings)[0], expected)
    arrays = np.repeat(WIDE[None], 10, axis=0)
    assert np.array_equal(read_as(arrays, **settings)[0], expected)


def test_a_picture_that_shrinks_by_a_whole_number_is_averaged_over_blocks():
    images = RNG.random((10, 12, 8)).astype(np.float32)
    blocks = images.reshape(10, 4, 3, 4, 2).mean((2, 4))
    found = read_as(images, size=(4, 4), fit="stretch")[..., 0]
    np.testing.assert_allclose(found, blocks, atol=1e-6)


def test_16_bits_stay_16_bits_when_they_shrink():
    images = RNG.integers(0, 65536, (10, 12, 8), dtype=np.uint16)
    blocks = images.reshape(10, 4, 3, 4, 2).mean((2, 4))
    found = read_as(images, size=(4, 4), fit="stretch")[..., 0]
    np.testing.assert_allclose(found, blocks, atol=1)


def test_a_16_bit_png_and_tiff_keep_their_values(tmp_path):
    grey = RNG.integers(0, 65536, (10, 12), dtype=np.uint16)
    for name in ("a.png", "b.tif"):
        in_folder(tmp_path, Image.fromarray(grey), name)
    found = read_as(tmp_path)
    assert found.dtype == np.uint16
    assert (found[..., 0] == grey).all()


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_turned_picture_equals_the_upright_one(orientation, tmp_path):
    turned = Image.fromarray(WIDE)
    exif = turned.getexif()
    exif[ExifTags.Base.Orientation] = orientation
    in_folder(tmp_path, turned, "a.png", exif=exif)
    stored = io.BytesIO()
    turned.save(stored, "PNG", exif=exif)
    upright = np.asarray(ImageOps.exif_transpose(Image.open(stored)))
    found = read_as(tmp_path)
    assert found.shape[1:] == upright.shape
    assert np.array_equal(found[0], upright)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK"])
@pytest.mark.parametrize("ending", ["png", "tif", "jpg", "bmp", "webp"])
def test_every_mode_of_every_format_is_read_as_pillow_converts_it(
    mode, ending, tmp_path
):
    image = Image.fromarray(WIDE).convert(mode)
    if mode in ("LA", "RGBA"):
        image.putalpha(255)
    if mode == "CMYK" and ending in ("png", "webp", "bmp"):
        pytest.skip("the format has no such mode")
    if mode in ("LA", "RGBA", "P") and ending == "jpg":
        pytest.skip("the format has no such mode")
    if mode == "LA" and ending == "bmp":
        pytest.skip("the format has no such mode")
    in_folder(tmp_path, image, f"a.{ending}")
    with Image.open(tmp_path / f"0a.{ending}") as stored:
        grey = stored.mode in ("1", "L", "LA")
        expected = np.asarray(stored.convert("L" if grey else "RGB"))
    found = read_as(tmp_path)[0]
    assert np.array_equal(found.squeeze(), expected)


def test_colour_as_grey_is_pillows_luma(tmp_path):
    folder = in_folder(tmp_path, Image.fromarray(WIDE))
    expected = np.asarray(Image.fromarray(WIDE).convert("L"))
    assert np.array_equal(read_as(folder, channels="grey")[0, ..., 0], expected)
    arrays = np.repeat(WIDE[None], 10, axis=0)
    difference = read_as(arrays, channels="grey")[0, ..., 0].astype(int) - expected
    assert abs(difference).max() <= 1  # Pillow rounds a fixed-point luma


def test_grey_beside_colour_becomes_colour(tmp_path):
    in_folder(tmp_path, Image.fromarray(WIDE), "a.png")
    in_folder(tmp_path, Image.fromarray(WIDE[..., 0]), "b.png")
    found = read_as(tmp_path)
    assert found.shape == (20, 40, 60, 3)
    assert (found[1] == WIDE[..., :1]).all()


def test_transparent_pixels_show_the_background(tmp_path):
    image = Image.fromarray(WIDE)
    alpha = Image.fromarray(np.full((40, 60), 128, np.uint8))
    image.putalpha(alpha)
    folder = in_folder(tmp_path, image)
    found = read_as(folder, background="#ffffff")[0].astype(float)
    expected = WIDE * (128 / 255) + 255 * (127 / 255)
    assert abs(found - expected).max() <= 1


def test_a_large_jpeg_is_nearly_what_a_whole_decoding_gives(tmp_path):
    small = Image.fromarray(WIDE[::4, ::4]).resize(
        (1200, 800), Image.Resampling.BICUBIC
    )
    in_folder(tmp_path, small, "a.jpg", quality=95)
    with Image.open(tmp_path / "0a.jpg") as whole:
        expected = np.asarray(whole.resize((30, 20), BOX), float)
    found = read_as(tmp_path, size=(20, 30))[0].astype(float)
    assert abs(found - expected).max() <= 4
