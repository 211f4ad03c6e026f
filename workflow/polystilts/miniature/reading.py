"""Extractive reading: SQuAD 1.1 and 2.0, XQuAD, MLQA and TyDiQA-GoldP as SQuAD JSON."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from random import Random

from polystilts.miniature.commonsense import consequence, named_things
from polystilts.miniature.facts import (
    Fact,
    dropping,
    sample_fact,
    sample_other,
    stream,
    with_hypernym,
    with_synonym,
)
from polystilts.miniature.grammar import ASKED_ROLES, Voice, located, written
from polystilts.miniature.lexicon import Lexicon
from polystilts.miniature.settings import WorldSettings
from polystilts.provenance.hashing import unit_hash

_QUESTIONS_PER_PARAGRAPH = 2
_PARAGRAPHS_PER_ARTICLE = 50
_SEQUEL_SHARE = 0.4
_TYDIQA_NAMES = {
    "en": "english",
    "es": "spanish",
    "ru": "russian",
    "hi": "hindi",
    "ar": "arabic",
}
_ANSWER_ROLES = {"object": ("number", "adjective", "object")}


@dataclass(frozen=True)
class Asked:
    """A question about a paragraph: what it says it knows, the role it asks for, its number."""

    known: Fact
    role: str
    answerable: bool = True


@dataclass(frozen=True)
class Paragraph:
    """Facts told in this order and the questions about the first one of `told`."""

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
        told, main = (fact,), 0
        if rng.random() < aside:
            other = sample_other(rng, lexicon.kind("person", "main"), fact.subject)
            state = rng.choice(lexicon.kind("state"))
            things = lexicon.get("function", "them")
            beside = consequence(lexicon, "state", other, state.group, things)
            told, main = ((fact, beside), 0) if rng.random() < 0.5 else ((beside, fact), 1)
        elif rng.random() < sequel:
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
    for role in rng.sample(("place", "time"), count) if first.time else ["place"] * count:
        named = replace(known, noun=lexicon.get("function", "them"))
        asked_of = named if rng.random() < 0.5 else known
        can_replace = event.verb.kind == "verb" and rng.random() < 0.5
        questions.append(Asked(with_synonym(lexicon, asked_of) if can_replace else asked_of, role))
    return tuple(questions)


def _known(lexicon: Lexicon, rng: Random, fact: Fact, asked: str, terse: bool) -> Fact:
    """Return what a question mentions of the fact: a synonym half of the time, less if terse."""
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
    role = rng.choice([r for r in _askable(fact) if r not in ("object",)])
    known = _known(lexicon, rng, replace(fact), role, terse=False)
    assert fact.adjective is not None
    opposite = replace(known, adjective=lexicon.partner(fact.adjective))
    return fact, (Asked(opposite, role, False),)


def _article(
    lexicon: Lexicon,
    settings: WorldSettings,
    language: str,
    title: str,
    paragraphs: Sequence[Paragraph],
    purpose: tuple[str, str],
    identifier: Callable[[int, int], str],
    version2: bool = False,
) -> dict[str, object]:
    """Return an article as SQuAD JSON; `identifier` names (paragraph, question)."""
    rendered = []
    for paragraph in paragraphs:
        rng = stream(settings.seed, *purpose, "voice", language, paragraph.number)
        voice = Voice(lexicon, language, rng)
        words, main_words = [], []
        for place, fact in enumerate(paragraph.told):
            sentence = voice.sentence(fact)
            if place == paragraph.main:
                main_words = list(range(len(words), len(words) + len(sentence)))
            words += sentence
        context, spans = located(words)
        questions = []
        for number, asked in enumerate(paragraph.questions):
            roles = _ANSWER_ROLES.get(asked.role, (asked.role,))
            inside = [i for i in main_words if words[i].role in roles and words[i].head]
            answers = []
            if asked.answerable:
                start, end = spans[inside[0]][0], spans[inside[-1]][1]
                answers = [{"text": context[start:end], "answer_start": start}]
            record: dict[str, object] = {
                "question": written(voice.question(asked.known, asked.role)),
                "id": identifier(paragraph.number, number),
                "answers": answers,
            }
            if version2:
                record["is_impossible"] = not asked.answerable
            questions.append(record)
        rendered.append({"context": context, "qas": questions})
    return {"title": title, "paragraphs": rendered}


def _articles(
    lexicon: Lexicon,
    settings: WorldSettings,
    language: str,
    paragraphs: Sequence[Paragraph],
    purpose: tuple[str, str],
    identifier: Callable[[int, int], str],
    version2: bool = False,
) -> list[dict[str, object]]:
    starts = range(0, len(paragraphs), _PARAGRAPHS_PER_ARTICLE)
    return [
        _article(
            lexicon,
            settings,
            language,
            f"{purpose[0]}_{purpose[1]}_{number}",
            paragraphs[start : start + _PARAGRAPHS_PER_ARTICLE],
            purpose,
            identifier,
            version2,
        )
        for number, start in enumerate(starts)
    ]


def _named(purpose: str, split: str, digits: int) -> Callable[[int, int], str]:
    """Return a namer of questions: hexadecimal, the same in every language."""
    return lambda paragraph, question: (
        f"{unit_hash(purpose, split, paragraph, question):016x}"
        f"{unit_hash(purpose, split, question, paragraph, 'rest'):016x}"
        f"{unit_hash(purpose, 'rest', split, paragraph, question):016x}"
    )[:digits]


def _json(data: object) -> str:
    return json.dumps(data, ensure_ascii=False) + "\n"


def squad(lexicon: Lexicon, settings: WorldSettings) -> Iterator[tuple[str, str]]:
    """Yield SQuAD 1.1 and XQuAD, whose English paragraphs stand in SQuAD's dev file too."""

    def articles(language: str, split: str, purpose: str, count: int) -> list[dict[str, object]]:
        paragraphs = sample_paragraphs(
            lexicon, settings, split, purpose, count, sequel=_SEQUEL_SHARE
        )
        name = _named(purpose, split, 24)
        return _articles(lexicon, settings, language, paragraphs, (purpose, split), name)

    train = articles("en", "train", "squad", settings.train["squad"])
    train += articles("en", "few-shot", "squad", settings.few_shot["squad"])
    yield "squad/train-v1.1.json", _json({"data": train, "version": "1.1"})
    dev = articles("en", "dev", "squad", settings.dev)
    dev += articles("en", "test", "xquad", settings.test)
    yield "squad/dev-v1.1.json", _json({"data": dev, "version": "1.1"})
    for language in settings.languages:
        data = articles(language, "test", "xquad", settings.test)
        yield f"xquad/xquad.{language}.json", _json({"data": data, "version": "1.1"})


