"""How well can classifiers of scikit-learn name a shape, after so many labels?

No VAE: a network with the widths of the default encoder, and a support vector machine,
see labelled pictures of the world `shapes` and name the shape in all others. What they
cannot tell, no semi-supervised VAE of the same pictures, network and labels will.

    python benchmarks/labels_of_shapes.py --out labels_of_shapes.md
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from sklearn.neural_network import MLPClassifier
from sklearn.svm import SVC

import tinyvae as tv
from machine import describe_machine, markdown_table, publish

LABELLED = (100, 1000, 4000, 10_000)
SEED = 10_000


def pictures() -> tuple[np.ndarray, np.ndarray]:
    """All pictures of the world, as rows of pixels, and the number of their shape."""
    population = tv.Shapes().population()
    table, rows = population.table(20_000)
    images = np.asarray(population.images(rows), np.float32)
    shape = [factor.name for factor in population.factors].index("shape")
    return images.reshape(len(rows), -1), table.values[:, shape].astype(int)


def main() -> None:
    """Run with the options of the command line."""
    parser = argparse.ArgumentParser(description="Shapes by supervised classifiers.")
    parser.add_argument("--out", type=Path, help="also write the table to this file")
    chosen = parser.parse_args()
    images, shapes = pictures()
    order = np.random.default_rng(SEED).permutation(len(images))
    rows = []
    for labelled in LABELLED:
        seen, others = order[:labelled], order[labelled:]
        row = [str(labelled)]
        classifiers = (MLPClassifier((256, 128), random_state=0), SVC(C=10))
        for classifier in classifiers:
            classifier.fit(images[seen], shapes[seen])
            row.append(f"{classifier.score(images[others], shapes[others]):.2f}")
        rows.append(row)
    header = ("labels", "network (256, 128)", "support vector machine")
    text = (
        f"Share of the other pictures whose shape is named rightly; chance is "
        f"{1 / len(np.unique(shapes)):.2f}. {len(images)} pictures in all.\n\n"
        f"{markdown_table(header, rows)}\n\n"
        f"{describe_machine(('scikit-learn', 'numpy'))}"
    )
    publish(text, chosen.out)


if __name__ == "__main__":
    main()
