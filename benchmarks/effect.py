"""The effect on a world that nothing was tuned on: paired differences with their spread.

    polystilts run --study effect && python benchmarks/effect.py

Reads results/effect/report/ and prints two tables in Markdown. The first has, for each pair of
arms, intermediate and target, the mean difference over the languages other than English, its
standard deviation over seeds, and the bootstrap interval. The second has, per language and English
included, the mean score over seeds of the baseline and of the English arm, and the other arms'
differences to the latter.
"""

import csv
from collections import defaultdict
from pathlib import Path
from statistics import mean

REPORT = Path("results/effect/report")
AVERAGE = "transfer"
PLAIN = ("none", "english")


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
    print()
    _print_languages()


def _print_languages() -> None:
    scores: dict[tuple[str, ...], list[float]] = defaultdict(list)
    with (REPORT / "scores.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if (row["split"], row["metric"], row["semantics"]) == ("test", "score", "xtreme"):
                cell = (row["target"], row["language"], row["intermediate"], row["arm"])
                scores[cell].append(float(row["value"]))
    means = {cell: mean(values) for cell, values in scores.items()}
    names = [arm for arm in dict.fromkeys(cell[-1] for cell in means) if arm not in PLAIN]
    print("| target | intermediate | language | none | english | " + " | ".join(names) + " |")
    print("|---|---|---|---|---|" + "---|" * len(names))
    for target, language, intermediate, arm in sorted(means):
        if arm == "english":
            english = means[target, language, intermediate, arm]
            none = means[target, language, "none", "none"]
            others = [means[target, language, intermediate, name] - english for name in names]
            shown = " | ".join(f"{value:+.1f}" for value in others)
            place = f"{target} | {intermediate} | {language}"
            print(f"| {place} | {none:.1f} | {english:.1f} | {shown} |")


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
