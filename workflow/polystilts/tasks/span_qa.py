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
from typing import Any

from polystilts.errors import ConfigError, InputError
from polystilts.provenance.hashing import digest
from polystilts.sources.lines import fields_of, list_of, read_json, strings_of
from polystilts.tasks.held_out import takes
from polystilts.tasks.reader import Options, Reader, Row

_BLANKED = "XTREME's own test files have their answers removed: use the original files."


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
    """
    for path in files:
        for where, context, questions in _paragraphs(path, counts):
            yield from _rows(path, where, context, questions, options, counts)


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
    known = {_plain(context) for _, context, _ in _paragraphs(excluded, counts)}
    for path in read:
        for where, context, questions in _paragraphs(path, counts):
            if _plain(context) in known:
                counts["paragraphs of the test set set aside"] += 1
                counts["questions of the test set set aside"] += len(questions)
            else:
                yield from _rows(path, where, context, questions, options, counts)


def read_tydiqa(
    files: Sequence[Path],
    language: str | None,
    labels: Sequence[str] | None,
    options: Options,
    counts: Counter[str],
) -> Iterator[Row]:
    """TyDi QA gold passage: one language of a file that holds all of them.

    The language is the part of a question's id before the first hyphen (option `id_prefix`; left
    out, the file must hold one language). Files split by XTREME's script have bare numbers as
    ids, which are not unique: all their questions are taken. Options `held_out` (a share) and
    `part` split one file in two by a hash of the paragraph: `dev` is the held-out part, `train`
    the rest. With option `parallel` the group is the digest of the paragraph's question ids without
    their language, else the context's digest.

    Raises:
        InputError: no question of the language, or several languages and no `id_prefix`; the
            prefixes that are there are named.
    """
    wanted = options.get("id_prefix")
    for path in files:
        seen: Counter[str] = Counter()
        for where, context, questions in _paragraphs(path, counts):
            chosen = []
            for question in questions:
                (identifier,) = fields_of(question, ("id",), path, where)
                prefix = _prefix(str(identifier))
                seen[prefix] += 1
                if prefix in ("", wanted) or wanted is None:
                    chosen.append(question)
            if not takes(context, options):
                counts["questions of the other part set aside"] += len(chosen)
                continue
            shared = digest(sorted(str(question["id"]).partition("-")[2] for question in chosen))
            for row in _rows(path, where, context, chosen, options, counts):
                yield {**row, "group": shared} if options.get("parallel") else row
        found = ", ".join(sorted(prefix or "bare numbers" for prefix in seen)) or "nothing"
        if wanted is None and len(seen) > 1:
            raise InputError(path, f"several languages ({found}): give the option `id_prefix`.")
        if wanted is not None and not seen[wanted] and not seen[""]:
            raise InputError(path, f"no questions of {wanted!r}; the file holds {found}.")


def _prefix(identifier: str) -> str:
    return "" if identifier.isdecimal() else identifier.partition("-")[0]


def _paragraphs(path: Path, counts: Counter[str]) -> Iterator[tuple[str, str, list[Any]]]:
    (articles,) = fields_of(read_json(path, counts), ("data",), path, "the file")
    for position, article in enumerate(list_of(articles, path, "data")):
        place = f"data[{position}]"
        (paragraphs,) = fields_of(article, ("paragraphs",), path, place)
        for index, paragraph in enumerate(list_of(paragraphs, path, f"{place}.paragraphs")):
            where = f"{place}.paragraphs[{index}]"
            context, questions = fields_of(paragraph, ("context", "qas"), path, where)
            if not isinstance(context, str) or not context.strip():
                raise InputError(path, f"{where}.context is empty.")
            yield where, context, list_of(questions, path, f"{where}.qas")


def _rows(
    path: Path,
    where: str,
    context: str,
    questions: Sequence[Any],
    options: Options,
    counts: Counter[str],
) -> Iterator[Row]:
    for index, item in enumerate(questions):
        place = f"{where}.qas[{index}]"
        identifier, listed = fields_of(item, ("id", "answers"), path, place)
        (question,) = strings_of(item, ("question",), path, place)
        impossible = bool(item.get("is_impossible", False))
        answers = [] if impossible else _answers(path, place, context, listed, options)
        if answers is None:
            counts["questions with a misplaced answer set aside"] += 1
            continue
        if not answers:
            unanswerable = options.get("unanswerable", "error")
            if unanswerable == "error":
                reason = f"{place} (id {identifier}) has no answer."
                raise InputError(path, reason, hint="SQuAD 2.0 is the task `squad2`.")
            if unanswerable == "drop":
                counts["unanswerable questions set aside"] += 1
                continue
        counts["blank questions kept"] += not question.strip()
        yield {
            "id": str(identifier),
            "group": _group(context, questions, str(identifier), options),
            "question": question,
            "context": context,
            "answers": answers,
        }


def _answers(
    path: Path, where: str, context: str, listed: object, options: Options
) -> list[dict[str, Any]] | None:
    answers = []
    for index, answer in enumerate(list_of(listed, path, f"{where}.answers")):
        place = f"{where}.answers[{index}]"
        start, text = fields_of(answer, ("answer_start", "text"), path, place)
        if not isinstance(text, str) or not text.strip():
            raise InputError(path, f"{place}.text is empty.", hint=_BLANKED)
        if not isinstance(start, int) or start < 0 or not context.startswith(text, start):
            if options.get("misplaced", "error") == "drop":
                return None
            reason = f"{place}: {text!r} does not stand at character {start!r} of its context."
            hint = "Offsets count code points; option `misplaced: drop` sets such questions aside."
            raise InputError(path, reason, hint=hint)
        answers.append({"start": start, "text": text})
    return answers


def _group(context: str, questions: Sequence[Any], identifier: str, options: Options) -> str:
    match options.get("group", "paragraph"):
        case "id":
            return identifier
        case "questions":
            return digest(sorted(str(question["id"]) for question in questions))
    return digest(context)


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
