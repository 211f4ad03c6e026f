"""A tokenizer that cannot be laid over the texts is found before anything is trained on it."""

import time
import unicodedata
from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import (
    Regex,
    Tokenizer,
    models,
    normalizers,
    pre_tokenizers,
    processors,
)

from polystilts.errors import InputError
from polystilts.training import alignment
from polystilts.training.alignment import check_alignment, word_prefix
from polystilts.training.families import tagging
from polystilts.training.text_samples import Sample, sample_of
from training.architectures import (
    mbert_tokenizer,
    mdeberta_tokenizer,
    mmbert_tokenizer,
    xlmr_tokenizer,
)
from training.tiny import (
    QUESTIONS,
    SENTENCES,
    SETTINGS,
    choice_rows,
    classification_rows,
    question_rows,
    tagging_rows,
)

PATH = Path("encoders/some/tokenizer.json")
MANY = 1_000_000
SCRIPTS = {
    "latin": "the garden's naïve café, 1/2 fi ½ ﬁ!",
    "cyrillic": "кошка видит ёлку в саду йод",
    "devanagari": "वह किताब हिन्दी में पढ़ती है संस्कृत",
    "arabic": "مُحَمَّدٌ كَتَبَ الرِّسَالَةَ إلى أُخْتِهِ",
    "han": "我 喜欢 读书 日本語 の 本",
    "thai": "ผู้หญิงกำลังอ่านหนังสือ ที่ บ้าน น้ำ",
    "hangul": "한국어 문장 입니다",
    "emoji": "👨‍👩‍👧 👍🏽 ❤️ ok",
    "zero-width": "zero\u200bwidth join\u200der می\u200cخواهم \u200b soft\u00adhyphen",
}
TOKENIZERS: dict[str, Callable[..., Tokenizer]] = {
    "xlmr": xlmr_tokenizer,
    "mdeberta": mdeberta_tokenizer,
    "mmbert": mmbert_tokenizer,
    "mbert": mbert_tokenizer,
}
FORMS = ("NFC", "NFD", "NFKC", "NFKD")
ALPHABET = sorted(
    {
        character
        for text in SCRIPTS.values()
        for form in FORMS
        for character in unicodedata.normalize(form, text)
        if character != " "
    }
)


@pytest.fixture(scope="module", params=list(TOKENIZERS))
def tokenizer(request: pytest.FixtureRequest) -> Tokenizer:
    """One of every published kind, which knows every character below."""
    return TOKENIZERS[request.param](*ALPHABET)


@pytest.fixture
def nothing_may_be_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alignment, "_FEWEST", 1)
    for limit in ("HIDDEN", "LOST", "MISALIGNED", "RESEGMENTED"):
        monkeypatch.setattr(alignment, f"MOST_{limit}", 0.0)


def check(tokenizer: Any, *samples: Sample, rows: int = MANY) -> dict[str, Any]:
    return check_alignment(tokenizer, PATH, rows, samples)


def refusal(tokenizer: Any, *samples: Sample, rows: int = MANY) -> str:
    with pytest.raises(InputError) as raised:
        check(tokenizer, *samples, rows=rows)
    message = str(raised.value)
    assert message.startswith(f"{PATH}: ")
    return message


@pytest.mark.usefixtures("nothing_may_be_wrong")
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("script", list(SCRIPTS))
def test_published_kinds_fit_every_script(tokenizer: Tokenizer, script: str, form: str) -> None:
    text = unicodedata.normalize(form, SCRIPTS[script])
    found = check(tokenizer, Sample(script, [text, f"  {text} "], [text.split()]))
    assert found == {
        "texts": 3,
        "words": sum(any(c.isprintable() for c in word) for word in text.split()),
        "hidden": 0.0,
        "cut_otherwise_alone": 0.0,
        "unknown": {script: 0.0},
    }


words = st.text(st.sampled_from(ALPHABET), min_size=1, max_size=6)


@pytest.mark.usefixtures("nothing_may_be_wrong")
@pytest.mark.parametrize("kind", list(TOKENIZERS))
def test_published_kinds_fit_any_words(kind: str) -> None:
    tokenizer = TOKENIZERS[kind](*ALPHABET)

    @settings(max_examples=150, deadline=None, derandomize=True)
    @given(sentences=st.lists(st.lists(words, min_size=1, max_size=6), min_size=1, max_size=3))
    def fits(sentences: list[list[str]]) -> None:
        check(tokenizer, Sample("x", [" ".join(words) for words in sentences], sentences))

    fits()


