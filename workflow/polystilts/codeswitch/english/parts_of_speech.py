"""The part of speech of English words: of all their readings, in running text, and of a tag.

Parts of speech are named as in Universal Dependencies: NOUN, VERB, ADJ, ADV. Running text is tagged
only where a word has one reading, or where a neighbour leaves one: a wrong part of speech would
choose a wrong translation, an unknown one chooses as before. Cues and rules are data files.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache, lru_cache
from pathlib import Path

from polystilts.codeswitch.english.lemmas import readings
from polystilts.codeswitch.english.protection import class_words

_FOLDER = Path(__file__).parent / "data"
_OPEN = ("ADJ", "ADV", "NOUN", "VERB")
_ANY = "*"
_BORDER = ""
_UNDECIDED = "-"

# what a word can be (None: it is given no part of speech), and what it is as a neighbour
_Look = tuple[str | None, str]
# word before and word after -> part of speech, for one thing a word can be
_Rules = Mapping[tuple[str, str], str]


@lru_cache(maxsize=1 << 17)
def possible(word: str) -> frozenset[str]:
    """Return every open part of speech a lower-case word can have; none if it is not known."""
    return frozenset(readings(word)).intersection(_OPEN)


def tag(words: Sequence[str]) -> list[str | None]:
    """Return the part of speech of each of a text's lower-case words, None where undecided.

    Args:
        words: the words of one text in order, contractions included, punctuation left out.
    """
    rules = _rules()
    looks = [_look(word) for word in words]
    afters = [neighbour for _, neighbour in looks[1:]]
    afters.append(_BORDER)
    before = _BORDER
    tags: list[str | None] = []
    for (kinds, neighbour), after in zip(looks, afters, strict=False):
        found = None
        if kinds is not None and (known := rules.get(kinds)) is not None:
            found = (
                known.get((before, after))
                or known.get((before, _ANY))
                or known.get((_ANY, after))
                or known.get((_ANY, _ANY))
            )
        tags.append(None if found == _UNDECIDED else found)
        before = neighbour
    return tags


def open_class(tag: str) -> str | None:
    """Return the part of speech of words of a tag if each may be replaced by one word, else None.

    Args:
        tag: a CCG category in CCGbank's notation, or a part of speech of Universal Dependencies.
    """
    return _open_class().get(tag.replace("[X]", "").replace("[nb]", ""))


@lru_cache(maxsize=1 << 17)
def _look(word: str) -> _Look:
    cue = _cues().get(word.replace("’", "'"))
    if cue is not None:
        return None, cue
    found = readings(word)
    if word in class_words("function-words") or "AUX" in found:
        return None, "closed"
    kinds = [kind for kind in _OPEN if kind in found and kind != "VERB"]
    if "VERB" in found:
        kinds.append(_verb_form(word, found["VERB"]))
    return (" ".join(kinds), " ".join(kinds)) if kinds else (None, "unknown")


def _verb_form(word: str, base_forms: tuple[str, ...]) -> str:
    if word in base_forms:
        return "VERB"
    if word.endswith("ing"):
        return "VERB-ing"
    return "VERB-s" if word.endswith("s") else "VERB-ed"


@cache
def _cues() -> dict[str, str]:
    return {word: group for group, words in _rows("cue-words.tsv") for word in words.split()}


@cache
def _rules() -> Mapping[str, _Rules]:
    rules: dict[str, dict[tuple[str, str], str]] = {}
    for befores, kinds, afters, found in _rows("parts-of-speech.tsv"):
        for before in befores.split(","):
            for after in afters.split(","):
                rules.setdefault(kinds, {}).setdefault((before, after), found)
    return rules


@cache
def _open_class() -> dict[str, str]:
    return dict(_rows("open-class.tsv"))


def _rows(name: str) -> Iterator[list[str]]:
    for line in (_FOLDER / name).read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            yield line.split("\t")
