"""The world's own promises: sentences, facts, dictionary, settings."""

from collections import Counter
from dataclasses import replace
from random import Random

import pytest

from polystilts.errors import ConfigError
from polystilts.miniature.dictionary import content_words, entries, gaps
from polystilts.miniature.facts import Fact, sample_fact, split_of
from polystilts.miniature.grammar import ASKED_ROLES, Voice, written
from polystilts.miniature.inference import sample_inferences
from polystilts.miniature.lexicon import LANGUAGES, load_lexicon
from polystilts.miniature.paraphrase import qqp
from polystilts.miniature.settings import WorldSettings
from polystilts.miniature.supertags import ccg
from polystilts.miniature.writer import MISTAKE_SHARE, annotated

LEXICON = load_lexicon()


def _fact() -> Fact:
    get = LEXICON.get
    return Fact(
        subject=get("person", "anna"),
        verb=get("verb", "buy"),
        noun=get("noun", "apple"),
        number="3",
        adjective=get("adjective", "old"),
        recipient=get("person", "omar"),
        place=get("city", "moscow"),
        time=get("day", "monday"),
    )


def _voice(language: str) -> Voice:
    return Voice(LEXICON, language, Random(0), latin=0.0, anchors=0.0)


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("en", "Anna bought 3 old apples for Omar in Moscow on Monday."),
        ("es", "Ana compró 3 manzanas viejos para Omar en Moscú el lunes."),
        ("ru", "Анна во понедельник купил в Москва для Омар 3 старые яблоки."),
        ("hi", "अन्ना सोमवार को मॉस्को में उमर लिए 3 पुराने सेब खरीदा।"),
        ("ar", "اشترى آنا 3 تفاح قديمة لأجل عمر في موسكو يوم الاثنين."),
    ],
)
def test_word_order_of_statements(language: str, expected: str) -> None:
    assert written(_voice(language).sentence(_fact())) == expected


@pytest.mark.parametrize(
    ("language", "asked", "expected"),
    [
        ("en", "subject", "who bought old apples?"),
        ("en", "place", "where did Anna buy old apples?"),
        ("en", "recipient", "for whom did Anna buy old apples?"),
        ("en", "number", "how many old apples did Anna buy?"),
        ("es", "place", "dónde compró Ana manzanas viejos?"),
        ("ru", "place", "где Анна купил старые яблоки?"),
        ("hi", "place", "अन्ना कहाँ पुराने सेब खरीदा?"),
        ("ar", "place", "أين اشترى آنا تفاح قديمة؟"),
    ],
)
def test_word_order_of_questions(language: str, asked: str, expected: str) -> None:
    fact = _fact().without("number", "recipient", "place", "time")
    assert written(_voice(language).question(fact, asked)) == expected


def test_a_question_mentions_neither_the_role_it_asks_for_nor_its_filler() -> None:
    for language in LANGUAGES:
        for asked in ASKED_ROLES:
            if asked == "number":
                continue
            answer = getattr(_fact(), "noun" if asked == "object" else asked)
            words = _voice(language).question(_fact(), asked)
            assert answer.forms[language] not in [word.text for word in words]


def test_names_keep_one_script_within_an_item_and_vary_between_items() -> None:
    fact = replace(_fact(), recipient=None)
    seen = set()
    for seed in range(40):
        voice = Voice(LEXICON, "ru", Random(seed), anchors=0.0)
        texts = {next(w.text for w in voice.clause(fact) if w.role == "subject") for _ in range(5)}
        assert len(texts) == 1
        seen |= texts
    assert seen == {"Anna", "Анна"}


def test_a_fact_belongs_to_one_split_whatever_its_details() -> None:
    owner: dict[tuple[str, str, str], str] = {}
    for split in ("train", "few-shot", "dev", "test"):
        rng = Random(1)
        for _ in range(300):
            fact = sample_fact(LEXICON, rng, split)
            assert fact.noun is not None
            core = (fact.subject.id, fact.verb.group, fact.noun.id)
            assert owner.setdefault(core, split) == split
            synonym = LEXICON.partner(fact.verb)
            assert split_of(fact.subject, synonym, fact.noun) == split


def test_every_language_has_a_word_for_every_concept() -> None:
    for concept in LEXICON.concepts:
        assert all(concept.forms[language].strip() for language in LANGUAGES), concept.id
        assert all(" " not in form for form in concept.forms.values()), concept.id


