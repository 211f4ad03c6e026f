"""A submission is scored and averaged as XTREME's evaluate.py does; oracles give the values."""

import json
import random
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import fmean
from types import ModuleType
from typing import Any

import pytest
from sklearn.metrics import accuracy_score

from evaluation import answer_oracles as oracle
from evaluation.mock_submission import (
    FOLDERS,
    QUESTIONS,
    TAGS,
    file_of,
    languages,
    squad_json,
    write,
    write_submission,
)
from evaluation.seqeval_releases import old_seqeval
from polystilts.errors import InputError, PolystiltsError
from polystilts.evaluation.submission import Part
from polystilts.evaluation.submission_measurements import measure
from polystilts.evaluation.submission_scores import score_submission

Values = dict[str, float]
NEAR = 1e-9


@pytest.fixture(scope="module")
def submission(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("submission")
    write_submission(root)
    return root


@pytest.fixture(scope="module")
def result(submission: Path) -> dict[str, Any]:
    found = score_submission(submission / "predictions", submission / "labels")
    assert found.messages == []
    return found.result


def scored(root: Path) -> dict[str, Any]:
    return score_submission(root / "predictions", root / "labels").result


def messages(root: Path) -> str:
    return "\n".join(score_submission(root / "predictions", root / "labels").messages)


def sentences(path: Path) -> list[list[str]]:
    blocks = re.split(r"\n\n", path.read_text("utf-8").strip())
    return [block.split() for block in blocks]


def expected_tags(published: ModuleType, gold: Path, predicted: Path) -> Values:
    pair = sentences(gold), sentences(predicted)
    names = ("f1", "precision", "recall", "accuracy")
    values = {name: 100 * getattr(published, f"{name}_score")(*pair) for name in names}
    return {"score": values["f1"], **values}


def expected_labels(gold: Path, predicted: Path) -> Values:
    lines = [path.read_text("utf-8").splitlines() for path in (gold, predicted)]
    value = 100 * accuracy_score(*lines)
    return {"score": value, "accuracy": value}


def expected_pairs(gold: Path, predicted: Path) -> Values:
    wanted, mined = (set(path.read_text("utf-8").splitlines()) for path in (gold, predicted))
    precision, recall = len(wanted & mined) / len(mined), len(wanted & mined) / len(wanted)
    f1 = 100 * 2 * precision * recall / (precision + recall)
    return {"score": f1, "f1": f1, "precision": 100 * precision, "recall": 100 * recall}


def expected_answers(gold: Path, predicted: Path, normalise: Callable[[str], str]) -> Values:
    given = json.loads(predicted.read_text("utf-8"))
    golds = {
        question["id"]: [answer["text"] for answer in question["answers"]]
        for article in json.loads(gold.read_text("utf-8"))["data"]
        for paragraph in article["paragraphs"]
        for question in paragraph["qas"]
    }
    exact = fmean(oracle.exact_match(given[i], golds[i], normalise) for i in golds)
    f1 = fmean(oracle.f1(given[i], golds[i], normalise) for i in golds)
    return {"score": (exact + f1) / 2, "exact_match": exact, "f1": f1}


def expected(root: Path, task: str, language: str) -> Values:
    gold = file_of(root / "labels", task, language)
    predicted = file_of(root / "predictions", task, language)
    if task in TAGS:
        return expected_tags(old_seqeval(), gold, predicted)
    if task in QUESTIONS:
        normalise = oracle.mlqa(language) if task == "mlqa" else oracle.squad
        return expected_answers(gold, predicted, normalise)
    return (expected_pairs if task == "bucc" else expected_labels)(gold, predicted)


@pytest.mark.parametrize("task", FOLDERS)
def test_every_value_of_every_language(submission: Path, result: dict[str, Any], task: str) -> None:
    found = result["tasks"][task]
    assert sorted(found["languages"]) == sorted(languages(task))
    values = {language: expected(submission, task, language) for language in languages(task)}
    for language, wanted in values.items():
        own = {k: v for k, v in found["languages"][language].items() if k != "corrected"}
        assert own == pytest.approx(wanted, abs=NEAR), language
    for metric in values["de" if task != "tydiqa" else "en"]:
        mean = fmean(wanted[metric] for wanted in values.values())
        assert found[metric] == pytest.approx(mean, abs=NEAR)
    assert found["complete"] is True


def test_averages_over_tasks_and_groups(result: dict[str, Any]) -> None:
    scores = {task: found["score"] for task, found in result["tasks"].items()}
    assert list(scores) == list(result["tasks"])
    assert set(scores) == set(FOLDERS)
    assert result["average"] == pytest.approx(fmean(scores.values()))
    assert result["groups"] == pytest.approx(
        {
            "classification": (scores["xnli"] + scores["pawsx"]) / 2,
            "tagging": (scores["udpos"] + scores["panx"]) / 2,
            "qa": (scores["xquad"] + scores["mlqa"] + scores["tydiqa"]) / 3,
            "retrieval": (scores["bucc"] + scores["tatoeba"]) / 2,
        }
    )
    assert result["average_of_groups"] == pytest.approx(fmean(result["groups"].values()))
    assert (result["complete"], result["missing"]) == (True, [])


def test_question_answering_is_the_mean_of_two_means(result: dict[str, Any]) -> None:
    for task in QUESTIONS:
        found = result["tasks"][task]
        assert found["score"] == pytest.approx((found["exact_match"] + found["f1"]) / 2, abs=NEAR)
        assert found["corrected"] is None


def test_tydiqa_without_english(result: dict[str, Any]) -> None:
    found = result["tasks"]["tydiqa"]
    others = [v["score"] for language, v in found["languages"].items() if language != "en"]
    assert found["score_without_english"] == pytest.approx(fmean(others))
    assert found["score_without_english"] != pytest.approx(found["score"])


def test_corrected_values_stand_beside(result: dict[str, Any]) -> None:
    udpos, panx = result["tasks"]["udpos"], result["tasks"]["panx"]
    assert udpos["corrected"]["score"] == udpos["accuracy"] != udpos["score"]
    assert udpos["corrected"]["f1"] != udpos["f1"]
    assert panx["corrected"]["score"] == panx["score"]
    assert udpos["languages"]["af"]["corrected"]["score"] == udpos["languages"]["af"]["accuracy"]


def test_signatures_are_frozen(result: dict[str, Any]) -> None:
    found = {}
    for task, values in result["tasks"].items():
        signature, _, labels = values["signature"].rpartition("|labels-")
        assert re.fullmatch("[0-9a-f]{16}", labels)
        found[task] = signature
    assert found == {
        "xnli": "xnli|accuracy|as-submitted|xtreme",
        "pawsx": "pawsx|accuracy|as-submitted|xtreme",
        "udpos": "udpos|chunk-f1|seqeval-0.0.12|xtreme",
        "panx": "panx|chunk-f1|seqeval-0.0.12|xtreme",
        "xquad": "xquad|mean-of-em-and-f1|squad-1.1+as-submitted|xtreme",
        "mlqa": "mlqa|mean-of-em-and-f1|mlqa-1+as-submitted|xtreme",
        "tydiqa": "tydiqa|mean-of-em-and-f1|squad-1.1+as-submitted|xtreme",
        "bucc": "bucc|mining-f1|as-submitted|xtreme",
        "tatoeba": "tatoeba|accuracy|as-submitted|xtreme",
    }


def test_other_labels_have_another_signature(tmp_path: Path) -> None:
    write_submission(tmp_path, tasks=["pawsx"])
    before = scored(tmp_path)["tasks"]["pawsx"]["signature"]
    write_submission(tmp_path, seed=1, tasks=["pawsx"])
    assert scored(tmp_path)["tasks"]["pawsx"]["signature"] != before


def test_what_is_missing_is_named_and_the_average_says_so(tmp_path: Path) -> None:
    write_submission(tmp_path, tasks=["pawsx", "bucc", "tatoeba"])
    file_of(tmp_path / "predictions", "pawsx", "ko").unlink()
    file_of(tmp_path / "labels", "pawsx", "ja").unlink()
    found = scored(tmp_path)
    assert found["missing"] == [
        *("xnli", "pawsx/ja", "pawsx/ko", "udpos", "panx", "xquad", "mlqa", "tydiqa")
    ]
    assert found["complete"] is False
    assert found["tasks"]["pawsx"]["complete"] is False
    assert found["tasks"]["pawsx"]["score"] == pytest.approx(
        fmean(v["score"] for v in found["tasks"]["pawsx"]["languages"].values())
    )
    assert set(found["tasks"]["pawsx"]["languages"]) == {"de", "en", "es", "fr", "zh"}
    assert list(found["groups"]) == ["retrieval"]
    assert found["average_of_groups"] is None
    said = messages(tmp_path)
    assert "missing: pawsx/ko (no predictions)" in said
    assert "missing: pawsx/ja (no labels)" in said
    assert "missing: xnli (no predictions and no labels)" in said
    assert "not XTREME's numbers" in said


def test_unknown_folders_and_files_are_named_and_skipped(tmp_path: Path) -> None:
    write_submission(tmp_path, tasks=["bucc"])
    plain = scored(tmp_path)
    (tmp_path / "predictions" / "mewslix").mkdir()
    (tmp_path / "predictions" / "mewslix" / "test-ar.json").write_text("{}")
    (tmp_path / "labels" / "bucc2018" / "test-en.tsv").write_text("x")
    (tmp_path / "labels" / "bucc2018" / "dev-de.tsv").write_text("x")
    (tmp_path / "labels" / "README").write_text("x")
    assert scored(tmp_path) == plain
    said = messages(tmp_path)
    for name in ("mewslix", "test-en.tsv", "dev-de.tsv", "README"):
        assert f"{name}: not XTREME's, skipped" in said


def test_other_languages_are_scored_but_in_no_average(tmp_path: Path) -> None:
    write_submission(tmp_path, tasks=["pawsx"])
    plain = scored(tmp_path)["tasks"]["pawsx"]
    one_language(tmp_path, "pawsx", "0\n1\n", "0\n0\n", language="hi")
    write(tmp_path / "labels", "pawsx", "ru", "0\n")
    found = scored(tmp_path)["tasks"]["pawsx"]
    extra = found["languages"].pop("hi")
    assert found == plain
    assert (extra["score"], extra["averaged"]) == (50, False)
    said = messages(tmp_path)
    assert "XTREME has no hi for pawsx; it is in no average" in said
    assert "test-ru.tsv: not XTREME's, skipped" in said
    write(tmp_path / "predictions", "pawsx", "ru", "0\n0\n")
    assert "hi" in scored(tmp_path)["tasks"]["pawsx"]["languages"]
    assert "test-ru.tsv: 2 lines, but 1 in" in messages(tmp_path)


def test_nothing_to_score(tmp_path: Path) -> None:
    for side in ("labels", "predictions"):
        (tmp_path / side / "bucc").mkdir(parents=True)
    with pytest.raises(PolystiltsError, match="nothing to score"):
        scored(tmp_path)


def one_language(root: Path, task: str, gold: str, predicted: str, language: str = "de") -> Any:
    write(root / "labels", task, language, gold)
    write(root / "predictions", task, language, predicted)
    return scored(root)["tasks"][task]["languages"][language]


def test_lines_end_and_are_stripped_as_xtreme_reads_them(tmp_path: Path) -> None:
    values = one_language(tmp_path, "xnli", "neutral\r\ncontradiction", " neutral\u00a0\nx\n")
    assert values["accuracy"] == 50
    assert "test-de.tsv: 1 lines ending in CR LF" in messages(tmp_path)


def test_a_blank_line_is_an_example(tmp_path: Path) -> None:
    assert one_language(tmp_path, "xnli", "neutral\n\n", "x\n\n")["accuracy"] == 50
    assert "1 blank lines, each an example to XTREME" in messages(tmp_path)


def test_empty_sentences_change_nothing(tmp_path: Path) -> None:
    plain = one_language(tmp_path, "panx", "B-A\nI-A\n\nO\nB-B\n", "B-A\nI-A\n\nB-B\nB-B\n")
    spaced = one_language(
        tmp_path, "panx", "B-A\nI-A\n\n\nO\nB-B\n\n", "B-A\nI-A\n\n \nB-B\nB-B\n\n"
    )
    assert spaced == plain
    assert "1 empty sentences" in messages(tmp_path)


def test_a_question_without_answer_scores_nothing(tmp_path: Path) -> None:
    labels = squad_json({"1": ["the"], "2": ["house"], "3": ["x"]})
    answers = json.dumps({"2": "a house", "9": "x", "8": "y"})
    values = one_language(tmp_path, "xquad", labels, answers)
    # an empty answer would be equal to "the", of which normalisation leaves nothing
    assert values["exact_match"] == pytest.approx(100 / 3)
    said = messages(tmp_path)
    assert "2 questions without an answer, which score 0: 1, 3" in said
    assert "2 answers to questions that have no labels: 9, 8" in said


def test_articles_may_stand_without_data_around_them(tmp_path: Path) -> None:
    bare = json.dumps(json.loads(squad_json({"1": ["house"]}))["data"])
    assert one_language(tmp_path, "tydiqa", bare, '{"1": "House"}', "en")["score"] == 100


def test_a_repeated_question_counts_each_time(tmp_path: Path) -> None:
    articles = [json.loads(squad_json(q))["data"][0] for q in ({"1": ["a b"]}, {"1": ["c"]})]
    values = one_language(tmp_path, "xquad", json.dumps({"data": articles}), '{"1": "c"}')
    assert values["exact_match"] == 50
    assert "1 questions with the id of another" in messages(tmp_path)


def test_nothing_mined_scores_zero(tmp_path: Path) -> None:
    assert one_language(tmp_path, "bucc", "de-1\ten-1\n", "")["score"] == 0


def test_repeated_pairs_count_once(tmp_path: Path) -> None:
    values = one_language(tmp_path, "bucc", "d\te\n", "d\te\nd\te\n")
    assert values["precision"] == 100
    assert "1 repeated pairs counted once" in messages(tmp_path)


MANY = 30
FUZZED = 60
SIDES = ("predictions", "labels")
PIECES = [
    b"",
    b"\n",
    b"\r",
    b"\t",
    b"\xff",
    b"\0",
    b'"',
    b"{",
    b"]",
    b"1",
    b"null",
    b"\xef\xbb\xbf",
]
TEXTS: Sequence[tuple[str, str, str | bytes, str | bytes, str]] = [
    ("xnli", "lengths", "a\nb\n", "a\n", r"predictions\S+test-de.tsv: 1 lines, but 2 in \S+labels"),
    ("xnli", "empty", "a\n", "", r"predictions\S+test-de.tsv: the file is empty"),
    ("xnli", "columns", "a\n", "a\tb\n", r"predictions\S+:1: a tab"),
    ("xnli", "bytes", b"a\n\xff\n", "a\nb\n", r"labels\S+:2: not UTF-8"),
    ("xnli", "mark", "a\n", "\ufeffa\n", r"predictions\S+:1: a byte order mark"),
    ("xnli", "bare CR", "a\rb\n", "a\nb\n", r"labels\S+:1: a CR inside a line"),
    ("xnli", "blanked", "a\n" * MANY, "b\n" * MANY, r"all 30 labels are 'a': they look blanked"),
    ("tatoeba", "blanked", "\n" * MANY, "1\n" * MANY, r"they look blanked"),
    ("udpos", "sentences", "X\n\nX\n", "X\n", r"1 sentences, empty ones included, but 2 in"),
    ("udpos", "tokens", "X\n\nX\nY\n", "X\n\nX\n", r":3: sentence 2 has 1 tags, but 2 in \S+:3\."),
    ("udpos", "words", "Haus NOUN\n", "NOUN\n", r"labels\S+:1: 'Haus NOUN'; expected a tag"),
    ("panx", "blanked", "O\n\n" * MANY, "B-A\n\n" * MANY, r"all 30 labels are 'O'"),
    ("panx", "no tags", "\n\n", "\n\n", r"holds no tags"),
    ("bucc", "no gold", "", "d\te\n", r"labels\S+: holds no pairs"),
    ("bucc", "scores", "d\te\n", "d\te\t1.1\n", r"predictions\S+:1: .* expected the foreign id"),
    ("bucc", "blank line", "d\te\n", "d\te\n\n", r"predictions\S+:2: '' ?; expected"),
    ("xquad", "twice", squad_json({"1": ["a"]}), '{"1": "a",\n "1": "b"}', r"'1' stands twice"),
    ("xquad", "cut", squad_json({"1": ["a"]}), '{"1": "a",\n', r"predictions\S+:1: not valid JSON"),
    ("xquad", "no text", squad_json({"1": ["a"]}), '{"1": null}', r"1 of the predictions is None"),
    ("xquad", "list", squad_json({"1": ["a"]}), "[]", r"expected a JSON object of question ids"),
    ("xquad", "blanked", squad_json({"1": [""], "2": [""]}), '{"1": ""}', r"look blanked"),
    ("xquad", "no answers", squad_json({"1": []}), '{"1": ""}', r"question '1' has no answers"),
    ("xquad", "other", '{"questions": []}', '{"1": ""}', r"list the articles is not a list"),
]


@pytest.mark.parametrize(
    ("task", "gold", "predicted", "message"),
    [(task, gold, predicted, message) for task, _, gold, predicted, message in TEXTS],
    ids=[f"{task}-{what}" for task, what, _, _, _ in TEXTS],
)
def test_what_cannot_be_scored_is_named(
    tmp_path: Path, task: str, gold: str | bytes, predicted: str | bytes, message: str
) -> None:
    for side, content in (("labels", gold), ("predictions", predicted)):
        path = write(tmp_path / side, task, "de", "")
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(PolystiltsError, match=message):
        scored(tmp_path)


def test_every_file_that_cannot_be_scored_is_named(tmp_path: Path) -> None:
    write_submission(tmp_path, tasks=["xnli"])
    for language in ("sw", "ur"):
        file_of(tmp_path / "predictions", "xnli", language).write_text("neutral\n")
    with pytest.raises(PolystiltsError) as error:
        scored(tmp_path)
    assert len(str(error.value).splitlines()) == 2
    assert "test-sw.tsv" in str(error.value)
    assert "test-ur.tsv" in str(error.value)


@pytest.mark.parametrize("task", ["xnli", "udpos", "xquad", "bucc"])
def test_a_damaged_file_is_an_error_or_a_score(tmp_path: Path, task: str) -> None:
    write_submission(tmp_path, tasks=[task])
    draw = random.Random(5)
    outcomes = set()
    for side in ("labels", "predictions") * FUZZED:
        path = file_of(tmp_path / side, task, "de")
        whole = path.read_bytes()
        damaged = bytearray(whole)
        for _ in range(draw.randint(1, 4)):
            place = draw.randrange(len(damaged))
            damaged[place : place + draw.choice([0, 1, 9])] = draw.choice(PIECES)
        path.write_bytes(damaged)
        part = Part(task, "de", *(file_of(tmp_path / s, task, "de") for s in SIDES))
        try:
            values = [item.value for item in measure(part, [])]
            outcomes.add("score")
            assert all(0 <= value <= 100 for value in values)
        except InputError:
            outcomes.add("error")
        path.write_bytes(whole)
    assert outcomes == {"score", "error"}


def test_few_equal_labels_are_no_sign_of_blanking(tmp_path: Path) -> None:
    assert one_language(tmp_path, "xnli", "a\n" * 20, "a\n" * 20)["score"] == 100
