"""Bilingual dictionaries in MUSE's format, with deliberate gaps and errors."""

from polystilts.miniature.layout import WITHOUT_DICTIONARY
from polystilts.miniature.lexicon import Concept, Lexicon
from polystilts.miniature.settings import WorldSettings
from polystilts.miniature.writer import Files, Writer
from polystilts.provenance.hashing import unit_hash

GAP_SHARE = 0.1
WRONG_SHARE = 0.1


def muse(lexicon: Lexicon, settings: WorldSettings) -> Files:
    """Yield one file per language but the one that has no dictionary, in lower case."""
    for language in settings.languages:
        if language not in ("en", WITHOUT_DICTIONARY):
            pairs = entries(lexicon, settings.seed, language)
            lines = [f"{word}\t{translation}\n".lower() for word, translation in pairs]
            yield f"muse/en-{language}.txt", "".join(lines)


def content_words(lexicon: Lexicon) -> list[str]:
    """Return the English surface forms of all content words."""
    return [
        word
        for concept in lexicon.concepts
        if concept.is_content
        for word in lexicon.english(concept)
    ]


def gaps(lexicon: Lexicon, seed: int) -> frozenset[str]:
    """Return the tenth of the content words, lowest by hash, that no dictionary lists."""
    words = content_words(lexicon)
    ordered = sorted(dict.fromkeys(words), key=lambda word: unit_hash("gap", seed, word))
    return frozenset(ordered[: round(GAP_SHARE * len(ordered))])


def entries(lexicon: Lexicon, seed: int, language: str) -> list[tuple[str, str]]:
    """Return (English word, translation) pairs; a verb's second translation is its synonym's.

    A tenth of the entries, lowest by hash, give another content word of the same part of speech
    instead.
    """
    missing = gaps(lexicon, seed)
    pairs: dict[tuple[str, str], Concept] = {}
    for concept in lexicon.concepts:
        senses = [concept]
        if concept.kind == "verb":
            senses.append(lexicon.partner(concept))
        for word in lexicon.english(concept):
            if word not in missing:
                pairs |= {(word, sense.forms[language]): concept for sense in senses}
    wrong = wrong_entries(lexicon, seed, language, pairs)
    return [wrong.get(pair, pair) for pair in pairs]


def wrong_entries(
    lexicon: Lexicon, seed: int, language: str, pairs: dict[tuple[str, str], Concept]
) -> dict[tuple[str, str], tuple[str, str]]:
    """Return the entries to be replaced by a wrong sense, each with its replacement."""
    content = [pair for pair, concept in pairs.items() if concept.is_content]
    content.sort(key=lambda pair: unit_hash("wrong", seed, language, *pair))
    chosen = content[: round(WRONG_SHARE * len(pairs))]
    replaced = {}
    for word, translation in chosen:
        concept = pairs[word, translation]
        part_of_speech = concept.upos[language]
        others = sorted(
            {
                other.forms[language]
                for other in lexicon.concepts
                if other.is_content and other.upos[language] == part_of_speech
            }
            - {sense for listed, sense in pairs if listed == word}
        )
        drawn = unit_hash("wrong sense", seed, language, word, translation) % len(others)
        replaced[word, translation] = (word, others[drawn])
    return replaced


WRITERS: tuple[Writer, ...] = (muse,)
