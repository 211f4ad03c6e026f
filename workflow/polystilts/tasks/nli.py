"""Readers of natural language inference files: GLUE, SNLI, MultiNLI, ANLI, XNLI."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from polystilts.errors import InputError
from polystilts.provenance.hashing import digest
from polystilts.sources.lines import read_filled_lines, read_json_lines, strings_of
from polystilts.tasks.identifiers import identifier_of
from polystilts.tasks.pair_rows import header, label_name, pair_row, split_exactly
from polystilts.tasks.reader import Options, Row

_ANLI_LABELS = {"e": "entailment", "n": "neutral", "c": "contradiction"}
_MOST_LABELS = 5


def read_glue_nli(
    files: Sequence[Path],
    language: str | None,
    labels: Sequence[str] | None,
    options: Options,
    counts: Counter[str],
) -> Iterator[Row]:
    """MNLI and SNLI as GLUE prints them: the gold label is the last field of a line.

    Lines may hold more annotator labels than the header names (counted). Rows whose annotators
    did not agree (gold `-`) are set aside and counted. id = pairID, group = promptID or captionID.

    Raises:
        InputError: a field from the first annotator's label on is no label, as behind a surplus
            tab inside a sentence.
    """
    for path in files:
        lines = read_filled_lines(path, counts)
        columns = header(path, lines, ("pairID", "sentence1", "sentence2", "gold_label"))
        group = columns.get("promptID", columns.get("captionID", columns["pairID"]))
        first_vote = min(place for name, place in columns.items() if _holds_a_label(name))
        for number, line in lines:
            fields = line.split("\t")
            extra = len(fields) - len(columns)
            if not 0 <= extra < _MOST_LABELS:
                reason = f"{len(fields)} tab-separated columns, expected {len(columns)}."
                raise InputError(path, reason, number)
            _check_votes(path, number, fields[first_vote:-1], labels)
            counts["rows with more annotator labels than columns"] += extra > 0
            yield from _without_undecided(
                path,
                number,
                fields[columns["pairID"]],
                fields[group],
                (fields[columns["sentence1"]], fields[columns["sentence2"]]),
                fields[-1],
                labels,
                counts,
            )


def read_nli_text(
    files: Sequence[Path],
    language: str | None,
    labels: Sequence[str] | None,
    options: Options,
    counts: Counter[str],
) -> Iterator[Row]:
    """`snli_1.0_*.txt` and `multinli_1.0_*.txt`: gold `-` is set aside and counted.

    Copies whose empty annotator columns were stripped from the end of a line are accepted.
    id = pairID, group = captionID or promptID (pairs that share a premise).

    Raises:
        InputError: an annotator's label is no label, as behind a surplus tab inside a sentence.
    """
    for path in files:
        lines = read_filled_lines(path, counts)
        columns = header(path, lines, ("gold_label", "sentence1", "sentence2", "pairID"))
        group = columns.get("captionID", columns.get("promptID", columns["pairID"]))
        votes = [place for name, place in columns.items() if name.startswith("label")]
        least = 1 + max(place for place in columns.values() if place not in votes)
        for number, line in lines:
            fields = line.split("\t")
            if not least <= len(fields) <= len(columns):
                reason = f"{len(fields)} tab-separated columns, expected {len(columns)}."
                raise InputError(path, reason, number)
            _check_votes(path, number, (fields[i] for i in votes if i < len(fields)), labels)
            yield from _without_undecided(
                path,
                number,
                fields[columns["pairID"]],
                fields[group],
                (fields[columns["sentence1"]], fields[columns["sentence2"]]),
                fields[columns["gold_label"]],
                labels,
                counts,
            )


def read_anli(
    files: Sequence[Path],
    language: str | None,
    labels: Sequence[str] | None,
    options: Options,
    counts: Counter[str],
) -> Iterator[Row]:
    """ANLI v0.1 JSON lines, labels e/n/c. id = uid, group = the context's digest."""
    for path in files:
        for number, record in read_json_lines(path, counts):
            names = ("uid", "context", "hypothesis", "label")
            uid, context, hypothesis, raw = strings_of(record, names, path, "the record", number)
            label = label_name(path, number, _ANLI_LABELS.get(raw, raw), labels, {}, counts)
            uid = identifier_of(uid, path, "the record", number)
            yield pair_row(uid, digest(context), (context, hypothesis), label, counts)


def read_xnli(
    files: Sequence[Path],
    language: str | None,
    labels: Sequence[str] | None,
    options: Options,
    counts: Counter[str],
) -> Iterator[Row]:
    """XNLI-1.0: all languages in one file, one is kept.

    id = pairID and group = promptID (the premise); both are equal across languages.

    Raises:
        InputError: no row of the language, with the languages that are there.
    """
    wanted = language or "en"
    required = ("language", "gold_label", "sentence1", "sentence2", "promptID", "pairID")
    for path in files:
        lines = read_filled_lines(path, counts)
        columns = header(path, lines, required)
        seen: Counter[str] = Counter()
        for number, line in lines:
            fields = split_exactly(path, number, line, len(columns))
            seen[fields[columns["language"]]] += 1
            if fields[columns["language"]] != wanted:
                continue
            texts = (fields[columns["sentence1"]], fields[columns["sentence2"]])
            label = label_name(path, number, fields[columns["gold_label"]], labels, options, counts)
            identifier = identifier_of(fields[columns["pairID"]], path, "the row", number)
            yield pair_row(identifier, fields[columns["promptID"]], texts, label, counts)
        if not seen[wanted]:
            reason = f"no rows for language {wanted!r}; the file holds {', '.join(sorted(seen))}."
            raise InputError(path, reason)


def read_xnli_mt(
    files: Sequence[Path],
    language: str | None,
    labels: Sequence[str] | None,
    options: Options,
    counts: Counter[str],
) -> Iterator[Row]:
    """XNLI-MT-1.0 `multinli.train.*.tsv` (premise, hypo, label); id = number of the row from 1.

    The files of all languages are aligned by line: a blank line inside one is a row, skipped.
    The spelling `contradictory` becomes `contradiction` (XTREME, utils_preprocess.py; counted).
    """
    row = 0
    for path in files:
        rows_before = row
        lines = read_filled_lines(path, counts)
        columns = header(path, lines, ("premise", "hypo", "label"))
        for number, line in lines:
            row = rows_before + number - 1  # behind the header
            fields = split_exactly(path, number, line, len(columns))
            label = label_name(path, number, fields[columns["label"]], labels, options, counts)
            texts = (fields[columns["premise"]], fields[columns["hypo"]])
            yield pair_row(str(row), str(row), texts, label, counts)


def _holds_a_label(column: str) -> bool:
    return column == "gold_label" or column.startswith("label")


def _check_votes(
    path: Path, number: int, votes: Iterable[str], labels: Sequence[str] | None
) -> None:
    for vote in votes:
        if labels is not None and vote.strip() not in (*labels, "-", ""):
            reason = f"wrong number of columns: {vote!r} stands in the place of a label."
            raise InputError(path, reason, number, "Is there a tab inside a sentence?")


def _without_undecided(
    path: Path,
    number: int,
    identifier: str,
    group: str,
    texts: tuple[str, str],
    raw: str,
    labels: Sequence[str] | None,
    counts: Counter[str],
) -> Iterator[Row]:
    if raw.strip() == "-":
        counts["rows without agreed label set aside"] += 1
        return
    label = label_name(path, number, raw, labels, {}, counts)
    identifier = identifier_of(identifier, path, "the row", number)
    yield pair_row(identifier, group, texts, label, counts)