def test_only_gemmas_kind_needs_a_space_before_a_word() -> None:
    prefixes = {name: word_prefix(make()) for name, make in TOKENIZERS.items()}
    assert prefixes == {"xlmr": "", "mdeberta": "", "mmbert": " ", "mbert": ""}
    byte_level = Tokenizer(
        models.BPE({"a": 0, "Ġ": 1, "Ġa": 2, "<unk>": 3}, [("Ġ", "a")], unk_token="<unk>")
    )
    byte_level.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    assert word_prefix(byte_level) == " "  # RoBERTa's


@pytest.mark.parametrize("kind", list(TOKENIZERS))
def test_tagged_words_are_cut_as_in_running_text(kind: str) -> None:
    tokenizer = TOKENIZERS[kind]()
    (sentence, tags), *_ = SENTENCES
    encoded = tagging.encode(tagging_rows([(sentence, tags)]), tokenizer, SETTINGS, ["DET"])
    running = tokenizer.encode(word_prefix(tokenizer) + sentence)
    assert encoded.inputs[0].tolist() == running.ids
    assert [running.tokens[i].strip("▁") for i in encoded.rows("starts")[0]] == sentence.split()


def words_of(text: str, times: int) -> list[Sequence[str]]:
    return [text.split()] * times


def test_a_language_that_the_tokenizer_does_not_know() -> None:
    tokenizer = xlmr_tokenizer()
    english = Sample("en", ["the cat sees a small dog"] * 50)
    thai = Sample("th", [SCRIPTS["thai"]] * 50)
    message = refusal(tokenizer, english, thai)
    assert "pieces of `th` are the unknown token" in message and "limit 10%" in message
    assert "<unk>[" in message and "not the encoder's tokenizer" in message
    assert check(tokenizer, english)["unknown"] == {"en": 0.0}


def test_a_handful_of_texts_proves_nothing() -> None:
    found = check(xlmr_tokenizer(), Sample("th", ["ไทย"]))
    assert 0.4 < found["unknown"]["th"] <= 0.5  # ▁ and the unknown token, which takes them all


def test_vowel_signs_that_are_stripped_as_accents() -> None:
    tokenizer = mbert_tokenizer(*ALPHABET)
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True, strip_accents=True)
    for script in ("devanagari", "thai", "arabic"):
        message = refusal(tokenizer, Sample(script, [SCRIPTS[script]] * 20))
        assert "visible characters are in no piece" in message and "normaliser" in message
        assert SCRIPTS[script][:20] in message


def test_spaces_that_are_lost() -> None:
    tokenizer = mbert_tokenizer(*ALPHABET)
    tokenizer.normalizer = normalizers.Replace(" ", "")
    message = refusal(tokenizer, Sample("en", [], words_of("the cat sees a dog", 30)))
    assert "words are cut otherwise alone than in a sentence" in message
    assert "as 'cat' in 'the cat sees a dog' → the[0:3] ##c[4:5]" in message


def test_pieces_over_two_words() -> None:
    vocabulary = [
        ("<unk>", 0.0),
        ("<pad>", 0.0),
        ("▁the▁cat", -1.0),
        ("▁the", -9.0),
        ("▁cat", -9.0),
    ]
    tokenizer = Tokenizer(models.Unigram(vocabulary, unk_id=0))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.Replace(" ", "▁"), normalizers.Prepend("▁")]
    )
    with_template(tokenizer)
    message = refusal(tokenizer, Sample("en", [], words_of("the cat", 30)))
    assert "words have no piece that begins there" in message and "▁the▁cat[0:7]" in message


def test_words_that_are_cut_otherwise_alone() -> None:
    tokenizer = xlmr_tokenizer()
    tokenizer.normalizer = normalizers.Replace(Regex("(?<=ca)t$"), "c")
    message = refusal(tokenizer, Sample("en", [], words_of("the cat sees the dog", 30)))
    assert "words are cut otherwise alone than in a sentence" in message
    assert "30 of 150 (20%, limit 5%)" in message


def test_words_without_any_piece() -> None:
    tokenizer = mbert_tokenizer(*ALPHABET)
    tokenizer.normalizer = normalizers.Replace("7", "")
    sentence = " ".join(["gardengardengarden"] * 30 + ["7"])
    message = refusal(tokenizer, Sample("en", [], words_of(sentence, 25)))
    assert "25 of 775" in message and "words have no piece when they are alone" in message


def with_template(tokenizer: Tokenizer, pair: str = "<s> $A </s> $B </s>") -> Tokenizer:
    tokenizer.add_special_tokens(["<s>", "</s>"])
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>",
        pair=pair,
        special_tokens=[(name, tokenizer.token_to_id(name)) for name in ("<s>", "</s>")],
    )
    return tokenizer


