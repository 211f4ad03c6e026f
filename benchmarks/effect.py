"""The effect on a world that nothing was tuned on: paired differences with their spread.

    polystilts run --study effect && python benchmarks/effect.py

Reads results/effect/report/differences.csv and prints Markdown: for each pair of arms, intermediate
and target the mean difference over the languages other than English, its standard deviation over
seeds, and the bootstrap interval.
"""

import csv
from pathlib import Path

REPORT = Path("results/effect/report")
AVERAGE = "transfer"


def main() -> None:
    with (REPORT / "differences.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["average"] == AVERAGE]
    targets = list(dict.fromkeys(row["target"] for row in rows))
    print("| difference | intermediate | " + " | ".join(targets) + " |")
    print("|---|---|" + "---|" * len(targets))
    cells = {(_pair(row), row["intermediate"], row["target"]): _shown(row) for row in rows}
    for pair, intermediate in dict.fromkeys((pair, name) for pair, name, _ in cells):
        shown = [cells.get((pair, intermediate, target), "–") for target in targets]
        print(f"| {pair} | {intermediate} | " + " | ".join(shown) + " |")


def _pair(row: dict[str, str]) -> str:
    return f"{row['arm']} − {row['reference_arm']}"


def _shown(row: dict[str, str]) -> str:
    if not row["mean"]:
        return "–"
    mean = f"{float(row['mean']):+.1f}"
    if not row["spread"]:
        return mean
    low, high = float(row["low"]), float(row["high"])
    return f"{mean} ± {float(row['spread']):.1f} [{low:+.1f}, {high:+.1f}]"


if __name__ == "__main__":
    main()
