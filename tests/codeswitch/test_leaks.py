"""The leak checks find what leaks, let pass what does not, and merge exactly."""

import pickle
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from polystilts.codeswitch.leaks.choices import ChoiceLeak
from polystilts.codeswitch.leaks.islands import AnswerIslandLeak
from polystilts.codeswitch.leaks.labels import AnswerabilityLeak, LabelLeak
from polystilts.codeswitch.leaks.overlap import OverlapLeak, type_overlap
from polystilts.codeswitch.leaks.tags import TagLeak
from polystilts.codeswitch.sheet.association import Moments, auc, chi_square, entropy

Generator = np.random.Generator
LABELS = ("entailment", "neutral", "contradiction")


@pytest.fixture
def random() -> Generator:
    return np.random.default_rng(0)


def merged(make: Callable[[], Any], parts: Sequence[Sequence[Any]]) -> Any:
    """Return the sum of one accumulator a part, sent through pickle as workers do, last first."""
    total = make()
    for arguments in reversed(parts):
        part = make()
        part.add(*arguments)
        total.merge(pickle.loads(pickle.dumps(part)))
    return total


# --- the statistics


@given(
    st.lists(st.integers(0, 5), min_size=1, max_size=30),
    st.lists(st.integers(0, 5), min_size=1, max_size=30),
)
def test_auc_is_that_of_mann_and_whitney(negatives: list[int], positives: list[int]) -> None:
    found = auc(np.bincount(negatives, minlength=6), np.bincount(positives, minlength=6))
    expected = stats.mannwhitneyu(positives, negatives).statistic / len(negatives) / len(positives)
    assert found.value == pytest.approx(expected)


def test_chi_square_is_scipys_in_one_layer_and_their_sum_in_several() -> None:
    one, other = np.array([[10, 20, 30], [25, 15, 5]]), np.array([[7, 0, 9], [2, 0, 30]])
    expected = stats.chi2_contingency(one, correction=False)
    found = chi_square(one[None])
    assert found.statistic == pytest.approx(expected.statistic)
    assert found.p_value == pytest.approx(expected.pvalue)
    # χ² less its expectation, by hand: n = 105, two rows
    assert found.cramers_v == pytest.approx(((expected.statistic - 2) / 105) ** 0.5)
    both = chi_square(np.stack([one, other]))
    rest = stats.chi2_contingency(other[:, [0, 2]], correction=False)
    assert both.statistic == pytest.approx(expected.statistic + rest.statistic)
    assert both.freedom == 3


def test_one_row_or_one_column_says_nothing() -> None:
    assert chi_square(np.array([[[3, 4], [0, 0]]])).p_value is None
    assert chi_square(np.array([[[3, 0], [4, 0]]])).cramers_v is None
    assert entropy(np.zeros(3, np.int64)) is None
    assert auc(np.array([1, 2]), np.array([0, 0])).near_half is None


def test_complete_association_has_strength_one() -> None:
    assert chi_square(np.array([[[500, 0], [0, 500]]])).cramers_v == pytest.approx(1, abs=1e-3)


def test_moments_give_the_correlation_of_numpy(random: Generator) -> None:
    first, second = random.integers(0, 1000, (2, 50))
    moments = Moments()
    moments.add(first[:20], second[:20])
    moments.add(first[20:], second[20:])
    assert moments.correlation() == pytest.approx(np.corrcoef(first, second)[0, 1])
    assert Moments().correlation() is None


# --- labels


def labelled(random: Generator, rates: Sequence[float], lengths: Sequence[int]) -> tuple[Any, ...]:
    """Return labels, switched words and words: a rate and a mean length for each label."""
    label = random.integers(0, 3, 6000)
    words = 4 + random.poisson(np.array(lengths)[label])
    return [LABELS[place] for place in label], random.binomial(words, np.array(rates)[label]), words


