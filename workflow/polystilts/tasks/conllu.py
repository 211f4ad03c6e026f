"""CoNLL-U sentences, and XTREME's way of turning their syntactic words into tagged tokens.

XTREME (scripts/download_data.sh, utils_preprocess.py and the UD conversion tools it calls)
replaces the words of a multi-word token by its surface form and gives it the tag of the span's
head.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from polystilts.errors import InputError
from polystilts.sources.lines import read_lines

# Which tag wins among words of a span that are equally near the root. Tags that a language's list
# lacks come last.
_PRECEDENCE = "VERB NOUN PROPN PRON ADJ NUM ADV INTJ AUX ADP DET PART CCONJ SCONJ X PUNCT".split()
_PRECEDENCES: Mapping[str, Sequence[str]] = {
    "es": "VERB AUX PRON ADP DET".split(),
    "fr": "VERB AUX PRON NOUN ADJ ADV ADP DET PART SCONJ CONJ".split(),
    "it": "VERB AUX ADV PRON ADP DET INTJ".split(),
}
_COLUMNS = 10
_DIGITS = 9
_SENTENCE_ID = "# sent_id ="


@dataclass(frozen=True)
class Word:
    """A syntactic word; `heads` are the ids of its heads, enhanced dependencies included."""

    form: str
    tag: str
    heads: frozenset[int]
    line: int


@dataclass(frozen=True)
class Sentence:
    """Words have ids from 1; `spans` are multi-word tokens (first id, last id, form, line)."""

    identifier: str | None
    line: int
    words: list[Word] = field(default_factory=list)
    spans: list[tuple[int, int, str, int]] = field(default_factory=list)


def read_sentences(path: Path, counts: Counter[str]) -> Iterator[Sentence]:
    """Yield the sentences of a CoNLL-U file; empty nodes are left out and counted.

    Raises:
        InputError: a line without ten columns, ids out of order, a head that is no number, or a
            multi-word token that covers no words.
    """
    identifier: str | None = None
    sentence: Sentence | None = None
    for number, line in read_lines(path, counts):
        if not line.strip() and "\t" not in line:
            if sentence is None:
                counts["blank lines skipped"] += 1
            else:
                yield _checked(path, sentence)
            identifier, sentence = None, None
        elif line.startswith("#"):
            if line.startswith(_SENTENCE_ID):
                identifier = line.removeprefix(_SENTENCE_ID).strip()
        else:
            sentence = sentence or Sentence(identifier, number)
            _add(path, number, line, sentence, counts)
    if sentence is not None:
        yield _checked(path, sentence)


def fused(sentence: Sentence, language: str) -> tuple[list[str], list[str]]:
    """Return tokens and tags after replacing multi-word tokens by their surface form.

    The tag of a span is that of its head: the word with the fewest ancestors; among several of
    them the one whose tag stands first in the language's precedence, then the leftmost.
    """
    first_of = {first: (last, form) for first, last, form, _ in sentence.spans}
    tokens: list[str] = []
    tags: list[str] = []
    position = 1
    while position <= len(sentence.words):
        word = sentence.words[position - 1]
        last, form = first_of.get(position, (position, word.form))
        head = _span_head(sentence, range(position, last + 1), language)
        tokens.append(form)
        tags.append(sentence.words[head - 1].tag)
        position = last + 1
    return tokens, tags


def _span_head(sentence: Sentence, span: range, language: str) -> int:
    if len(span) == 1:
        return span[0]
    precedence = _PRECEDENCES.get(language, _PRECEDENCE)

    def rank(identifier: int) -> tuple[int, int, int]:
        tag = sentence.words[identifier - 1].tag
        order = precedence.index(tag) if tag in precedence else len(precedence)
        return len(_ancestors(sentence, identifier)), order, identifier

    return min(span, key=rank)


def _ancestors(sentence: Sentence, identifier: int) -> set[int]:
    found: set[int] = set()
    waiting = [identifier]
    while waiting:
        current = waiting.pop()
        if current:
            new = sentence.words[current - 1].heads - found - {identifier}
            found |= new
            waiting.extend(new)
    return found


def _add(path: Path, number: int, line: str, sentence: Sentence, counts: Counter[str]) -> None:
    fields = line.split("\t")
    if len(fields) != _COLUMNS:
        reason = f"{len(fields)} tab-separated columns, a CoNLL-U word has {_COLUMNS}."
        raise InputError(path, reason, number)
    identifier, form, tag, head, enhanced = (fields[i] for i in (0, 1, 3, 6, 8))
    if "." in identifier:
        counts["empty nodes left out"] += 1
    elif "-" in identifier:
        first, _, last = identifier.partition("-")
        if not (first.isdecimal() and last.isdecimal() and _whole(first) < _whole(last)):
            raise InputError(path, f"{identifier!r} is not a range of word ids.", number)
        sentence.spans.append((_whole(first), _whole(last), form, number))
    else:
        if identifier != str(len(sentence.words) + 1):
            reason = f"word id {identifier!r}, expected {len(sentence.words) + 1}."
            raise InputError(path, reason, number)
        if head != "_" and not head.isdecimal():
            raise InputError(path, f"head {head!r} is not a word id.", number)
        named = (relation.partition(":")[0] for relation in enhanced.split("|"))
        heads = frozenset(_whole(name) for name in (head, *named) if name.isdecimal())
        sentence.words.append(Word(form, tag, heads, number))


def _whole(digits: str) -> int:
    """Return a number; one of more digits than Python reads is as large as the largest."""
    return int(digits) if len(digits) <= _DIGITS else 10**_DIGITS


def _checked(path: Path, sentence: Sentence) -> Sentence:
    if not sentence.words:
        raise InputError(path, "a sentence without words.", sentence.line)
    covered = 0
    for first, last, form, number in sorted(sentence.spans):
        if first <= covered or last > len(sentence.words):
            reason = f"multi-word token {first}-{last} ({form}) overlaps another or has no words."
            raise InputError(path, reason, number)
        covered = last
    for word in sentence.words:
        if any(head > len(sentence.words) for head in word.heads):
            raise InputError(path, "a head that is no word of the sentence.", word.line)
    return sentence