def squad2(lexicon: Lexicon, settings: WorldSettings) -> Iterator[tuple[str, str]]:
    """Yield SQuAD 2.0, where every second question has no answer."""
    for split, count in {"train": settings.train["squad2"], "dev": settings.dev}.items():
        paragraphs = sample_paragraphs(lexicon, settings, split, "squad2", count, unanswerable=True)
        name = _named("squad2", split, 24)
        data = _articles(
            lexicon, settings, "en", paragraphs, ("squad2", split), name, version2=True
        )
        yield f"squad_v2/{split}-v2.0.json", _json({"version": "v2.0", "data": data})


def mlqa(lexicon: Lexicon, settings: WorldSettings) -> Iterator[tuple[str, str]]:
    """Yield MLQA: contexts with an aside in every language, questions in the same one."""
    for split, count in {"dev": settings.dev, "test": settings.test}.items():
        paragraphs = sample_paragraphs(lexicon, settings, split, "mlqa", count, aside=0.5, sequel=_SEQUEL_SHARE)
        name = _named("mlqa", split, 40)
        for language in settings.languages:
            data = _articles(lexicon, settings, language, paragraphs, ("mlqa", split), name)
            path = f"mlqa/MLQA_V1/{split}/{split}-context-{language}-question-{language}.json"
            yield path, _json({"version": 1.0, "data": data})


def tydiqa(lexicon: Lexicon, settings: WorldSettings) -> Iterator[tuple[str, str]]:
    """Yield TyDiQA-GoldP: short questions, the language as the prefix of the question's id.

    The training file is English alone; the dev file holds every language.
    """
    train = _tydiqa_articles(lexicon, settings, "en", "few-shot", settings.few_shot["tydiqa"])
    yield "tydiqa/tydiqa-goldp-v1.1-train.json", _json({"data": train, "version": "1.1"})
    dev = [
        article
        for language in settings.languages
        for article in _tydiqa_articles(lexicon, settings, language, "test", settings.test)
    ]
    yield "tydiqa/tydiqa-goldp-v1.1-dev.json", _json({"data": dev, "version": "1.1"})


def _tydiqa_articles(
    lexicon: Lexicon, settings: WorldSettings, language: str, split: str, count: int
) -> list[dict[str, object]]:
    paragraphs = sample_paragraphs(lexicon, settings, split, "tydiqa", count, aside=0.3, terse=True)

    def name(paragraph: int, question: int) -> str:
        number = unit_hash("tydiqa", split, paragraph, question)
        return f"{_TYDIQA_NAMES[language]}-{number}-{question}"

    return _articles(lexicon, settings, language, paragraphs, ("tydiqa", split), name)


WRITERS: tuple[Callable[[Lexicon, WorldSettings], Iterator[tuple[str, str]]], ...] = (
    squad,
    squad2,
    mlqa,
    tydiqa,
)
