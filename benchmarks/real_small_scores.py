"""The scores of the study `real-small` by language, as Markdown.

    python benchmarks/real_small_scores.py [FOLDER OF A STUDY]

Reads report/scores.csv. Prints the mean over the seeds per arm and language, and the means over the
languages that are switched to (seen) and over the others except English (unseen).
"""

import csv
import sys
from collections import defaultdict
from pathlib import Path
from statistics import mean

FOLDER = Path("results/real-small")
SEEN = ("de", "zh", "ar", "tr")
UNSEEN = ("es", "fr", "sw", "hi", "th", "ta", "jv")
ARMS = {"none": "baseline", "english": "english", "code-switched": "code-switched"}

Scores = dict[tuple[str, str, str, str], list[float]]


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    scores, sizes = _read(folder / "report" / "scores.csv")
    for target, split in sizes:
        print(f"\n{target}, {split}:\n")
        print("\n".join(_table(scores, target, split, sizes[target, split])))


def _read(path: Path) -> tuple[Scores, dict[tuple[str, str], dict[str, str]]]:
    """Return the scores by (target, split, arm, language), and how many items each language has."""
    scores: Scores = defaultdict(list)
    sizes: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if (row["metric"], row["semantics"]) == ("score", "xtreme"):
                target, split, language = row["target"], row["split"], row["language"]
                scores[target, split, row["arm"], language].append(float(row["value"]))
                sizes[target, split][language] = row["n"]
    return scores, dict(sorted(sizes.items(), reverse=True))


def _table(scores: Scores, target: str, split: str, sizes: dict[str, str]) -> list[str]:
    languages = [code for code in ("en", *SEEN, *UNSEEN) if code in sizes]
    lines = [
        f"| arm | {' | '.join(languages)} | seen | unseen |",
        "|---|" + "---|" * (len(languages) + 2),
    ]
    for arm, name in ARMS.items():
        values = {code: mean(scores[target, split, arm, code]) for code in languages}
        groups = [[values[code] for code in group if code in values] for group in (SEEN, UNSEEN)]
        cells = [*values.values(), *map(mean, groups)]
        lines.append(f"| {name} | {' | '.join(f'{value:.1f}' for value in cells)} |")
    items = [sizes[code] for code in languages]
    lines.append(f"| items | {' | '.join(items)} | | |")
    return lines


if __name__ == "__main__":
    main()
