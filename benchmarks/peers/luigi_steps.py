"""What `bench_steps.py` compares with: steps of Luigi, each in a process, on a scheduler of this process.

`python luigi_steps.py (chain|fan_out) STEPS WORKERS FOLDER` prints the seconds that `luigi.build` took. Every task
reads the small file of the one before and leaves its own.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import luigi

SHAPE, STEPS, WORKERS, FOLDER = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4])


class Step(luigi.Task):
    """Passes a table of one row on."""

    number = luigi.IntParameter()

    def requires(self) -> list[Step]:
        """The step before, or the first one."""
        if self.number == 0:
            return []
        return [Step(number=self.number - 1 if SHAPE == "chain" else 0)]

    def output(self) -> luigi.LocalTarget:
        """A file that appears whole."""
        return luigi.LocalTarget(FOLDER / f"{self.number}.csv")

    def run(self) -> None:
        """Copy the file."""
        text = "value\n1\n"
        for target in self.input():
            with target.open() as file:
                text = file.read()
        with self.output().open("w") as file:
            file.write(text)


if __name__ == "__main__":
    wanted = [Step(number=STEPS - 1)] if SHAPE == "chain" else [Step(number=number) for number in range(1, STEPS)]
    began = time.perf_counter()
    done = luigi.build(wanted, workers=WORKERS, local_scheduler=True, log_level="ERROR")
    seconds = time.perf_counter() - began
    if not done or len(list(FOLDER.glob("*.csv"))) != STEPS:
        sys.exit("Luigi did not finish all steps.")
    print(seconds)
