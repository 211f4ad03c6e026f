"""The code-switcher on real text, beside reference loops: one run, CPU time, Markdown tables.

    python benchmarks/codeswitch.py FOLDER [--only PART ...]

The text is some 100,000 English sentences from Tatoeba, MultiNLI, SNLI, QQP, CommonsenseQA and
Cosmos QA, each once. The dictionaries are the MUSE files at hand and, up to ten in all, FreeDict's
from Debian's packages; without these the largest of MUSE's stand in again under other codes. All go
through the ingestion gate first, which is not timed. Parts:

    speed        words per CPU second of one core, with every rule on, and of the references
    workers      two processes against one
    loading      ten dictionaries from Parquet in a fresh process: time and memory
    answers      XQuAD at rate .4: each answer is found again by undoing the replacements
    rate         the realised rate at .1, .3 and .5
    determinism  the same bytes for any number of processes, order and shard

Words are what stands between white space, for every row alike. CPU time is the best of `--repeats`
runs, each with a new switcher; the load of the machine stands in the first line.
"""

import argparse
import hashlib
import os
import platform
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from codeswitch_data import build_lexicons, sentences, up_to_ten, xquad
from codeswitch_references import (
    Settings,
    look_up_loop,
    plain_loop,
    published_loop,
    replaced,
)

from polystilts.codeswitch.example import Example, Field
from polystilts.codeswitch.parallel import ordered_map
from polystilts.codeswitch.recipe import Recipe
from polystilts.codeswitch.switcher import Switcher
from polystilts.codeswitch.tally import Tally
from polystilts.lexicon.store import load

BLOCK = 4096
MIB = 1 << 20
RATE = 0.3
PUBLISHED_CROSS = 0.9
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

Block = list[tuple[str, str]]


@dataclass(frozen=True)
class Bench:
    """What every part measures on."""

    data: Path
    repeats: int
    words: int
    texts: list[str]
    files: Mapping[str, Path]
    lexicons: Mapping[str, pa.Table]


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


def _blocks(texts: Iterable[str], prefix: str = "") -> list[Block]:
    named = [(f"{prefix}{number}", text) for number, text in enumerate(texts)]
    return [named[first : first + BLOCK] for first in range(0, len(named), BLOCK)]


def _examples(block: Block) -> list[Example]:
    return [Example(identity, (Field(text),)) for identity, text in block]


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
    blocks = [_examples(block) for block in _blocks(bench.texts)]
    print("| | CPU s | words/s | replaced |\n|---|---|---|---|")

    def ours(recipe: Recipe, account: bool) -> tuple[float, float]:
        times, share = [], 0.0
        for _ in range(bench.repeats):
            switcher = Switcher(bench.lexicons, recipe)
            tally = Tally(switcher.languages)
            start, switched, all_words = time.process_time(), 0, 0
            for block in blocks:
                for outcome in switcher.switch_examples(block):
                    switched += int(outcome.switched.sum())
                    all_words += int(outcome.words.sum())
                    if account:
                        tally.add(outcome)
            if account:
                tally.sheet()
            times.append(time.process_time() - start)
            share = switched / all_words
        return min(times), share

    def row(name: str, seconds: float, share: float) -> float:
        print(f"| {name} | {seconds:.3f} | {words / seconds:,.0f} | {share:.3f} |")
        return seconds

    safe = row(f"polystilts, rate {RATE}, all rules", *ours(Recipe(rate=RATE), False))
    row(f"polystilts, rate {RATE}, with the data sheet's counts", *ours(Recipe(rate=RATE), True))
    row("polystilts, rate 0.9, all rules", *ours(Recipe(rate=0.9), False))
    dictionaries = {code: _plain(table) for code, table in bench.lexicons.items()}
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


def _plain(table: pa.Table) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    columns = (table[name].to_pylist() for name in ("source", "target"))
    for source, target in zip(*columns, strict=True):
        found.setdefault(source.lower(), []).append(target)
    return found


@dataclass(frozen=True)
class Switch:
    """The work of one process: blocks of named texts in, new texts and counts out."""

    switcher: Switcher

    def __call__(self, block: Block) -> tuple[list[Any], Tally]:
        tally = Tally(self.switcher.languages)
        (outcome,) = self.switcher.switch_examples(_examples(block))
        tally.add(outcome)
        return outcome.texts, tally


def workers(bench: Bench) -> None:
    words = sum(len(text.split()) for text in bench.texts)
    rounds = max(1, round(bench.words / words))
    blocks = [block for turn in range(rounds) for block in _blocks(bench.texts, f"{turn}-")]
    print(
        f"{words * rounds:,} words, counts for the sheet included; load {os.getloadavg()[0]:.1f}\n"
    )
    print("| processes | wall s | CPU s in all | words/s of wall |\n|---|---|---|---|")
    walls = {}
    for processes in (1, 2):
        runs = [_timed(bench, blocks, processes) for _ in range(bench.repeats)]
        wall, cpu = min(wall for wall, _ in runs), min(cpu for _, cpu in runs)
        walls[processes] = wall
        print(f"| {processes} | {wall:.2f} | {cpu:.2f} | {words * rounds / wall:,.0f} |")
    print(f"\ntwo processes: {walls[1] / walls[2]:.2f} times as fast")


