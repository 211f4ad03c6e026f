"""The measures of mixing, against published numbers, hand-made ones and plain formulas."""

import math
import pickle
import statistics
from collections import Counter
from itertools import groupby, pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from polystilts.codeswitch.sheet.mixing import Mixing

LANGUAGES = ("de", "hi", "sw")
Texts = list[list[int]]


def columns(texts: Texts) -> tuple[np.ndarray, np.ndarray]:
    codes = np.array([code for text in texts for code in text], np.int16)
    return codes, np.cumsum([0, *map(len, texts)])


def measured(texts: Texts, languages: tuple[str, ...] = LANGUAGES) -> Mixing:
    mixing = Mixing(languages)
    mixing.add(*columns(texts))
    return mixing


def divided(part: float, whole: float) -> float | None:
    return part / whole if whole else None


def spread(lengths: list[int], deviation: Any) -> float:
    mean, sigma = statistics.mean(lengths), deviation(lengths)
    return (sigma - mean) / (sigma + mean)


def entropy(counts: Counter[int]) -> float | None:
    total = sum(counts.values())
    return -sum(n / total * math.log2(n / total) for n in counts.values()) if total else None


def from_the_formulas(texts: Texts) -> dict[str, Any]:
    """Return the measures of the docstring, one text and one word at a time."""
    words = [[code for code in text if code >= 0] for text in texts]
    switches = [sum(a != b for a, b in pairwise(text)) for text in words]
    most = [max(Counter(text).values(), default=0) for text in words]
    cmi = [100 * (1 - m / len(text)) if text else 0 for text, m in zip(words, most, strict=True)]
    c_u = [
        100 * (len(text) - m + p) / (2 * len(text)) if text else 0
        for text, m, p in zip(words, most, switches, strict=True)
    ]
    mixed = sum(p > 0 for p in switches)
    # Gambäck and Das: 100/U · [½ Σ (1 − (max − P)/N + δ) + 5/6 S], δ = 0, a text without words 0
    inner = [
        1 - (m - p) / len(text) if text else 0
        for text, m, p in zip(words, most, switches, strict=True)
    ]
    runs = [[len(list(run)) for _, run in groupby(text)] for text in words]
    lengths = [length for text in runs for length in text]
    neighbours = [pair for text in runs for pair in pairwise(text)]
    tokens = Counter(code for text in words for code in text)
    total = sum(tokens.values())
    squares = sum((n / total) ** 2 for n in tokens.values())
    k = len(tokens)
    first, second = [a for a, _ in neighbours], [b for _, b in neighbours]
    varies = len(set(first)) > 1 and len(set(second)) > 1
    return {
        "texts": len(texts),
        "texts_without_words": sum(not text for text in words),
        "texts_mixed": mixed,
        "share_mixed": divided(mixed, len(texts)),
        "tokens": {name: tokens[code] for code, name in enumerate(("en", *LANGUAGES))},
        "tokens_independent": sum(code < 0 for text in texts for code in text),
        "cmi": divided(sum(cmi), len(texts)),
        "cmi_of_mixed": divided(sum(cmi), mixed),
        "c_u": divided(sum(c_u), len(texts)),
        "c_u_of_mixed": divided(sum(c_u), mixed),
        "c_c": divided(100 * (sum(inner) / 2 + 5 / 6 * mixed), len(texts)),
        "m_index": None if not k else 0 if k == 1 else (1 - squares) / ((k - 1) * squares),
        "i_index": divided(sum(switches), sum(max(len(text) - 1, 0) for text in words)),
        "switch_point_fraction": divided(
            sum(p / (len(text) - 1) for text, p in zip(words, switches, strict=True) if p),
            len(texts),
        ),
        "sp_avg": divided(sum(switches), len(texts)),
        "language_entropy": entropy(tokens),
        "runs": len(lengths),
        "mean_run": divided(total, len(lengths)),
        "span_entropy": entropy(Counter(lengths)),
        "burstiness": spread(lengths, statistics.pstdev) if lengths else None,
        "burstiness_sample": spread(lengths, statistics.stdev) if len(lengths) > 1 else None,
        "memory": statistics.correlation(first, second) if varies else None,
    }


def assert_close(found: dict[str, Any], expected: dict[str, Any]) -> None:
    assert found.keys() == expected.keys()
    for name, value in expected.items():
        if isinstance(value, float):
            assert found[name] == pytest.approx(value, abs=1e-6), name
        else:
            assert found[name] == value, name


