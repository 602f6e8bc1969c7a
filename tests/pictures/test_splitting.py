import numpy as np
import pytest

from tinyvae.factors import Factor
from tinyvae.pictures import LabelRule, Rules, SplitRule, read_pictures
from tinyvae.pictures.splitting import held_out_rows
from tinyvae.tables.kinds import Label


def label_of(values, kind="categorical"):
    distinct = tuple(np.unique(values).astype(float).tolist())
    return Label(Factor("a", distinct, kind=kind), np.asarray(values, float), "")


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("share", [0.1, 0.2, 0.5])
def test_each_class_gives_its_share(seed, share):
    rng = np.random.default_rng(seed)
    classes = rng.choice(4, 203, p=[0.5, 0.3, 0.15, 0.05])
    held, _ = held_out_rows(203, [label_of(classes)], None, SplitRule(share, seed))
    assert held.sum() == round(share * 203)
    for kind in range(4):
        exact = share * (classes == kind).sum()
        assert abs(held[classes == kind].sum() - exact) < 1 + 1e-9


def test_tenths_of_an_ordered_label_give_their_share():
    values = np.random.default_rng(0).normal(size=200)
    label = label_of(values, "ordered")
    held, _ = held_out_rows(200, [label], None, SplitRule(0.2))
    order = np.argsort(values).reshape(10, 20)
    assert (held[order].sum(1) == 4).all()


@pytest.mark.parametrize("seed", range(10))
def test_no_group_is_on_both_sides_and_the_share_is_near(seed):
    rng = np.random.default_rng(seed)
    groups = rng.integers(0, 30, 300)
    classes = groups % 3
    held, _ = held_out_rows(
        300, [label_of(classes)], groups.astype(float), SplitRule(0.2, seed)
    )
    assert not set(groups[held]) & set(groups[~held])
    assert 0.12 < held.mean() < 0.28
    for kind in range(3):
        assert 0.05 < held[classes == kind].mean() < 0.4


def test_a_picture_without_group_is_a_group_of_its_own():
    groups = np.array(["a"] * 10 + [None] * 10, object)
    held, _ = held_out_rows(20, [], groups, SplitRule(0.5))
    assert len(set(held[:10].tolist())) == 1


def test_the_split_depends_on_its_seed_alone():
    images = np.random.default_rng(0).random((50, 4, 4))

    def held(seed):
        return read_pictures(images, rules=Rules(split=SplitRule(0.2, seed))).held

    assert np.array_equal(held(0), held(0))
    assert not np.array_equal(held(0), held(1))


def test_groups_are_a_column_and_no_factor():
    images = np.random.default_rng(0).random((40, 4, 4))
    labels = {"patient": np.arange(40) // 4, "x": np.arange(40.0) ** 2}
    rules = Rules(labels=LabelRule(group="patient"))
    reading = read_pictures(images, labels, rules=rules)
    patients = labels["patient"]
    assert [factor.name for factor in reading.factors] == ["x"]
    assert not set(patients[reading.held]) & set(patients[~reading.held])


def test_equal_and_nearly_equal_pictures_across_the_split_are_reported():
    rng = np.random.default_rng(0)
    images = rng.integers(40, 200, (40, 20, 20), dtype=np.uint8)
    held = read_pictures(images).held
    first, second = np.flatnonzero(held)[:2]
    training = np.flatnonzero(~held)
    images[first] = images[training[0]]
    images[second] = images[training[1]] + rng.integers(0, 2, (20, 20), dtype=np.uint8)
    warnings = read_pictures(images).report.about("warning")
    equal, near = warnings
    assert "1 held-out picture is also among the training pictures" in equal.text
    assert equal.names == (str(first),)
    assert "1 held-out picture is nearly equal" in near.text
    assert near.names == (str(second),)


def test_random_pictures_and_a_disc_moved_by_a_pixel_are_no_duplicates():
    rows, columns = np.mgrid[:32, :32]
    discs = np.stack(
        [
            (rows - y) ** 2 + (columns - x) ** 2 < 25
            for y in range(8, 24)
            for x in range(8, 24)
        ]
    )
    assert not read_pictures(discs).report.about("warning")
