"""What studies are trained with: the effective settings of each task, as the jobs get them.

    python benchmarks/effective_settings.py [STUDY ...]

Prints a Markdown table, a line per training that differs; the mixture `all` is left out. Without
studies, those of `tests/study/ten_lines`. A relative file name is one in the current folder, the
repository's root.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from polystilts.commands.studies import load_study
from polystilts.study.graph import Graph
from polystilts.study.inventory import results

SHOWN = (
    *("examples", "epochs", "batch_size", "learning_rate", "warmup", "weight_decay", "dropout"),
    *("max_length", "max_question_length", "doc_stride", "precision"),
)


def main() -> None:
    studies = sys.argv[1:] or sorted(map(str, Path("tests/study/ten_lines").glob("*.yaml")))
    print(f"| study, encoder | phase | tasks | {' | '.join(SHOWN)} |")
    print(f"|---|---|---|{'---|' * len(SHOWN)}")
    for name in studies:
        graph = load_study(name)
        rows: dict[tuple[str, ...], list[str]] = {}
        for phase, task, settings in _trainings(graph):
            values = tuple(_shown(settings[setting]) for setting in SHOWN)
            tasks = rows.setdefault((phase, *values), [])
            if task not in tasks:
                tasks.append(task)
        for (phase, *values), tasks in rows.items():
            study = f"{graph.study.name}, {graph.selection.encoder}"
            print(f"| {study} | {phase} | {' '.join(tasks)} | {' | '.join(values)} |")


def _trainings(graph: Graph) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield (phase, task, settings) of every training but those of several tasks."""
    for result in results(graph):
        record = graph.keys.record(result.step, dict(result.wildcards))
        if result.step == "train_intermediate":
            tasks = record["tasks"].items() if record["multi_task"] is None else ()
            for task, told in tasks:
                yield "intermediate", task, {**record["training"], **told["settings"], **told}
        elif result.step == "fine_tune":
            told = record["task"]
            yield "fine-tune", record["name"], {**record["training"], **told["settings"], **told}


def _shown(value: object) -> str:
    return "all" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


if __name__ == "__main__":
    main()
