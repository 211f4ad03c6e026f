"""Universal Dependencies (CoNLL-U) and PAN-X (WikiANN) in every language."""

from collections.abc import Sequence
from dataclasses import replace
from random import Random

from polystilts.miniature.commonsense import RELATIONS, consequence
from polystilts.miniature.facts import sample_fact, stream
from polystilts.miniature.grammar import ASKED_ROLES, Voice, Word, located
from polystilts.miniature.layout import universal_dependencies
from polystilts.miniature.lexicon import Concept, Lexicon
from polystilts.miniature.settings import WorldSettings
from polystilts.miniature.writer import Files, Writer

_RELATIONS: dict[str, str] = {
    "subject": "nsubj",
    "object": "obj",
    "recipient": "obl",
    "place": "obl",
    "time": "obl",
    "negation": "advmod",
    "auxiliary": "aux",
    "opener": "advmod",
    "why": "advmod",
    "state": "xcomp",
    "stop": "punct",
}
_INSIDE_OBJECT = {"number": "nummod", "adjective": "amod"}
_ENTITY_TYPES = {"person": "PER", "surname": "PER", "city": "LOC", "organisation": "ORG"}


def udpos(lexicon: Lexicon, settings: WorldSettings) -> Files:
    """Yield one small treebank per language; English has a training part."""
    parts: list[tuple[str, str, int, tuple[str, ...]]]
    parts = [("few-shot", "train", settings.few_shot["udpos"], ("en",))]
    parts += [("dev", "dev", settings.dev, settings.languages)]
    parts += [("test", "test", settings.test, settings.languages)]
    for split, name, count, languages in parts:
        for language in languages:
            sentences = []
            for row in range(count):
                rng = stream(settings.seed, "udpos", split, row)
                voice_rng = stream(settings.seed, "udpos", split, "voice", language, row)
                words = _sentence(lexicon, rng, Voice(lexicon, language, voice_rng), split)
                sentences.append(_conllu(f"miniature-{name}-{row + 1:04d}", words))
            yield universal_dependencies(language, name), "".join(sentences)


def _sentence(lexicon: Lexicon, rng: Random, voice: Voice, split: str) -> list[Word]:
    """Return a statement, a question, or what follows from a fact."""
    fact = sample_fact(lexicon, rng, split, (), 0.5)
    fact = replace(fact, negated=rng.random() < 0.2)
    draw = rng.random()
    if draw < 0.5:
        return voice.sentence(fact, moved_time=rng.random() < 0.3)
    if draw < 0.75:
        asked = rng.choice(ASKED_ROLES)
        known = fact if asked in ("subject", "object") else fact.without(asked)
        return voice.question(replace(known, negated=False), asked)
    assert fact.noun is not None
    relation = rng.choice(RELATIONS)
    event = consequence(lexicon, relation, fact.subject, fact.noun.group, fact.noun)
    opener = "because" if relation == "state" else "then"
    return [voice.function(opener, "opener"), *voice.clause(event), voice.full_stop()]


def _conllu(identifier: str, words: Sequence[Word]) -> str:
    text, spans = located(words)
    root = next(i for i, word in enumerate(words) if word.role == "verb")
    lines = [f"# sent_id = {identifier}", f"# text = {text}"]
    for number, word in enumerate(words):
        head, relation = _attachment(number, words, root)
        glued = number + 1 < len(words) and spans[number + 1][0] == spans[number][1]
        cells = [str(number + 1), word.text, word.concept.id if word.concept else word.text]
        cells += [word.upos, "_", "_", str(head), relation, "_", "SpaceAfter=No" if glued else "_"]
        lines.append("\t".join(cells))
    return "\n".join(lines) + "\n\n"


def _attachment(number: int, words: Sequence[Word], root: int) -> tuple[int, str]:
    """Return the number of a word's head (0 for the root) and the relation to it."""
    word = words[number]
    if number == root:
        return 0, "root"
    if word.role in _INSIDE_OBJECT or (word.role == "number" and not word.head):
        things = [i for i, other in enumerate(words) if other.role == "object"]
        if things:
            return things[0] + 1, _INSIDE_OBJECT[word.role]
    if not word.head:
        heads = [i for i, other in enumerate(words) if other.role == word.role and other.head]
        if heads:
            return heads[0] + 1, "case" if word.upos == "ADP" else "dep"
    return root + 1, _RELATIONS.get(word.role, "dep")


