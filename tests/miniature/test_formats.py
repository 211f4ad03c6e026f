"""Every file looks as its publisher's does, and its gold labels are right."""

import csv
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from polystilts.miniature.layout import ISO3
from polystilts.miniature.settings import LANGUAGES

FOREIGN = tuple(ISO3)


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()


def _json_lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in _lines(path)]


# headers as in the published files
HEADERS = {
    "glue/MNLI/train.tsv": "index promptID pairID genre sentence1_binary_parse "
    "sentence2_binary_parse sentence1_parse sentence2_parse sentence1 sentence2 label1 gold_label",
    "glue/MNLI/dev_matched.tsv": "index promptID pairID genre sentence1_binary_parse "
    "sentence2_binary_parse sentence1_parse sentence2_parse sentence1 sentence2 label1 label2 "
    "label3 label4 label5 gold_label",
    "snli/snli_1.0/snli_1.0_train.txt": "gold_label sentence1_binary_parse sentence2_binary_parse "
    "sentence1_parse sentence2_parse sentence1 sentence2 captionID pairID label1 label2 label3 "
    "label4 label5",
    "glue/QQP/train.tsv": "id qid1 qid2 question1 question2 is_duplicate",
    "xnli/XNLI-MT-1.0/multinli/multinli.train.en.tsv": "premise hypo label",
    "xnli/XNLI-1.0/xnli.test.tsv": "language gold_label sentence1_binary_parse "
    "sentence2_binary_parse sentence1_parse sentence2_parse sentence1 sentence2 promptID pairID "
    "genre label1 label2 label3 label4 label5 sentence1_tokenized sentence2_tokenized match",
    "pawsx/x-final/hi/test_2k.tsv": "id sentence1 sentence2 label",
}


@pytest.mark.parametrize("name", HEADERS)
def test_tables_have_the_published_columns(mirror: Path, name: str) -> None:
    header, *rows = [line.split("\t") for line in _lines(mirror / name)]
    assert header == HEADERS[name].split()
    assert rows
    assert all(len(row) == len(header) for row in rows)


def test_cosmosqa_has_the_published_columns(mirror: Path) -> None:
    with (mirror / "cosmosqa/train.csv").open(encoding="utf-8", newline="") as handle:
        header, *rows = csv.reader(handle)
    assert header == "id context question answer0 answer1 answer2 answer3 label".split()
    assert len(rows) == 150
    assert all(len(row) == 8 and row[7] in "0123" for row in rows)
    assert all(len(set(row[3:7])) == 4 for row in rows)


def test_records_have_the_published_fields(mirror: Path) -> None:
    anli = _json_lines(mirror / "anli/anli_v0.1/R2/train.jsonl")
    assert len(anli) == 50
    assert {"uid", "context", "hypothesis", "label", "reason"} <= set(anli[0])
    hellaswag = _json_lines(mirror / "hellaswag/hellaswag_val.jsonl")
    fields = "ind activity_label ctx_a ctx_b ctx split split_type label endings source_id".split()
    assert list(hellaswag[0]) == fields
    assert all(record["ctx"] == f"{record['ctx_a']} {record['ctx_b']}" for record in hellaswag)
    commonsenseqa = _json_lines(mirror / "commonsenseqa/dev_rand_split.jsonl")
    assert set(commonsenseqa[0]) == {"answerKey", "id", "question"}
    assert set(commonsenseqa[0]["question"]) == {"question_concept", "choices", "stem"}
    assert all(
        [choice["label"] for choice in record["question"]["choices"]] == list("ABCDE")
        for record in commonsenseqa
    )


@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("glue/MNLI/train.tsv", -1),
        ("snli/snli_1.0/snli_1.0_train.txt", 0),
        ("xnli/XNLI-MT-1.0/multinli/multinli.train.en.tsv", -1),
        ("glue/QQP/train.tsv", -1),
        ("pawsx/x-final/en/train.tsv", -1),
    ],
)
def test_labels_of_pairs_are_balanced(mirror: Path, name: str, column: int) -> None:
    counts = Counter(line.split("\t")[column] for line in _lines(mirror / name)[1:])
    assert len(set(counts.values())) == 1
    assert len(counts) in (2, 3)


def test_right_choices_stand_anywhere_and_differ_from_the_wrong_ones(mirror: Path) -> None:
    records = _json_lines(mirror / "hellaswag/hellaswag_train.jsonl")
    assert all(len(set(record["endings"])) == 4 for record in records)
    places = Counter(record["label"] for record in records)
    assert set(places) == {0, 1, 2, 3}
    assert max(places.values()) < 0.4 * len(records)
    letters = Counter(
        r["answerKey"] for r in _json_lines(mirror / "commonsenseqa/train_rand_split.jsonl")
    )
    assert set(letters) == set("ABCDE")
    assert max(letters.values()) < 0.35 * 150


