"""What dictionaries call the parts of speech, in the names of Universal Dependencies (UPOS).

A dictionary's tag means one part of speech or several: `conjunction` does not say which kind. Tags
that are not listed here (affixes, idioms, registers, subjects) name none. Source of the names:
https://universaldependencies.org/u/pos/.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache

_CONJUNCTION = "CCONJ SCONJ"


def _tags(listed: str) -> dict[str, str]:
    """Return tag -> names from lines of `names: tags`."""
    found: dict[str, str] = {}
    for line in listed.strip().splitlines():
        names, tags = line.split(":")
        found |= dict.fromkeys(tags.split(), names.strip())
    return found


# In the databases of WikDict, Ding, and the older ones (Hindi, Portuguese, Swahili), and in TEI.
# Genders and numbers stand at nouns only.
FREEDICT: Mapping[str, str] = _tags(f"""
    ADJ: adj adjective adjt
    ADP: prep preposition postp postposition
    ADV: adv adverb
    AUX: aux auxv
    {_CONJUNCTION}: conj conjunction
    DET: art article det determiner
    INTJ: int interj interjection
    NOUN: n noun s fem masc neut f m pl sg
    NUM: num numeral
    PART: part particle
    PRON: pron pronoun
    PROPN: pn propn propernoun
    SYM: symbol
    VERB: v verb vt vi vti phrv phrvt phrvi irrv
""")

# Source: https://www.edrdg.org/jmdict/edict.html and https://www.edrdg.org/jmwsgi/edhelp.py
EDICT: Mapping[str, str] = _tags(f"""
    ADJ: adj-f adj-i adj-ix adj-kari adj-ku adj-na adj-nari adj-no adj-shiku adj-t aux-adj
    ADV: adv adv-to n-adv
    AUX: aux aux-v cop cop-da
    {_CONJUNCTION}: conj
    DET: adj-pn
    INTJ: int
    NOUN: n n-t n-pref n-suf ctr
    NUM: num
    PART: prt
    PRON: pn
    PROPN: n-pr
    VERB: iv vi vt vs vs-c vs-i vs-s vk vz vn vr v-unspec
""")
# v1, v5r, v4h, v2a-s and so on: the classes of inflection
_EDICT_VERB = re.compile(r"v[1245][a-z]?(?:-[a-z]+)?")

# JMdict's document type spells its tags out; the classes of verbs all end alike.
_JMDICT: Mapping[str, str] = {
    "noun or verb acting prenominally": "ADJ",
    "adjectival nouns or quasi-adjectives (keiyodoshi)": "ADJ",
    "nouns which may take the genitive case particle 'no'": "ADJ",
    "pre-noun adjectival (rentaishi)": "DET",
    "auxiliary adjective": "ADJ",
    "auxiliary verb": "AUX",
    "auxiliary": "AUX",
    "copula": "AUX",
    "adverbial noun (fukushitekimeishi)": "ADV",
    "noun or participle which takes the aux. verb suru": "VERB",
    "proper noun": "PROPN",
    "conjunction": _CONJUNCTION,
    "counter": "NOUN",
    "interjection (kandoushi)": "INTJ",
    "numeric": "NUM",
    "particle": "PART",
    "pronoun": "PRON",
}
_JMDICT_KINDS = (
    (re.compile(r"\b(?:adjective|adjectival)\b|\bna-adjective\b"), "ADJ"),
    (re.compile(r"\badverb\b"), "ADV"),
    (re.compile(r"\b(?:verb|verbs)\b"), "VERB"),
    (re.compile(r"^noun\b"), "NOUN"),
)

Naming = Callable[[str], str | None]


def freedict(tag: str) -> str | None:
    """Return what a tag of FreeDict names; capitals do not count."""
    return FREEDICT.get(tag.lower())


def edict(tag: str) -> str | None:
    """Return what a tag of EDICT names."""
    return "VERB" if _EDICT_VERB.fullmatch(tag) else EDICT.get(tag)


@cache
def jmdict(tag: str) -> str | None:
    """Return what a tag of JMdict names, in full as its document type has it, or as in EDICT."""
    if (names := _JMDICT.get(tag)) is not None:
        return names
    kinds = (names for pattern, names in _JMDICT_KINDS if pattern.search(tag))
    return next(kinds, None) or edict(tag)


def joined(tags: Iterable[str], names: Naming) -> str | None:
    """Return all that tags name, in the order of the alphabet; None where they name nothing."""
    return _written({name for tag in tags for name in _split(names(tag))})


def union(one: str | None, other: str | None) -> str | None:
    """Return the names of both."""
    if one == other or other is None:
        return one
    return other if one is None else _written({*one.split(), *other.split()})


def _split(names: str | None) -> Iterator[str]:
    yield from names.split() if names else ()


def _written(names: set[str]) -> str | None:
    return " ".join(sorted(names)) or None
