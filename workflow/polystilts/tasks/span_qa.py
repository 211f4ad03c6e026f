"""Readers of extractive question answering files: SQuAD's JSON layout and hub copies of it.

Every reader yields rows `id, group, question, context, answers` with answers as a list of
{start, text}: `start` counts characters (code points), and the text stands there in the context.
Answers are kept as published, repeated ones included; an unanswerable question has none. Blank
questions are kept and counted.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from polystilts.errors import ConfigError, InputError
from polystilts.provenance.hashing import digest
from polystilts.tasks.held_out import takes
from polystilts.tasks.option_values import flag
from polystilts.tasks.reader import Options, Reader, Row
from polystilts.tasks.span_rows import plain, span_rows
from polystilts.tasks.squad_paragraphs import Paragraphs, hub_paragraphs, json_paragraphs


def squad(paragraphs: Paragraphs) -> Reader:
    """Return the reader of SQuAD 1.1 and 2.0, XQuAD and MLQA in a layout.

    Options: `unanswerable` is `keep`, `drop` (counted) or `error` (default); `misplaced` says what
    becomes of an answer that does not stand at its offset: `drop` the question (counted) or
    `error` (default); `group` is `paragraph` (default, the context's digest), `questions` (the
    digest of the paragraph's question ids: equal across languages where paragraphs are parallel)
    or `id` (for files in which only the questions are parallel).

    The reader raises:
        ConfigError: an unknown value of an option.
        InputError: a malformed file, or `is_impossible` contradicts a question's answers.
    """

    def read(
        files: Sequence[Path],
        language: str | None,
        labels: Sequence[str] | None,
        options: Options,
        counts: Counter[str],
    ) -> Iterator[Row]:
        for path in files:
            for context, questions in paragraphs(path, counts):
                yield from span_rows(path, context, questions, options, counts)

    return read


def squad_without(paragraphs: Paragraphs) -> Reader:
    """Return `squad` for all files but the last, without the paragraphs that stand in the last.

    XQuAD was made from paragraphs of SQuAD 1.1's dev set: what is selected on that set must not
    have seen them. Contexts are compared after NFC and with white space squeezed; paragraphs and
    questions set aside are counted.
    """

    def read(
        files: Sequence[Path],
        language: str | None,
        labels: Sequence[str] | None,
        options: Options,
        counts: Counter[str],
    ) -> Iterator[Row]:
        if len(files) < 2:
            raise ConfigError("reader `squad_without` needs a file to read and the test set's file")
        *wanted, excluded = files
        known = {plain(context) for context, _ in paragraphs(excluded, Counter())}
        for path in wanted:
            for context, questions in paragraphs(path, counts):
                if plain(context) in known:
                    counts["paragraphs of the test set set aside"] += 1
                    counts["questions of the test set set aside"] += len(questions)
                else:
                    yield from span_rows(path, context, questions, options, counts)

    return read


def tydiqa(paragraphs: Paragraphs) -> Reader:
    """Return the reader of TyDi QA gold passage: one language of a file that holds all of them.

    The language is the part of a question's id before the first hyphen (option `id_prefix`; left
    out, the file must hold one language). Files split by XTREME's script have bare numbers as all
    their ids, which are not unique: all their questions are taken. Options `held_out` (a share) and
    `part` split one file in two by a hash of the paragraph: `dev` is the held-out part, `train`
    the rest. With option `parallel` the group is the digest of the paragraph's question ids without
    their language, else the context's digest.

    The reader raises:
        InputError: no question of the language, bare numbers beside languages, or several
            languages and no `id_prefix`; the prefixes that are there are named.
    """

    def read(
        files: Sequence[Path],
        language: str | None,
        labels: Sequence[str] | None,
        options: Options,
        counts: Counter[str],
    ) -> Iterator[Row]:
        for path in files:
            yield from _one_language(path, paragraphs, options, counts)

    return read


def _one_language(
    path: Path, paragraphs: Paragraphs, options: Options, counts: Counter[str]
) -> Iterator[Row]:
    wanted, parallel = options.get("id_prefix"), flag(options, "parallel")
    seen: Counter[str] = Counter()
    for context, questions in paragraphs(path, counts):
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
        for row in span_rows(path, context, chosen, options, counts):
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


READERS: Mapping[str, Reader] = {
    "hub_squad": squad(hub_paragraphs),
    "hub_squad_without": squad_without(hub_paragraphs),
    "hub_tydiqa": tydiqa(hub_paragraphs),
    "squad": squad(json_paragraphs),
    "squad_without": squad_without(json_paragraphs),
    "tydiqa": tydiqa(json_paragraphs),
}

_SQUAD_OPTIONS = frozenset({"unanswerable", "misplaced", "group"})
_TYDIQA_OPTIONS = frozenset({"id_prefix", "held_out", "part", "parallel", "misplaced"})
OPTIONS: Mapping[str, frozenset[str]] = {
    "hub_squad": _SQUAD_OPTIONS,
    "hub_squad_without": _SQUAD_OPTIONS,
    "hub_tydiqa": _TYDIQA_OPTIONS,
    "squad": _SQUAD_OPTIONS,
    "squad_without": _SQUAD_OPTIONS,
    "tydiqa": _TYDIQA_OPTIONS,
}
