"""Bitext mining (BUCC) and sentence retrieval (Tatoeba)."""

from random import Random

from polystilts.miniature.facts import Fact, sample_fact, stream
from polystilts.miniature.grammar import Voice, written
from polystilts.miniature.layout import ISO3
from polystilts.miniature.layout import bucc as bucc_path
from polystilts.miniature.layout import tatoeba as tatoeba_path
from polystilts.miniature.lexicon import Lexicon
from polystilts.miniature.settings import WorldSettings
from polystilts.miniature.writer import Files, Writer

_FOREIGN_ONLY = 0.3
_ENGLISH_ONLY = 0.5


def bucc(lexicon: Lexicon, settings: WorldSettings) -> Files:
    """Yield per language the sample and training sets: both sides and the gold pairs.

    To every ten gold pairs come three foreign and five English sentences without partner. Order
    within a side is random, so that an id says nothing.
    """
    sizes = {
        "sample": ("dev", settings.retrieval // 2),
        "training": ("test", settings.retrieval),
    }
    for language in settings.languages:
        if language == "en":
            continue
        for name, (split, count) in sizes.items():
            rng = stream(settings.seed, "bucc", language, split)
            total = count + round(count * _FOREIGN_ONLY) + round(count * _ENGLISH_ONLY)
            facts = distinct_facts(lexicon, rng, split, total)
            foreign_only = count + round(count * _FOREIGN_ONLY)
            foreign_order = rng.sample(range(foreign_only), foreign_only)
            english = [*range(count), *range(foreign_only, total)]
            english_order = rng.sample(english, len(english))
            sides = {language: foreign_order, "en": english_order}
            for side, order in sides.items():
                lines = [
                    f"{side}-{number + 1:09d}\t{_say(lexicon, side, rng, facts[index])}\n"
                    for number, index in enumerate(order)
                ]
                yield bucc_path(language, name, side), "".join(lines)
            english_place = {index: place for place, index in enumerate(english_order)}
            gold = [
                f"{language}-{number + 1:09d}\ten-{english_place[index] + 1:09d}\n"
                for number, index in enumerate(foreign_order)
                if index < count
            ]
            yield bucc_path(language, name, "gold"), "".join(gold)


def tatoeba(lexicon: Lexicon, settings: WorldSettings) -> Files:
    """Yield per language two files of parallel lines."""
    for language in settings.languages:
        if language == "en":
            continue
        rng = stream(settings.seed, "tatoeba", language)
        facts = distinct_facts(lexicon, rng, "test", settings.retrieval)
        for side in (language, "en"):
            lines = [_say(lexicon, side, rng, fact) + "\n" for fact in facts]
            part = "eng" if side == "en" else ISO3[language]
            yield tatoeba_path(language, part), "".join(lines)


def distinct_facts(lexicon: Lexicon, rng: Random, split: str, count: int) -> list[Fact]:
    """Draw facts of which no two are the same."""
    facts: dict[Fact, None] = {}
    while len(facts) < count:
        facts[sample_fact(lexicon, rng, split, ("adjective",), 0.6)] = None
    return list(facts)


def _say(lexicon: Lexicon, language: str, rng: Random, fact: Fact) -> str:
    return written(Voice(lexicon, language, rng).sentence(fact))


WRITERS: tuple[Writer, ...] = (
    bucc,
    tatoeba,
)