def panx(lexicon: Lexicon, settings: WorldSettings) -> Files:
    """Yield WikiANN files: names in sentences and in bare headings.

    Rare names occur in dev and test only. The same name is a city in one place and part of an
    organisation's name in another; organisations and persons share the subject's place.
    """
    parts: list[tuple[str, str, int, tuple[str, ...]]]
    parts = [("few-shot", "train", settings.few_shot["panx"], ("en",))]
    parts += [("dev", "dev", settings.dev, settings.languages)]
    parts += [("test", "test", settings.test, settings.languages)]
    for split, name, count, languages in parts:
        for language in languages:
            lines = []
            for row in range(count):
                rng = stream(settings.seed, "panx", split, row)
                voice_rng = stream(settings.seed, "panx", split, "voice", language, row)
                for text, tag in _entities(
                    lexicon, rng, Voice(lexicon, language, voice_rng), split
                ):
                    lines.append(f"{language}:{text}\t{tag}\n")
                lines.append("\n")
            yield f"panx/{language}/{name}", "".join(lines)


def _entities(lexicon: Lexicon, rng: Random, voice: Voice, split: str) -> list[tuple[str, str]]:
    rare = split != "few-shot"
    if rng.random() < 0.3:
        return _heading(lexicon, rng, voice, rare)
    fact = sample_fact(lexicon, rng, split, (), 0.5)
    subject: tuple[Concept, ...] = (fact.subject,)
    draw = rng.random()
    if draw < 0.4:
        subject = _organisation(lexicon, rng, rare)
    elif draw < 0.6:
        subject = (_name(lexicon, rng, "person", rare), rng.choice(lexicon.kind("surname")))
    elif draw < 0.8 or fact.subject.group == "rare":
        subject = (_name(lexicon, rng, "person", rare),)
    place = _name(lexicon, rng, "city", rare) if rng.random() < 0.6 else None
    tagged: list[tuple[str, str]] = []
    for word in voice.sentence(replace(fact, subject=subject[0], place=place)):
        if word.role == "subject":
            tagged += _mention(voice, subject)
        elif word.concept is not None and word.concept.kind in _ENTITY_TYPES:
            tagged.append((word.text, f"B-{_ENTITY_TYPES[word.concept.kind]}"))
        else:
            tagged.append((word.text, "O"))
    return tagged


def _heading(lexicon: Lexicon, rng: Random, voice: Voice, rare: bool) -> list[tuple[str, str]]:
    """Return two names joined by `and`, or a name in brackets behind another."""
    first = _any_name(lexicon, rng, rare)
    second = _any_name(lexicon, rng, rare)
    if rng.random() < 0.5:
        joint = voice.function("and", "conjunction")
        return [*_mention(voice, first), (joint.text, "O"), *_mention(voice, second)]
    return [*_mention(voice, first), ("(", "O"), *_mention(voice, second), (")", "O")]


def _any_name(lexicon: Lexicon, rng: Random, rare: bool) -> tuple[Concept, ...]:
    draw = rng.random()
    if draw < 0.34:
        return _organisation(lexicon, rng, rare)
    if draw < 0.67:
        return (_name(lexicon, rng, "city", rare),)
    return (_name(lexicon, rng, "person", rare), rng.choice(lexicon.kind("surname")))


def _organisation(lexicon: Lexicon, rng: Random, rare: bool) -> tuple[Concept, ...]:
    """Return an organisation's name, or a bank or hotel named after a city or a person."""
    if rng.random() < 0.4:
        return (_name(lexicon, rng, "organisation", rare),)
    named_after = _name(lexicon, rng, rng.choice(("city", "person")), rare)
    return (named_after, rng.choice(lexicon.kind("suffix")))


def _name(lexicon: Lexicon, rng: Random, kind: str, rare: bool) -> Concept:
    return rng.choice(lexicon.kind(kind, "rare" if rare and rng.random() < 0.3 else "main"))


def _mention(voice: Voice, name: Sequence[Concept]) -> list[tuple[str, str]]:
    """Return a name's words in the language's order and their tags."""
    last = name[-1].kind
    kind = "ORG" if last == "suffix" else _ENTITY_TYPES[name[0].kind]
    ordered = list(name)
    if last == "suffix" and voice.language in ("es", "ar", "ru"):
        ordered.reverse()
    return [
        (voice.word(concept, "name").text, f"{'I' if place else 'B'}-{kind}")
        for place, concept in enumerate(ordered)
    ]


WRITERS: tuple[Writer, ...] = (udpos, panx)
