"""Answers are normalised and scored as SQuAD's and MLQA's scripts do."""

from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polystilts.evaluation.metrics import mlqa_text, squad_text
from polystilts.evaluation.metrics.span_qa import answer_scores, mean_scores


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The  Cat's (hat)!", "cats hat"),
        ("An apple a day", "apple day"),
        ("theatre", "theatre"),
        # Hyphens vanish without a gap; other dashes are not ASCII and stay.
        ("the-end", "theend"),
        ("1990–1995", "1990–1995"),
        ("«Война и мир».", "«война и мир»"),
    ],
)
def test_squad_normalisation(text: str, expected: str) -> None:
    assert squad_text.normalise(text) == expected


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("en", "The “quoted” answer, an A.", "quoted answer"),
        ("es", "¿Los unos y las otras?", "y otras"),
        ("es", "El Niño", "niño"),
        ("de", "Der Hund des Nachbarn", "hund nachbarn"),
        ("de", "Dessau", "dessau"),
        ("vi", "những cái bàn của tôi", "bàn tôi"),
        ("hi", "एक राजा।", "एक राजा"),
        ("ar", "الكتاب، والقلم", "كتاب و قلم"),
        # The script removes the two letters inside a word as well.
        ("ar", "مثال", "مث"),
        ("zh", "《紅樓夢》100回 abc", "紅 樓 夢 100 回 abc"),
        ("ru", "Тот самый «дом».", "тот самый дом"),
    ],
)
def test_mlqa_normalisation(language: str, text: str, expected: str) -> None:
    assert mlqa_text.normalise(text, language) == expected


def test_best_answer_counts_for_each_number() -> None:
    scores = answer_scores("the red house", ["house", "red houses", "red brick house"], _squad)
    assert scores.exact_match == 0
    # 2 common tokens of 2 predicted and 3 gold ones.
    assert scores.f1 == pytest.approx(0.8)


def test_repeated_tokens_count_once_each() -> None:
    assert answer_scores("b b c", ["b c d"], _squad).f1 == pytest.approx(2 / 3)


def test_chinese_overlap_is_by_character_in_mlqa_and_by_clause_in_squad() -> None:
    prediction, answer = "在北京市", "北京"
    chinese = partial(mlqa_text.normalise, language="zh")
    assert answer_scores(prediction, [answer], chinese).f1 == pytest.approx(2 / 3)
    assert answer_scores(prediction, [answer], _squad).f1 == 0


@pytest.mark.parametrize(("prediction", "expected"), [("", 1.0), ("the", 1.0), ("house", 0.0)])
def test_unanswerable_questions(prediction: str, expected: float) -> None:
    assert answer_scores(prediction, [], _squad) == (expected, expected)


def test_empty_prediction_of_an_answerable_question_is_wrong() -> None:
    assert answer_scores("", ["house"], _squad) == (0.0, 0.0)


def test_mean_over_questions() -> None:
    scores = mean_scores(["a house", "big tree", ""], [["house"], ["tree"], ["x"]], _squad)
    assert scores.exact_match == pytest.approx(1 / 3)
    assert scores.f1 == pytest.approx((1 + 2 / 3) / 3)


@given(st.text(max_size=40), st.sampled_from(["en", "es", "de", "vi", "ar", "hi", "zh", "ru"]))
def test_an_answer_matches_itself_in_other_casing_and_spacing(text: str, language: str) -> None:
    normalise = partial(mlqa_text.normalise, language=language)
    padded = "  " + text.replace(" ", "   ") + " "
    assert answer_scores(padded, [text], normalise).exact_match == 1.0


def _squad(text: str) -> str:
    return squad_text.normalise(text)
