"""Is every task of the miniature learned, and none trivially? English accuracy next to chance.

    python benchmarks/learnability.py [STUDY]

Reads a finished study below results/. Intermediate tasks: accuracy of the trained head on the
English dev split (per example; per word for tagging; per question with both ends right for span
QA). Targets: XTREME's number on English test, from the plain encoder and over the intermediate
checkpoints of the English arm. Chance is the share of the most frequent answer (tagging and
classification), one over the number of choices, or one over the mean number of words of a context.
"""

import json
import sys
from collections import Counter
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq


def main() -> None:
    results = Path("results") / (sys.argv[1] if len(sys.argv) > 1 else "miniature")
    print("| intermediate | chance | english | code-switched |\n|---|---|---|---|")
    learned = {arm: _learned(results, arm) for arm in ("english", "code-switched")}
    nothing = {"accuracy": float("nan")}
    for task, english in learned["english"].items():
        switched = learned["code-switched"].get(task, nothing)["accuracy"]
        print(f"| {task} | {english['chance']:.1f} | {english['accuracy']:.1f} | {switched:.1f} |")
    matrix = pq.read_table(results / "matrix.parquet")
    print("\n| target | chance | none | english arm: worst to best |\n|---|---|---|---|")
    for target in dict.fromkeys(matrix["target"].to_pylist()):
        none = _english(matrix, target, "none")
        trained = _english(matrix, target, "english")
        if none:
            test = pq.read_table(results / "tasks" / target / "test.en.parquet")
            low, high = min(trained), max(trained)
            print(f"| {target} | {chance(test):.1f} | {none[0]:.1f} | {low:.1f} to {high:.1f} |")


def _learned(results: Path, arm: str) -> dict[str, dict[str, float]]:
    """Return per task what its own single-task training says of English dev."""
    found: dict[str, dict[str, float]] = {}
    for path in sorted((results / "intermediate").glob(f"*/{arm}/*/seed-*/training.json")):
        dev = json.loads(path.read_text())["english_dev"]
        if len(dev) == 1:
            ((task, measured),) = dev.items()
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
    main()
