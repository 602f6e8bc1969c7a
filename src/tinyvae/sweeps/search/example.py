"""A commented spec, which `tinyvae sweep search --example` prints."""

EXAMPLE = """\
# A search: tinyvae sweep search this.toml --out sweeps/search
#
# Settings at the top are fixed: they hold for every trial, as in a file for
# `tinyvae train --config`. Each trial is one setting, trained with every seed.

seeds = "0:5"              # a trial's value is the mean over these seeds
objective = "beta-vae"

[world]                    # or: kind = "pictures", images = "photos", labels = "l.csv"
kind = "circles"

[training]
steps = 2000

[search]
target = "smallest_share"  # chosen with labels: the share of the worst factor.
                           # Also clear_share, mig, dci_disentanglement, radius.share.
                           # Without labels: elbo, test_elbo, loss, total_correlation,
                           # udr (with --keep all).
# direction = "maximise"   # follows from the target; or "minimise"
trials = 20                # settings that are tried
at_once = 4                # trials that train together, before Optuna learns from them
sampler = "tpe"            # or "random"
seed = 0                   # of the sampler

[search.ranges]            # any setting of a run: a range, or a list of values
"objective.beta" = { low = 1, high = 16, log = true }
"network.latents" = { low = 3, high = 8 }     # whole numbers, as the setting takes
"network.activation" = ["relu", "silu"]
# "network.hidden" = [[64], [256, 128]]
# "training.learning_rate" = { low = 1e-3, high = 1e-2, log = true }
#
# Kinds can be searched too. A setting is suggested for those kinds that have it:
# "objective" = ["beta-vae", "factor-vae"]    # instead of the objective at the top
"""
