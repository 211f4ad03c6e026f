"""The code-switcher on real text, beside reference loops: one run, CPU time, Markdown tables.

    python benchmarks/codeswitch.py FOLDER [--only PART ...]

The text is some 100,000 English sentences from Tatoeba, MultiNLI, SNLI, QQP, CommonsenseQA and
Cosmos QA, each once. The dictionaries are the MUSE files at hand and, up to ten in all, FreeDict's
from Debian's packages; without these the largest of MUSE's stand in again under other codes. All go
through the ingestion gate first, which is not timed. Parts:

    speed        words per CPU second of one core, with every rule on, and of the references
    workers      `polystilts switch` with two processes against one
    loading      ten dictionaries from Parquet in a fresh process: time and memory
    answers      XQuAD at rate .4: each answer is found again by undoing the replacements
    rate         the realised rate at .1, .3 and .5
    determinism  the same bytes for any number of processes, order and shard

Words are what stands between white space, for every row alike. CPU time is the best of `--repeats`
runs, each with a new switcher; the load of the machine stands in the first line.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from codeswitch_checks import answers, determinism, rate
from codeswitch_data import build_lexicons, sentences, up_to_ten
from codeswitch_references import (
    Settings,
    look_up_loop,
    plain_loop,
    published_loop,
    replaced,
    targets_by_word,
)
from codeswitch_setting import RATE, Bench, blocks_of, examples_of

from polystilts.codeswitch.recipe import Recipe
from polystilts.codeswitch.sheet.tally import Tally
from polystilts.codeswitch.switcher import Switcher
from polystilts.lexicon.store import load

MIB = 1 << 20
PUBLISHED_CROSS = 0.9
# worker processes, and commands at once
WAYS = ((1, 1), (2, 1), (1, 2))
# tables are the only thing a fresh process loads; what Python, numpy and pyarrow take is set apart
LOADING = """
import sys, time, numpy, pyarrow.parquet
from pathlib import Path
def peak():
    for line in open("/proc/self/status"):
        if line.startswith("VmHWM"):
            return int(line.split()[1]) << 10
bare = peak()
def report(cpu, wall):
    print(time.process_time() - cpu, time.perf_counter() - wall, peak() - bare, peak())
