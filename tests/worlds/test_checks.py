import subprocess
import sys

import pytest

from tinyvae.worlds.checks import as_range, check_whole, is_number


@pytest.mark.parametrize("value", [2.0, "2", None, 0, 5])
def test_what_is_no_whole_number_in_the_limits_is_refused(value):
    with pytest.raises(ValueError, match="step to be a whole number, 1 to 4, got"):
        check_whole("step", value, 1, 4)


def test_a_number_is_a_range_of_itself():
    assert as_range("scale", 3) == (3.0, 3.0)
    assert as_range("scale", (3, 4.5)) == (3.0, 4.5)


@pytest.mark.parametrize("value", ["3", (3,), (4, 3), (1, 2, 3), float("nan"), None])
def test_what_is_no_range_is_refused(value):
    with pytest.raises(ValueError, match="scale to be a number or a range .low, high"):
        as_range("scale", value)


def test_texts_and_nan_are_no_numbers():
    assert is_number(0.5, 0, 1)
    assert not is_number("0.5", 0, 1)
    assert not is_number(float("nan"), 0, 1)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ("shapes.Shapes(hue='red')", "hue of 0 to 360 degrees, got 'red'"),
        ("shapes.Shapes(positions=(1, 2, 3))", "one number, or one along x and one"),
        ("shapes.Shapes(shapes='disc')", "different shapes among"),
        ("correlated.CorrelatedCircles(correlation='0.5')", "got '0.5'"),
        ("corners.HeldOutCorners(corners='high x, low y')", "got 'high x, low y'"),
        ("two_circles.TwoCircles(dim_radius=(5.5, 6))", "a whole number, 1 to 15"),
    ],
)
def test_settings_of_a_wrong_type_are_refused(call, message):
    # in another process: here, every call is checked against its annotations first
    module = call.split(".")[0]
    code = f"from tinyvae.worlds import {module}; {call}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert "ConfigError" in done.stderr
    assert message in done.stderr
