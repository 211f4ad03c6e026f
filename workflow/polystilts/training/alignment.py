"""Whether a tokenizer's pieces can be laid over words and characters, before anything is trained.

Answers are cut by the pieces' character offsets and tags belong to a word's first piece, so a
tokenizer whose offsets are wrong, or that is not the encoder's, gives numbers that look like poor
transfer. A sample of the rows shows it in milliseconds.

A piece may begin with the white space before its word, and several pieces may show one character
(bytes, "½" as three signs, the lone "▁" in front of it): neither is an error.
"""

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer

from polystilts.errors import InputError
from polystilts.training.inputs import special_ids, token_id
from polystilts.training.text_samples import Sample, Words

# Shares of what was sampled above which a tokenizer is not the right one.
MOST_UNKNOWN = 0.1  # pieces of a language that are the unknown token
MOST_HIDDEN = 0.01  # visible characters that no piece shows
MOST_LOST = 0.01  # words that have no piece when they are alone
MOST_MISALIGNED = 0.02  # words whose first piece is not at their start
MOST_RESEGMENTED = 0.05  # words that are cut otherwise alone than in a sentence

_FEWEST = 20  # so many faults at least, as a share of a handful says nothing
_PROBES = ("a", "the", "1")
_WRONG_TOKENIZER = "This is not the encoder's tokenizer, or the encoder does not know the language."
_WRONG_PIECES = (
    "Tags and answers would be laid over wrong pieces: use the encoder's published "
    "`tokenizer.json`, and look at its normaliser and its pre-tokenizer."
)


@dataclass(frozen=True)
class _Encoded:
    """A text and its pieces without special tokens: ids, and character offsets."""

    text: str
    ids: list[int]
    spans: list[tuple[int, int]]
    tokenizer: Tokenizer

    def shown(self) -> str:
        """Return "in", the text and its first pieces, for a message."""
        pieces = " ".join(
            f"{self.tokenizer.id_to_token(piece)}[{left}:{right}]"
            for piece, (left, right) in zip(self.ids[:12], self.spans[:12], strict=True)
        )
        return f"in {self.text[:60]!r} → {pieces}{' …' if len(self.ids) > 12 else ''}"


@dataclass
class _Count:
    """How many of how many are at fault, and the first one that is."""

    total: int = 0
    faults: int = 0
    example: str = ""

    def add(self, total: int, faults: int, example: Callable[[], str]) -> None:
        self.total += total
        self.faults += faults
        if faults and not self.example:
            self.example = example()

    @property
    def share(self) -> float:
        return self.faults / self.total if self.total else 0.0

    def exceeds(self, limit: float) -> bool:
        return self.faults >= _FEWEST and self.share > limit


@dataclass
class _Findings:
    hidden: _Count = field(default_factory=_Count)
    lost: _Count = field(default_factory=_Count)
    misaligned: _Count = field(default_factory=_Count)
    resegmented: _Count = field(default_factory=_Count)
    unknown: dict[str, _Count] = field(default_factory=dict)


def check_alignment(
    tokenizer: Tokenizer, path: Path, rows: int, samples: Sequence[Sample]
) -> dict[str, Any]:
    """Make sure that a tokenizer fits its encoder and the texts.

    Args:
        path: the tokenizer's file, for messages.
        rows: how many embeddings the encoder has (`vocab_size`).

    Returns:
        What was found, for a manifest: numbers of texts and words, and the shares of hidden
        characters, of words cut otherwise alone, and of unknown pieces per language.

    Raises:
        InputError: a special token is missing, an id has no embedding, offsets run backwards, end
            outside the text or leave visible characters out, or words and pieces do not fit
            together. It names the text, its pieces and what to do.
    """
    _check_special_tokens(tokenizer, path)
    _check_size(path, tokenizer.get_vocab_size() - 1, rows)
    found = _Findings()
    unknown = token_id(tokenizer, "unk")
    prefix = word_prefix(tokenizer)
    for sample in samples:
        running = [prefix + " ".join(words) for words in sample.sentences]
        encoded = _encode(tokenizer, [*sample.texts, *running])
        count = found.unknown.setdefault(sample.language, _Count())
        for one in encoded:
            _check_size(path, max(one.ids, default=0), rows)
            _check_offsets(path, one)
            _count_hidden(found.hidden, one)
            count.add(len(one.ids), one.ids.count(unknown), one.shown)
        distinct = sorted({word for words in sample.sentences for word in words})
        spaced = tokenizer.encode_batch([prefix + w for w in distinct], add_special_tokens=False)
        alone = {word: one.ids for word, one in zip(distinct, spaced, strict=True)}
        for words, one in zip(sample.sentences, encoded[len(sample.texts) :], strict=True):
            _count_words(found, words, alone, len(prefix), one)
    _judge(path, found)
    return {
        "texts": sum(len(sample.texts) + len(sample.sentences) for sample in samples),
        "words": found.lost.total,
        "hidden": round(found.hidden.share, 4),
        "cut_otherwise_alone": round(found.resegmented.share, 4),
        "unknown": {name: round(count.share, 4) for name, count in found.unknown.items()},
    }


def word_prefix(tokenizer: Tokenizer) -> str:
    """Return what a word must follow to be cut alone as it is in a sentence: nothing, or a space.

    Some tokenizers (Gemma's, which mmBERT has; RoBERTa's) tell the start of a word by the space
    before it and add none in front of a text, so that a word alone looks like the end of one.
    """
    for word in _PROBES:
        alone, twice, spaced = (
            tokenizer.encode(text, add_special_tokens=False).ids
            for text in (word, f"{word} {word}", f" {word}")
        )
        if twice != alone + alone and twice == alone + spaced:
            return " "
    return ""


