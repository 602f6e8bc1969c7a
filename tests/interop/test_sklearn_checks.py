"""scikit-learn's own checks of an estimator; none is expected to fail."""

import os
import subprocess
import sys

from sklearn.utils.estimator_checks import parametrize_with_checks

from tinyvae.sklearn import VAE

SMALL = VAE(hidden_layer_sizes=(4,), steps=3, batch_size=8)
# scikit-learn skips its checks of array namespaces, unless SciPy was imported with this
# variable: they run in a process of their own
ARRAY_API = {"SCIPY_ARRAY_API": "1"}
CHECKS_OF_ARRAY_API = f"""
from sklearn.utils.estimator_checks import estimator_checks_generator
from tinyvae.sklearn import VAE

model = {SMALL!r}
found = [c for _, c in estimator_checks_generator(model) if "array_api" in repr(c)]
assert found
for check in found:
    check(model)
"""


@parametrize_with_checks([SMALL])
def test_checks_of_scikit_learn(estimator, check):
    if "array_api" not in repr(check):
        check(estimator)
        return
    done = subprocess.run(
        [sys.executable, "-c", CHECKS_OF_ARRAY_API],
        env=os.environ | ARRAY_API,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
