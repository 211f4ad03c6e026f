"""Readers of the files in XTREME's submission folders, as lenient as its own and no more.

XTREME strips every line and every blank line is an example: a label without characters, or the end
of a tagged sentence, so that two blank lines in a row make an empty sentence. What would have
another value there than a reader expects (a byte order mark, columns, a bare CR) is refused.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from polystilts.errors import InputError
from polystilts.sources.lines import (
    BOM_COUNT,
    fields_of,
    list_of,
    read_json,
    read_lines,
    strings_of,
)

Pair = tuple[str, str]

_MANY = 20
_BLANKED = "XTREME's own test files have their labels removed: use the original ones."


@dataclass(frozen=True)
class TaggedSentences:
    """Sentences of tags, and the line at which each begins."""

    tags: Sequence[Sequence[str]]
    lines: Sequence[int]


def read_labels(path: Path, counts: Counter[str]) -> list[str]:
    """Return one label a line; blank lines count as labels, as in XTREME.

    Raises:
        InputError: an empty file, or a line with several columns.
    """
    labels = []
    for number, line in _lines(path, counts):
        if "\t" in line:
            raise InputError(path, "a tab; expected a label and nothing else.", number)
        counts["blank lines, each an example to XTREME"] += not line
        labels.append(line)
    return labels


def read_tags(path: Path, counts: Counter[str]) -> TaggedSentences:
    """Return one tag a line, sentences parted by a blank line.

    Raises:
        InputError: no tag at all, or a line with more than a tag.
    """
    tags: list[list[str]] = []
    starts: list[int] = []
    sentence: list[str] = []
    start = 1
    for number, line in _lines(path, counts):
        if line:
            if len(line.split()) > 1:
                raise InputError(path, f"{line!r}; expected a tag and nothing else.", number)
            sentence.append(line)
            continue
        counts["empty sentences (a blank line after another)"] += not sentence
        tags.append(sentence)
        starts.append(start)
        sentence, start = [], number + 1
    if sentence:
        tags.append(sentence)
        starts.append(start)
    if not any(tags):
        raise InputError(path, "holds no tags.")
    return TaggedSentences(tags, starts)


def read_pairs(path: Path, counts: Counter[str]) -> list[Pair]:
    """Return the pairs of ids, one a line, parted by a tab; none for a file without bytes.

    Raises:
        InputError: a line that is no such pair, a blank one included.
    """
    if path.is_file() and not path.stat().st_size:
        return []
    pairs: dict[Pair, None] = {}
    for number, line in _lines(path, counts):
        fields = line.split("\t")
        if len(fields) != 2 or not all(fields):
            reason = f"{line!r}; expected the foreign id, a tab and the English id."
            raise InputError(path, reason, number, "Pairs below the threshold are left out.")
        counts["repeated pairs counted once"] += (fields[0], fields[1]) in pairs
        pairs[fields[0], fields[1]] = None
    return list(pairs)


def read_questions(path: Path, counts: Counter[str]) -> list[tuple[str, list[str]]]:
    """Return (id, gold answers) of every question of a file in SQuAD's layout.

    The articles stand under `data` or are the whole file. Contexts and questions are not looked at.

    Raises:
        InputError: another layout, or a question without answers.
    """
    content = read_json(path, counts)
    articles = content["data"] if isinstance(content, dict) and "data" in content else content
    questions = []
    for index, article in enumerate(list_of(articles, path, "what should list the articles")):
        place = f"data[{index}]"
        (paragraphs,) = fields_of(article, ("paragraphs",), path, place)
        for number, paragraph in enumerate(list_of(paragraphs, path, f"{place}.paragraphs")):
            where = f"{place}.paragraphs[{number}]"
            (listed,) = fields_of(paragraph, ("qas",), path, where)
            for position, item in enumerate(list_of(listed, path, f"{where}.qas")):
                questions.append(_question(item, path, f"{where}.qas[{position}]"))
    if not questions:
        raise InputError(path, "holds no questions.")
    return questions


def read_answers(path: Path, counts: Counter[str]) -> dict[str, str]:
    """Return the predicted answers, a JSON object of question id and text.

    Raises:
        InputError: anything else, or a key that stands twice.
    """
    content = read_json(path, counts)
    if isinstance(content, dict) and isinstance(content.get("data"), dict):
        content = content["data"]
    if not isinstance(content, dict):
        raise InputError(path, "expected a JSON object of question ids and answers.")
    strings_of(content, list(content), path, "the predictions")
    return content


def refuse_blanked(path: Path, labels: Sequence[str]) -> None:
    """Refuse gold labels that are all the same, unless they are few.

    Raises:
        InputError: more than 20 labels, and only one kind of them.
    """
    if len(labels) > _MANY and len(set(labels)) == 1:
        reason = f"all {len(labels)} labels are {labels[0]!r}: they look blanked."
        raise InputError(path, reason, hint=_BLANKED)


def refuse_blanked_answers(path: Path, questions: Sequence[tuple[str, Sequence[str]]]) -> None:
    """Refuse gold answers that are all without characters.

    Raises:
        InputError: they are.
    """
    if not any(answer.strip() for _, answers in questions for answer in answers):
        reason = f"all answers of {len(questions)} questions are empty: they look blanked."
        raise InputError(path, reason, hint=_BLANKED)


def _question(item: object, path: Path, place: str) -> tuple[str, list[str]]:
    (identifier,) = strings_of(item, ("id",), path, place)
    (answers,) = fields_of(item, ("answers",), path, place)
    texts = [
        strings_of(answer, ("text",), path, f"an answer of question {identifier!r}")[0]
        for answer in list_of(answers, path, f"{place}.answers")
    ]
    if not texts:
        raise InputError(path, f"question {identifier!r} has no answers.")
    return identifier, texts


def _lines(path: Path, counts: Counter[str]) -> Iterator[tuple[int, str]]:
    """Yield (number, line without white space around it)."""
    if path.is_file() and not path.stat().st_size:
        raise InputError(path, "the file is empty.")
    own: Counter[str] = Counter()
    for number, line in read_lines(path, own):
        if own[BOM_COUNT]:
            hint = "XTREME takes it for a part of the first line; save the file without it."
            raise InputError(path, "a byte order mark.", 1, hint)
        stripped = line.strip()
        if "\r" in stripped:
            raise InputError(path, "a CR inside a line; end lines with LF.", number)
        yield number, stripped
    counts.update(own)