def test_special_tokens_that_are_missing() -> None:
    english = Sample("en", ["the cat"])
    pieces = {"the": 0, "a": 1, "<unk>": 2}
    bare = Tokenizer(models.WordLevel(pieces, unk_token="<unk>"))
    bare.pre_tokenizer = pre_tokenizers.Whitespace()
    assert "neither `<pad>` nor `[PAD]`" in refusal(bare, english)
    bare.add_special_tokens(["<pad>"])
    assert "does not begin a text with a special token" in refusal(bare, english)
    unparted = with_template(bare, "<s> $A $B </s>")
    assert "does not part the texts of a pair" in refusal(unparted, english)
    assert check(with_template(bare), english)["texts"] == 1
    known = Tokenizer(models.WordLevel({"the": 0, "<pad>": 1}, unk_token="[UNK]"))
    assert "neither `<unk>` nor `[UNK]`" in refusal(known, english)


def test_pieces_without_an_embedding() -> None:
    tokenizer = xlmr_tokenizer()
    size = tokenizer.get_vocab_size()
    sample = Sample("en", ["the cat"])
    check(tokenizer, sample, rows=size)
    message = refusal(tokenizer, sample, rows=size - 1)
    assert f"the id {size - 1}, but the encoder has {size - 1} embeddings" in message
    assert "same encoder and revision" in message


class Displaced:
    """A tokenizer whose offsets are moved, as those of a text that was altered before are."""

    def __init__(self, move: Callable[[list[tuple[int, int]]], list[tuple[int, int]]]) -> None:
        self.inner = xlmr_tokenizer()
        self.move = move

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    def encode_batch(self, texts: list[str], **options: Any) -> list[Any]:
        encodings = self.inner.encode_batch(texts, **options)
        return [
            SimpleNamespace(ids=e.ids, tokens=e.tokens, offsets=self.move(e.offsets))
            for e in encodings
        ]


@pytest.mark.parametrize(
    ("move", "what"),
    [
        (lambda spans: [(a + 1, b + 1) for a, b in spans], "lie outside the text ((4, 8))"),
        (lambda spans: spans[::-1], "run backwards"),
        (lambda spans: [(b, a) for a, b in spans], "lie outside the text ((3, 0))"),
    ],
)
def test_offsets_that_are_wrong(move: Callable[..., Any], what: str) -> None:
    message = refusal(Displaced(move), Sample("en", ["the cat"]))
    assert f"the offsets of its pieces {what} in 'the cat' → ▁the[" in message
    assert "published `tokenizer.json`" in message


def test_words_in_the_wrong_places() -> None:
    """Offsets that are in order, but whose first piece is one character late."""
    late = Displaced(lambda spans: [(min(a + 1, b), b) for a, b in spans[:1]] + spans[1:])
    message = refusal(late, Sample("en", [], words_of("the cat sees a dog", 30)))
    assert "visible characters are in no piece" in message


def test_samples_of_every_family() -> None:
    pairs = sample_of(classification_rows(6), "en")
    assert len(pairs.texts) == 10 and "the house ." in pairs.texts  # two have no second text
    choices = sample_of(choice_rows(2), "en")
    assert {"the cat sees a dog", "who sees ?", "dog ."} <= set(choices.texts)
    questions = sample_of(question_rows(QUESTIONS), "en")
    assert {text for row in QUESTIONS for text in row[:2]} == set(questions.texts)
    tagged = sample_of(tagging_rows(SENTENCES), "de")
    assert tagged == Sample("de", [], [words.split() for words, _ in SENTENCES])
    assert sample_of(pa.table({"id": ["1"], "text": ["a b"]}), "fi").texts == ["a b"]


def test_a_sample_is_small_and_spread_out() -> None:
    table = pa.table({"text": [f"text {i} " + "x" * 90 for i in range(5000)]})
    texts = sample_of(table, "en").texts
    assert len(texts) == 200 and texts[0].startswith("text 0 ") and "text 4975 " in texts[-1]
    long = pa.table({"context": ["x" * 30_000] * 50})
    assert len(sample_of(long, "en").texts) == 4


def test_the_check_costs_next_to_nothing(tokenizer: Tokenizer) -> None:
    sentences = [f"{text} {text}".split() for text in SCRIPTS.values()] * 22
    begin = time.process_time()
    check(tokenizer, Sample("x", [" ".join(words) for words in sentences], sentences))
    assert time.process_time() - begin < 2