def _questions(path: Path) -> list[tuple[str, dict[str, Any]]]:
    articles = json.loads(path.read_text(encoding="utf-8"))["data"]
    return [(p["context"], q) for a in articles for p in a["paragraphs"] for q in p["qas"]]


READING = [
    "squad/train-v1.1.json",
    "squad/dev-v1.1.json",
    "squad_v2/train-v2.0.json",
    *(f"xquad/xquad.{code}.json" for code in LANGUAGES),
    *(f"mlqa/MLQA_V1/test/test-context-{code}-question-{code}.json" for code in LANGUAGES),
    "tydiqa/tydiqa-goldp-v1.1-dev.json",
]


@pytest.mark.parametrize("name", READING)
def test_answers_stand_at_their_offsets(mirror: Path, name: str) -> None:
    questions = _questions(mirror / name)
    assert questions
    identifiers = [question["id"] for _, question in questions]
    assert len(set(identifiers)) == len(identifiers)
    for context, question in questions:
        for answer in question["answers"]:
            start = answer["answer_start"]
            assert answer["text"]
            assert context[start : start + len(answer["text"])] == answer["text"]
            assert answer["text"].strip() == answer["text"]


def test_half_of_squad2_has_no_answer_and_says_so(mirror: Path) -> None:
    questions = [question for _, question in _questions(mirror / "squad_v2/train-v2.0.json")]
    assert len(questions) == 150
    assert sum(question["is_impossible"] for question in questions) == 75
    assert all(bool(q["answers"]) != q["is_impossible"] for q in questions)


def test_xquad_paragraphs_stand_in_squad_dev_beside_others(mirror: Path) -> None:
    squad = [context for context, _ in _questions(mirror / "squad/dev-v1.1.json")]
    xquad = {context for context, _ in _questions(mirror / "xquad/xquad.en.json")}
    assert xquad <= set(squad)
    assert sum(context not in xquad for context in squad) == 30


@pytest.mark.parametrize(
    "name",
    ["xquad/xquad.{code}.json", "mlqa/MLQA_V1/dev/dev-context-{code}-question-{code}.json"],
)
def test_questions_are_parallel(mirror: Path, name: str) -> None:
    english = _questions(mirror / name.format(code="en"))
    numbers = [[a["text"] for a in q["answers"] if a["text"].isdigit()] for _, q in english]
    assert any(numbers)
    for code in FOREIGN:
        other = _questions(mirror / name.format(code=code))
        assert [q["id"] for _, q in other] == [q["id"] for _, q in english]
        assert [
            [a["text"] for a in q["answers"] if a["text"].isdigit()] for _, q in other
        ] == numbers
        assert [context for context, _ in other] != [context for context, _ in english]


def test_tydiqa_names_the_language_and_trains_on_english_alone(mirror: Path) -> None:
    train = [q["id"] for _, q in _questions(mirror / "tydiqa/tydiqa-goldp-v1.1-train.json")]
    assert all(identifier.startswith("english-") for identifier in train)
    dev = [
        q["id"].split("-", 1) for _, q in _questions(mirror / "tydiqa/tydiqa-goldp-v1.1-dev.json")
    ]
    by_language: dict[str, list[str]] = {}
    for language, rest in dev:
        by_language.setdefault(language, []).append(rest)
    assert set(by_language) == {"english", "spanish", "russian", "hindi", "arabic"}
    assert all(rest == by_language["english"] for rest in by_language.values())


def test_xnli_rows_are_parallel(mirror: Path) -> None:
    rows = [line.split("\t") for line in _lines(mirror / "xnli/XNLI-1.0/xnli.test.tsv")[1:]]
    facts = {code: [(r[1], r[8], r[9]) for r in rows if r[0] == code] for code in LANGUAGES}
    assert len(facts["en"]) == 36
    assert all(other == facts["en"] for other in facts.values())
    assert len({pair for _, _, pair in facts["en"]}) == 36


def test_pawsx_rows_are_parallel(mirror: Path) -> None:
    labels = {
        code: [(row[0], row[3]) for row in (line.split("\t") for line in lines[1:])]
        for code in LANGUAGES
        for lines in [_lines(mirror / f"pawsx/x-final/{code}/dev_2k.tsv")]
    }
    assert all(other == labels["en"] for other in labels.values())


def _blocks(path: Path) -> list[list[str]]:
    return [block.splitlines() for block in path.read_text(encoding="utf-8").strip().split("\n\n")]


