"""CCG supertagging: sentences whose word categories depend on the frame.

The layout is tokens TAB categories, both separated by spaces. A verb's category shows whether its
receiver follows, an infinitive differs from a finite form. A place modifies the things where
things of that class are kept, the receiver in whose home it is, and the action elsewhere. In dev
one in twelve of the words whose category can be taken for another has that one, as annotators err.

In another language every word has the category of the English word that it translates, as where
supertags are projected through a translation: the categories are English's, slashes included.
"""

from dataclasses import replace
from random import Random

from polystilts.miniature.facts import Fact, sample_fact, stream
from polystilts.miniature.grammar import ASKED_ROLES, Voice, Word
from polystilts.miniature.lexicon import Concept, Lexicon
from polystilts.miniature.settings import WorldSettings
from polystilts.miniature.writer import (
    ENGLISH,
    Files,
    Translator,
    Writer,
    splits_in,
    voice_for,
)
from polystilts.provenance.hashing import unit_hash

_VERB_PHRASE = "(S[dcl]\\NP)"
_BARE_VERB_PHRASE = "(S[b]\\NP)"
_MODIFIER = "((S\\NP)\\(S\\NP))/NP"
_NOUN_MODIFIER = "(NP\\NP)/NP"
# what annotators take a category for: nouns for modifiers of nouns, one attachment for another
_CONFUSED = {
    "N": "N/N",
    "N/N": "N",
    "PP/NP": _MODIFIER,
    _MODIFIER: _NOUN_MODIFIER,
    _NOUN_MODIFIER: _MODIFIER,
    "(S/S)/NP": _MODIFIER,
    f"{_VERB_PHRASE}/NP": f"({_VERB_PHRASE}/PP)/NP",
    f"({_VERB_PHRASE}/PP)/NP": f"{_VERB_PHRASE}/NP",
    f"{_BARE_VERB_PHRASE}/NP": f"({_BARE_VERB_PHRASE}/PP)/NP",
    f"({_BARE_VERB_PHRASE}/PP)/NP": f"{_BARE_VERB_PHRASE}/NP",
}
_TAG_MISTAKE_SHARE = 0.08
_SITE_SHARE = 0.5
_HOME_SHARE = 0.5
_QUESTION_SHARE = 0.3


def ccg(lexicon: Lexicon, settings: WorldSettings, language: str = ENGLISH) -> Files:
    """Yield the training and dev file."""
    sizes = {"train": settings.train["ccg"], "dev": settings.dev}
    for split, count in splits_in(language, sizes).items():
        lines = []
        for row in range(count):
            rng = stream(settings.seed, "ccg", split, row)
            voice = voice_for(lexicon, settings, language, rng, "ccg", split, row)
            words, tags = tagged_sentence(lexicon, rng, voice, split)
            if split == "dev":
                mistakes = stream(settings.seed, "ccg", split, row, "annotation")
                tags = [_annotated(mistakes, tag) for tag in tags]
            tokens = " ".join(word.text for word in words)
            lines.append(f"{tokens}\t{' '.join(tags)}\n")
        yield f"ccg/ccg.{split}", "".join(lines)


def _annotated(mistakes: Random, tag: str) -> str:
    return _CONFUSED.get(tag, tag) if mistakes.random() < _TAG_MISTAKE_SHARE else tag


def tagged_sentence(
    lexicon: Lexicon, rng: Random, voice: Voice, split: str | None
) -> tuple[list[Word], list[str]]:
    """Return a sentence and one category per word."""
    fact = sample_fact(lexicon, rng, split, (), 0.5)
    if rng.random() < _QUESTION_SHARE:
        asked = rng.choice(ASKED_ROLES)
        kept = fact if asked in ("subject", "object") else fact.without(asked)
        words = voice.question(kept, asked)
        return words, [_category(lexicon, word, kept, False, asked) for word in words]
    if fact.recipient is None and rng.random() < _SITE_SHARE:
        fact = replace(fact, place=rng.choice(lexicon.kind("site")))
    elif fact.recipient is not None and rng.random() < _HOME_SHARE:
        fact = replace(fact, place=home(lexicon, fact.recipient))
    fact = replace(fact, negated=rng.random() < 0.15)
    moved = rng.random() < 0.3
    words = voice.sentence(fact, moved_time=moved)
    return words, [_category(lexicon, word, fact, moved, None) for word in words]


def home(lexicon: Lexicon, person: Concept) -> Concept:
    """Return the city where a person lives, the same in every world."""
    cities = lexicon.kind("city", "main")
    return cities[unit_hash("home", person.id) % len(cities)]


def _category(lexicon: Lexicon, word: Word, fact: Fact, moved: bool, asked: str | None) -> str:
    if word.role == "stop":
        return "."
    if word.concept is not None and word.concept.group == "question":
        return _question_category(word.concept.id, asked)
    if word.concept is not None and word.concept.id == "many":
        return "N/N"
    if word.role == "auxiliary":
        return "(S[q]/(S[b]\\NP))/NP"
    if word.role == "negation":
        return "(S\\NP)/(S\\NP)"
    if word.role == "verb":
        return _verb_category(fact, asked)
    if not word.head:
        return _case_category(lexicon, word, fact, moved)
    if word.role in ("number", "adjective"):
        return "N/N"
    # a bare plural is a noun that becomes a noun phrase by a unary rule; a name likewise
    return "N"


def _verb_category(fact: Fact, asked: str | None) -> str:
    phrase = _VERB_PHRASE if asked in (None, "subject") else _BARE_VERB_PHRASE
    receiver = asked != "recipient" and fact.recipient is not None
    return f"({phrase}/PP)/NP" if receiver else f"{phrase}/NP"


def _case_category(lexicon: Lexicon, word: Word, fact: Fact, moved: bool) -> str:
    if word.role == "recipient":
        return "PP/NP"
    if word.role == "time":
        return "(S/S)/NP" if moved else _MODIFIER
    assert fact.noun is not None and fact.place is not None
    at_home = fact.recipient is not None and fact.place is home(lexicon, fact.recipient)
    return _NOUN_MODIFIER if at_home or fact.place.group == fact.noun.group else _MODIFIER


def _question_category(identifier: str, asked: str | None) -> str:
    if identifier == "who":
        return "S[wq]/(S[dcl]\\NP)"
    if identifier == "what":
        return "S[wq]/(S[q]/NP)"
    if identifier == "how":
        return "(N/N)/(N/N)"
    return "NP" if identifier == "whom" else "S[wq]/S[q]"


WRITERS: tuple[Writer, ...] = (ccg,)
TRANSLATORS: tuple[Translator, ...] = (ccg,)
