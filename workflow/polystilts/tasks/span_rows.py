"""Canonical rows of questions: answers checked against their context, groups, what is set aside."""

import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from polystilts.errors import InputError
from polystilts.provenance.hashing import digest
from polystilts.sources.lines import fields_of, list_of, strings_of
from polystilts.tasks.option_values import one_of
from polystilts.tasks.reader import Options, Row
from polystilts.tasks.squad_paragraphs import Question

# What an option may be; the first is what it is where it is left out.
_UNANSWERABLE = ("error", "keep", "drop")
_MISPLACED = ("error", "drop")
_GROUPS = ("paragraph", "questions", "id")
_BLANKED = "XTREME's own test files have their answers removed: use the original files."


def span_rows(
    path: Path,
    context: str,
    questions: Sequence[Question],
    options: Options,
    counts: Counter[str],
) -> Iterator[Row]:
    """Yield the rows of a paragraph's questions.

    Raises:
        ConfigError: an unknown value of an option.
        InputError: an answer that does not stand at its offset or is empty, no answer, or
            `is_impossible` contradicts the answers; as the options say.
    """
    unanswerable = one_of(options, "unanswerable", _UNANSWERABLE)
    misplaced = one_of(options, "misplaced", _MISPLACED)
    group = one_of(options, "group", _GROUPS)
    all_questions = digest(sorted(question.identifier for question in questions))
    groups = {"paragraph": digest(context), "questions": all_questions}
    for place, identifier, item, line in questions:
        _, listed = fields_of(item, ("id", "answers"), path, place, line)
        (question,) = strings_of(item, ("question",), path, place, line)
        listed = list_of(listed, path, f"{place}.answers", line)
        _check_impossible(path, place, item, bool(listed), line)
        answers = _answers(path, place, context, listed, misplaced, line)
        if answers is None:
            counts["questions with a misplaced answer set aside"] += 1
            continue
        if not answers:
            if unanswerable == "error":
                reason = f"{place} (id {identifier}) has no answer."
                raise InputError(path, reason, line, "SQuAD 2.0 is the task `squad2`.")
            if unanswerable == "drop":
                counts["unanswerable questions set aside"] += 1
                continue
        counts["blank questions kept"] += not question.strip()
        yield {
            "id": identifier,
            "group": groups.get(group, identifier),
            "question": question,
            "context": context,
            "answers": answers,
        }


def _answers(
    path: Path,
    where: str,
    context: str,
    listed: Sequence[object],
    misplaced: str,
    line: int | None,
) -> list[dict[str, Any]] | None:
    answers = []
    for index, answer in enumerate(listed):
        place = f"{where}.answers[{index}]"
        start, text = fields_of(answer, ("answer_start", "text"), path, place, line)
        if not isinstance(text, str) or not text.strip():
            raise InputError(path, f"{place}.text is empty.", line, _BLANKED)
        if not isinstance(start, int) or isinstance(start, bool):
            reason = f"{place}.answer_start is {start!r}, expected a whole number."
            raise InputError(path, reason, line)
        if start < 0 or not context.startswith(text, start):
            if misplaced == "drop":
                return None
            reason = f"{place}: {text!r} does not stand at character {start!r} of its context."
            hint = "Offsets count code points; option `misplaced: drop` sets such questions aside."
            raise InputError(path, reason, line, hint)
        answers.append({"start": start, "text": text})
    return answers


def _check_impossible(
    path: Path, place: str, item: dict[str, Any], answered: bool, line: int | None
) -> None:
    impossible = item.get("is_impossible", not answered)
    if not isinstance(impossible, bool):
        reason = f"{place}.is_impossible is {impossible!r}, expected true or false."
        raise InputError(path, reason, line)
    if impossible is answered:
        reason = f"{place} has no answers, but is_impossible is false."
        hint = "Were the answers removed from the file?"
        if answered:
            reason = f"{place} has answers, but is_impossible is true."
            hint = "SQuAD 2.0 lists plausible answers apart, as `plausible_answers`."
        raise InputError(path, reason, line, hint)


def plain(text: str) -> str:
    """Return a context as it is compared with others: NFC, white space squeezed."""
    return " ".join(unicodedata.normalize("NFC", text).split())
