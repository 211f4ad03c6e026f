"""Natural-language inference: ANLI, SNLI, MNLI and XNLI in their published formats."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from random import Random

from polystilts.miniature.facts import (
    Fact,
    dropping,
    sample_fact,
    stream,
    with_antonym,
    with_hypernym,
    with_synonym,
)
from polystilts.miniature.grammar import Voice, Word, written
from polystilts.miniature.lexicon import Lexicon
from polystilts.miniature.settings import WorldSettings
from polystilts.miniature.writer import ENGLISH, Files, Translator, Writer, splits_in

LABELS = ("entailment", "neutral", "contradiction")
_PRESENT_IN_PREMISE = 0.75
_MOVED_SHARE = 0.15
_MNLI_COLUMNS = (
    "index promptID pairID genre sentence1_binary_parse sentence2_binary_parse sentence1_parse "
    "sentence2_parse sentence1 sentence2"
).split()
_SNLI_COLUMNS = (
    "gold_label sentence1_binary_parse sentence2_binary_parse sentence1_parse sentence2_parse "
    "sentence1 sentence2 captionID pairID label1 label2 label3 label4 label5"
).split()
_XNLI_COLUMNS = (
    "language gold_label sentence1_binary_parse sentence2_binary_parse sentence1_parse "
    "sentence2_parse sentence1 sentence2 promptID pairID genre label1 label2 label3 label4 label5 "
    "sentence1_tokenized sentence2_tokenized match"
).split()


@dataclass(frozen=True)
class Inference:
    """A premise, a hypothesis (perhaps with its time elsewhere) and their gold label."""

    premise: Fact
    hypothesis: Fact
    moved: bool
    label: str

    def sentences(self, voice: Voice) -> tuple[list[Word], list[Word]]:
        return voice.sentence(self.premise), voice.sentence(self.hypothesis, moved_time=self.moved)


def sample_inferences(
    lexicon: Lexicon, settings: WorldSettings, split: str, purpose: str, count: int, edits: int = 1
) -> list[Inference]:
    """Draw `count` pairs with balanced labels; three in a row share their premise.

    Entailment drops a role, takes a synonym or a hypernym. Contradiction flips an adjective to its
    antonym or the polarity. Neutral adds a role that the premise lacks. Each hypothesis is further
    changed by `edits` edits that keep the label, entailed ones by one more.
    """
    pairs: list[Inference] = []
    while len(pairs) < count:
        rng = stream(settings.seed, purpose, split, len(pairs) // 3)
        premise = _premise(lexicon, rng, split)
        labels = rng.sample(LABELS, 3)
        pairs += [_pair(lexicon, rng, premise, label, edits) for label in labels]
    return pairs[:count]


def _premise(lexicon: Lexicon, rng: Random, split: str) -> Fact:
    while True:
        fact = sample_fact(lexicon, rng, split, ("adjective",), _PRESENT_IN_PREMISE)
        if 2 <= len(fact.roles()) <= 4:
            return fact


def _pair(lexicon: Lexicon, rng: Random, premise: Fact, label: str, edits: int) -> Inference:
    hypothesis = premise
    kept = ["adjective"] if label == "contradiction" else []
    if label == "neutral":
        roles = [role for role in ("recipient", "place", "time") if not getattr(premise, role)]
        role = rng.choice(roles) if roles else rng.choice(("recipient", "place", "time"))
        if not roles:
            premise = premise.without(role)
        donor = sample_fact(lexicon, rng, required=(role,))
        while donor.recipient is premise.subject:
            donor = sample_fact(lexicon, rng, required=(role,))
        hypothesis = premise.with_role_of(donor, role)
        kept.append(role)
    flips_polarity = label == "contradiction" and rng.random() < 0.5
    if label == "contradiction" and not flips_polarity:
        hypothesis = with_antonym(lexicon, hypothesis)
    negated = flips_polarity and rng.random() < 0.5
    if flips_polarity:
        premise = replace(premise, negated=negated)
        hypothesis = replace(hypothesis, negated=not negated)
    # what is entailed differs by these edits alone, and some word must not be shared
    for _ in range(edits + (label == "entailment")):
        hypothesis = _weaken(lexicon, rng, hypothesis, premise, kept, may_drop=not negated)
    return Inference(premise, hypothesis, rng.random() < _MOVED_SHARE, label)


def _weaken(
    lexicon: Lexicon, rng: Random, fact: Fact, premise: Fact, kept: list[str], may_drop: bool
) -> Fact:
    """Return the fact after an edit that keeps the label; no edit takes back an earlier one."""
    draw = rng.random()
    if fact.verb is premise.verb and (draw < 0.35 or not may_drop):
        return with_synonym(lexicon, fact)
    if fact.noun is not None and fact.noun.kind == "noun" and (draw < 0.65 or not may_drop):
        return with_hypernym(lexicon, fact)
    return dropping(rng, fact, 1, keep=(*kept, "number")) if may_drop else fact


def _texts(
    lexicon: Lexicon,
    settings: WorldSettings,
    split: str,
    purpose: str,
    count: int,
    edits: int = 1,
    language: str = ENGLISH,
) -> Iterator[tuple[int, str, str, str]]:
    pairs = sample_inferences(lexicon, settings, split, purpose, count, edits)
    for number, pair in enumerate(pairs):
        rng = stream(settings.seed, purpose, split, "voice", language, number)
        premise, hypothesis = map(written, pair.sentences(Voice(lexicon, language, rng)))
        yield number, premise, hypothesis, pair.label


def anli(lexicon: Lexicon, settings: WorldSettings, language: str = ENGLISH) -> Files:
    """Yield (path, content) of the three rounds; later rounds pile up more edits."""
    for number in (1, 2, 3):
        sizes = {"train": max(3, settings.train["anli"] // 3), "dev": max(3, settings.dev // 3)}
        for split, count in splits_in(language, sizes).items():
            lines = []
            purpose = f"anli-r{number}"
            rows = _texts(lexicon, settings, split, purpose, count, number, language)
            for row, premise, hypothesis, label in rows:
                record = {
                    "uid": f"r{number}-{split}-{row:06d}",
                    "context": premise,
                    "hypothesis": hypothesis,
                    "label": label[0],
                    "model_label": "n",
                    "emturk": False,
                    "genre": "miniature",
                    "reason": "",
                    "tag": f"r{number}_{split}",
                }
                lines.append(json.dumps(record, ensure_ascii=language == ENGLISH) + "\n")
            yield f"anli/anli_v0.1/R{number}/{split}.jsonl", "".join(lines)


def mnli(lexicon: Lexicon, settings: WorldSettings, language: str = ENGLISH) -> Files:
    """Yield GLUE's MNLI files; train has one annotator's label column, dev has five."""
    names = {"train": ("train", settings.train["mnli"], 1), "dev": ("dev_matched", settings.dev, 5)}
    for split, (name, count, annotators) in splits_in(language, names).items():
        header = [*_MNLI_COLUMNS, *(f"label{i + 1}" for i in range(annotators)), "gold_label"]
        lines = [header]
        rows = _texts(lexicon, settings, split, "mnli", count, language=language)
        for row, premise, hypothesis, label in rows:
            prompt = str(row // 3)
            parses = [""] * 4
            lines.append(
                [str(row), prompt, f"{prompt}{label[0]}", "miniature", *parses, premise, hypothesis]
                + [label] * (annotators + 1)
            )
        yield f"glue/MNLI/{name}.tsv", _table(lines)


def snli(lexicon: Lexicon, settings: WorldSettings, language: str = ENGLISH) -> Files:
    """Yield SNLI files."""
    sizes = {"train": settings.train["snli"], "dev": settings.dev}
    for split, count in splits_in(language, sizes).items():
        lines = [_SNLI_COLUMNS]
        rows = _texts(lexicon, settings, split, "snli", count, language=language)
        for row, premise, hypothesis, label in rows:
            caption = f"{split}{row // 3}.jpg#0"
            annotators = [label] * 5 if split == "dev" else [label, "", "", "", ""]
            pair = f"{caption}r1{label[0]}"
            lines.append([label, "", "", "", "", premise, hypothesis, caption, pair, *annotators])
        yield f"snli/snli_1.0/snli_1.0_{split}.txt", _table(lines)


def xnli(lexicon: Lexicon, settings: WorldSettings) -> Files:
    """Yield XNLI's English training file and its dev and test files of all languages."""
    lines = [["premise", "hypo", "label"]]
    count = settings.few_shot["xnli"]
    for _, premise, hypothesis, label in _texts(lexicon, settings, "few-shot", "xnli", count):
        # XNLI's machine-translation files say "contradictory" where all others say contradiction
        name = "contradictory" if label == "contradiction" else label
        lines.append([premise, hypothesis, name])
    yield "xnli/XNLI-MT-1.0/multinli/multinli.train.en.tsv", _table(lines)
    for split, count in {"dev": settings.dev, "test": settings.test}.items():
        pairs = sample_inferences(lexicon, settings, split, "xnli", count)
        lines = [_XNLI_COLUMNS]
        for language in settings.languages:
            for number, pair in enumerate(pairs):
                rng = stream(settings.seed, "xnli", split, "voice", language, number)
                sentences = pair.sentences(Voice(lexicon, language, rng))
                tokenized = [" ".join(word.text for word in words) for words in sentences]
                prompt, identifier = str(number // 3 + 1), str(number + 1)
                row = [language, pair.label, "", "", "", "", *map(written, sentences)]
                row += [prompt, identifier, "miniature", *[pair.label] * 5, *tokenized, "True"]
                lines.append(row)
        yield f"xnli/XNLI-1.0/xnli.{split}.tsv", _table(lines)


def _table(lines: list[list[str]]) -> str:
    return "".join("\t".join(cells) + "\n" for cells in lines)


WRITERS: tuple[Writer, ...] = (
    anli,
    mnli,
    snli,
    xnli,
)
TRANSLATORS: tuple[Translator, ...] = (anli, mnli, snli)
