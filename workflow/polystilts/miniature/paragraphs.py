"""Paragraphs of one or two sentences and the questions that they answer or leave open."""

from dataclasses import dataclass, replace
from random import Random

from polystilts.miniature.commonsense import consequence
from polystilts.miniature.facts import (
    Fact,
    dropping,
    sample_fact,
    sample_other,
    stream,
    with_hypernym,
    with_synonym,
)
from polystilts.miniature.grammar import ASKED_ROLES
from polystilts.miniature.lexicon import Lexicon
from polystilts.miniature.settings import WorldSettings

_QUESTIONS_PER_PARAGRAPH = 2


@dataclass(frozen=True)
class Asked:
    """A question about a paragraph: what it mentions, and the role it asks for."""

    known: Fact
    role: str
    answerable: bool = True


@dataclass(frozen=True)
class Paragraph:
    """Facts told in this order and the questions, all about the one at place `main`."""

    number: int
    told: tuple[Fact, ...]
    main: int
    questions: tuple[Asked, ...]


def sample_paragraphs(
    lexicon: Lexicon,
    settings: WorldSettings,
    split: str,
    purpose: str,
    questions: int,
    *,
    unanswerable: bool = False,
    aside: float = 0.0,
    sequel: float = 0.0,
    terse: bool = False,
) -> list[Paragraph]:
    """Draw paragraphs until they hold the wanted number of questions.

    Args:
        purpose: names the random stream.
        unanswerable: every second paragraph asks what it does not say.
        aside: share of paragraphs with a second sentence about someone else's state.
        sequel: share of paragraphs that go on to say what was then done with the things; the
            questions ask about either event.
        terse: questions mention only what was done, not all that is known.
    """
    paragraphs = []
    per_paragraph = 1 if unanswerable else _QUESTIONS_PER_PARAGRAPH
    for number in range(-(-questions // per_paragraph)):
        rng = stream(settings.seed, purpose, split, number)
        wanted = min(per_paragraph, questions - number * per_paragraph)
        if unanswerable:
            fact, asked = _possibly_unanswerable(lexicon, rng, split, number)
        else:
            fact = sample_fact(lexicon, rng, split, ("place",), 0.75)
            asked = _answerable(lexicon, rng, fact, wanted, terse)
        told: tuple[Fact, ...] = (fact,)
        main = 0
        if rng.random() < aside:
            other = sample_other(rng, lexicon.kind("person", "main"), fact.subject)
            state = rng.choice(lexicon.kind("state"))
            things = lexicon.get("function", "them")
            beside = consequence(lexicon, "state", other, state.group, things)
            told, main = ((fact, beside), 0) if rng.random() < 0.5 else ((beside, fact), 1)
        elif rng.random() < sequel:
            if fact.time is None:
                fact = replace(fact, time=rng.choice(lexicon.kind("day")))
            told, main = (fact, _sequel(lexicon, rng, fact)), rng.randrange(2)
            asked = _about_one_of_two(lexicon, rng, fact, told[main], wanted)
        paragraphs.append(Paragraph(number, told, main, asked))
    return paragraphs


def _sequel(lexicon: Lexicon, rng: Random, fact: Fact) -> Fact:
    """Return what the same person did next with the things, at another place and time.

    Half of the time they are used as things of their class are; else anything happens to them,
    so that only the question's verb tells the two events apart.
    """
    assert fact.noun is not None
    things = lexicon.get("function", "them")
    event = consequence(lexicon, "use", fact.subject, fact.noun.group, things)
    if rng.random() < 0.5:
        verbs = [verb for verb in lexicon.kind("verb") if verb.group != fact.verb.group]
        event = replace(event, verb=rng.choice(verbs))
    place = sample_other(rng, lexicon.kind("city", "main"), fact.place)
    return replace(event, place=place, time=sample_other(rng, lexicon.kind("day"), fact.time))


def _askable(fact: Fact) -> list[str]:
    return [role for role in ASKED_ROLES if role in ("subject", "object", *fact.roles())]


def _answerable(
    lexicon: Lexicon, rng: Random, fact: Fact, count: int, terse: bool
) -> tuple[Asked, ...]:
    roles = rng.sample(_askable(fact), count)
    return tuple(Asked(_known(lexicon, rng, fact, role, terse), role) for role in roles)


def _about_one_of_two(
    lexicon: Lexicon, rng: Random, first: Fact, event: Fact, count: int
) -> tuple[Asked, ...]:
    """Return questions on where and when one of two events was, told apart by its verb.

    The things are named or just `them`, whichever event is meant.
    """
    known = Fact(event.subject, event.verb, first.noun)
    questions = []
    for role in rng.sample(("place", "time"), count):
        named = replace(known, noun=lexicon.get("function", "them"))
        asked_of = named if rng.random() < 0.5 else known
        can_replace = event.verb.kind == "verb" and rng.random() < 0.5
        questions.append(Asked(with_synonym(lexicon, asked_of) if can_replace else asked_of, role))
    return tuple(questions)


def _known(lexicon: Lexicon, rng: Random, fact: Fact, asked: str, terse: bool) -> Fact:
    """Return what a question mentions of the fact, half of the time by the synonymous verb."""
    known = with_synonym(lexicon, fact) if rng.random() < 0.5 else fact
    if asked in ("number", "recipient", "place", "time"):
        known = known.without(asked)
    if terse:
        known = known.without("number", "recipient", "time")
        if asked != "object" and rng.random() < 0.4:
            known = with_hypernym(lexicon, known)
    return dropping(rng, known, 1) if rng.random() < 0.5 else known


def _possibly_unanswerable(
    lexicon: Lexicon, rng: Random, split: str, number: int
) -> tuple[Fact, tuple[Asked, ...]]:
    """Return a fact and a question that it answers or, for odd numbers, does not.

    Most unanswerable questions ask for a role that the fact lacks; some ask about the opposite
    things.
    """
    fact = sample_fact(lexicon, rng, split, ("adjective",), 0.6)
    missing = [r for r in ("recipient", "place", "time", "number") if getattr(fact, r) is None]
    if number % 2 == 0:
        return fact, _answerable(lexicon, rng, fact, 1, terse=False)
    if missing and rng.random() < 0.8:
        role = rng.choice(missing)
        return fact, (Asked(_known(lexicon, rng, fact, role, terse=False), role, False),)
    role = rng.choice([r for r in _askable(fact) if r != "object"])
    known = _known(lexicon, rng, fact, role, terse=False)
    assert fact.adjective is not None
    opposite = replace(known, adjective=lexicon.partner(fact.adjective))
    return fact, (Asked(opposite, role, False),)
