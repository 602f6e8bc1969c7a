"""Two latents, a size and a shape: what the tests of files write and read back."""

import numpy as np

RNG = np.random.default_rng(0)
SIZE = RNG.uniform(1, 2, 200)
SHAPE = RNG.integers(0, 3, 200)
CODES = np.column_stack([SIZE * 3, SHAPE + 0.1 * RNG.normal(size=200)])
FACTORS = np.column_stack([SIZE, SHAPE])
WORDS = np.array(["square", "heart", "oval"])[SHAPE]