def _check_special_tokens(tokenizer: Tokenizer, path: Path) -> None:
    for name in ("pad", "unk"):
        if all(tokenizer.token_to_id(form) is None for form in (f"<{name}>", f"[{name.upper()}]")):
            reason = f"it has neither `<{name}>` nor `[{name.upper()}]`, which training needs."
            raise InputError(path, reason, hint="Take the file that is published with the encoder.")
    try:
        before, between, _ = special_ids(tokenizer)
    except IndexError:
        before, between = [], []
    if not before or not between:
        what = "does not begin a text" if not before else "does not part the texts of a pair"
        hint = (
            "Set `post_processor` to the pair template that the encoder was trained with, such as "
            "`<s> $A </s> $B </s>`."
        )
        raise InputError(path, f"its template {what} with a special token.", hint=hint)


def _check_size(path: Path, largest: int, rows: int) -> None:
    if largest >= rows:
        reason = f"it has a piece with the id {largest}, but the encoder has {rows} embeddings."
        hint = "Tokenizer and weights must be of the same encoder and revision."
        raise InputError(path, reason, hint=hint)


def _check_offsets(path: Path, one: _Encoded) -> None:
    outside = [span for span in one.spans if not 0 <= span[0] <= span[1] <= len(one.text)]
    backwards = any(b[0] < a[0] or b[1] < a[1] for a, b in pairwise(one.spans))
    if outside or backwards:
        what = f"lie outside the text ({outside[0]})" if outside else "run backwards"
        reason = f"the offsets of its pieces {what} {one.shown()}."
        raise InputError(path, reason, hint=_WRONG_PIECES)


def _count_hidden(count: _Count, one: _Encoded) -> None:
    """Count the visible characters of a text that no piece shows."""
    shown = bytearray(len(one.text))
    for left, right in one.spans:
        shown[left:right] = b"\1" * (right - left)
    visible = [i for i, character in enumerate(one.text) if not _invisible(character)]
    hidden = sum(not shown[i] and not _composed(one.text, shown, i) for i in visible)
    count.add(len(visible), hidden, one.shown)


def _composed(text: str, shown: bytearray, position: int) -> bool:
    """Tell whether a character became a part of another (e + U+0301, Hangul's letters).

    A normaliser that composes leaves the offsets of some characters alone. Marks may stand between
    the two (alef, damma, hamza above), so all marks of the letter are looked at.
    """
    first, end = position, position + 1
    while first > 0 and (not shown[first] or unicodedata.combining(text[first])):
        first -= 1
    while end < len(text) and unicodedata.combining(text[end]):
        end += 1
    return len(unicodedata.normalize("NFKC", text[first:end])) < end - first


def _count_words(
    found: _Findings,
    words: Words,
    alone: Mapping[str, list[int]],
    start: int,
    one: _Encoded,
) -> None:
    """Compare the pieces of words alone with those in their sentence, which begins at `start`."""
    cursor = 0
    for word in words:
        end = start + len(word)
        while cursor < len(one.spans) and _is_before(one.text, one.spans[cursor], start):
            cursor += 1
        last = cursor
        while last < len(one.spans) and one.spans[last][0] < end:
            last += 1
        shown = [span for span in one.spans[cursor:last] if span[1] > start]
        if not all(map(_invisible, word)):
            begins = bool(shown) and _fits(one.text, shown[0], start, end)
            cut_alike = one.ids[cursor:last] == alone[word]

            def example(word: str = word) -> str:
                return f"{word!r} {one.shown()}"

            found.lost.add(1, not alone[word], example)
            found.misaligned.add(1, not begins, example)
            found.resegmented.add(1, not cut_alike, example)
        start = end + 1


def _is_before(text: str, span: tuple[int, int], start: int) -> bool:
    """Tell whether a piece ends before a word; a lone "▁" right before it belongs to the word."""
    left, right = span
    alone = right == start and (left == right or text[left:right].isspace())
    return right <= start and not alone


def _fits(text: str, span: tuple[int, int], start: int, end: int) -> bool:
    """Tell whether a word's first piece starts with the word and ends in it, white space aside."""
    left, right = span
    around = text[min(left, start) : max(left, start)] + text[end:right]
    return all(map(_invisible, around))


def _judge(path: Path, found: _Findings) -> None:
    checks = [
        (count, MOST_UNKNOWN, f"pieces of `{language}` are the unknown token", _WRONG_TOKENIZER)
        for language, count in found.unknown.items()
    ]
    checks += [
        (found.hidden, MOST_HIDDEN, "visible characters are in no piece", _WRONG_PIECES),
        (found.lost, MOST_LOST, "words have no piece when they are alone", _WRONG_PIECES),
        (found.misaligned, MOST_MISALIGNED, "words have no piece that begins there", _WRONG_PIECES),
        (
            found.resegmented,
            MOST_RESEGMENTED,
            "words are cut otherwise alone than in a sentence",
            _WRONG_PIECES,
        ),
    ]
    for count, limit, what, hint in checks:
        if count.exceeds(limit):
            share = f"{count.faults} of {count.total} ({count.share:.0%}, limit {limit:.0%})"
            raise InputError(path, f"{share} {what}, as {count.example}.", hint=hint)


def _encode(tokenizer: Tokenizer, texts: Sequence[str]) -> list[_Encoded]:
    encodings = tokenizer.encode_batch(list(texts), add_special_tokens=False)
    return [
        _Encoded(text, encoding.ids, encoding.offsets, tokenizer)
        for text, encoding in zip(texts, encodings, strict=True)
    ]


@cache
def _invisible(character: str) -> bool:
    """Tell whether a normaliser may drop a character: white space, controls, format characters."""
    return character.isspace() or unicodedata.category(character)[0] in "CZ"
