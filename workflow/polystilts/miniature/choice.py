"""Multiple choice: HellaSwag, Cosmos QA and CommonsenseQA in their published formats.

The right choice follows from the class of the things in the context. Wrong ones belong to another
class; in HellaSwag, and in parts of the other two, some wrong ones are of the right class but about
the opposite things or the other person, which takes comparing words instead of knowing classes.
One dev item in ten has a wrong choice as its label, so that nobody gets all of them right.
"""

import csv
import io
import json
from dataclasses import replace
from itertools import product
from random import Random

from polystilts.miniature.commonsense import (
    CLASSES,
    RELATIONS,
    consequence,
    named_things,
    value,
)
from polystilts.miniature.facts import Fact, sample_fact, stream
from polystilts.miniature.grammar import Voice, written
from polystilts.miniature.lexicon import Concept, Lexicon
from polystilts.miniature.settings import WorldSettings
from polystilts.miniature.writer import (
    ENGLISH,
    Files,
    Translator,
    Writer,
    annotated,
    splits_in,
    voice_for,
)
from polystilts.provenance.hashing import unit_hash

_CROSSED_SHARE = 0.4
_KIND = "hypernym"


def _classes(rng: Random, group: str, count: int) -> tuple[list[str], int]:
    """Return `count` classes in random order, one of them `group`, and its place."""
    others = rng.sample([name for name in CLASSES if name != group], count - 1)
    place = rng.randrange(count)
    return [*others[:place], group, *others[place:]], place


def _group(fact: Fact) -> str:
    assert fact.noun is not None
    return fact.noun.group


def _crossed(rng: Random) -> tuple[list[tuple[bool, bool]], int]:
    """Return the four (right class, right detail), shuffled, and the place of the right one."""
    order = rng.sample(list(product((True, False), (True, False))), 4)
    return order, order.index((True, True))


def _other_class(rng: Random, group: str) -> str:
    return rng.choice([name for name in CLASSES if name != group])


def hellaswag(lexicon: Lexicon, settings: WorldSettings, language: str = ENGLISH) -> Files:
    """Yield HellaSwag files: what does someone do next with the things they got?"""
    for split, (name, count) in _sizes(settings, language, "hellaswag", "train", "val").items():
        lines = []
        for row in range(count):
            rng = stream(settings.seed, "hellaswag", split, row)
            voice = voice_for(lexicon, settings, language, rng, "hellaswag", split, row)
            fact = sample_fact(lexicon, rng, split, ("adjective",), 0.4)
            relation = rng.choice(("use", "site"))
            other = _other_class(rng, _group(fact))
            options, label = _crossed(rng)
            assert fact.adjective is not None
            endings = []
            for right_class, right_things in options:
                group = _group(fact) if right_class else other
                things = lexicon.kind("hypernym", group)[0]
                event = consequence(lexicon, relation, fact.subject, group, things)
                adjective = fact.adjective if right_things else lexicon.partner(fact.adjective)
                words = voice.sentence(replace(event, adjective=adjective))
                endings.append(written([word for word in words if word.role != "subject"]))
            opening = written(voice.sentence(fact))
            opener = voice.function("then", "opener")
            then = written([opener, voice.word(fact.subject, "subject")])
            record = {
                "ind": row,
                "activity_label": f"Getting {_group(fact)} things",
                "ctx_a": opening,
                "ctx_b": then,
                "ctx": f"{opening} {then}",
                "split": name,
                "split_type": "indomain",
                "label": annotated(settings, label, 4, "hellaswag", split, row),
                "endings": endings,
                "source_id": f"miniature~{split}-{row:06d}",
            }
            lines.append(_json_line(record, language))
        yield f"hellaswag/hellaswag_{name}.jsonl", "".join(lines)


def cosmosqa(lexicon: Lexicon, settings: WorldSettings, language: str = ENGLISH) -> Files:
    """Yield Cosmos QA files: why did someone do it, or where are the things kept?"""
    for split, (name, count) in _sizes(settings, language, "cosmosqa", "train", "valid").items():
        table = io.StringIO()
        writer = csv.writer(table, lineterminator="\n")
        writer.writerow(
            ["id", "context", "question", "answer0", "answer1", "answer2", "answer3", "label"]
        )
        for row in range(count):
            rng = stream(settings.seed, "cosmosqa", split, row)
            voice = voice_for(lexicon, settings, language, rng, "cosmosqa", split, row)
            fact = sample_fact(lexicon, rng, split, ("recipient",), 0.25)
            assert fact.recipient is not None
            relation = rng.choice(("state", "site"))
            things = named_things(lexicon, rng, fact)
            if rng.random() < _CROSSED_SHARE:
                other = _other_class(rng, _group(fact))
                options, label = _crossed(rng)
                classes = [_group(fact) if right else other for right, _ in options]
                people = [fact.subject if right else fact.recipient for _, right in options]
            else:
                classes, label = _classes(rng, _group(fact), 4)
                people = [fact.subject] * 4
            events = [
                consequence(lexicon, relation, person, group, things)
                for person, group in zip(people, classes, strict=True)
            ]
            answers = [written(voice.sentence(event)) for event in events]
            if relation == "state":
                question = voice.question(Fact(fact.subject, fact.verb, things), "why")
            else:
                keep = lexicon.get("keep", "keep")
                question = voice.question(Fact(fact.subject, keep, things), "place")
            identifier = f"miniature##{split}##{row:06d}"
            context = written(voice.sentence(fact))
            given = annotated(settings, label, 4, "cosmosqa", split, row)
            writer.writerow([identifier, context, written(question), *answers, given])
        yield f"cosmosqa/{name}.csv", table.getvalue()


