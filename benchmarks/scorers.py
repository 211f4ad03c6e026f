"""Speed of the scorers against other implementations, on the same predictions in one run.

    python benchmarks/scorers.py [TOKENS] [QUESTIONS]

Chunk F1 on a million tokens of part-of-speech tags and of entity tags, against seqeval 1.2.2 of the
environment and seqeval 0.0.12, whose rule XTREME's numbers follow (`make test` installs it). XTREME
asks seqeval for F1, precision and recall one after the other; both that and F1 alone are timed.
SQuAD's and MLQA's scores against a plain writing of the published rules. Best of three runs each;
prints a table, and fails if the values differ.
"""

import random
import re
import string
import sys
import time
import unicodedata
import warnings
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

from seqeval.metrics import f1_score

from polystilts.evaluation.metrics import mlqa_text, squad_text
from polystilts.evaluation.metrics.chunks import chunk_scores
from polystilts.evaluation.metrics.span_qa import mean_scores

TAGS = {
    "UDPOS": "ADJ ADP ADV AUX CCONJ DET INTJ NOUN NUM PART PRON PROPN PUNCT SCONJ SYM VERB X",
    "PAN-X": "O O O O O O O O O O B-PER I-PER I-PER B-ORG I-ORG I-ORG B-LOC I-LOC",
}
OLD_SEQEVAL = Path(sys.prefix, "oracles/seqeval-0.0.12/seqeval/metrics/sequence_labeling.py")
WORDS = "the a of red house (Paris), 1,990 U.S. «Берлин» 北京市 उत्तर पूर्व der das Straße".split()
DEFAULTS = ["1000000", "100000"]
REPEATS = 3

Sentences = list[list[str]]


def main() -> None:
    tokens, questions = (int(n) for n in (sys.argv[1:] + DEFAULTS[len(sys.argv) - 1 :]))
    warnings.filterwarnings("ignore", "(?s).*seems not to be NE tag")
    print("| scorer | items | polystilts s | other | its s | ratio |")
    print("|---|---|---|---|---|---|")
    for name, tags in TAGS.items():
        _chunks(name, tags.split(), tokens)
    _answers("SQuAD", squad_text.normalise, _plain_squad, questions)
    _answers("MLQA de", partial(mlqa_text.normalise, language="de"), _plain_mlqa, questions)


def _chunks(name: str, tags: Sequence[str], tokens: int) -> None:
    draw = random.Random(1)
    gold: Sentences = []
    left = tokens
    while left:
        gold.append(draw.choices(tags, k=min(draw.randint(5, 40), left)))
        left -= len(gold[-1])
    predicted = [[t if draw.random() < 0.85 else draw.choice(tags) for t in s] for s in gold]
    seconds, ours = _timed(lambda: chunk_scores(gold, predicted))
    others: dict[str, Callable[[], Any]] = {"seqeval 1.2.2, F1": lambda: f1_score(gold, predicted)}
    old = _old_seqeval()
    if old is not None:
        scores = (old.precision_score, old.recall_score, old.f1_score)
        others["seqeval 0.0.12, F1"] = lambda: old.f1_score(gold, predicted)
        others["seqeval 0.0.12, all three"] = lambda: [s(gold, predicted) for s in scores]
    for other, score in others.items():
        theirs, values = _timed(score)
        if "0.0.12" in other:
            assert values in (ours.f1, list(ours[:3])), (values, ours)
        _row(f"{name} chunk F1, precision, recall", tokens, seconds, other, theirs)


def _answers(
    name: str, normalise: Callable[[str], str], plain: Callable[[str], str], size: int
) -> None:
    draw = random.Random(1)
    answers = [[_phrase(draw) for _ in range(draw.randint(1, 3))] for _ in range(size)]
    given = [draw.choice(a) if draw.random() < 0.4 else _phrase(draw) for a in answers]
    seconds, ours = _timed(lambda: mean_scores(given, answers, normalise))
    theirs, values = _timed(lambda: _plain_scores(given, answers, plain))
    assert all(abs(a - b) < 1e-9 for a, b in zip(ours, values, strict=True)), (ours, values)
    _row(f"{name} exact match and F1", size, seconds, "the published rule", theirs)


def _phrase(draw: random.Random) -> str:
    return " ".join(draw.choices(WORDS, k=draw.randint(1, 6)))


def _plain_scores(
    given: Sequence[str], answers: Sequence[Sequence[str]], normalise: Callable[[str], str]
) -> tuple[float, float]:
    """Score as the published scripts do: each number by itself, for every answer."""
    exact = sum(
        max(normalise(text) == normalise(gold) for gold in golds)
        for text, golds in zip(given, answers, strict=True)
    )
    f1 = sum(
        max(_plain_f1(normalise(text).split(), normalise(gold).split()) for gold in golds)
        for text, golds in zip(given, answers, strict=True)
    )
    return exact / len(given), f1 / len(given)


def _plain_f1(given: list[str], gold: list[str]) -> float:
    common = sum((Counter(given) & Counter(gold)).values())
    if not common:
        return 0.0
    precision, recall = common / len(given), common / len(gold)
    return 2 * precision * recall / (precision + recall)


def _plain_squad(text: str) -> str:
    punctuation = set(string.punctuation)
    text = "".join(c for c in text.lower() if c not in punctuation)
    return " ".join(re.sub(r"\b(a|an|the)\b", " ", text).split())


_PUNCTUATION = {
    chr(code) for code in range(sys.maxunicode) if unicodedata.category(chr(code)).startswith("P")
} | set(string.punctuation)


def _plain_mlqa(text: str) -> str:
    text = "".join(c for c in text.lower() if c not in _PUNCTUATION)
    articles = r"\b(ein|eine|einen|einem|eines|einer|der|die|das|den|dem|des)\b"
    return " ".join(re.sub(articles, " ", text).split())


def _old_seqeval() -> ModuleType | None:
    if not OLD_SEQEVAL.is_file():
        print(f"no seqeval 0.0.12 in {OLD_SEQEVAL.parents[2]}", file=sys.stderr)
        return None
    spec = spec_from_file_location("seqeval_0_0_12", OLD_SEQEVAL)
    assert spec is not None and spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _timed(function: Callable[[], Any]) -> tuple[float, Any]:
    best = float("inf")
    for _ in range(REPEATS):
        start = time.perf_counter()
        value = function()
        best = min(best, time.perf_counter() - start)
    return best, value


def _row(name: str, items: int, ours: float, other: str, theirs: float) -> None:
    ratio = f"{theirs / ours:.1f}"
    print(f"| {name} | {items:,} | {ours:.3f} | {other} | {theirs:.2f} | {ratio} |", flush=True)


if __name__ == "__main__":
    main()
