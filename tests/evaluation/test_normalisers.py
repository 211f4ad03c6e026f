"""Normalisation and scores of answers equal an independent writing of the published rules."""

from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluation import answer_oracles as oracle
from polystilts.evaluation.metrics import mlqa_text, squad_text
from polystilts.evaluation.metrics.span_qa import answer_scores

LANGUAGES = ["en", "es", "de", "ar", "hi", "vi", "zh"]

# what has made normalisers differ: each piece is a reason of its own
ADVERSARIAL = [
    "The Cat's\u00a0hat",  # no-break space
    "\u200ethe\u200f \u202aan\u202c \u2066a\u2069",  # bidi marks and isolates touch the articles
    "a\u200bn the\u200d \ufeffthe \u2060a",  # zero-width characters
    "na\u0308ive cafe\u0301 the\u0301",  # combining marks end a word
    "محم\u064e\u0651د الكتاب مثال",  # article inside a word
    "ال\u0640قلم، والقلم؟",  # tatweel, Arabic punctuation
    "االل الال",  # the article twice, and around itself
    "１９９０年（平成）、「京都」。",  # full-width digits, CJK punctuation
    "Ｔｈｅ Ａ\uff0e\uff3f",  # full-width letters and full stop
    "เขาเก\u0e34ดท\u0e35\u0e48กร\u0e38งเทพฯ \u0e46",  # Thai with marks and signs
    "एक र\u093eज\u093e। क\u094dष\u0947त\u094dर",  # Devanagari, danda, virama
    "der Hund des Nachbarn, Dessau; einer",
    "El Niño y la un-a los_las ¿unas?",
    "những cái bàn của tôi là",
    "nhu\u031b\u0303ng ca\u0301i cu\u0309a la\u0300",  # the same in decomposed form
    "北京abc龥龦㐀\U00020000 突",  # inside and outside MLQA's block
    "A.B.C. the-end a_the 1,000 $5 <a>+=^`|~",
    "İstanbul STRASSE ẞ ΣΣ",  # lower case of another length; final sigma
    "tab\tline\nfeed\x0bvt\x1cfs\x85nel\u2028ls\u3000wide",  # all kinds of white space
    "’the’ “a” —an— «the»",
    "the",
    "",
    " \u3000\u00a0",
    "\U0001f600 the \U0001f1e9\U0001f1ea\u20e3",
]
_CHARACTERS = st.one_of(
    st.sampled_from(sorted(set("".join(ADVERSARIAL)))), st.characters(exclude_categories=["Cs"])
)
_WORDS = sorted({word for words in oracle.ARTICLES.values() for word in words})
TEXTS = st.lists(
    st.one_of(
        st.text(_CHARACTERS, max_size=6),
        st.sampled_from(_WORDS),
        st.sampled_from(_WORDS).map(str.title),
        st.sampled_from([" ", "-", "\u0301", "\u200b", "_", "ال"]),
        st.sampled_from(ADVERSARIAL),
    ),
    max_size=6,
).map("".join)


@pytest.mark.parametrize("text", ADVERSARIAL)
def test_adversarial_texts(text: str) -> None:
    assert squad_text.normalise(text) == oracle.squad(text)
    for language in LANGUAGES:
        assert mlqa_text.normalise(text, language) == oracle.mlqa(language)(text)


@settings(max_examples=500)
@given(TEXTS)
def test_squad_as_published(text: str) -> None:
    assert squad_text.normalise(text) == oracle.squad(text)


@settings(max_examples=1000)
@given(TEXTS, st.sampled_from(LANGUAGES))
def test_mlqa_as_published(text: str, language: str) -> None:
    assert mlqa_text.normalise(text, language) == oracle.mlqa(language)(text)


@settings(max_examples=300)
@given(TEXTS, st.lists(TEXTS, min_size=1, max_size=3), st.sampled_from([None, *LANGUAGES]))
def test_scores_as_published(prediction: str, answers: list[str], language: str | None) -> None:
    if language is None:
        ours, theirs = squad_text.normalise, oracle.squad
    else:
        ours, theirs = partial(mlqa_text.normalise, language=language), oracle.mlqa(language)
    scores = answer_scores(prediction, answers, ours)
    assert 100 * scores.exact_match == oracle.exact_match(prediction, answers, theirs)
    assert 100 * scores.f1 == pytest.approx(oracle.f1(prediction, answers, theirs))
