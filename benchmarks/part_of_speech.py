"""Parts of speech and base forms of English words against a treebank: precision, coverage, time.

    python benchmarks/part_of_speech.py FILE

FILE is an English treebank in CoNLL-U (Universal Dependencies; EWT's development part is what the
rules were made on, with its even sentences, counted from 0). A text is a document of the file, or a
sentence where none are marked: its words in lower case, contractions in one piece, punctuation left
out. Words of odd sentences are counted. Precision is the share of words given a part of speech that
the treebank gives too, coverage the share of the treebank's words of that part of speech that are
given it. Words with a capital inside a sentence are apart, since they are names to the switcher.
Prints two tables, and fails where a precision is below 0.95 or a word takes longer than 2 µs.
"""

import re
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from polystilts.codeswitch.english.lemmas import lemmas
from polystilts.codeswitch.english.parts_of_speech import tag

PARTS = ("NOUN", "VERB", "ADJ", "ADV")
CLITIC = re.compile(r"n['’]t|['’](s|ll|re|ve|m|d)", re.IGNORECASE)
LOWEST_PRECISION = 0.95
LONGEST_MICROSECONDS = 2.0


@dataclass(frozen=True)
class Word:
    """A word of running text; `gold` and `lemma` are None for a contraction."""

    text: str
    gold: str | None
    lemma: str | None
    is_name: bool
    is_counted: bool


def main() -> None:
    texts = list(_texts(Path(sys.argv[1])))
    running = [[word.text for word in text] for text in texts]
    cold = _microseconds(running)
    warm = min(_microseconds(running) for _ in range(5))
    counted, words = Counter[tuple[str, bool, str]](), 0
    for text, line in zip(texts, running, strict=True):
        for word, found in zip(text, tag(line), strict=True):
            if word.is_counted and word.gold is not None:
                words += 1
                counted[found or "", word.is_name, word.gold] += 1
    print(f"{words:,} words of odd sentences\n")
    print("| | words tagged | precision | coverage | precision, with names |")
    print("|---|---|---|---|---|")
    low = []
    for part in PARTS:
        given, right = _sums(counted, part, names=False)
        given_all, right_all = _sums(counted, part, names=True)
        there = sum(n for (_, name, gold), n in counted.items() if gold == part and not name)
        cells = f"{right / given:.3f} | {right / there:.3f} | {right_all / given_all:.3f}"
        print(f"| {part} | {given:,} | {cells} |")
        if right / given < LOWEST_PRECISION:
            low.append(part)
    print(f"\n{warm:.2f} µs a word; {cold:.2f} µs the first time, with loading the table")
    _print_base_forms(texts)
    if low:
        raise SystemExit(f"precision is below {LOWEST_PRECISION}: {', '.join(low)}")
    if warm > LONGEST_MICROSECONDS:
        raise SystemExit(f"a word takes longer than {LONGEST_MICROSECONDS} µs")


def _texts(path: Path) -> Iterator[list[Word]]:
    """Yield the words of each document, or of each sentence where no documents are marked."""
    text: list[Word] = []
    content = path.read_text("utf-8")
    has_documents = "# newdoc" in content
    for number, block in enumerate(content.strip().split("\n\n")):
        if text and ("# newdoc" in block or not has_documents):
            yield text
            text = []
        text += _sentence(block, is_counted=number % 2 == 1)
    yield text


def _sentence(block: str, is_counted: bool) -> list[Word]:
    words: list[Word] = []
    rows = [line.split("\t") for line in block.splitlines() if not line.startswith("#")]
    for row in (row for row in rows if row[0].isdigit()):
        form, lemma, part = row[1], row[2], row[3]
        if part in ("PUNCT", "SYM"):
            continue
        if words and CLITIC.fullmatch(form):
            if part != "PART" or form[0] in "nN":  # all but the possessive, which is no word
                words[-1] = Word(words[-1].text + form.lower(), None, None, False, is_counted)
            continue
        is_name = form[0].isupper() and bool(words)
        words.append(Word(form.lower(), part, lemma.lower(), is_name, is_counted))
    return words


def _microseconds(texts: list[list[str]]) -> float:
    start = time.process_time()
    for text in texts:
        tag(text)
    return (time.process_time() - start) * 1e6 / sum(map(len, texts))


def _sums(counted: Counter[tuple[str, bool, str]], part: str, names: bool) -> tuple[int, int]:
    """Return how many words were given a part of speech, and how many of them rightly."""
    given = {key: n for key, n in counted.items() if key[0] == part and (names or not key[1])}
    return sum(given.values()), sum(n for (_, _, gold), n in given.items() if gold == part)


def _print_base_forms(texts: list[list[Word]]) -> None:
    """Print how often the treebank's base form of an inflected word is found, and how often not."""
    inflected, uninflected = Counter[str](), Counter[str]()
    for word in (word for text in texts for word in text):
        if word.gold not in PARTS or word.is_name or word.lemma is None:
            continue
        found = lemmas(word.text)
        if word.lemma == word.text:
            uninflected["none" if not found else "some"] += 1
        elif word.lemma in found:
            inflected["first" if word.lemma == found[0] else "later"] += 1
        else:
            inflected["none" if not found else "another"] += 1
    print("\n| | words | base form first | later | only another | none |")
    print("|---|---|---|---|---|---|")
    total = sum(inflected.values())
    shares = (inflected[name] / total for name in ("first", "later", "another", "none"))
    print(f"| inflected | {total:,} | {' | '.join(f'{share:.3f}' for share in shares)} |")
    total = sum(uninflected.values())
    shares = (uninflected[name] / total for name in ("some", "none"))
    some, none = shares
    print(f"| base forms | {total:,} | | | {some:.3f} | {none:.3f} |")


if __name__ == "__main__":
    main()