def _timed(bench: Bench, blocks: Sequence[Block], processes: int) -> tuple[float, float]:
    switcher = Switcher(bench.lexicons, Recipe(rate=RATE))
    wall, cpu = time.perf_counter(), _cpu()
    total = Tally(switcher.languages)
    for _, tally in ordered_map(Switch(switcher), blocks, processes):
        total.merge(tally)
    total.sheet()
    return time.perf_counter() - wall, _cpu() - cpu


def _cpu() -> float:
    """Return the CPU seconds of this process and of its children that have ended."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


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


def answers(bench: Bench) -> None:
    switcher = Switcher(bench.lexicons, Recipe(rate=0.4), dataset="xquad")
    total = right = changed = naive = moved = 0
    for number, paragraph in enumerate(xquad(bench.data)):
        context, questions = paragraph["context"], paragraph["questions"]
        spans = [(q["start"], q["start"] + len(q["text"])) for q in questions]
        switched = switcher.switch(context, anchors=spans, identity=str(number))
        for (start, end), question in zip(spans, questions, strict=True):
            new_start, new_end = switched.map.span(start, end)
            total += 1
            right += _undone(context, switched, new_start, new_end) == (start, question["text"])
            changed += switched.text[new_start:new_end] != question["text"]
            moved += new_start != start
            naive += switched.text[start:end] == question["text"]
    print("| | answers | right | share |\n|---|---|---|---|")
    print(f"| polystilts, offsets mapped | {total} | {right} | {right / total:.4f} |")
    print(f"| the same text, offsets left alone | {total} | {naive} | {naive / total:.4f} |")
    print(f"\n{changed} answers hold a replaced word, {moved} start at another offset")


def _undone(source: str, switched: Any, start: int, end: int) -> tuple[int, str] | None:
    """Return the source offset and text of a span of the new text, by undoing each replacement.

    Knows nothing of the switcher's map: the new text is cut at the replacements, which are
    compared with it, and each is exchanged for the characters it stands for. None where the span
    cuts a replacement in two, or the texts differ outside of replacements.
    """
    undone, before, place, old_place = "", None, 0, 0
    for event in sorted(switched.events, key=lambda event: event.target_start):
        same = switched.text[place : event.target_start]
        if same != source[old_place : event.start]:
            return None
        for border in (start, end):
            if event.target_start < border < event.target_end:
                return None
        if event.target_start >= start and before is None:
            before = event.start - (event.target_start - start)
        if start <= event.target_start and event.target_end <= end:
            undone += switched.text[max(place, start) : event.target_start]
            undone += source[event.start : event.end]
        elif place < end <= event.target_start:
            undone += switched.text[max(place, start) : end]
        place, old_place = event.target_end, event.end
    if switched.text[place:] != source[old_place:]:
        return None
    if place < end:
        undone += switched.text[max(place, start) : end]
    if before is None:
        before = old_place + (start - place)
    return before, undone


def rate(bench: Bench) -> None:
    chosen = random.Random(1).sample(bench.texts, 10_000)
    print("| rate | realised | distance | eligible of all words | short of the quota |")
    print("|---|---|---|---|---|")
    for wanted in (0.1, 0.3, 0.5):
        switcher = Switcher(bench.lexicons, Recipe(rate=wanted))
        tally = Tally(switcher.languages)
        switched = words = 0
        for block in _blocks(chosen):
            (outcome,) = switcher.switch_examples(_examples(block))
            tally.add(outcome)
            switched += int(outcome.switched.sum())
            words += int(outcome.words.sum())
        sheet, realised = tally.sheet(), switched / words
        print(
            f"| {wanted} | {realised:.4f} | {realised - wanted:+.4f} |"
            f" {sheet['eligible'] / words:.3f} | {sheet['shortfall'] / words:.4f} |"
        )


def determinism(bench: Bench) -> None:
    texts = bench.texts[:40_000]
    switcher = Switcher(bench.lexicons, Recipe(rate=RATE))
    blocks = _blocks(texts)
    digests = {
        f"{processes} processes": _digest(switcher, blocks, processes) for processes in (1, 2, 8)
    }
    backwards = [block[::-1] for block in blocks[::-1]]
    digests["in reversed order"] = _digest(switcher, backwards, 1)
    shards = [[block[part::2] for block in blocks if block[part::2]] for part in (0, 1)]
    apart = [
        pair
        for shard in shards
        for pair in _switched(Switcher(bench.lexicons, Recipe(rate=RATE)), shard, 1)
    ]
    digests["two shards"] = _sha256(apart)
    print(f"{len(texts):,} sentences\n\n| | sha256 |\n|---|---|")
    for name, found in digests.items():
        print(f"| {name} | {found} |")
    assert len(set(digests.values())) == 1, "the output depends on how the work is cut"


def _digest(switcher: Switcher, blocks: Sequence[Block], processes: int) -> str:
    return _sha256(_switched(switcher, blocks, processes))


def _switched(switcher: Switcher, blocks: Sequence[Block], processes: int) -> list[tuple[int, str]]:
    results = ordered_map(Switch(switcher), blocks, processes)
    return [
        (int(identity), text)
        for block, (texts, _) in zip(blocks, results, strict=True)
        for (identity, _), text in zip(block, texts, strict=True)
    ]


def _sha256(pairs: Iterable[tuple[int, str]]) -> str:
    lines = (f"{identity}\t{text}\n" for identity, text in sorted(pairs))
    return hashlib.sha256("".join(lines).encode()).hexdigest()


if __name__ == "__main__":
    main()
