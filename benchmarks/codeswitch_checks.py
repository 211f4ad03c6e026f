"""What the code-switcher promises, checked on real text; parts of `codeswitch.py`."""

import hashlib
import random
from collections.abc import Iterable, Sequence
from typing import Any

from codeswitch_data import xquad
from codeswitch_setting import RATE, Bench, Block, Switch, blocks_of, examples_of

from polystilts.codeswitch.parallel import ordered_map
from polystilts.codeswitch.recipe import Recipe
from polystilts.codeswitch.sheet.tally import Tally
from polystilts.codeswitch.switcher import Switcher


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
        for block in blocks_of(chosen):
            (outcome,) = switcher.switch_examples(examples_of(block))
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
    blocks = blocks_of(texts)
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