def test_pairs_are_pairs() -> None:
    for concept in (*LEXICON.kind("verb"), *LEXICON.kind("adjective")):
        partner = LEXICON.partner(concept)
        assert partner is not concept
        assert LEXICON.partner(partner) is concept


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_tenth_of_the_content_words_has_no_entry_in_any_dictionary(seed: int) -> None:
    words = set(content_words(LEXICON))
    missing = {
        language: words - {word for word, _ in entries(LEXICON, seed, language)}
        for language in ("es", "ru", "hi")
    }
    assert missing["es"] == missing["ru"] == missing["hi"] == gaps(LEXICON, seed)
    assert len(gaps(LEXICON, seed)) == round(0.1 * len(words))


@pytest.mark.parametrize("language", ["es", "ru", "hi"])
def test_a_tenth_of_the_entries_gives_a_wrong_sense(language: str) -> None:
    right = set()
    for concept in LEXICON.concepts:
        senses = [concept, LEXICON.partner(concept)] if concept.kind == "verb" else [concept]
        right |= {(word, s.forms[language]) for word in LEXICON.english(concept) for s in senses}
    listed = entries(LEXICON, 1, language)
    wrong = [pair for pair in listed if pair not in right]
    assert len(wrong) == round(0.1 * len(listed))
    assert all(word in content_words(LEXICON) for word, _ in wrong)


def test_different_seeds_leave_different_gaps() -> None:
    assert gaps(LEXICON, 1) != gaps(LEXICON, 2)


@pytest.mark.parametrize(
    ("world", "named"),
    [
        ({"sed": 1}, "sed"),
        ({"languages": ["es"]}, "languages"),
        ({"languages": ["en", "fr"]}, "languages"),
        ({"documents": 0}, "documents"),
        ({"dev": "many"}, "dev"),
        ({"train": {"mnly": 10}}, "mnly"),
        ({"few_shot": {"xnli": 1}}, "few_shot.xnli"),
    ],
)
def test_a_wrong_setting_is_named(world: dict[str, object], named: str) -> None:
    with pytest.raises(ConfigError, match=named):
        WorldSettings.from_mapping(world)


def test_a_given_default_replaces_the_usual_sizes_and_a_task_replaces_the_default() -> None:
    settings = WorldSettings.from_mapping({"train": {"default": 60, "mnli": 90}})
    assert settings.train["hellaswag"] == 60
    assert settings.train["mnli"] == 90


def test_dev_items_carry_mistakes_and_training_items_none() -> None:
    settings = WorldSettings.from_mapping({"seed": 3})
    train = [annotated(settings, 2, 4, "hellaswag", "train", row) for row in range(500)]
    dev = [annotated(settings, 2, 4, "hellaswag", "dev", row) for row in range(2000)]
    assert set(train) == {2}
    assert set(dev) == {0, 1, 2, 3}
    assert sum(label != 2 for label in dev) / len(dev) == pytest.approx(MISTAKE_SHARE, abs=0.02)


def test_mistaken_supertags_stand_in_dev_alone() -> None:
    tags = {}
    for name, text in ccg(LEXICON, WorldSettings.from_mapping({"seed": 3, "dev": 400})):
        lines = [line.split("\t") for line in text.splitlines()]
        tags[name] = Counter(
            (word, tag)
            for words, categories in lines
            for word, tag in zip(words.split(), categories.split(), strict=True)
            if word in ("Anna", "Omar")
        )
    train, dev = tags["ccg/ccg.train"], tags["ccg/ccg.dev"]
    assert {tag for _, tag in train} == {"N"}
    wrong = sum(count for (_, tag), count in dev.items() if tag == "N/N")
    assert 0.03 < wrong / dev.total() < 0.15


@pytest.mark.parametrize("edits", [1, 3])
def test_a_hypothesis_is_never_its_premise(edits: int) -> None:
    settings = WorldSettings.from_mapping({"seed": 3})
    pairs = sample_inferences(LEXICON, settings, "train", "test", 600, edits)
    assert all(pair.premise != pair.hypothesis for pair in pairs)


def test_a_duplicate_question_is_written_in_another_way() -> None:
    settings = WorldSettings.from_mapping({"seed": 3, "train": {"qqp": 600}})
    text = dict(qqp(LEXICON, settings))["glue/QQP/train.tsv"]
    rows = [line.split("\t") for line in text.splitlines()[1:]]
    assert len(rows) == 600
    assert all(first != second for _, _, _, first, second, _ in rows)
