"""Readers of extractive question answering files in SQuAD's JSON layout.

Every reader yields rows `id, group, question, context, answers` with answers as a list of
{start, text}: `start` counts characters (code points), and the text stands there in the context.
Answers are kept as published, repeated ones included; an unanswerable question has none. Blank
questions are kept and counted.
"""

import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from polystilts.errors import ConfigError, InputError
from polystilts.provenance.hashing import digest
from polystilts.sources.lines import fields_of, list_of, read_json, strings_of
from polystilts.tasks.held_out import takes
from polystilts.tasks.identifiers import identifier_of
from polystilts.tasks.option_values import flag, one_of
from polystilts.tasks.reader import Options, Reader, Row

# What an option may be; the first is what it is where it is left out.
_UNANSWERABLE = ("error", "keep", "drop")
_MISPLACED = ("error", "drop")
_GROUPS = ("paragraph", "questions", "id")
_BLANKED = "XTREME's own test files have their answers removed: use the original files."


class _Question(NamedTuple):
    """A question as published, its id, and where it stands in its file."""

    place: str
    identifier: str
    published: Any


def read_squad(
    files: Sequence[Path],
    language: str | None,
    labels: Sequence[str] | None,
    options: Options,
    counts: Counter[str],
) -> Iterator[Row]:
    """SQuAD 1.1 and 2.0, XQuAD and MLQA.

    Options: `unanswerable` is `keep`, `drop` (counted) or `error` (default); `misplaced` says what
    becomes of an answer that does not stand at its offset: `drop` the question (counted) or
    `error` (default); `group` is `paragraph` (default, the context's digest), `questions` (the
    digest of the paragraph's question ids: equal across languages where paragraphs are parallel)
    or `id` (for files in which only the questions are parallel).

    Raises:
        ConfigError: an unknown value of an option.
        InputError: a malformed file, or `is_impossible` contradicts a question's answers.
    """
    for path in files:
        for context, questions in _paragraphs(path, counts):
            yield from _rows(path, context, questions, options, counts)


def read_squad_without(
    files: Sequence[Path],
    language: str | None,
    labels: Sequence[str] | None,
    options: Options,
    counts: Counter[str],
) -> Iterator[Row]:
    """`read_squad` on all files but the last, without the paragraphs that stand in the last.

    XQuAD was made from paragraphs of SQuAD 1.1's dev set: what is selected on that set must not
    have seen them. Contexts are compared after NFC and with white space squeezed; paragraphs and
    questions set aside are counted.
    """
    if len(files) < 2:
        raise ConfigError("reader `squad_without` needs a file to read and the test set's file")
    *read, excluded = files
    known = {_plain(context) for context, _ in _paragraphs(excluded, counts)}
    for path in read:
        for context, questions in _paragraphs(path, counts):
            if _plain(context) in known:
                counts["paragraphs of the test set set aside"] += 1
                counts["questions of the test set set aside"] += len(questions)
            else:
                yield from _rows(path, context, questions, options, counts)


def read_tydiqa(
    files: Sequence[Path],
    language: str | None,
    labels: Sequence[str] | None,
    options: Options,
    counts: Counter[str],
) -> Iterator[Row]:
    """TyDi QA gold passage: one language of a file that holds all of them.

    The language is the part of a question's id before the first hyphen (option `id_prefix`; left
    out, the file must hold one language). Files split by XTREME's script have bare numbers as all
    their ids, which are not unique: all their questions are taken. Options `held_out` (a share) and
    `part` split one file in two by a hash of the paragraph: `dev` is the held-out part, `train`
    the rest. With option `parallel` the group is the digest of the paragraph's question ids without
    their language, else the context's digest.

    Raises:
        InputError: no question of the language, bare numbers beside languages, or several
            languages and no `id_prefix`; the prefixes that are there are named.
    """
    wanted, parallel = options.get("id_prefix"), flag(options, "parallel")
    for path in files:
        seen: Counter[str] = Counter()
        for context, questions in _paragraphs(path, counts):
            chosen = []
            for question in questions:
                prefix = _prefix(question.identifier)
                seen[prefix] += 1
                if prefix in ("", wanted) or wanted is None:
                    chosen.append(question)
            if not takes(context, options):
                counts["questions of the other part set aside"] += len(chosen)
                continue
            shared = digest(sorted(question.identifier.partition("-")[2] for question in chosen))
            for row in _rows(path, context, chosen, options, counts):
                yield {**row, "group": shared} if parallel else row
        found = ", ".join(sorted(prefix or "bare numbers" for prefix in seen)) or "nothing"
        if wanted is None and len(seen) > 1:
            raise InputError(path, f"several languages ({found}): give the option `id_prefix`.")
        if seen[""] and len(seen) > 1:
            reason = f"bare numbers beside ids with a language ({found}): whose are they?"
            raise InputError(path, reason, hint="Is the file put together from two others?")
        if wanted is not None and not seen[wanted] and not seen[""]:
            raise InputError(path, f"no questions of {wanted!r}; the file holds {found}.")


