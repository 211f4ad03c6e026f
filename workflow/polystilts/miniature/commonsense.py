"""What follows from things of a class: how they are used, where kept, who wants them.

Every class of things has one verb of use (fruits are eaten), one site (fruits are kept in
kitchens) and one state of those who get them (hungry). These are the regularities behind the
multiple-choice tasks; the monolingual text states them too.
"""

from dataclasses import replace
from random import Random

from polystilts.miniature.facts import Fact
from polystilts.miniature.lexicon import Concept, Lexicon

RELATIONS = ("use", "site", "state")
CLASSES = ("fruit", "animal", "vehicle", "clothing", "text")


def value(lexicon: Lexicon, relation: str, group: str) -> Concept:
    """Return the verb of use, the site or the state that belongs to a class."""
    (concept,) = lexicon.kind(relation, group)
    return concept


def consequence(
    lexicon: Lexicon, relation: str, subject: Concept, group: str, things: Concept
) -> Fact:
    """Return the fact that states a relation of a class: `things` were used, kept, wanted."""
    if relation == "state":
        was = lexicon.get("function", "was")
        return Fact(subject=subject, verb=was, state=value(lexicon, "state", group))
    if relation == "use":
        return Fact(subject=subject, verb=value(lexicon, "use", group), noun=things)
    keep = lexicon.get("keep", "keep")
    return Fact(subject, keep, things, place=value(lexicon, "site", group))


def named_things(lexicon: Lexicon, rng: Random, fact: Fact) -> Concept:
    """Return a way to name a fact's things again: `them` or the hypernym."""
    assert fact.noun is not None
    if rng.random() < 0.5:
        return lexicon.get("function", "them")
    return lexicon.kind("hypernym", fact.noun.group)[0]


def with_details(lexicon: Lexicon, rng: Random, fact: Fact) -> Fact:
    """Return the fact with a city or a day at random, or neither."""
    draw = rng.random()
    if draw < 0.3 and fact.place is None:
        return replace(fact, place=rng.choice(lexicon.kind("city", "main")))
    if draw < 0.6:
        return replace(fact, time=rng.choice(lexicon.kind("day")))
    return fact