def commonsenseqa(lexicon: Lexicon, settings: WorldSettings, language: str = ENGLISH) -> Files:
    """Yield CommonsenseQA files: short questions with choices of one or two words.

    They ask for the use, the site, the state, or the kind of things (`old cats` are `old animals`).
    Some (relation, noun) pairs occur in dev only: they can be answered from the monolingual text
    and from the noun's class alone.
    """
    sizes = _sizes(settings, language, "commonsenseqa", "train", "dev")
    for split, (name, count) in sizes.items():
        lines = []
        for row in range(count):
            rng = stream(settings.seed, "commonsenseqa", split, row)
            relation, fact = _asked_relation(lexicon, rng, split)
            voice = voice_for(lexicon, settings, language, rng, "commonsenseqa", split, row)
            texts, label = _choices(lexicon, rng, voice, relation, fact)
            choices = [
                {"label": letter, "text": text} for letter, text in zip("ABCDE", texts, strict=True)
            ]
            record = {
                "answerKey": "ABCDE"[annotated(settings, label, 5, "commonsenseqa", split, row)],
                "id": f"{unit_hash('commonsenseqa', split, row):016x}",
                "question": {
                    "question_concept": fact.noun.forms["en"] if fact.noun else "",
                    "choices": choices,
                    "stem": _stem(lexicon, voice, relation, fact),
                },
            }
            lines.append(_json_line(record, language))
        yield f"commonsenseqa/{name}_rand_split.jsonl", "".join(lines)


def _asked_relation(lexicon: Lexicon, rng: Random, split: str) -> tuple[str, Fact]:
    while True:
        relation = rng.choice((*RELATIONS, _KIND, _KIND))
        fact = sample_fact(lexicon, rng, split, ("adjective",) if relation == _KIND else (), 0.4)
        assert fact.noun is not None
        if split == "dev" or not is_held_out(relation, fact.noun):
            return relation, fact


def _choices(
    lexicon: Lexicon, rng: Random, voice: Voice, relation: str, fact: Fact
) -> tuple[list[str], int]:
    """Return the five choices and the place of the right one."""
    classes, label = _classes(rng, _group(fact), 5)
    if relation != _KIND:
        values = (value(lexicon, relation, group) for group in classes)
        return [voice.word(concept, relation).text for concept in values], label
    assert fact.adjective is not None
    opposite = lexicon.partner(fact.adjective)
    twin = (label + 1 + rng.randrange(4)) % 5
    classes[twin] = classes[label]
    adjectives = [rng.choice((fact.adjective, opposite)) for _ in classes]
    adjectives[label], adjectives[twin] = fact.adjective, opposite
    described = (
        replace(fact, number=None, adjective=adjective, noun=value(lexicon, "hypernym", group))
        for adjective, group in zip(adjectives, classes, strict=True)
    )
    return [written(voice.things(things)) for things in described], label


def is_held_out(relation: str, noun: Concept) -> bool:
    """Tell whether CommonsenseQA's training data never asks this relation of this noun."""
    return unit_hash("held out", relation, noun.id) % 4 == 0


def _stem(lexicon: Lexicon, voice: Voice, relation: str, fact: Fact) -> str:
    """Return a question, or a sentence that the right choice completes."""
    if relation == "site":
        keep = Fact(fact.subject, lexicon.get("keep", "keep"), fact.noun, adjective=fact.adjective)
        return written(voice.question(keep, "place"))
    if relation == "state":
        because = voice.function("because", "opener")
        was = lexicon.get("function", "was")
        return written([*voice.clause(fact), because, *voice.opening(fact.subject, was)])
    if relation == "use":
        subject = voice.word(fact.subject, "subject")
        return written([*voice.sentence(fact), voice.function("then", "opener"), subject])
    return written([*voice.sentence(fact), *voice.opening(fact.subject, fact.verb)])


def _sizes(
    settings: WorldSettings, language: str, task: str, train: str, dev: str
) -> dict[str, tuple[str, int]]:
    sizes = {"train": (train, settings.train[task]), "dev": (dev, settings.dev)}
    return splits_in(language, sizes)


def _json_line(record: object, language: str) -> str:
    return json.dumps(record, ensure_ascii=language == ENGLISH) + "\n"


WRITERS: tuple[Writer, ...] = (
    hellaswag,
    cosmosqa,
    commonsenseqa,
)
TRANSLATORS: tuple[Translator, ...] = (hellaswag, cosmosqa, commonsenseqa)
