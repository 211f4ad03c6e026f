"""Monolingual documents for masked language modelling."""

from dataclasses import replace
from random import Random

from polystilts.miniature.commonsense import RELATIONS, consequence, named_things, with_details
from polystilts.miniature.facts import (
    Fact,
    dropping,
    sample_fact,
    sample_name,
    stream,
    with_antonym,
    with_hypernym,
    with_synonym,
)
from polystilts.miniature.grammar import ASKED_ROLES, Voice, Word, written
from polystilts.miniature.lexicon import Concept, Lexicon
from polystilts.miniature.settings import WorldSettings

# a document opens with facts and goes on with one of these
_CONTINUATIONS = {
    "restatement": 0.34,
    "answer": 0.24,
    "consequence": 0.24,
    "contrast": 0.08,
    "custom": 0.1,
}
_SURNAME_SHARE = 0.08


def documents(lexicon: Lexicon, settings: WorldSettings, language: str) -> list[str]:
    """Return the documents of a language, one a line; languages do not share their facts."""
    lines = []
    for number in range(settings.documents):
        rng = stream(settings.seed, "text", language, number)
        lines.append(written(_document(lexicon, rng, Voice(lexicon, language, rng))))
    return lines


def _document(lexicon: Lexicon, rng: Random, voice: Voice) -> list[Word]:
    kinds = list(_CONTINUATIONS)
    (kind,) = rng.choices(kinds, weights=list(_CONTINUATIONS.values()))
    if kind == "custom":
        return [*_custom(lexicon, rng, voice), *_custom(lexicon, rng, voice)]
    fact = _opening(lexicon, rng)
    words = voice.sentence(fact, moved_time=rng.random() < 0.2)
    if kind == "restatement":
        if rng.random() < 0.35:
            words += voice.sentence(_opening(lexicon, rng))
        return words + voice.sentence(_restated(lexicon, rng, fact), moved_time=rng.random() < 0.2)
    if kind == "answer":
        return words + _question_and_answer(rng, voice, fact)
    if kind == "contrast":
        other = replace(with_antonym(lexicon, fact), negated=not fact.negated)
        return words + voice.sentence(dropping(rng, other, 2, keep=("adjective",)))
    return words + _consequence(lexicon, rng, voice, fact)


def _opening(lexicon: Lexicon, rng: Random) -> Fact:
    fact = sample_fact(lexicon, rng, required=("adjective",) if rng.random() < 0.6 else ())
    if rng.random() < _SURNAME_SHARE:
        fact = replace(fact, surname=rng.choice(lexicon.kind("surname")))
    elif rng.random() < _SURNAME_SHARE:
        fact = replace(fact, subject=sample_name(lexicon, rng, "organisation"))
    if fact.adjective is None:
        fact = replace(fact, adjective=rng.choice(lexicon.kind("adjective")))
    return replace(fact, negated=rng.random() < 0.15)


def _restated(lexicon: Lexicon, rng: Random, fact: Fact) -> Fact:
    if rng.random() < 0.5:
        fact = with_synonym(lexicon, fact)
    if rng.random() < 0.4:
        fact = with_hypernym(lexicon, fact)
    return dropping(rng, fact, rng.randint(0, 2))


def _question_and_answer(rng: Random, voice: Voice, fact: Fact) -> list[Word]:
    asked = rng.choice([r for r in ASKED_ROLES if r in ("subject", "object", *fact.roles())])
    keep = ("number", "adjective") if asked == "object" else (asked,)
    known = fact if asked == "object" else dropping(rng, fact, 1, keep=keep)
    return [*voice.question(known, asked), *answer_words(voice, fact, asked), voice.full_stop()]


def answer_words(voice: Voice, fact: Fact, asked: str) -> list[Word]:
    """Return the short answer to a question: the role's phrase without its case word."""
    wanted = ("number", "adjective", "object") if asked == "object" else (asked,)
    # the word that is no head is a surname in the subject, a case word elsewhere
    return [w for w in voice.clause(fact) if w.role in wanted and (w.head or asked == "subject")]


def _consequence(lexicon: Lexicon, rng: Random, voice: Voice, fact: Fact) -> list[Word]:
    assert fact.noun is not None
    relation = rng.choice(RELATIONS)
    things = named_things(lexicon, rng, fact)
    event = consequence(lexicon, relation, fact.subject, fact.noun.group, things)
    if relation == "use":
        event = with_details(lexicon, rng, event)
    opener = "because" if relation == "state" else "then"
    return [voice.function(opener, "opener"), *voice.clause(event), voice.full_stop()]


def _custom(lexicon: Lexicon, rng: Random, voice: Voice) -> list[Word]:
    people: Concept = lexicon.get("function", "people")
    noun = rng.choice(lexicon.kind("noun"))
    relation = rng.choice(("use", "site"))
    fact = consequence(lexicon, relation, people, noun.group, noun)
    if rng.random() < 0.5:
        fact = replace(fact, adjective=rng.choice(lexicon.kind("adjective")))
    return voice.sentence(fact)
