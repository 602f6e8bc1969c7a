"""A commented spec, which `tinyvae sweep --example` prints."""

EXAMPLE = """\
# A sweep: tinyvae sweep this.toml --out sweeps/first
#
# Settings at the top hold for every block. They are those of a single run, as in a file
# for `tinyvae train --config`. Any of them may be a list of values: a block then has
# every combination. A setting that is a list itself takes a list of lists.

seeds = "0:20"             # the seeds 0 to 19; also a list: [0, 1, 5]
members = 4                # VAEs that start together in each run; the best one stays

[world]                    # or: kind = "pictures", images = "photos", labels = "l.csv"
kind = "circles"
layout = "margin"          # a list compares layouts: ["margin", "diamond"]

[training]
steps = 2000

# [network]
# kind = "fully-connected"
# hidden = [[256, 128], [512, 256]]    # two networks
# latents = [3, 6]                     # times two numbers of latents

# Each block may change any setting. Runs that come twice are trained once.

[[sweep]]                  # the default recipe has more seeds than the others
objective = "coarse-to-fine"
seeds = "0:100"

[[sweep]]                  # two objectives with nothing to choose: 2 x 20 runs
objective = ["vae", "factor-vae"]

[[sweep]]                  # a list of weights: 4 x 20 runs
objective = { kind = "beta-vae", beta = [2, 4, 8, 16] }

[[sweep]]                  # every combination: 2 x 2 x 20 runs
objective = { kind = "dip-vae-i", off_diagonal = [1, 10], diagonal = [10, 100] }
"""