def test_the_published_sample_of_cs_metrics() -> None:
    # EN EN HI HI UNIV UNIV HI HI EN EN EN HI HI, github.com/agoel00/cs_metrics, README
    sheet = measured([[0, 0, 1, 1, -1, -1, 1, 1, 0, 0, 0, 1, 1]], ("hi",)).sheet()
    assert sheet["cmi"] == 45.454545
    assert sheet["m_index"] == 0.983607
    assert sheet["language_entropy"] == 0.99403
    assert sheet["burstiness_sample"] == -0.483509
    # by hand: runs of 2, 4, 3, 2 words; μ = 2.75, σ² = 2.75/4; three switch points, ten borders
    assert sheet["burstiness"] == round(
        (math.sqrt(2.75 / 4) - 2.75) / (math.sqrt(2.75 / 4) + 2.75), 6
    )
    assert sheet["i_index"] == sheet["switch_point_fraction"] == 0.3
    assert sheet["c_u"] == round(100 * (11 - 6 + 3) / 22, 6)
    assert sheet["c_c"] == round(100 * (8 / 22 + 5 / 6), 6)
    assert sheet["span_entropy"] == 1.5
    # pairs (2, 4), (4, 3), (3, 2): means 3 and 3
    assert sheet["memory"] == -0.5
    assert sheet["tokens"] == {"en": 5, "hi": 6}
    assert sheet["tokens_independent"] == 2


def test_two_texts_by_hand() -> None:
    # English alone; two languages in turn: no switch point or run reaches over the border
    sheet = measured([[0, 0, 0], [1, -1, 2, 2]]).sheet()
    assert sheet["share_mixed"] == 0.5
    assert sheet["cmi"] == round((0 + 100 / 3) / 2, 6)
    assert sheet["cmi_of_mixed"] == round(100 / 3, 6)
    assert sheet["switch_point_fraction"] == 0.25
    assert sheet["i_index"] == 0.25
    assert sheet["sp_avg"] == 0.5
    assert sheet["runs"] == 3
    # shares ½, 1/6, 1/3: Σp² = 14/36
    assert sheet["m_index"] == round((1 - 14 / 36) / (2 * 14 / 36), 6)


@given(st.lists(st.lists(st.integers(-1, 3), max_size=12), max_size=8))
def test_any_texts_against_the_formulas(texts: Texts) -> None:
    assert_close(measured(texts).sheet(), from_the_formulas(texts))


@given(st.lists(st.lists(st.integers(-1, 3), max_size=12), min_size=1, max_size=20), st.integers(0))
def test_parts_merged_in_any_order_give_the_same_sheet(texts: Texts, seed: int) -> None:
    whole = measured(texts).sheet()
    for workers in (2, 8):
        parts = [pickle.loads(pickle.dumps(measured(texts[i::workers]))) for i in range(workers)]
        np.random.default_rng(seed).shuffle(parts)  # type: ignore[arg-type]
        merged = Mixing(LANGUAGES)
        for part in parts:
            merged.merge(part)
        assert merged.sheet() == whole


def test_adding_at_once_or_batch_by_batch_from_one_array() -> None:
    codes, first = columns([[0, 1], [], [2, 2, 0, -1], [0], [3, 0]])
    parts = Mixing(LANGUAGES)
    parts.add(codes, first[:3])
    parts.add(codes, first[2:])
    assert parts.sheet() == measured([[0, 1], [], [2, 2, 0, -1], [0], [3, 0]]).sheet()


def test_more_texts_than_are_counted_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [[0, 1, 2], [-1], [3, 3, 0], [], [1, 0]]
    whole = measured(texts).sheet()
    monkeypatch.setattr("polystilts.codeswitch.sheet.mixing._CELLS", 8)
    assert measured(texts).sheet() == whole


@pytest.mark.parametrize("texts", [[], [[]], [[-1, -1]], [[], [-1]]])
def test_texts_without_words_say_nothing(texts: Texts) -> None:
    sheet = measured(texts).sheet()
    assert sheet["texts_without_words"] == len(texts)
    assert sheet["cmi"] == (0 if texts else None)
    for name in ("m_index", "i_index", "language_entropy", "burstiness", "memory", "mean_run"):
        assert sheet[name] is None
    assert sheet["tokens"] == dict.fromkeys(("en", *LANGUAGES), 0)


def test_english_alone_is_not_mixed() -> None:
    sheet = measured([[0, 0, 0, 0]]).sheet()
    assert sheet["cmi"] == sheet["c_u"] == sheet["c_c"] == sheet["m_index"] == 0
    assert sheet["language_entropy"] == 0
    assert sheet["burstiness"] == -1


def test_codes_of_no_language_are_refused() -> None:
    for code in (-2, 4):
        with pytest.raises(ValueError, match="-1 to 3"):
            measured([[code]])
    with pytest.raises(ValueError, match="different languages"):
        Mixing(("de",)).merge(Mixing(("fr",)))
