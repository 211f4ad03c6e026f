"""Multiple choice: HellaSwag, Cosmos QA and CommonsenseQA in their published formats.

The right choice follows from the class of the things in the context; wrong ones belong to other
classes.
"""

import csv
import io
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from random import Random

from polystilts.miniature.commonsense import (
    CLASSES,
    RELATIONS,
    consequence,
    named_things,
    value,
    with_details,
)
from polystilts.miniature.facts import Fact, dropping, sample_fact, stream
from polystilts.miniature.grammar import Voice, written
from polystilts.miniature.lexicon import Concept, Lexicon
from polystilts.miniature.settings import WorldSettings
from polystilts.provenance.hashing import unit_hash


def _classes(rng: Random, group: str, count: int) -> tuple[list[str], int]:
    """Return `count` classes in random order, one of them `group`, and its place."""
    others = rng.sample([name for name in CLASSES if name != group], count - 1)
    place = rng.randrange(count)
    return [*others[:place], group, *others[place:]], place


def _scene(lexicon: Lexicon, rng: Random, split: str, chance: float) -> Fact:
    return sample_fact(lexicon, rng, split, (), chance)


def _group(fact: Fact) -> str:
    assert fact.noun is not None
    return fact.noun.group


def hellaswag(lexicon: Lexicon, settings: WorldSettings) -> Iterator[tuple[str, str]]:
    """Yield HellaSwag files: what does someone do next with what they got?"""
    for split, (name, count) in _sizes(settings, "hellaswag", "train", "val").items():
        lines = []
        for row in range(count):
            rng = stream(settings.seed, "hellaswag", split, row)
            voice = Voice(lexicon, "en", rng)
            fact = _scene(lexicon, rng, split, 0.5)
            relation = rng.choice(("use", "site"))
            classes, label = _classes(rng, _group(fact), 4)
            things = lexicon.get("function", "them")
            endings = []
            for group in classes:
                event = consequence(lexicon, relation, fact.subject, group, things)
                words = voice.sentence(with_details(lexicon, rng, event))
                endings.append(written([word for word in words if word.role != "subject"]))
            opening, then = written(voice.sentence(fact)), f"then {fact.subject.forms['en']}"
            record = {
                "ind": row,
                "activity_label": f"Getting {_group(fact)} things",
                "ctx_a": opening,
                "ctx_b": then,
                "ctx": f"{opening} {then}",
                "split": name,
                "split_type": "indomain",
                "label": label,
                "endings": endings,
                "source_id": f"miniature~{split}-{row:06d}",
            }
            lines.append(json.dumps(record) + "\n")
        yield f"hellaswag/hellaswag_{name}.jsonl", "".join(lines)


def cosmosqa(lexicon: Lexicon, settings: WorldSettings) -> Iterator[tuple[str, str]]:
    """Yield Cosmos QA files: why did someone do it, or where are the things kept?"""
    for split, (name, count) in _sizes(settings, "cosmosqa", "train", "valid").items():
        table = io.StringIO()
        writer = csv.writer(table, lineterminator="\n")
        writer.writerow(
            ["id", "context", "question", "answer0", "answer1", "answer2", "answer3", "label"]
        )
        for row in range(count):
            rng = stream(settings.seed, "cosmosqa", split, row)
            voice = Voice(lexicon, "en", rng)
            fact = _scene(lexicon, rng, split, 0.5)
            relation = rng.choice(("state", "site"))
            classes, label = _classes(rng, _group(fact), 4)
            things = named_things(lexicon, rng, fact)
            answers = []
            for group in classes:
                event = consequence(lexicon, relation, fact.subject, group, things)
                answers.append(written(voice.sentence(event)))
            if relation == "state":
                question = voice.question(dropping(rng, replace(fact, noun=things), 5), "why")
            else:
                keep = lexicon.get("keep", "keep")
                question = voice.question(Fact(fact.subject, keep, things), "place")
            identifier = f"miniature##{split}##{row:06d}"
            context = written(voice.sentence(fact))
            writer.writerow([identifier, context, written(question), *answers, label])
        yield f"cosmosqa/{name}.csv", table.getvalue()


def commonsenseqa(lexicon: Lexicon, settings: WorldSettings) -> Iterator[tuple[str, str]]:
    """Yield CommonsenseQA files: short questions with one-word choices.

    Some (relation, noun) pairs occur in dev only: they can be answered from the monolingual text
    and from the noun's class alone.
    """
    for split, (name, count) in _sizes(settings, "commonsenseqa", "train", "dev").items():
        lines = []
        for row in range(count):
            rng = stream(settings.seed, "commonsenseqa", split, row)
            relation, fact = _asked_relation(lexicon, rng, split)
            classes, label = _classes(rng, _group(fact), 5)
            letters = "ABCDE"
            choices = [
                {"label": letter, "text": value(lexicon, relation, group).forms["en"]}
                for letter, group in zip(letters, classes, strict=True)
            ]
            record = {
                "answerKey": letters[label],
                "id": f"{unit_hash('commonsenseqa', split, row):016x}",
                "question": {
                    "question_concept": fact.noun.forms["en"] if fact.noun else "",
                    "choices": choices,
                    "stem": _stem(lexicon, rng, relation, fact),
                },
            }
            lines.append(json.dumps(record) + "\n")
        yield f"commonsenseqa/{name}_rand_split.jsonl", "".join(lines)


def _asked_relation(lexicon: Lexicon, rng: Random, split: str) -> tuple[str, Fact]:
    while True:
        relation = rng.choice(RELATIONS)
        fact = _scene(lexicon, rng, split, 0.4)
        assert fact.noun is not None
        if split == "dev" or not is_held_out(relation, fact.noun):
            return relation, fact


def is_held_out(relation: str, noun: Concept) -> bool:
    """Tell whether CommonsenseQA's training data never asks this relation of this noun."""
    return unit_hash("held out", relation, noun.id) % 4 == 0


def _stem(lexicon: Lexicon, rng: Random, relation: str, fact: Fact) -> str:
    voice = Voice(lexicon, "en", rng)
    words = voice.clause(replace(fact, recipient=None))
    if relation == "state":
        return written([*voice.clause(fact), voice.function("because", ""), *_was(voice, fact)])
    if relation == "site":
        keep = Fact(fact.subject, lexicon.get("keep", "keep"), fact.noun, adjective=fact.adjective)
        return written(voice.question(keep, "place"))
    return written(
        [*words, voice.full_stop(), voice.function("then", ""), voice.word(fact.subject, "")]
    )


def _was(voice: Voice, fact: Fact) -> list:
    return [voice.word(fact.subject, ""), voice.function("was", "")]


def _sizes(settings: WorldSettings, task: str, train: str, dev: str) -> dict[str, tuple[str, int]]:
    return {"train": (train, settings.train[task]), "dev": (dev, settings.dev)}


WRITERS: tuple[Callable[[Lexicon, WorldSettings], Iterator[tuple[str, str]]], ...] = (
    hellaswag,
    cosmosqa,
    commonsenseqa,
)
