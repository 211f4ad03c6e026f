"""Sentence-pair files in their published layouts."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from polystilts.errors import ConfigError, InputError
from polystilts.tasks.classification import READERS

NLI = ("entailment", "neutral", "contradiction")
QQP = {"label_names": {"0": "not_duplicate", "1": "duplicate"}}

GLUE_HEADER = (
    "index\tpromptID\tpairID\tgenre\tsentence1_binary_parse\tsentence2_binary_parse\t"
    "sentence1_parse\tsentence2_parse\tsentence1\tsentence2\tlabel1\tgold_label\n"
)
SNLI_HEADER = (
    "gold_label\tsentence1_binary_parse\tsentence2_binary_parse\tsentence1_parse\t"
    "sentence2_parse\tsentence1\tsentence2\tcaptionID\tpairID\tlabel1\tlabel2\tlabel3\tlabel4\t"
    "label5\n"
)
XNLI_HEADER = (
    "language\tgold_label\tsentence1_binary_parse\tsentence2_binary_parse\tsentence1_parse\t"
    "sentence2_parse\tsentence1\tsentence2\tpromptID\tpairID\tgenre\tlabel1\tlabel2\tlabel3\t"
    "label4\tlabel5\tsentence1_tokenized\tsentence2_tokenized\tmatch\n"
)


def snli(gold: str, pair: str, votes: str = "neutral\t\t\t\t") -> str:
    return (
        f"{gold}\t( A )\t( B )\t(ROOT A)\t(ROOT B)\tA man runs.\tHe moves.\tc#0\t{pair}\t{votes}\n"
    )


def xnli(language: str, gold: str, premise: str, hypothesis: str, pair: str) -> str:
    votes = "\t".join([gold] * 5)
    return (
        f"{language}\t{gold}\t\t\t\t\t{premise}\t{hypothesis}\t7\t{pair}\tfacetoface\t{votes}"
        f"\t{premise}\t{hypothesis}\tTrue\n"
    )


def read(
    reader: str,
    *files: Path,
    language: str | None = None,
    labels: tuple[str, ...] | None = NLI,
    **options: Any,
) -> tuple[list[dict[str, Any]], Counter[str]]:
    counts: Counter[str] = Counter()
    return list(READERS[reader](files, language, labels, options, counts)), +counts


def write(path: Path, text: str) -> Path:
    path.write_bytes(text.encode("utf-8"))
    return path


def test_glue_takes_the_last_field_as_gold_even_behind_unnamed_annotator_labels(
    tmp_path: Path,
) -> None:
    train = write(
        tmp_path / "train.tsv",
        GLUE_HEADER
        + '0\t31\t31n\tfiction\t( )\t( )\t( )\t( )\tShe said "no".\tShe did. \tneutral\tneutral\n'
        + "1\t31\t31e\tfiction\t( )\t( )\t( )\t( )\tP\tH\tneutral\tneutral\tentailment\tneutral\t"
        "entailment\tentailment\n",
    )
    rows, counts = read("glue_nli", train)
    assert rows == [
        {
            "id": "31n",
            "group": "31",
            "text_a": 'She said "no".',
            "text_b": "She did.",
            "label": "neutral",
        },
        {"id": "31e", "group": "31", "text_a": "P", "text_b": "H", "label": "entailment"},
    ]
    assert counts == {"rows with more annotator labels than columns": 1}


def test_snli_rows_without_agreement_are_set_aside_and_counted(tmp_path: Path) -> None:
    path = write(
        tmp_path / "snli_1.0_dev.txt",
        SNLI_HEADER + snli("-", "c#0r1n") + snli("entailment", "c#0r1e", "entailment"),
    )
    rows, counts = read("nli_text", path)
    assert [(row["id"], row["group"], row["label"]) for row in rows] == [
        ("c#0r1e", "c#0", "entailment")
    ]
    assert counts == {"rows without agreed label set aside": 1}


def test_anli_letters_become_label_names(tmp_path: Path) -> None:
    lines = [
        json.dumps({"uid": f"u{n}", "context": "Same.", "hypothesis": "H", "label": letter})
        for n, letter in enumerate("enc")
    ]
    rows, _ = read("anli", write(tmp_path / "dev.jsonl", "\n".join(lines) + "\n"))
    assert [row["label"] for row in rows] == list(NLI)
    assert len({row["group"] for row in rows}) == 1


def test_xnli_keeps_one_language_with_ids_equal_across_languages(tmp_path: Path) -> None:
    path = write(
        tmp_path / "xnli.dev.tsv",
        XNLI_HEADER
        + xnli("ar", "neutral", "قال", "نعم", "1")
        + xnli("en", "neutral", "He said", "Yes", "1")
        + xnli("en", "contradiction", "He said", "No", "2"),
    )
    english, _ = read("xnli", path, language="en")
    arabic, _ = read("xnli", path, language="ar")
    assert [row["text_b"] for row in english] == ["Yes", "No"]
    assert [(row["id"], row["group"]) for row in arabic] == [("1", "7")]
    assert (english[0]["id"], english[0]["group"]) == ("1", "7")
    with pytest.raises(InputError, match=r"no rows for language 'sw'; the file holds ar, en"):
        read("xnli", path, language="sw")


def test_xnli_training_file_respells_contradictory(tmp_path: Path) -> None:
    path = write(
        tmp_path / "multinli.train.en.tsv",
        "premise\thypo\tlabel\nA b .\tC d .\tcontradictory\nE\tF\tentailment\n",
    )
    rows, counts = read("xnli_mt", path)
    assert [row["label"] for row in rows] == ["contradiction", "entailment"]
    assert counts["labels respelled"] == 1


def test_pawsx_keeps_quotes_and_counts_placeholders(tmp_path: Path) -> None:
    path = write(
        tmp_path / "dev_2k.tsv",
        'id\tsentence1\tsentence2\tlabel\n4\tThe "old" man\t"A man\t1\n6\tNS\tNS\t0\n',
    )
    names = {"0": "not_paraphrase", "1": "paraphrase"}
    labels = ("not_paraphrase", "paraphrase")
    rows, counts = read("pawsx", path, labels=labels, label_names=names)
    assert rows[0] == {
        "id": "4",
        "group": "4",
        "text_a": 'The "old" man',
        "text_b": '"A man',
        "label": "paraphrase",
    }
    assert counts["placeholder texts NS"] == 2


def test_xtreme_files_lose_cr_lf_and_csv_quotes_only(tmp_path: Path) -> None:
    path = write(
        tmp_path / "dev-en.tsv",
        '"She said ""no""."\tHe left.\tneutral\r\n"Go" and "stop"\tB\tentailment\r\n',
    )
    rows, counts = read("pairs", path)
    assert [row["text_a"] for row in rows] == ['She said "no".', '"Go" and "stop"']
    assert [row["label"] for row in rows] == ["neutral", "entailment"]
    assert counts == {"lines ending in CR LF": 2, "quoted fields unwrapped": 1}


def test_numbered_json(tmp_path: Path) -> None:
    data = {"0": {"text_a": "a", "text_b": "b", "label": "1"}}
    path = write(tmp_path / "train.json", json.dumps(data))
    rows, _ = read("numbered_json", path, labels=("not_duplicate", "duplicate"), **QQP)
    assert rows == [{"id": "0", "group": "0", "text_a": "a", "text_b": "b", "label": "duplicate"}]


def test_qqp_sets_torn_rows_of_a_large_file_aside_but_refuses_many(tmp_path: Path) -> None:
    header = "id\tqid1\tqid2\tquestion1\tquestion2\tis_duplicate\n"
    good = [f"{n}\t{n}1\t{n}2\tQ{n}?\tR{n}?\t{n % 2}\n" for n in range(2000)]
    labels = ("not_duplicate", "duplicate")
    torn = write(tmp_path / "train.tsv", header + "".join(good) + "7\t8\t9\tWhy\n")
    rows, counts = read("glue_qqp", torn, labels=labels, **QQP)
    assert len(rows) == 2000
    assert counts == {"torn rows set aside": 1}
    assert rows[1]["label"] == "duplicate"
    broken = write(tmp_path / "dev.tsv", header + good[0] + "7\t8\t9\tWhy\n")
    with pytest.raises(InputError, match=r"dev\.tsv:3: 1 of 2 lines"):
        read("glue_qqp", broken, labels=labels, **QQP)


def test_mixture_prefixes_ids_with_their_source(tmp_path: Path) -> None:
    record = {"uid": "u", "context": "C", "hypothesis": "H", "label": "e"}
    anli = write(tmp_path / "train.jsonl", json.dumps(record) + "\n")
    other = write(tmp_path / "snli.txt", SNLI_HEADER + snli("neutral", "c#0r1n"))
    rows, _ = read(
        "mixture", anli, other, readers=["anli", "nli_text"], prefixes=["anli-r1", "snli"]
    )
    assert [row["id"] for row in rows] == ["anli-r1:u", "snli:c#0r1n"]
    assert rows[1]["group"] == "snli:c#0"


@pytest.mark.parametrize(
    ("reader", "text", "message"),
    [
        ("glue_nli", "index\tsentence1\n0\ta\n", r":1: the header lacks pairID.* found index"),
        ("glue_nli", GLUE_HEADER + "0\t1\tneutral\n", r":2: 3 tab-separated columns, expected 12"),
        ("nli_text", SNLI_HEADER + snli("maybe", "p"), r":2: unknown label 'maybe'.* entailment"),
        ("xnli_mt", "premise\thypo\tlabel\nA\tB\n", r":2: 2 tab-separated columns, expected 3"),
        ("pairs", "A\tB\tneutral\nA\tB\n", r":2: 2 tab-separated columns, expected 3"),
        ("pairs", "A\tB\t\n", r":1: unknown label ''"),
        ("anli", '{"uid": "1", "context": "C"', r":1: not valid JSON"),
        ("anli", '{"uid": "1", "context": "C"}\n', r":1: the record lacks hypothesis, label"),
        ("anli", "[1]\n", r":1: expected one JSON object a line"),
        ("numbered_json", '{"0": {"text_a"', r"not valid JSON.*is the file complete"),
        ("numbered_json", "[]", r"expected an object of numbered records"),
        ("pairs", "", r"the file is empty"),
        ("xnli", "\n\n", r":1: the header lacks language.*found nothing"),
        ("xnli_mt", "label\tpremise\thypo\tlabel\n", r":1: a column stands twice in the head"),
    ],
)
def test_malformed_pairs_name_file_line_and_reason(
    tmp_path: Path, reader: str, text: str, message: str
) -> None:
    path = write(tmp_path / "broken.tsv", text)
    with pytest.raises(InputError, match=r"(?s)broken\.tsv.*" + message):
        read(reader, path)


def test_mixture_needs_a_reader_for_each_file(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", "{}\n")
    with pytest.raises(ConfigError, match="1 files, 2 readers, 1 prefixes"):
        read("mixture", path, readers=["anli", "anli"], prefixes=["a"])


def test_blank_texts_are_kept_and_counted(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tsv", " \tB\tneutral\n")
    rows, counts = read("pairs", path)
    assert rows[0]["text_a"] == ""
    assert counts == {"blank texts kept": 1}


def test_glue_dev_files_name_five_annotator_labels(tmp_path: Path) -> None:
    header = GLUE_HEADER.replace("label1", "label1\tlabel2\tlabel3\tlabel4\tlabel5")
    start = "0\t31\t31n\tfiction\t( )\t( )\t( )\t( )\tP\tH\t"
    path = write(
        tmp_path / "dev_matched.tsv",
        f"{header}{start}neutral\tentailment\tneutral\t\t-\tneutral\n{start}-\t\t\t\t\t-\n",
    )
    rows, counts = read("glue_nli", path)
    assert [(row["text_a"], row["text_b"], row["label"]) for row in rows] == [("P", "H", "neutral")]
    assert counts == {"rows without agreed label set aside": 1}


@pytest.mark.parametrize(
    ("reader", "text"),
    [
        (
            "glue_nli",
            GLUE_HEADER + "0\t31\t31n\tx\t( )\t( )\t( )\t( )\tShe\tsaid.\tYes.\tneutral\tneutral\n",
        ),
        ("nli_text", SNLI_HEADER + snli("neutral", "p").replace(" runs", "\truns")),
        ("nli_text", SNLI_HEADER + snli("neutral", "p", "").replace(" runs", "\truns")),
    ],
)
def test_a_tab_inside_a_sentence_does_not_pair_other_texts(
    tmp_path: Path, reader: str, text: str
) -> None:
    path = write(tmp_path / "a.tsv", text.replace("\t\t\t\t\n", "\n"))
    with pytest.raises(InputError, match=r"a\.tsv:2: wrong number of columns: .* tab inside"):
        read(reader, path)


def test_copies_without_empty_annotator_columns_are_read(tmp_path: Path) -> None:
    path = write(tmp_path / "a.txt", SNLI_HEADER + snli("neutral", "p", "neutral"))
    assert [row["text_a"] for row in read("nli_text", path)[0]] == ["A man runs."]


@pytest.mark.parametrize(
    ("reader", "header"), [("pairs", ""), ("xnli_mt", "premise\thypo\tlabel\n")]
)
@pytest.mark.parametrize("blank", ["\n", "\t\t\n"])
def test_a_blank_line_does_not_shift_files_that_are_aligned_by_line(
    tmp_path: Path, reader: str, header: str, blank: str
) -> None:
    lines = [f"A{n}\tB{n}\tneutral\n" for n in range(4)]
    full = write(tmp_path / "en.tsv", header + "".join(lines))
    lines[1] = blank
    lacking = write(tmp_path / "sw.tsv", header + "".join(lines) + "\n\n")
    rows, counts = read(reader, lacking, full)
    assert [(row["id"], row["text_a"]) for row in rows] == [
        *(("1", "A0"), ("3", "A2"), ("4", "A3")),
        *(("5", "A0"), ("6", "A1"), ("7", "A2"), ("8", "A3")),
    ]
    assert [row["group"] for row in rows] == [row["id"] for row in rows]
    assert counts == {"blank lines skipped": 3}


@pytest.mark.parametrize("reader", ["anly", "mixture"])
def test_mixture_names_the_readers_it_may_mix(tmp_path: Path, reader: str) -> None:
    path = write(tmp_path / "a.jsonl", "{}\n")
    with pytest.raises(ConfigError, match=rf"`mixture`: no reader '{reader}'; known: anli, glue_"):
        read("mixture", path, readers=[reader], prefixes=["a"])