@pytest.mark.parametrize("code", LANGUAGES)
def test_treebanks_are_parallel_trees(mirror: Path, code: str) -> None:
    def treebank(language: str) -> list[list[str]]:
        name = f"UD_Miniature-{language}/{language}_miniature-ud-test.conllu"
        return _blocks(mirror / "ud-treebanks-v2.5" / name)

    sentences, english = treebank(code), treebank("en")
    assert [s[0] for s in sentences] == [s[0] for s in english]
    for sentence in sentences:
        words = [line.split("\t") for line in sentence if not line.startswith("#")]
        assert all(len(cells) == 10 for cells in words)
        assert [cells[0] for cells in words] == [str(i + 1) for i in range(len(words))]
        text = "".join(c[1] + ("" if c[9] == "SpaceAfter=No" else " ") for c in words)
        assert sentence[1] == f"# text = {text.strip()}"
        heads = {int(cells[0]): int(cells[6]) for cells in words}
        assert sum(head == 0 for head in heads.values()) == 1
        for start in heads:
            place, steps = start, 0
            while place:
                place, steps = heads[place], steps + 1
                assert steps <= len(heads)


def test_panx_lines_carry_the_language_and_valid_tags(mirror: Path) -> None:
    kinds = {}
    for code in LANGUAGES:
        sentences = _blocks(mirror / f"panx/{code}/test")
        kinds[code] = [
            sorted(line.split("\t")[1] for line in s if line.split("\t")[1].startswith("B-"))
            for s in sentences
        ]
        for sentence in sentences:
            before = "O"
            for line in sentence:
                token, tag = line.split("\t")
                assert token.startswith(f"{code}:")
                assert len(token) > len(code) + 1
                if tag.startswith("I-"):
                    assert before[2:] == tag[2:]
                before = tag
    assert all(kind == kinds["en"] for kind in kinds.values())


def test_panx_evaluates_names_that_training_lacks(mirror: Path) -> None:
    def names(part: str) -> set[str]:
        lines = [line for block in _blocks(mirror / f"panx/en/{part}") for line in block]
        return {line.split("\t")[0] for line in lines if not line.endswith("\tO")}

    assert "en:Elena" not in names("train")
    assert names("test") - names("train")


def test_supertags_match_their_words_one_by_one(mirror: Path) -> None:
    verbs = set()
    for line in _lines(mirror / "ccg/ccg.train"):
        tokens, tags = (part.split(" ") for part in line.split("\t"))
        assert len(tokens) == len(tags)
        verbs |= {tag for tag in tags if "NP)/" in tag or "NP)/PP" in tag}
    assert {"(S[dcl]\\NP)/NP", "((S[dcl]\\NP)/PP)/NP", "(S[b]\\NP)/NP"} <= verbs


@pytest.mark.parametrize("code", FOREIGN)
def test_bucc_gold_pairs_exist_among_distractors(mirror: Path, code: str) -> None:
    folder = mirror / "bucc2018"
    foreign = dict(line.split("\t") for line in _lines(folder / f"{code}-en.training.{code}"))
    english = dict(line.split("\t") for line in _lines(folder / f"{code}-en.training.en"))
    gold = [line.split("\t") for line in _lines(folder / f"{code}-en.training.gold")]
    assert len(gold) == 20
    assert (len(foreign), len(english)) == (26, 30)
    assert len({a for a, _ in gold}) == len({b for _, b in gold}) == 20
    for source, target in gold:
        numbers = [
            [word for word in text.split() if word.isdigit()]
            for text in (foreign[source], english[target])
        ]
        assert numbers[0] == numbers[1]
    assert [a for a, _ in gold] != [b.replace("en-", f"{code}-") for _, b in gold]


@pytest.mark.parametrize("code", FOREIGN)
def test_tatoeba_lines_are_parallel_and_distinct(mirror: Path, code: str) -> None:
    stem = f"tatoeba/tatoeba.{ISO3[code]}-eng"
    foreign, english = _lines(mirror / f"{stem}.{ISO3[code]}"), _lines(mirror / f"{stem}.eng")
    assert len(foreign) == len(english) == len(set(english)) == 20
    for a, b in zip(foreign, english, strict=True):
        assert [w for w in a.split() if w.isdigit()] == [w for w in b.split() if w.isdigit()]


def test_documents_are_one_a_line_in_every_language(mirror: Path) -> None:
    for code in LANGUAGES:
        lines = _lines(mirror / f"text/{code}.txt")
        assert len(lines) == 60
        assert all(line.strip() for line in lines)
