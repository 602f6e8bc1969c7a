import pytest

import tinyvae as tv
from tinyvae.cli.progress import describe

BLURRED = "terms until step 300 are those of blurred pictures"
SHARP = "no picture is blurred, since this network moves what it draws"


@pytest.mark.parametrize(
    ("objective", "network", "said"),
    [
        (tv.CoarseToFine(), tv.FullyConnected(latents=3), {BLURRED}),
        (tv.CoarseToFine(), tv.Translated(), {SHARP}),
        (tv.CoarseToFine(blur=0.0), tv.FullyConnected(latents=3), set()),
        (
            tv.SemiSupervised(10, base="coarse-to-fine"),
            tv.FullyConnected(latents=3),
            {BLURRED},
        ),
        (tv.ELBO(), tv.FullyConnected(latents=3), set()),
    ],
)
def test_it_is_said_which_terms_are_those_of_blurred_pictures(objective, network, said):
    lines = describe(tv.RunConfig(tv.Circles(), objective, network)).splitlines()
    assert {BLURRED, SHARP}.intersection(lines) == said
