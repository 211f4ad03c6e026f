"""Is every task of the miniature learned in every arm, and none trivially?

    python benchmarks/learnability.py [STUDY ...]

Reads studies below results/. Intermediate tasks: accuracy of the trained head on the English dev
split (per example; per word for tagging; per question with both ends right for span QA), and
whether it is above chance at the 1 % level (one-sided normal test of a share) and, in the English
arm, below 97 %. Corpora: the leak checks of each. Targets, where the study has its matrix: XTREME's
number on English test, from the plain encoder and over the intermediate checkpoints of the English
arm. Chance is the share of the most frequent answer (tagging and classification), one over the
number of choices, or one over the mean number of words of a context. Exit 1: a task is not learned,
or at its ceiling, or a leak check failed.
"""

import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

QUANTILE = 2.326  # of the normal distribution, 1 % above it
CEILING = 97.0
ARMS = ("english", "code-switched")


def main() -> int:
    failures = []
    for study in sys.argv[1:] or ["miniature"]:
        results = Path("results") / study
        print(f"## {study}\n")
        failures += [f"{study}: {text}" for text in _intermediates(results) + _leaks(results)]
        if (results / "matrix.parquet").exists():
            _targets(results)
    print("\n".join(failures) or "Every task is learned, none at its ceiling; no check failed.")
    return 1 if failures else 0


def _intermediates(results: Path) -> list[str]:
    """Print English dev accuracy per task and arm; return what is wrong."""
    print("| intermediate | n | chance | above chance at 1 % | english | code-switched |")
    print("|---|---|---|---|---|---|")
    learned = {arm: _learned(results, arm) for arm in ARMS}
    wrong = [] if learned["english"] else ["no training of the English arm"]
    for task, english in learned["english"].items():
        least = bound(english["chance"], english["n"])
        cells = []
        for arm in ARMS:
            measured = learned[arm].get(task)
            if measured is None:
                cells.append("not run")
                continue
            cells.append(f"{measured['accuracy']:.1f}")
            if measured["accuracy"] <= least:
                wrong.append(f"{task} is not learned in the arm {arm}")
        if english["accuracy"] >= CEILING:
            wrong.append(f"{task} is at its ceiling in the English arm")
        row = [task, f"{english['n']:.0f}", f"{english['chance']:.1f}", f"{least:.1f}", *cells]
        print(f"| {' | '.join(row)} |")
    both = {arm: _learned(results, arm, several=True) for arm in ARMS}
    print("\n| in `all` | english | code-switched |\n|---|---|---|")
    for task in both["english"]:
        row = [f"{both[arm].get(task, {}).get('accuracy', float('nan')):.1f}" for arm in ARMS]
        print(f"| {task} | {' | '.join(row)} |")
    print()
    return wrong


def _leaks(results: Path) -> list[str]:
    """Print the leak checks of each corpus; return those that failed."""
    print("| corpus | check | passed | measured |\n|---|---|---|---|")
    wrong = []
    for path in sorted((results / "corpora").glob("*/*/train.json")):
        corpus = "/".join(path.parts[-3:-1])
        for name, check in json.loads(path.read_text())["leaks"].items():
            if check["passed"] is None:  # nothing to measure
                continue
            print(
                f"| {corpus} | {name} | {'yes' if check['passed'] else '**no**'} "
                f"| {_measured(check)} |"
            )
            if not check["passed"]:
                wrong.append(f"{corpus} fails the check `{name}`")
    print()
    return wrong


def _measured(check: dict[str, Any]) -> str:
    """Return the number that decided a check."""
    if "given_length" in check:
        test = check["given_length"]
        return f"V {test['cramers_v']:.3f}, p {test['p_value']:.3f}"
    if "context" in check:
        return "; ".join(f"{part}: {_measured(check[part])}" for part in ("context", "question"))
    if "decided_by" in check:
        return f"AUC {check[check['decided_by']]['auc']:.3f}"
    for name in ("correlation", "auc_of_items"):
        if check.get(name) is not None:
            return f"{name} {check[name]:.3f}"
    return ""


def _targets(results: Path) -> None:
    matrix = pq.read_table(results / "matrix.parquet")
    print("| target | chance | none | english arm: worst to best |\n|---|---|---|---|")
    for target in dict.fromkeys(matrix["target"].to_pylist()):
        none = _english(matrix, target, "none")
        trained = _english(matrix, target, "english")
        if none:
            test = pq.read_table(results / "tasks" / target / "test.en.parquet")
            low, high = min(trained), max(trained)
            print(f"| {target} | {chance(test):.1f} | {none[0]:.1f} | {low:.1f} to {high:.1f} |")
    print()


def bound(chance: float, items: float) -> float:
    """Return the accuracy, in percent, that guessing passes once in a hundred times."""
    share = chance / 100
    return 100 * (share + QUANTILE * (share * (1 - share) / items) ** 0.5)


def _learned(results: Path, arm: str, several: bool = False) -> dict[str, dict[str, float]]:
    """Return per task what its own training, or that of several tasks, says of English dev."""
    found: dict[str, dict[str, float]] = {}
    for path in sorted((results / "intermediate").glob(f"*/{arm}/*/seed-*/training.json")):
        dev = json.loads(path.read_text())["english_dev"]
        if (len(dev) > 1) == several:
            for task, measured in dev.items():
                found.setdefault(task, measured)
    return found


def chance(table: pa.Table) -> float:
    """Return the accuracy, in percent, of answering a target without reading."""
    if "context" in table.column_names:
        words = [len(context.split()) for context in table["context"].to_pylist()]
        impossible = sum(not answers for answers in table["answers"].to_pylist())
        return max(100 / (sum(words) / len(words)), 100 * impossible / len(words))
    if "tags" in table.column_names:
        tags = Counter(tag for sentence in table["tags"].to_pylist() for tag in sentence)
        return 100 * tags.most_common(1)[0][1] / tags.total()
    labels = Counter(table["label"].to_pylist())
    return 100 * labels.most_common(1)[0][1] / labels.total()


def _english(matrix: pa.Table, target: str, arm: str) -> list[float]:
    wanted = {
        "target": target,
        "arm": arm,
        "language": "en",
        "split": "test",
        "metric": "score",
        "semantics": "xtreme",
    }
    rows = matrix
    for column, value in wanted.items():
        rows = rows.filter(pc.equal(rows[column], value))
    return [float(value) for value in rows["value"].to_pylist()]


if __name__ == "__main__":
    sys.exit(main())
