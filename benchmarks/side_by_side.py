"""A turn in which VAEs train side by side, in processes of one thread each.

As a program it is one of these processes: it reads numbers of steps, and answers when
they are done.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tinyvae.sweeps.engines.side_by_side import environment
from turns import Turn


@contextmanager
def side_by_side_turn(name: str, processes: int, batch: int) -> Iterator[Turn]:
    """One VAE of the recipe in each process; work in pictures of all of them.

    The processes end with the block, so that their time counts as that of this one.
    """
    here = Path(__file__)
    workers = [
        subprocess.Popen(
            [sys.executable, str(here), str(batch)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment(1),
            text=True,
            bufsize=1,
        )
        for _ in range(processes)
    ]

    def train(steps: int) -> None:
        for worker in workers:
            assert worker.stdin is not None
            worker.stdin.write(f"{steps}\n")
            worker.stdin.flush()
        for worker in workers:
            assert worker.stdout is not None
            if worker.stdout.readline() != "done\n":
                raise RuntimeError("expected a worker to train, it ended.")

    try:
        yield Turn(name, train, processes * batch)
    finally:
        for worker in workers:
            worker.communicate()  # which closes their input


def main() -> None:
    """Train as many steps as each line says, until the input ends."""
    from many_members import group_turn

    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    turn = group_turn("one", 1, batch=int(sys.argv[1]))
    for line in sys.stdin:
        turn.train(int(line))
        answers.write("done\n")


if __name__ == "__main__":
    main()
