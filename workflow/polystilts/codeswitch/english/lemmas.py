"""Base forms of inflected English words.

They come from lemminflect's table (the SPECIALIST lexicon of the United States' National Library of
Medicine, with spellings ranked by frequency). Only the table is asked, never the neural network
that guesses at unknown words: an unknown word has no base form.
"""

from functools import cache, lru_cache
from pathlib import Path

# word -> part of speech -> base forms
_Table = dict[str, dict[str, tuple[str, ...]]]
_CORRECTIONS = Path(__file__).parent / "data" / "lemmas.tsv"


@lru_cache(maxsize=1 << 17)
def lemmas(word: str) -> tuple[str, ...]:
    """Return the base forms that a lower-case word may have besides itself, most likely first.

    `dogs` gives `dog`, `lives` gives `life` and `live`; a word that is not inflected, or that the
    table does not know, gives none. `saw` gives `see`, although it is also a base form.
    """
    corrected = _corrections().get(word)
    if corrected is not None:
        return corrected
    known = readings(word)
    if not known:
        return ()
    found: dict[str, None] = {}
    for forms in known.values():
        # The table also pairs words by chance (feed: fee, dive: diva) and spellings (install:
        # instal); where its ranking puts the word itself first, the others are that.
        if forms[0] != word:
            found.update(dict.fromkeys(forms))
    return tuple(form for form in found if form != word)


@lru_cache(maxsize=1 << 17)
def base_form(word: str) -> str:
    """Return the one base form that a whole family of inflected forms shares.

    That is the first of a word's base forms, and in turn the first of that one's, until a word has
    none: `laid`, `lays`, `lay` and `lie` are one family. A family may thus hold words that only
    look alike (`thoughts`, `think`), but two forms of one word are never torn apart.
    """
    forms = lemmas(word)
    if not forms:
        return word
    seen = {word: None}
    while forms:
        word = forms[0]
        if word in seen:  # variants that name each other (chile, chili): the same one for all
            members = list(seen)
            return min(members[members.index(word) :])
        seen[word] = None
        forms = lemmas(word)
    return word


def readings(word: str) -> dict[str, tuple[str, ...]]:
    """Return part of speech -> base forms of a lower-case word, as the table lists them."""
    listed, overrides = _tables()
    found = listed.get(word, {})
    return {**found, **overrides[word]} if word in overrides else found


@cache
def _tables() -> tuple[_Table, _Table]:
    """Return lemminflect's table and its corrections of it.

    They are read directly, since `getAllLemmas` copies an entry at every call, which takes ten
    times as long as looking it up.
    """
    # Loading lemminflect takes 0.2 s, which only those who switch need to spend.
    from lemminflect import config
    from lemminflect.codecs.LemmaLUCodec import LemmaLUCodec
    from lemminflect.codecs.OverridesCodec import OverridesCodec

    return (
        LemmaLUCodec.load(config.lemma_lu_fn),
        OverridesCodec.load(config.lemma_overrides_fn),
    )


@cache
def _corrections() -> dict[str, tuple[str, ...]]:
    lines = (line.partition("#")[0] for line in _CORRECTIONS.read_text("utf-8").splitlines())
    pairs = (line.partition("\t") for line in lines if line.strip())
    return {word: tuple(forms.split()) for word, _, forms in pairs}
