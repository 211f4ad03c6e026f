"""Wall time of `snakemake -n` for the default study, nothing built, five runs.

python benchmarks/dry_run.py
"""

import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def main() -> None:
    seconds = []
    for _ in range(5):
        start = time.monotonic()
        subprocess.run(
            [sys.executable, "-m", "snakemake", "-n", "--quiet", "--config", "study={name: dry}"],
            cwd=ROOT,
            check=True,
            capture_output=True,
        )
        seconds.append(time.monotonic() - start)
    print(f"median {statistics.median(seconds):.1f} s, slowest {max(seconds):.1f} s")


if __name__ == "__main__":
    main()