def _prefix(identifier: str) -> str:
    return "" if identifier.isdecimal() else identifier.partition("-")[0]


def _paragraphs(path: Path, counts: Counter[str]) -> Iterator[tuple[str, list[_Question]]]:
    (articles,) = fields_of(read_json(path, counts), ("data",), path, "the file")
    for position, article in enumerate(list_of(articles, path, "data")):
        place = f"data[{position}]"
        (paragraphs,) = fields_of(article, ("paragraphs",), path, place)
        for index, paragraph in enumerate(list_of(paragraphs, path, f"{place}.paragraphs")):
            where = f"{place}.paragraphs[{index}]"
            context, questions = fields_of(paragraph, ("context", "qas"), path, where)
            if not isinstance(context, str) or not context.strip():
                raise InputError(path, f"{where}.context is empty.")
            listed = enumerate(list_of(questions, path, f"{where}.qas"))
            yield context, [_question(path, f"{where}.qas[{n}]", item) for n, item in listed]


def _question(path: Path, place: str, item: object) -> _Question:
    (identifier,) = fields_of(item, ("id",), path, place)
    return _Question(place, identifier_of(identifier, path, place), item)


def _rows(
    path: Path,
    context: str,
    questions: Sequence[_Question],
    options: Options,
    counts: Counter[str],
) -> Iterator[Row]:
    unanswerable = one_of(options, "unanswerable", _UNANSWERABLE)
    misplaced = one_of(options, "misplaced", _MISPLACED)
    group = one_of(options, "group", _GROUPS)
    all_questions = digest(sorted(question.identifier for question in questions))
    groups = {"paragraph": digest(context), "questions": all_questions}
    for place, identifier, item in questions:
        _, listed = fields_of(item, ("id", "answers"), path, place)
        (question,) = strings_of(item, ("question",), path, place)
        listed = list_of(listed, path, f"{place}.answers")
        _check_impossible(path, place, item, bool(listed))
        answers = _answers(path, place, context, listed, misplaced)
        if answers is None:
            counts["questions with a misplaced answer set aside"] += 1
            continue
        if not answers:
            if unanswerable == "error":
                reason = f"{place} (id {identifier}) has no answer."
                raise InputError(path, reason, hint="SQuAD 2.0 is the task `squad2`.")
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
    path: Path, where: str, context: str, listed: Sequence[object], misplaced: str
) -> list[dict[str, Any]] | None:
    answers = []
    for index, answer in enumerate(listed):
        place = f"{where}.answers[{index}]"
        start, text = fields_of(answer, ("answer_start", "text"), path, place)
        if not isinstance(text, str) or not text.strip():
            raise InputError(path, f"{place}.text is empty.", hint=_BLANKED)
        if not isinstance(start, int) or isinstance(start, bool):
            reason = f"{place}.answer_start is {start!r}, expected a whole number."
            raise InputError(path, reason)
        if start < 0 or not context.startswith(text, start):
            if misplaced == "drop":
                return None
            reason = f"{place}: {text!r} does not stand at character {start!r} of its context."
            hint = "Offsets count code points; option `misplaced: drop` sets such questions aside."
            raise InputError(path, reason, hint=hint)
        answers.append({"start": start, "text": text})
    return answers


def _check_impossible(path: Path, place: str, item: dict[str, Any], answered: bool) -> None:
    impossible = item.get("is_impossible", not answered)
    if not isinstance(impossible, bool):
        reason = f"{place}.is_impossible is {impossible!r}, expected true or false."
        raise InputError(path, reason)
    if impossible is answered:
        reason = f"{place} has no answers, but is_impossible is false."
        hint = "Were the answers removed from the file?"
        if answered:
            reason = f"{place} has answers, but is_impossible is true."
            hint = "SQuAD 2.0 lists plausible answers apart, as `plausible_answers`."
        raise InputError(path, reason, hint=hint)


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


READERS: Mapping[str, Reader] = {
    "squad": read_squad,
    "squad_without": read_squad_without,
    "tydiqa": read_tydiqa,
}

_SQUAD_OPTIONS = frozenset({"unanswerable", "misplaced", "group"})
OPTIONS: Mapping[str, frozenset[str]] = {
    "squad": _SQUAD_OPTIONS,
    "squad_without": _SQUAD_OPTIONS,
    "tydiqa": frozenset({"id_prefix", "held_out", "part", "parallel", "misplaced"}),
}
