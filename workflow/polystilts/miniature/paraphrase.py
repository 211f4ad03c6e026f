"""Paraphrase pairs: QQP (questions) and PAWS-X (statements) in their published formats."""

from dataclasses import dataclass, replace
from random import Random

from polystilts.miniature.facts import (
    Fact,
    dropping,
    sample_fact,
    stream,
    with_antonym,
    with_synonym,
)
from polystilts.miniature.grammar import Voice, Word, written
from polystilts.miniature.lexicon import Lexicon
from polystilts.miniature.settings import WorldSettings
from polystilts.miniature.writer import (
    ENGLISH,
    Files,
    Translator,
    Writer,
    splits_in,
    voice_for,
)

_ASKED = ("subject", "place", "time", "recipient")


@dataclass(frozen=True)
class Statements:
    """Two statements, whether the second has its time moved, and 1 if they mean the same."""

    first: Fact
    second: Fact
    moved: bool
    label: int


def qqp(lexicon: Lexicon, settings: WorldSettings, language: str = ENGLISH) -> Files:
    """Yield GLUE's QQP files.

    Most second questions take a synonym and lose a role, whatever the label. Those that are no
    duplicates also ask for another role, flip an adjective or the polarity.
    """
    sizes = {"train": settings.train["qqp"], "dev": settings.dev}
    for split, count in splits_in(language, sizes).items():
        lines = ["id\tqid1\tqid2\tquestion1\tquestion2\tis_duplicate\n"]
        for row in range(count):
            rng = stream(settings.seed, "qqp", split, row)
            label = row % 2
            voice = voice_for(lexicon, settings, language, rng, "qqp", split, row)
            first, second = _questions(lexicon, rng, voice, split, label)
            texts = f"{written(first)}\t{written(second)}"
            lines.append(f"{row}\t{2 * row + 1}\t{2 * row + 2}\t{texts}\t{label}\n")
        yield f"glue/QQP/{split}.tsv", "".join(lines)


def _questions(
    lexicon: Lexicon, rng: Random, voice: Voice, split: str, label: int
) -> tuple[list[Word], list[Word]]:
    fact = sample_fact(lexicon, rng, split, ("adjective",), 0.5)
    asked = rng.choice(_ASKED)
    # a question does not mention what it asks for, nor anything that would give away the other's
    known = fact if asked == "subject" else fact.without(asked)
    other, other_asked = known, asked
    if label == 0:
        draw = rng.random()
        if draw < 0.5:
            other = with_antonym(lexicon, other)
        elif draw < 0.75:
            other = replace(other, negated=True)
            if rng.random() < 0.5:
                known, other = other, known
        else:
            other_asked = rng.choice([role for role in _ASKED[1:] if role != asked])
            known, other = known.without(other_asked), other.without(other_asked)
            if asked == "subject":
                asked = other_asked
                other_asked = rng.choice([role for role in _ASKED[1:] if role != asked])
                known, other = known.without(other_asked), other.without(other_asked)
    synonym = rng.random() < 0.85
    if rng.random() < 0.85:
        other = dropping(rng, other, 1, keep=("adjective", "number"))
    # a question is no duplicate of itself
    if synonym or (label == 1 and other == known):
        other = with_synonym(lexicon, other)
    return voice.question(known, asked), voice.question(other, other_asked)


def sample_statements(
    lexicon: Lexicon, settings: WorldSettings, split: str, count: int
) -> list[Statements]:
    """Draw pairs with alternating labels.

    Half of all second statements take the synonymous verb, a third move the time. Of those that
    are no paraphrase some swap giver and receiver (the same words in another order), the others
    flip an adjective or the polarity.
    """
    pairs = []
    for row in range(count):
        rng = stream(settings.seed, "pawsx", split, row)
        fact = sample_fact(lexicon, rng, split, ("adjective", "recipient", "time"), 0.5)
        other, label = fact, row % 2
        if label == 0:
            draw = rng.random()
            if draw < 0.15:
                assert fact.recipient is not None
                other = replace(fact, subject=fact.recipient, recipient=fact.subject)
            elif draw < 0.6:
                other = with_antonym(lexicon, fact)
            else:
                other = replace(fact, negated=True)
                if rng.random() < 0.5:
                    fact, other = other, fact
        if rng.random() < 0.5:
            other = with_synonym(lexicon, other)
        pairs.append(Statements(fact, other, rng.random() < 0.35, label))
    return pairs


def pawsx(lexicon: Lexicon, settings: WorldSettings) -> Files:
    """Yield PAWS-X files: English training, dev and test of every language."""
    splits: list[tuple[str, str, int, tuple[str, ...]]]
    splits = [("few-shot", "train", settings.few_shot["pawsx"], ("en",))]
    splits += [("dev", "dev_2k", settings.dev, settings.languages)]
    splits += [("test", "test_2k", settings.test, settings.languages)]
    for split, name, count, languages in splits:
        pairs = sample_statements(lexicon, settings, split, count)
        for language in languages:
            lines = ["id\tsentence1\tsentence2\tlabel\n"]
            for row, pair in enumerate(pairs):
                rng = stream(settings.seed, "pawsx", split, "voice", language, row)
                voice = Voice(lexicon, language, rng)
                first = voice.sentence(pair.first)
                second = voice.sentence(pair.second, moved_time=pair.moved)
                # PAWS texts are tokenised: punctuation stands apart
                texts = [" ".join(word.text for word in words) for words in (first, second)]
                lines.append(f"{row + 1}\t{texts[0]}\t{texts[1]}\t{pair.label}\n")
            yield f"pawsx/x-final/{language}/{name}.tsv", "".join(lines)


WRITERS: tuple[Writer, ...] = (qqp, pawsx)
TRANSLATORS: tuple[Translator, ...] = (qqp,)