cpu, wall = time.process_time(), time.perf_counter()
from polystilts.lexicon.store import load
lexicons = load([Path(path) for path in sys.argv[1:]])
report(cpu, wall)
from polystilts.codeswitch.recipe import Recipe
from polystilts.codeswitch.switcher import Switcher
cpu, wall = time.process_time(), time.perf_counter()
switcher = Switcher(lexicons, Recipe(rate=0.3))
report(cpu, wall)
"""


def main() -> None:
    parts: dict[str, Callable[[Bench], None]] = {
        "speed": speed,
        "workers": workers,
        "loading": loading,
        "answers": answers,
        "rate": rate,
        "determinism": determinism,
    }
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path, metavar="FOLDER", help="of published files")
    parser.add_argument("--only", nargs="+", choices=parts, default=list(parts), metavar="PART")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--words", type=int, default=5_000_000, help="for `workers`")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        files = build_lexicons(arguments.data.resolve(), Path(folder))
        counts, texts = sentences(arguments.data)
        lexicons = load(files.values())
        bench = Bench(
            arguments.data, arguments.repeats, arguments.words, texts, files, up_to_ten(lexicons)
        )
        _print_setting(bench, counts)
        for name in arguments.only:
            print(f"\n## {name}\n")
            parts[name](bench)


def _print_setting(bench: Bench, counts: Mapping[str, int]) -> None:
    model = next(
        (
            line.split(":")[1].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.machine(),
    )
    versions = f"Python {platform.python_version()}, numpy {np.__version__}"
    load_average = " ".join(f"{value:.1f}" for value in os.getloadavg())
    print(f"{model}, {os.cpu_count()} cores, load {load_average}; {versions}")
    listed = ", ".join(f"{name} {count:,}" for name, count in counts.items())
    words = sum(len(text.split()) for text in bench.texts)
    print(f"{len(bench.texts):,} sentences ({listed}), {words:,} words")
    pairs = sum(table.num_rows for table in bench.lexicons.values())
    again = [code for code in bench.lexicons if code not in bench.files]
    note = f", of which {' '.join(again)} are others again" if again else ""
    print(f"{len(bench.lexicons)} dictionaries ({' '.join(bench.lexicons)}){note}; {pairs:,} pairs")


def _best(run: Callable[[], Any], repeats: int) -> tuple[float, Any]:
    """Return the least CPU seconds of several runs, and what the last one returned."""
    times = []
    for _ in range(repeats):
        start = time.process_time()
        result = run()
        times.append(time.process_time() - start)
    return min(times), result


def speed(bench: Bench) -> None:
    words = sum(len(text.split()) for text in bench.texts)
    blocks = blocks_of(bench.texts)
    print("| | CPU s | words/s | replaced |\n|---|---|---|---|")

    def ours(recipe: Recipe, account: bool) -> tuple[float, float]:
        times, share = [], 0.0
        for _ in range(bench.repeats):
            switcher = Switcher(bench.lexicons, recipe)
            tally = Tally(switcher.languages)
            seconds, switched, all_words = 0.0, 0, 0
            for block in blocks:
                examples = examples_of(block)
                start = time.process_time()
                for outcome in switcher.switch_examples(examples):
                    switched += int(outcome.switched.sum())
                    all_words += int(outcome.words.sum())
                    if account:
                        tally.add(outcome)
                seconds += time.process_time() - start
            start = time.process_time()
            if account:
                tally.sheet()
            times.append(seconds + time.process_time() - start)
            share = switched / all_words
        return min(times), share

    def row(name: str, seconds: float, share: float) -> float:
        print(f"| {name} | {seconds:.3f} | {words / seconds:,.0f} | {share:.3f} |")
        return seconds

    safe = row(f"polystilts, rate {RATE}, all rules", *ours(Recipe(rate=RATE), False))
    row(f"polystilts, rate {RATE}, with the data sheet's counts", *ours(Recipe(rate=RATE), True))
    row("polystilts, rate 0.9, all rules", *ours(Recipe(rate=0.9), False))
    dictionaries = {code: targets_by_word(table) for code, table in bench.lexicons.items()}
    settings = Settings(
        cross=PUBLISHED_CROSS, languages=list(dictionaries), dictionaries=dictionaries
    )
    merged = {
        source: targets[0] for plain in dictionaries.values() for source, targets in plain.items()
    }
    references = {
        "as published, cross 0.9, settings object": lambda: published_loop(
            bench.texts, settings, 1
        ),
        "as published, cross 0.9, plain names": lambda: plain_loop(
            bench.texts, dictionaries, PUBLISHED_CROSS, 1
        ),
        "as published, cross 0.3, plain names": lambda: plain_loop(
            bench.texts, dictionaries, RATE, 1
        ),
        "split, one look-up, join": lambda: look_up_loop(bench.texts, merged),
    }
    seconds = {}
    for name, run in references.items():
        least, switched = _best(run, bench.repeats)
        seconds[name] = row(name, least, replaced(bench.texts, switched))
    published, plain, _, bare = seconds.values()
    print(
        f"\npolystilts at {RATE} takes 1/{published / safe:.1f} of the published time, "
        f"1/{plain / safe:.1f} of its loop with plain names, {safe / bare:.1f} times the bare loop"
    )


def workers(bench: Bench) -> None:
    rounds = max(1, round(bench.words / sum(len(text.split()) for text in bench.texts)))
    with tempfile.TemporaryDirectory() as folder:
        source, single = Path(folder) / "sentences.jsonl", Path(folder) / "one.jsonl"
        single.write_text(json.dumps({"id": "0", "text": bench.texts[0]}) + "\n", encoding="utf-8")
        with source.open("w", encoding="utf-8") as file:
            for turn in range(rounds):
                for number, text in enumerate(bench.texts):
                    file.write(json.dumps({"id": f"{turn}-{number}", "text": text}) + "\n")
        print(f"a file of {len(bench.texts) * rounds:,} sentences, `polystilts switch`\n")
        # in turn, so that the ways of one turn meet the same minutes of the machine
        turns = [
            [_switched(bench, source, *way) - _switched(bench, single, 1, 1) for way in WAYS]
            for _ in range(bench.repeats)
        ]
    print("| turn | 1 process | 2 processes | 2 commands, each on all of it | 1 : 2 | 2 commands |")
    print("|---|---|---|---|---|---|")
    gains = []
    for number, (one, two, apart) in enumerate(turns, 1):
        gains.append(one / two)
        print(
            f"| {number} | {one:.1f} s | {two:.1f} s | {apart:.1f} s | {one / two:.2f} | "
            f"{2 * one / apart:.2f} |"
        )
    print(
        "\nwall seconds without those of starting and loading, which a file of one sentence takes; "
        f"two processes: {median(gains):.2f} times as fast (median); two commands that share "
        "nothing show what the machine gives"
    )


def _switched(bench: Bench, source: Path, processes: int, at_once: int) -> float:
    """Return the wall seconds, without loading, of switching a file, at once as often as said."""
    command = [sys.executable, "-m", "polystilts.commands.cli", "switch", str(source)]
    folder = next(iter(bench.files.values())).parent
    start = time.perf_counter()
    running = []
    for number in range(at_once):
        output, stats = (source.with_name(f"{number}.{suffix}") for suffix in ("jsonl", "json"))
        options = [*command, str(output), "--overwrite", "--lexicons", str(folder), "--fields"]
        options += ["text", "--rate", str(RATE), "--workers", str(processes)]
        options += ["--stats", str(stats)]
        running.append((subprocess.Popen(options, stderr=subprocess.DEVNULL), stats))
    for process, _ in running:
        if process.wait():
            raise SystemExit(f"{' '.join(command)} failed")
    wall = time.perf_counter() - start
    return wall - max(json.loads(stats.read_text())["load_seconds"] for _, stats in running)


def loading(bench: Bench) -> None:
    files = [str(path) for path in bench.files.values()]
    largest = sorted(files, key=lambda path: -Path(path).stat().st_size)
    size = sum(Path(path).stat().st_size for path in files)
    print(f"{len(files)} files of {size / MIB:.1f} MiB ({Path(largest[0]).stem} is the largest)\n")
    print("| | CPU s | wall s | peak MiB above Python, numpy, pyarrow | peak MiB in all |")
    print("|---|---|---|---|---|")
    runs = [_loaded(files) for _ in range(bench.repeats)]
    for place, name in enumerate(("tables", "a switcher of them, after that")):
        stages = [run[place] for run in runs]
        cpu, wall, above, peak = (min(stage[n] for stage in stages) for n in range(4))
        print(f"| {name} | {cpu:.2f} | {wall:.2f} | {above / MIB:.0f} | {peak / MIB:.0f} |")


def _loaded(files: Sequence[str]) -> list[list[float]]:
    printed = subprocess.run(
        [sys.executable, "-c", LOADING, *files], check=True, capture_output=True, text=True
    ).stdout
    return [[float(value) for value in line.split()] for line in printed.splitlines()]


if __name__ == "__main__":
    main()
