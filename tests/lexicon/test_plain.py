"""The short way through the gate, for plain words, decides as all its checks do."""

import random
import unicodedata

import pytest

from polystilts.lexicon import gate as gate_module
from polystilts.lexicon.entries import Entry
from polystilts.lexicon.gate import Gate, GatePolicy
from polystilts.lexicon.plain import PlainWords, is_plain_english

LANGUAGES = "ar bg de fa he hi hu ja ko nl ru th tr zh xx".split()
POLICIES = (
    GatePolicy(),
    GatePolicy(self_pairs="keep", form="NFKC"),
    GatePolicy(script_share=0.9, most_words=1),
)
SOURCES = ("house", "House", "a b", "a  b", " a", "of-", "don't", "é", "δ", "x2", "", "dom", "Рё")
LETTERS = (
    *("abzABZ", "aéßþýðôûőĳÃÂâ", "РСдомйё", "منزلةـي", "हिन्दी", "กำน้", "家书書ヽー々", "コヒー家"),
    *("한국\u1100\u1161", "ילד\u05b6", "aeоу\u0300\u0301"),
)
# Marks, signs, digits, spaces, invisible letters, and what shows that a text was decoded twice
OTHERS = (
    "\u0300\u0301\u064b\u093c\u0e31\u200c\u200d\u200b\u00ad\u1161ªºµ¿»€™ﬁÅ\u00a0\u3000\t  "
    "-'.…/{<#&=12²२٣①\ufffd\x07\ue000\u0378ʼabдоя家"
)


def outcome(entries: list[Entry], language: str, policy: GatePolicy) -> tuple[object, ...]:
    gate = Gate(language, policy)
    rows = [(pair.source, pair.target, pair.rank) for pair in gate.admit(entries, "x")]
    return rows, +gate.rejected, +gate.noticed


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_both_ways_agree(
    language: str, policy: GatePolicy, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = random.Random(language)
    letters = [source.choice(LETTERS) * 12 + source.choice(OTHERS) for _ in range(4000)]
    entries = [
        Entry(source.choice(SOURCES), "".join(source.choices(some, k=source.randint(0, 5))), None)
        for some in letters
    ]
    entries += [Entry("dom", "дом", None), Entry("dom", "DOM", None), Entry("dom", "dom", None)]
    short = outcome(entries, language, policy)
    monkeypatch.setattr(gate_module, "is_plain_english", lambda text: False)
    assert outcome(entries, language, policy) == short
    assert len(short[0]) > 40  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        *(("de", "Häuser"), ("de", "zu Hause"), ("ru", "дом"), ("ar", "منزل"), ("hi", "हिन्दी")),
        *(("zh", "家"), ("ja", "コーヒー"), ("ko", "한국"), ("th", "น้อง"), ("xx", "дом")),
    ],
)
def test_usual_words_take_the_short_way(language: str, text: str) -> None:
    assert text in PlainWords(language)
    assert text not in PlainWords("ta")  # in another script
    assert unicodedata.normalize("NFD", "é") not in PlainWords(language)


def test_plain_english() -> None:
    assert is_plain_english("ice cream")
    assert not any(map(is_plain_english, ("", "ice  cream", "ice ", "don't", "x2", "naïve")))