def test_equal_rates_pass_though_one_label_has_longer_texts(random: Generator) -> None:
    leak = LabelLeak()
    leak.add(*labelled(random, (0.3, 0.3, 0.3), (6, 6, 14)))
    sheet = leak.sheet()
    assert sheet["passed"] is True
    # longer texts hold more switched words: no leak of the switching
    assert sheet["count"]["cramers_v"] > 0.2
    assert {round(facts["mean_share"], 1) for facts in sheet["labels"].values()} == {0.3}


def test_an_exact_share_passes_though_lengths_differ_by_a_word(random: Generator) -> None:
    """The number of switched words then tells the length, which is no leak of the switching."""
    label = random.integers(0, 2, 6000)
    words = 12 + random.integers(0, 3, 6000) + label
    leak = LabelLeak()
    leak.add([LABELS[place] for place in label], words // 2, words)
    assert leak.sheet()["passed"] is not False
    leak = LabelLeak()
    leak.add([LABELS[place] for place in label], words // 2 - label, words)
    assert leak.sheet()["passed"] is False


def test_a_rate_that_hangs_on_the_label_fails(random: Generator) -> None:
    leak = LabelLeak()
    leak.add(*labelled(random, (0.3, 0.3, 0.4), (10, 10, 10)))
    sheet = leak.sheet()
    assert sheet["passed"] is False
    assert sheet["given_length"]["p_value"] < 0.001
    assert sheet["labels"]["contradiction"]["switched_share"] == pytest.approx(0.4, abs=0.02)


def test_small_corpora_do_not_fail_by_chance(random: Generator) -> None:
    failed = 0
    for _ in range(200):
        leak = LabelLeak()
        label, switched, words = labelled(random, (0.3, 0.3, 0.3), (10, 10, 10))
        leak.add(label[:90], switched[:90], words[:90])
        failed += leak.sheet()["passed"] is False
    assert failed <= 2


def test_labels_merge_exactly(random: Generator) -> None:
    labels, switched, words = labelled(random, (0.2, 0.3, 0.4), (4, 10, 40))
    whole = merged(LabelLeak, [(labels, switched, words)]).sheet()
    parts = [(labels[i::8], switched[i::8], words[i::8]) for i in range(8)]
    assert merged(LabelLeak, parts).sheet() == whole
    assert sum(facts["examples"] for facts in whole["labels"].values()) == 6000


def test_one_label_or_no_example_is_not_measured() -> None:
    assert LabelLeak().sheet()["passed"] is None
    leak = LabelLeak()
    leak.add(["yes", "yes"], np.array([0, 3]), np.array([0, 3]))
    assert leak.sheet()["passed"] is None
    assert leak.sheet()["labels"]["yes"] == {
        "examples": 2,
        "switched_share": 1.0,
        "mean_share": 0.5,
    }


@pytest.mark.parametrize("side", ["context", "question", None])
def test_unanswerable_questions_fail_on_the_side_that_leaks(
    random: Generator, side: str | None
) -> None:
    answerable = random.random(3000) < 0.5
    words = {"context": random.integers(80, 160, 3000), "question": random.integers(6, 12, 3000)}
    counts = []
    for name, number in words.items():
        rate = np.where(answerable, 0.3, 0.4 if name == side else 0.3)
        counts += [random.binomial(number, rate), number]
    leak = AnswerabilityLeak()
    leak.add(answerable.tolist(), *counts)
    sheet = leak.sheet()
    assert sheet["passed"] is (side is None)
    assert {name for name in words if not sheet[name]["passed"]} == ({side} if side else set())


# --- choices


def items(random: Generator, gold_rate: float, number: int = 3000) -> tuple[Any, ...]:
    """Return right choices, switched words and words of items of two to five choices."""
    gold, switched, words = [], [], []
    for _ in range(number):
        choices = int(random.integers(2, 6))
        place = int(random.integers(choices))
        lengths = random.integers(4, 20, choices)
        rates = np.full(choices, 0.3)
        rates[place] = gold_rate
        gold.append(place)
        words.append(lengths)
        switched.append(random.binomial(lengths, rates))
    return gold, switched, words


def test_equal_rates_of_choices_pass_and_a_protected_gold_fails(random: Generator) -> None:
    leak = ChoiceLeak()
    leak.add(*items(random, 0.3))
    sheet = leak.sheet()
    assert sheet["passed"] is True
    assert sheet["accuracy_of_most"] == pytest.approx(sheet["chance"], abs=0.03)
    leak = ChoiceLeak()
    leak.add(*items(random, 0.0))
    sheet = leak.sheet()
    assert sheet["passed"] is False
    assert sheet["auc"] < 0.1
    assert sheet["accuracy_of_least"] > 0.8


def test_choices_by_hand() -> None:
    leak = ChoiceLeak()
    # shares ½ (gold), ½, 0; and 0 (gold), 1; the last two are not counted
    leak.add(
        [0, 0, -1, 0],
        [np.array([1, 2, 0]), np.array([0, 3]), np.array([1, 1]), np.array([1])],
        [np.array([2, 4, 4]), np.array([0, 3]), np.array([1, 1]), np.array([1])],
    )
    sheet = leak.sheet()
    assert (sheet["items"], sheet["unlabelled"]) == (2, 2)
    # gold ½ against ½, 0, 1: 1½ of 3; gold 0: ½ of 3
    assert sheet["auc"] == round(2 / 6, 6)
    # ¾ in the first item, 0 in the second
    assert sheet["auc_of_items"] == 0.375
    # the first item's gold is one of two with the most; the second's has the least
    assert sheet["accuracy_of_most"] == 0.25
    assert sheet["accuracy_of_least"] == 0.5
    assert sheet["chance"] == round((1 / 3 + 1 / 2) / 2, 6)


def test_choices_merge_exactly(random: Generator) -> None:
    gold, switched, words = items(random, 0.2, 300)
    whole = merged(ChoiceLeak, [(gold, switched, words)]).sheet()
    parts = [(gold[i::8], switched[i::8], words[i::8]) for i in range(8)]
    assert merged(ChoiceLeak, parts).sheet() == whole
    assert ChoiceLeak().sheet()["passed"] is None


# --- answers


def contexts(random: Generator, policy: str) -> tuple[Any, ...]:
    """Return codes, borders, inside and eligible of contexts with one answer each.

    Answers hold more names, which no policy switches; two thirds of the other words are eligible.
    """
    lengths = random.integers(40, 120, 400)
    first = np.cumsum([0, *lengths])
    inside = np.zeros(first[-1], bool)
    for start, length in zip(first, lengths, strict=False):
        at = start + random.integers(length - 6)
        inside[at : at + random.integers(1, 6)] = True
    eligible = random.random(first[-1]) < np.where(inside, 0.4, 0.7)
    is_switched = eligible & (random.random(first[-1]) < 0.45)
    if policy == "protected":
        is_switched &= ~inside
    elif policy == "always":
        is_switched |= eligible & inside
    codes = (is_switched * random.integers(1, 4, first[-1])).astype(np.int16)
    codes[random.random(first[-1]) < 0.05] = -1
    return codes, first, inside, eligible


@pytest.mark.parametrize(
    ("policy", "passed"), [("same rate", True), ("protected", False), ("always", False)]
)
def test_islands_are_found_and_equal_rates_pass(
    random: Generator, policy: str, passed: bool
) -> None:
    leak = AnswerIslandLeak()
    leak.add(*contexts(random, policy))
    sheet = leak.sheet()
    assert sheet["decided_by"] == "eligible_words"
    assert sheet["passed"] is passed
    inside, outside = (
        sheet["eligible_words"][f"switched_{side}"] for side in ("inside", "outside")
    )
    assert (inside == 0) is (policy == "protected")
    assert outside == pytest.approx(0.45, abs=0.02)


def test_names_in_answers_are_no_leak_of_the_switching(random: Generator) -> None:
    codes, first, inside, _ = contexts(random, "same rate")
    leak = AnswerIslandLeak()
    leak.add(codes, first, inside)
    # over all words the answers' names look like islands: this is why eligible words decide
    assert leak.sheet()["decided_by"] == "all_words"
    assert leak.sheet()["all_words"]["auc"] > 0.55
    assert leak.sheet()["passed"] is False


def test_protected_answers_fail_although_they_are_called_ineligible(random: Generator) -> None:
    codes, first, inside, eligible = contexts(random, "protected")
    leak = AnswerIslandLeak()
    leak.add(codes, first, inside, eligible & ~inside)
    sheet = leak.sheet()
    assert (sheet["passed"], sheet["decided_by"]) == (False, "all_words")


def test_island_scores_by_hand() -> None:
    # a switched text with an answer; one without answer; one that is not switched
    codes = np.array([0, 0, 1, 0, -1, 2, 0, 1, 0, 0, 0], np.int16)
    first = np.array([0, 7, 9, 11])
    inside = np.array([False, False, False, True, True, True] + [False] * 4 + [True])
    leak = AnswerIslandLeak()
    leak.add(codes, first, inside)
    outside_scores, inside_scores = leak.all_words
    # outside: a run of two, a switched word, a run of one; inside: a run of one, a switched word
    assert outside_scores[:3].tolist() == [1, 1, 2]
    assert inside_scores[:3].tolist() == [1, 1, 0]
    assert leak.all_words.sum() == 6


def test_islands_merge_exactly_and_batches_may_be_cut_from_one_array(random: Generator) -> None:
    codes, first, inside, eligible = contexts(random, "protected")
    whole = merged(AnswerIslandLeak, [(codes, first, inside, eligible)]).sheet()
    parts = [(codes, first[i : i + 51], inside, eligible) for i in range(0, 400, 50)]
    assert merged(AnswerIslandLeak, parts).sheet() == whole
    assert AnswerIslandLeak().sheet()["passed"] is None


# --- tags


def tagged(random: Generator, leaks: bool) -> tuple[list[str], Any]:
    tags = random.choice(["N", "N/N", "(S\\NP)/NP"], 5000, p=[0.5, 0.3, 0.2])
    codes = random.integers(1, 4, 5000)
    if leaks:
        codes[tags == "N"] = 1
    codes[random.random(5000) < 0.6] = 0
    codes[tags == "(S\\NP)/NP"] = 0
    return tags.tolist(), codes.astype(np.int16)


def tag_leak() -> TagLeak:
    return TagLeak(("de", "fi", "ja"))


def test_a_language_of_its_own_for_a_tag_fails(random: Generator) -> None:
    leak = tag_leak()
    leak.add(*tagged(random, leaks=False))
    sheet = leak.sheet()
    assert sheet["passed"] is True
    assert sheet["tags"]["(S\\NP)/NP"]["share"] == 0
    assert sheet["tags"]["N"]["share"] == pytest.approx(0.4, abs=0.05)
    leak = tag_leak()
    leak.add(*tagged(random, leaks=True))
    assert leak.sheet()["passed"] is False
    assert leak.sheet()["information"] > 0.3


def test_information_is_one_where_the_language_gives_the_tag() -> None:
    leak = tag_leak()
    leak.add(["A"] * 3000 + ["B"] * 3000, np.array([1] * 3000 + [2] * 3000, np.int16))
    assert leak.sheet()["information"] == pytest.approx(1, abs=1e-3)
    assert leak.sheet()["languages"] == {"de": 3000, "fi": 3000, "ja": 0}


def test_many_tags_of_few_tokens_do_not_fail_by_chance(random: Generator) -> None:
    leak = tag_leak()
    tags = [f"T{number}" for number in random.integers(0, 400, 8000)]
    leak.add(tags, random.integers(1, 4, 8000).astype(np.int16))
    sheet = leak.sheet()
    assert sheet["passed"] is True
    assert sheet["information"] < 0.02
    assert len(sheet["tags"]) == 50
    listed = sum(facts["tokens"] for facts in sheet["tags"].values())
    assert listed + sheet["other_tags"]["tokens"] == 8000


def test_tags_merge_exactly(random: Generator) -> None:
    tags, codes = tagged(random, leaks=True)
    whole = merged(tag_leak, [(tags, codes)]).sheet()
    parts = [(tags[i::8], codes[i::8]) for i in range(8)]
    assert merged(tag_leak, parts).sheet() == whole
    assert tag_leak().sheet()["passed"] is None
    with pytest.raises(ValueError, match="different languages"):
        tag_leak().merge(TagLeak(("de",)))


# --- overlap


def pairs_of_words(random: Generator, consistent: bool) -> tuple[Any, Any]:
    """Return overlap before and after half of the words were switched, together or each alone."""
    pair = np.repeat(np.arange(500), 10)
    first = random.integers(0, 30, 5000)
    second = np.where(random.random(5000) < np.linspace(0, 1, 5000), first, 100 + first)
    before = type_overlap(500, (pair, first), (pair, second))
    table = random.random((500, 200)) < 0.5
    new_first = first + 1000 * table[pair, first]
    flipped = table if consistent else random.random((500, 200)) < 0.5
    return before, type_overlap(
        500, (pair, new_first), (pair, second + 1000 * flipped[pair, second])
    )


def test_switching_each_side_on_its_own_fails(random: Generator) -> None:
    for consistent in (True, False):
        leak = OverlapLeak()
        leak.add(*pairs_of_words(random, consistent))
        sheet = leak.sheet()
        assert sheet["passed"] is consistent
        assert (sheet["mean_after"] < 0.8 * sheet["mean_before"]) is not consistent


@given(
    st.lists(
        st.tuples(st.lists(st.integers(0, 4), max_size=6), st.lists(st.integers(0, 4), max_size=6)),
        max_size=6,
    )
)
def test_overlap_is_that_of_sets(pairs: list[tuple[list[int], list[int]]]) -> None:
    sides = [
        (
            np.array([n for n, pair in enumerate(pairs) for _ in pair[side]], np.int64),
            np.array([unit for pair in pairs for unit in pair[side]], np.int64),
        )
        for side in (0, 1)
    ]
    expected = [
        len({*one} & {*other}) / len({*one} | {*other}) if one or other else 0.0
        for one, other in pairs
    ]
    assert type_overlap(len(pairs), sides[0], sides[1]).tolist() == pytest.approx(expected)


def test_overlap_merges_exactly(random: Generator) -> None:
    before, after = pairs_of_words(random, consistent=False)
    whole = merged(OverlapLeak, [(before, after)]).sheet()
    assert merged(OverlapLeak, [(before[i::8], after[i::8]) for i in range(8)]).sheet() == whole
    assert whole["correlation"] == pytest.approx(np.corrcoef(before, after)[0, 1], abs=1e-5)
    assert OverlapLeak().sheet()["passed"] is None


def test_overlap_that_never_varies_is_not_measured() -> None:
    leak = OverlapLeak()
    leak.add(np.array([0.5, 0.5]), np.array([0.1, 0.9]))
    assert leak.sheet()["passed"] is None


# --- copies


def drawn(random: Generator, p: Any, size: int, copies: int, same: float) -> Any:
    """Return binomials of `size` trials, `copies` draws of which `same` is one draw for all."""
    shared = random.random((1, len(size), 40)) < np.reshape(p, (-1, 1))  # type: ignore[arg-type]
    own = random.random((copies, *shared.shape[1:])) < np.reshape(p, (-1, 1))
    taken = np.where(random.random((1, *shared.shape[1:])) < same, shared, own)
    return (taken & (np.arange(40) < np.reshape(size, (-1, 1)))).sum(axis=2)


CASES: dict[str, tuple[Callable[[], Any], Callable[[Generator], tuple[Any, ...]]]] = {
    "labels": (LabelLeak, lambda random: labelled(random, (0.3, 0.3, 0.32), (8, 10, 12))),
    "answerability": (
        AnswerabilityLeak,
        lambda random: (
            (random.random(900) < 0.5).tolist(),
            *(random.integers(*reach, 900) for reach in ((20, 60), (60, 90), (1, 5), (5, 9))),
        ),
    ),
    "choices": (ChoiceLeak, lambda random: items(random, 0.32, 500)),
    "islands": (AnswerIslandLeak, lambda random: contexts(random, "same rate")),
    "tags": (tag_leak, lambda random: tagged(random, leaks=True)),
    "overlap": (OverlapLeak, lambda random: pairs_of_words(random, consistent=False)),
}
# what tells how much was counted
SIZES = {"copies", "words_inside", "words_outside", "tags", "other_tags", "languages"}


def statistics(sheet: dict[str, Any]) -> dict[str, Any]:
    """Return a sheet without its sizes."""
    return {
        name: statistics(value) if isinstance(value, dict) else value
        for name, value in sheet.items()
        if name not in SIZES
    }


@pytest.mark.parametrize("case", CASES)
@given(st.integers(2, 5), st.integers(0, 1000))
@settings(max_examples=8, deadline=None)
def test_copies_that_are_the_same_count_once(case: str, copies: int, seed: int) -> None:
    make, data = CASES[case]
    counted = [merged(make, [data(np.random.default_rng(seed))]) for _ in range(copies)]
    one, all_of_them = counted[0].sheet(), counted[0].sheet(*counted[1:])
    assert statistics(all_of_them) == statistics(one)
    part = all_of_them.get("context", all_of_them)
    assert part["copies"] == copies


def test_words_and_tokens_of_all_copies_are_summed() -> None:
    first, second = tag_leak(), tag_leak()
    first.add(["A", "B"], np.array([1, 0], np.int16))
    second.add(["A", "B"], np.array([2, 3], np.int16))
    sheet = first.sheet(second)
    assert sheet["tokens"] == 2 and sheet["languages"] == {"de": 1, "fi": 1, "ja": 1}
    assert sheet["tags"]["A"] == {"tokens": 2, "switched": 2, "share": 1.0}


@pytest.mark.parametrize("same", [0.0, 0.5, 1.0])
def test_without_association_copies_fail_no_more_often_than_one(
    random: Generator, same: float
) -> None:
    """Copies of an example share none, half, or all of their draws; each p < 0.05 is a failure."""
    runs, small, far = 150, 0, 0
    for _ in range(runs):
        label = random.integers(0, 3, 300)
        words = random.integers(8, 13, 300)
        # examples differ in how much of them can be switched, in all copies alike
        rate = random.choice([0.15, 0.45], 300)
        switched = drawn(random, rate, words, 3, same)
        leaks = [LabelLeak() for _ in switched]
        for leak, counts in zip(leaks, switched, strict=True):
            leak.add([LABELS[place] for place in label], counts, words)
        small += leaks[0].sheet(*leaks[1:])["given_length"]["p_value"] < 0.05
        gold, of_choice = random.integers(0, 4, 100), random.integers(4, 12, 400)
        taken = drawn(random, random.choice([0.2, 0.4], 400), of_choice, 3, same)
        choices = [ChoiceLeak() for _ in taken]
        for check, counts in zip(choices, taken, strict=True):
            check.add(gold.tolist(), counts.reshape(100, 4), of_choice.reshape(100, 4))
        sheet = choices[0].sheet(*choices[1:])
        far += abs(sheet["auc_of_items"] - 0.5) > 1.96 * sheet["auc_of_items_error"]
    # 5 % and two standard errors of it; pooled, they come to 10 to 100 %
    assert small / runs <= 0.085
    assert far / runs <= 0.085


def test_a_leak_of_all_copies_is_found(random: Generator) -> None:
    leaks = []
    label = random.integers(0, 3, 3000)
    words = np.full(3000, 12)
    for _ in range(3):
        leaks.append(LabelLeak())
        switched = random.binomial(words, np.array([0.3, 0.3, 0.4])[label])
        leaks[-1].add([LABELS[place] for place in label], switched, words)
    sheet = leaks[0].sheet(*leaks[1:])
    assert sheet["passed"] is False
    assert (sheet["copies"], sheet["examples"]) == (3, 3000)
    strengths = [leak.sheet()["given_length"]["cramers_v"] for leak in leaks]
    assert min(strengths) <= sheet["given_length"]["cramers_v"] <= max(strengths)
