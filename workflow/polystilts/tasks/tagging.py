"""Readers of tagged sentences: CoNLL-U, WikiANN, XTREME's processed files, CCG, hub copies.

Every reader yields rows `id, group, tokens, tags` with as many tags as tokens.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from polystilts.errors import InputError
from polystilts.sources.lines import read_filled_lines, read_lines
from polystilts.tasks.ccgbank import read_ccgbank_auto
from polystilts.tasks.conllu import fused, read_sentences
from polystilts.tasks.hub_tagging import read_hub_tags
from polystilts.tasks.option_values import flag, names
from polystilts.tasks.reader import Options, Reader, Row
from polystilts.tasks.tag_rows import check_tags, tag_row

_NON_JOINER = "\u200c"
_ENGLISH = "en"


def read_conllu(
    files: Sequence[Path],
    language: str | None,
    labels: Sequence[str] | None,
    options: Options,
    counts: Counter[str],
) -> Iterator[Row]:
    """CoNLL-U with XTREME's rules (utils_preprocess.py), each use of them counted.

    Multi-word tokens become their surface form; U+200C and spaces inside a token are removed, a
    token left without characters is dropped with its tag; a sentence in which all words, or all
    but one, are `_` (a treebank without its text) is dropped.

    id = treebank name and sent_id (its number in the file where there is none). group = id where
    the treebank is named in option `parallel_treebanks` (its sentences share ids across
    languages), else the id with the language before it.
    """
    code = language or _ENGLISH
    parallel = names(options, "parallel_treebanks")
    for path in files:
        treebank = path.name.partition("-ud-")[0].rpartition("_")[2]
        for number, sentence in enumerate(read_sentences(path, counts), start=1):
            forms, tags = fused(sentence, code)
            underscores = forms.count("_")
            if underscores and underscores >= len(forms) - 1:
                counts["sentences without their words dropped"] += 1
                continue
            counts["multi-word tokens fused"] += len(sentence.spans)
            identifier = f"{treebank}:{sentence.identifier or number}"
            group = identifier if treebank in parallel else f"{code}:{identifier}"
            check_tags(path, sentence.line, tags, labels, "in the sentence that starts here")
            tokens = [_joined(form, counts) for form in forms]
            yield from tag_row(identifier, group, tokens, tags, counts)


def read_wikiann(
    files: Sequence[Path],
    language: str | None,
    labels: Sequence[str] | None,
    options: Options,
    counts: Counter[str],
) -> Iterator[Row]:
    """WikiANN as published: `xx:token TAB tag`, a blank line after each sentence.

    The prefix must be the language's. Ids and groups as in `read_token_tags`.
    """
    yield from _token_lines(files, f"{language or _ENGLISH}:", language, labels, options, counts)


def read_token_tags(
    files: Sequence[Path],
    language: str | None,
    labels: Sequence[str] | None,
    options: Options,
    counts: Counter[str],
) -> Iterator[Row]:
    """`token TAB tag` without prefix, a blank line after each sentence (XTREME's processed files).

    id = number of the sentence from 1; group = the same with the language before it, or without
    where option `parallel` says that sentences are aligned across languages. Further blank lines
    are counted; tokens without characters are dropped with their tag and counted.

    Raises:
        InputError: a malformed line; with option `parallel` also a further blank line before a
            sentence, since the number of an empty sentence may or may not be its own.
    """
    yield from _token_lines(files, "", language, labels, options, counts)


def read_supertags(
    files: Sequence[Path],
    language: str | None,
    labels: Sequence[str] | None,
    options: Options,
    counts: Counter[str],
) -> Iterator[Row]:
    """One sentence a line, tokens TAB tags, both separated by single spaces (jiant's CCG files)."""
    row = 0
    for path in files:
        for number, line in read_filled_lines(path, counts):
            row += 1
            fields = line.split("\t")
            if len(fields) != 2:
                reason = f"{len(fields)} tab-separated columns, expected tokens and tags."
                raise InputError(path, reason, number)
            tokens, tags = (part.strip(" ").split(" ") for part in fields)
            if len(tokens) != len(tags):
                reason = f"{len(tags)} tags for {len(tokens)} tokens."
                raise InputError(path, reason, number)
            if not all(tokens) or not all(tags):
                raise InputError(path, "two spaces in a row, or nothing before the tab.", number)
            check_tags(path, number, tags, labels, "here")
            yield from tag_row(str(row), str(row), tokens, tags, counts)


def _token_lines(
    files: Sequence[Path],
    prefix: str,
    language: str | None,
    labels: Sequence[str] | None,
    options: Options,
    counts: Counter[str],
) -> Iterator[Row]:
    sentence = 0
    parallel = flag(options, "parallel")
    before = "" if parallel else f"{language or _ENGLISH}:"
    for path in files:
        tokens: list[str] = []
        tags: list[str] = []
        surplus = 0  # the last blank line that ends no sentence
        for number, line in read_lines(path, counts):
            # A line of tabs alone has lost its token; it does not end a sentence.
            if line.strip() or "\t" in line:
                if parallel and surplus:
                    reason = "a further blank line: is a sentence missing here?"
                    hint = "Option `parallel` needs every sentence of every language."
                    raise InputError(path, reason, surplus, hint)
                token, tag = _token_and_tag(path, number, line, prefix)
                check_tags(path, number, [tag], labels, "here")
                tokens.append(token)
                tags.append(tag)
            elif tokens:
                sentence += 1
                yield from tag_row(str(sentence), f"{before}{sentence}", tokens, tags, counts)
                tokens, tags = [], []
            else:
                counts["empty sentences skipped"] += 1
                surplus = number
        if tokens:
            sentence += 1
            yield from tag_row(str(sentence), f"{before}{sentence}", tokens, tags, counts)


def _token_and_tag(path: Path, number: int, line: str, prefix: str) -> tuple[str, str]:
    fields = line.split("\t")
    if len(fields) != 2:
        reason = f"{len(fields)} tab-separated columns, expected a token and its tag."
        hint = "XTREME's own test files have their tags removed: use the original files."
        raise InputError(path, reason, number, hint)
    if not fields[0].startswith(prefix):
        reason = f"the token {fields[0]!r} does not start with {prefix!r}."
        hint = "Files without prefixes are read by the reader `token_tags`."
        raise InputError(path, reason, number, hint)
    return fields[0].removeprefix(prefix).strip(), fields[1].strip()


def _joined(form: str, counts: Counter[str]) -> str:
    token = form.strip().replace(_NON_JOINER, "")
    counts["zero-width non-joiners removed"] += form.count(_NON_JOINER)
    counts["tokens with spaces joined"] += " " in token
    return token.replace(" ", "")


READERS: Mapping[str, Reader] = {
    "ccgbank_auto": read_ccgbank_auto,
    "conllu": read_conllu,
    "hub_tags": read_hub_tags,
    "supertags": read_supertags,
    "token_tags": read_token_tags,
    "wikiann": read_wikiann,
}

OPTIONS: Mapping[str, frozenset[str]] = {
    "conllu": frozenset({"parallel_treebanks"}),
    "hub_tags": frozenset({"parallel", "names"}),
    "token_tags": frozenset({"parallel"}),
    "wikiann": frozenset({"parallel"}),
}
