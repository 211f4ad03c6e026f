"""Measurements of one language of a submission, by the scorers that stored predictions go through.

A submission has texts, labels and pairs, but not how they came about: it has no offsets to decode
answers by, and no candidates to tune a threshold on. Its signatures say so.
"""

from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TypeVar

from polystilts.errors import InputError
from polystilts.evaluation import submission_files as files
from polystilts.evaluation.metrics import mlqa_text, squad_text
from polystilts.evaluation.metrics.span_qa import Normalise
from polystilts.evaluation.score_rows import XTREME, Measurement
from polystilts.evaluation.scorers.accuracy import label_measurements
from polystilts.evaluation.scorers.chunk_f1 import tag_measurements
from polystilts.evaluation.scorers.mining_f1 import pair_measurements
from polystilts.evaluation.span_measurements import answer_measurements
from polystilts.evaluation.submission import TARGETS, Part

_SPLIT = "test"
_NAMED = 5

Notes = list[str]
Content = TypeVar("Content")


def measure(part: Part, notes: Notes) -> list[Measurement]:
    """Return the measurements of one language; what was not as it should be goes to `notes`.

    Raises:
        InputError: a file cannot be read, both do not fit, or the labels look blanked.
    """
    return list(_MEASURES[TARGETS[part.task].metric](part, notes))


def _labels(part: Part, notes: Notes) -> Iterator[Measurement]:
    gold = _read(files.read_labels, part.labels, notes)
    predicted = _read(files.read_labels, part.predictions, notes)
    _check_sizes(part, "lines", len(predicted), len(gold))
    files.refuse_blanked(part.labels, gold)
    return label_measurements(_SPLIT, gold, predicted, "accuracy|as-submitted")


def _tags(part: Part, notes: Notes) -> Iterator[Measurement]:
    gold = _read(files.read_tags, part.labels, notes)
    predicted = _read(files.read_tags, part.predictions, notes)
    _check_sizes(part, "sentences, empty ones included", len(predicted.tags), len(gold.tags))
    for number, (given, expected) in enumerate(zip(predicted.tags, gold.tags, strict=True)):
        if len(given) != len(expected):
            reason = (
                f"sentence {number + 1} has {len(given)} tags, but {len(expected)} in"
                f" {part.labels}:{gold.lines[number]}."
            )
            raise InputError(part.predictions, reason, predicted.lines[number])
    files.refuse_blanked(part.labels, list(chain.from_iterable(gold.tags)))
    return tag_measurements(_SPLIT, gold.tags, predicted.tags)


def _pairs(part: Part, notes: Notes) -> Iterator[Measurement]:
    gold = _read(files.read_pairs, part.labels, notes)
    if not gold:
        raise InputError(part.labels, "holds no pairs.")
    mined = _read(files.read_pairs, part.predictions, notes)
    return pair_measurements(_SPLIT, mined, gold, "as-submitted")


def _answers(
    part: Part, notes: Notes, normalisation: str, normalise: Callable[[str], Normalise]
) -> Iterator[Measurement]:
    questions = _read(files.read_questions, part.labels, notes)
    given = _read(files.read_answers, part.predictions, notes)
    files.refuse_blanked_answers(part.labels, questions)
    known = {identifier: None for identifier, _ in questions}
    note_ids = partial(_note_ids, notes)
    note_ids(part.predictions, "questions without an answer, which score 0", known, given)
    note_ids(part.predictions, "answers to questions that have no labels", given, known)
    if len(known) < len(questions):
        repeated = len(questions) - len(known)
        notes.append(f"{part.labels}: {repeated} questions with the id of another")
    predictions = [given.get(identifier) for identifier, _ in questions]
    return answer_measurements(
        _SPLIT,
        XTREME,
        predictions,
        [answers for _, answers in questions],
        normalise(part.language),
        f"{normalisation}+as-submitted",
    )


def _squad(_language: str) -> Normalise:
    return squad_text.normalise


def _mlqa(language: str) -> Normalise:
    return partial(mlqa_text.normalise, language=language)


def _read(read: Callable[[Path, Counter[str]], Content], path: Path, notes: Notes) -> Content:
    counts: Counter[str] = Counter()
    content = read(path, counts)
    notes += [f"{path}: {number} {what}" for what, number in sorted(counts.items()) if number]
    return content


def _check_sizes(part: Part, what: str, given: int, expected: int) -> None:
    if given != expected:
        reason = f"{given} {what}, but {expected} in {part.labels}."
        raise InputError(part.predictions, reason, hint="Every example needs one prediction.")


def _note_ids(
    notes: Notes, path: Path, what: str, ids: Iterable[str], others: Container[str]
) -> None:
    """Count the ids that are not among others, and name the first ones."""
    found = [identifier for identifier in ids if identifier not in others]
    if found:
        more = ", ..." if len(found) > _NAMED else ""
        notes.append(f"{path}: {len(found)} {what}: {', '.join(found[:_NAMED])}{more}")


_MEASURES: Mapping[str, Callable[[Part, Notes], Iterator[Measurement]]] = {
    "accuracy": _labels,
    "retrieval_accuracy": _labels,
    "chunk_f1": _tags,
    "mining_f1": _pairs,
    "squad": partial(_answers, normalisation="squad-1.1", normalise=_squad),
    "mlqa": partial(_answers, normalisation="mlqa-1", normalise=_mlqa),
}
