"""Hub copies of the data sets, written by the hub's own library and with its traps."""

from collections import Counter
from importlib import import_module
from pathlib import Path
from typing import Any

import datasets
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from datasets import ClassLabel, Dataset, Features, Value

from polystilts.errors import ConfigError, InputError
from polystilts.tasks.hub_forms import FORMS
from polystilts.tasks.reader import Row
from polystilts.tasks.registry import TASKS
from tasks.samples import NLI, OSLO, ROME, hub_squad, named, write

PARAPHRASE = ("not_paraphrase", "paraphrase")
STRING = Value("string")


def read(
    family: str,
    reader: str,
    *files: Path,
    language: str | None = None,
    labels: tuple[str, ...] | None = None,
    **options: Any,
) -> tuple[list[Row], Counter[str]]:
    counts: Counter[str] = Counter()
    module = import_module(f"polystilts.tasks.{family}")
    assert set(options) <= module.OPTIONS.get(reader, set())
    return list(module.READERS[reader](files, language, labels, options, counts)), +counts


def form(task: str, split: str) -> dict[str, Any]:
    """Return a split of a task's hub form as arguments of `read`."""
    chosen = next(s for s in FORMS[task][0].splits if s.name == split)
    declared = TASKS[task]
    return {"labels": declared.labels, **chosen.options}


def published(path: Path, columns: dict[str, list[Any]], features: dict[str, Any]) -> Path:
    """Write Parquet as the hub does."""
    Dataset.from_dict(columns, Features(features)).to_parquet(path)
    return path


def listed(feature: Any) -> Any:
    return datasets.Sequence(feature)


def nli(path: Path, labels: list[int], *names: str) -> Path:
    texts = [f"text {number}" for number in range(len(labels))]
    columns = {"premise": ["Shared."] * len(labels), "hypothesis": texts, "label": labels}
    features = {"premise": STRING, "hypothesis": STRING, "label": ClassLabel(names=names or NLI)}
    return published(path, columns, features)


def test_labels_are_named_by_the_file_and_not_by_their_order(tmp_path: Path) -> None:
    """Pitfall 1: sources number entailment, neutral and contradiction differently."""
    alphabetical = nli(tmp_path / "a.parquet", [0, 1, 2], *sorted(NLI))
    rows, _ = read("classification", "hub_pairs", alphabetical, **form("mnli", "train"))
    assert [row["label"] for row in rows] == ["contradiction", "entailment", "neutral"]
    plain = pa.table(pq.read_table(alphabetical).to_pydict())
    write(tmp_path / "b.parquet", plain)
    declared, _ = read(
        "classification", "hub_pairs", tmp_path / "b.parquet", **form("mnli", "train")
    )
    assert [row["label"] for row in declared] == list(NLI)
    with pytest.raises(InputError, match=r"b\.parquet:1: `label` holds 0, expected names of lab"):
        read("classification", "hub_pairs", tmp_path / "b.parquet", labels=NLI)


def test_rows_without_a_label_are_set_aside_but_not_all(tmp_path: Path) -> None:
    """Pitfall 3: SNLI has rows with label -1; test sets have no other."""
    path = nli(tmp_path / "train.parquet", [0, -1, 2])
    rows, counts = read("classification", "hub_pairs", path, labels=NLI)
    assert [(row["id"], row["label"]) for row in rows] == [("1", NLI[0]), ("3", NLI[2])]
    assert counts == {"rows without a label set aside": 1}
    blank = nli(tmp_path / "test.parquet", [-1, -1])
    with pytest.raises(InputError, match=r"test\.parquet: no row has a label: all are -1"):
        read("classification", "hub_pairs", blank, labels=NLI)


def test_a_label_out_of_range_or_of_another_task_names_its_row(tmp_path: Path) -> None:
    table = pq.read_table(nli(tmp_path / "a.parquet", [0, 1]))
    path = write(tmp_path / "b.parquet", table.set_column(2, "label", pa.array([0, 3])))
    with pytest.raises(InputError, match=r"b\.parquet:2: `label` holds 3, expected 0 to 2"):
        read("classification", "hub_pairs", path, labels=NLI)
    other = nli(tmp_path / "c.parquet", [0], "positive", "negative")
    with pytest.raises(InputError, match=r"c\.parquet:1: unknown label 'positive'"):
        read("classification", "hub_pairs", other, labels=NLI)


def test_xnli_rows_are_parallel_and_three_share_a_premise(tmp_path: Path) -> None:
    path = nli(tmp_path / "validation.parquet", [0, 1, 2])
    rows, _ = read("classification", "hub_pairs", path, **form("xnli", "dev"))
    assert [(row["id"], row["group"]) for row in rows] == [("1", "1"), ("2", "1"), ("3", "1")]
    short = nli(tmp_path / "short.parquet", [0, 1])
    with pytest.raises(InputError, match="2 rows are not whole groups"):
        read("classification", "hub_pairs", short, **form("xnli", "dev"))


def test_pawsx_ids_are_groups_and_quotes_stay(tmp_path: Path) -> None:
    path = published(
        tmp_path / "validation.parquet",
        {"id": [1, 2], "sentence1": ['"A" b', "NS"], "sentence2": ['"x', "NS"], "label": [1, 0]},
        {
            "id": Value("int32"),
            "sentence1": STRING,
            "sentence2": STRING,
            "label": ClassLabel(names=["0", "1"]),
        },
    )
    rows, _ = read("classification", "hub_pairs", path, **form("pawsx", "dev"))
    assert rows[0] == {
        "id": "1",
        "group": "1",
        "text_a": '"A" b',
        "text_b": '"x',
        "label": "paraphrase",
    }


def test_qqp_and_labels_that_are_strings(tmp_path: Path) -> None:
    path = published(
        tmp_path / "train.parquet",
        {"question1": ["Why?"], "question2": ["How?"], "label": [1], "idx": [7]},
        {
            "question1": STRING,
            "question2": STRING,
            "label": ClassLabel(names=["not_duplicate", "duplicate"]),
            "idx": Value("int32"),
        },
    )
    rows, _ = read("classification", "hub_pairs", path, **form("qqp", "train"))
    assert (rows[0]["id"], rows[0]["group"], rows[0]["label"]) == ("7", "7", "duplicate")
    strings = pa.table({"sentence1": ["a"], "sentence2": ["b"], "gold_label": ["neutral"]})
    rows, _ = read("classification", "hub_pairs", write(tmp_path / "x.parquet", strings))
    assert rows[0]["label"] == "neutral"
    with pytest.raises(InputError, match=r"expected two texts .*; its columns are a"):
        read("classification", "hub_pairs", write(tmp_path / "y.parquet", pa.table({"a": [1]})))


def test_anli_is_one_mixture_with_one_label_set(tmp_path: Path) -> None:
    """Pitfall 4: ANLI+ is five sources under one head."""
    chosen = form("anli", "dev")
    names = ("r1", "r2", "r3", "mnli", "snli")
    files = [nli(tmp_path / f"{name}.parquet", [0, 2, -1]) for name in names]
    rows, counts = read("classification", "mixture", *files, **chosen)
    assert len(rows) == 10
    assert [row["id"] for row in rows[-2:]] == ["snli:1", "snli:2"]
    assert {row["label"] for row in rows} == {"entailment", "contradiction"}
    assert counts == {"rows without a label set aside": 5}


def test_multiple_choice_labels_are_strings_or_keys_and_never_missing(tmp_path: Path) -> None:
    """Pitfall 3: HellaSwag's labels are strings, test sets have none."""
    columns: dict[str, list[Any]] = {
        "ind": [4],
        "ctx_a": ["A man."],
        "ctx_b": ["he"],
        "endings": [["runs", "sits"]],
        "source_id": ["v"],
        "label": ["1"],
    }
    rows, _ = read("multiple_choice", "hub_hellaswag", write_table(tmp_path, columns))
    assert rows[0]["choices"] == ["he runs", "he sits"]
    assert (rows[0]["id"], rows[0]["group"], rows[0]["label"]) == ("4", "v", 1)
    with pytest.raises(InputError, match=r":1: label '' is not the index .*Test files have no"):
        read("multiple_choice", "hub_hellaswag", write_table(tmp_path, columns | {"label": [""]}))

    choices = {"label": ["A", "B"], "text": ["in", "out"]}
    columns = {"id": ["q"], "question": ["Where?"], "choices": [choices], "answerKey": ["B"]}
    rows, _ = read("multiple_choice", "hub_commonsenseqa", write_table(tmp_path, columns))
    assert (rows[0]["context"], rows[0]["choices"], rows[0]["label"]) == (
        "Where?",
        ["in", "out"],
        1,
    )
    with pytest.raises(InputError, match=r":1: answerKey '' is not one of the choices A, B"):
        blank = write_table(tmp_path, columns | {"answerKey": [""]})
        read("multiple_choice", "hub_commonsenseqa", blank)

    columns = {name: ["t"] for name in ("id", "context", "question")}
    columns |= {f"answer{number}": [str(number)] for number in range(4)} | {"label": [2]}
    rows, _ = read("multiple_choice", "hub_cosmosqa", write_table(tmp_path, columns))
    assert (rows[0]["question"], rows[0]["label"]) == ("t", 2)
    with pytest.raises(InputError, match=r":1: label -1 is not the index of one of 4 choices"):
        read("multiple_choice", "hub_cosmosqa", write_table(tmp_path, columns | {"label": [-1]}))


def write_table(folder: Path, columns: dict[str, list[Any]]) -> Path:
    return write(folder / "a.parquet", pa.table(columns))


def test_tags_are_named_by_the_file(tmp_path: Path) -> None:
    path = published(
        tmp_path / "test.parquet",
        {"tokens": [["A", "\u200c ", "b c"], []], "pos_tags": [[1, 0, 1], []]},
        {"tokens": listed(STRING), "pos_tags": listed(ClassLabel(names=["VERB", "NOUN"]))},
    )
    rows, counts = read("tagging", "hub_tags", path, language="fa", **form("udpos", "test"))
    assert rows == [
        {
            "id": "1",
            "group": "fa:1",
            "tokens": ["A", "\u200c", "b c"],
            "tags": ["NOUN", "VERB", "NOUN"],
        }
    ]
    assert counts == {"empty sentences skipped": 1, "tokens with white space inside": 1}


def test_panx_of_another_language_is_refused(tmp_path: Path) -> None:
    columns = {"tokens": [["Ada"]], "ner_tags": [[1]], "langs": [["de"]]}
    chosen = form("panx", "test")
    path = write_table(tmp_path, columns)
    assert read("tagging", "hub_tags", path, language="de", **chosen)[0][0]["tags"] == ["B-PER"]
    with pytest.raises(InputError, match=r"a\.parquet:1: a token of language 'de', expected 'nl'"):
        read("tagging", "hub_tags", path, language="nl", **chosen)
    uneven = write_table(tmp_path, columns | {"ner_tags": [[1, 0]]})
    with pytest.raises(InputError, match=r"a\.parquet:1: 2 tags for 1 tokens"):
        read("tagging", "hub_tags", uneven, language="de", **chosen)


def test_squad_rows_are_those_of_the_original(tmp_path: Path) -> None:
    features = {
        "id": STRING,
        "context": STRING,
        "question": STRING,
        "answers": listed({"text": STRING, "answer_start": Value("int32")}),
    }
    columns = hub_squad(OSLO, ROME).select(list(features)).to_pydict()
    path = published(tmp_path / "validation.parquet", columns, features)
    rows, counts = read("span_qa", "hub_squad", path, group="questions")
    assert rows[1]["answers"] == [{"start": 12, "text": "Norge"}]
    assert rows[0]["group"] == rows[1]["group"] != rows[2]["group"]
    assert counts == {}


def test_offsets_follow_white_space_that_the_conversion_removed(tmp_path: Path) -> None:
    """Converted contexts and answers were stripped, their offsets were not changed."""
    original = " \n In Oslo, in Norway."
    answers = [("a", " Oslo", original.index(" Oslo")), ("b", "Norway", original.index("Norway"))]
    table = hub_squad(
        {
            "context": original.strip(),
            "qas": [
                {
                    "id": name,
                    "question": "Where?",
                    "answers": [{"text": text.strip(), "answer_start": start}],
                }
                for name, text, start in answers
            ],
        }
    )
    rows, counts = read("span_qa", "hub_squad", write(tmp_path / "a.parquet", table))
    assert [row["answers"][0]["start"] for row in rows] == [3, 12]
    assert counts == {"questions with moved answer offsets": 2}


def test_an_answer_that_stands_nowhere_near_is_no_moved_one(tmp_path: Path) -> None:
    wrong = {**ROME, "qas": [{**ROME["qas"][0], "answers": [{"text": "Rome", "answer_start": 1}]}]}
    path = write(tmp_path / "a.parquet", hub_squad(wrong))
    with pytest.raises(InputError, match=r"a\.parquet:1: .*'Rome' does not stand at character 1"):
        read("span_qa", "hub_squad", path)
    rows, counts = read("span_qa", "hub_squad", path, misplaced="drop")
    assert (rows, counts) == ([], {"questions with a misplaced answer set aside": 1})


def test_squad_dev_loses_xquads_paragraphs(tmp_path: Path) -> None:
    """Pitfall 7: XQuAD was made from SQuAD's dev set."""
    dev = write(tmp_path / "dev.parquet", hub_squad(OSLO, ROME))
    xquad = write(tmp_path / "xquad.parquet", hub_squad(OSLO))
    rows, counts = read("span_qa", "hub_squad_without", dev, xquad)
    assert [row["context"] for row in rows] == [ROME["context"]]
    assert counts["questions of the test set set aside"] == 2


def test_tydiqa_is_one_language_of_nine(tmp_path: Path) -> None:
    """Pitfall 9: the file holds all languages, training takes English alone."""
    english = {"context": "It is in Oslo.", "qas": [dict(OSLO["qas"][0], id="english-9-0")]}
    english["qas"][0]["answers"] = [{"text": "Oslo", "answer_start": 9}]
    path = write(tmp_path / "train.parquet", hub_squad(OSLO, english))
    rows, _ = read("span_qa", "hub_tydiqa", path, id_prefix="english")
    assert [row["id"] for row in rows] == ["english-9-0"]
    with pytest.raises(InputError, match=r"several languages \(english, finnish\)"):
        read("span_qa", "hub_tydiqa", path)


def bucc(tmp_path: Path, gold: list[list[int]], size: int = 200) -> Path:
    table = pa.table(
        {
            "sentence1": [[f"Satz {n}" for n in range(1, size + 1)]],
            "sentence2": [[f"sentence {n}" for n in range(1, size + 1)]],
            "gold": [gold],
        }
    )
    return write(tmp_path / "test.parquet", table)


def pairs(path: Path, **options: Any) -> list[tuple[str, str]]:
    module = import_module("polystilts.tasks.retrieval")
    rows = module.PAIR_READERS["hub_bucc"]([path], "de", None, options, Counter())
    return [(row["source_id"], row["target_id"]) for row in rows]


def test_bucc_gold_counts_from_one_and_ids_are_those_of_the_original(tmp_path: Path) -> None:
    """Pitfall 11, and the hub's gold pairs count from 1."""
    path = bucc(tmp_path, [[1, 3], [1, 3], [200, 1]])
    rows, counts = read("retrieval", "hub_bucc", path, language="de")
    assert rows[0] == {**rows[0], "id": "de-000000001", "text": "Satz 1"}
    assert rows[202]["text"] == "sentence 3"
    assert rows[0]["group"] == rows[202]["group"]
    assert pairs(path) == [
        ("de-000000001", "en-000000003"),
        ("de-000000200", "en-000000001"),
    ]
    assert counts == {"repeated gold pairs dropped": 1}
    for wrong in ([0, 1], [1, 201], [1]):
        with pytest.raises(InputError, match=r"gold pair 1 is \["):
            pairs(bucc(tmp_path, [wrong]))


def test_bucc_is_cut_into_halves_that_share_nothing(tmp_path: Path) -> None:
    # 1 and 2 are linked through one English sentence, 2 and 3 through another.
    gold = [[n, n] for n in range(4, 100)] + [[1, 1], [2, 1], [2, 2], [3, 2]]
    path = bucc(tmp_path, gold)
    halves = {part: form("bucc", part) for part in ("dev", "test")}
    for options in halves.values():
        options.pop("labels")
    found = {part: pairs(path, **options) for part, options in halves.items()}
    assert not set(found["dev"]) & set(found["test"])
    assert len(found["dev"]) + len(found["test"]) == len(gold)
    assert min(map(len, found.values())) > 30
    linked = {("de-000000001", "en-000000001"), ("de-000000003", "en-000000002")}
    assert any(linked <= set(half) for half in found.values())
    rows = {
        part: {
            row["id"] for row in read("retrieval", "hub_bucc", path, language="de", **options)[0]
        }
        for part, options in halves.items()
    }
    assert not rows["dev"] & rows["test"]
    assert len(rows["dev"] | rows["test"]) == 400
    for part, half in found.items():
        assert {identifier for pair in half for identifier in pair} <= rows[part]


def test_bucc_with_gold_pairs_alone_is_refused(tmp_path: Path) -> None:
    table = pa.table({name: [["a"], ["b"]] for name in ("sentence1", "sentence2")})
    table = table.append_column("gold", pa.array([[[1, 1]], [[1, 1]]]))
    with pytest.raises(InputError, match=r"2 rows, expected one with all sentences"):
        pairs(write(tmp_path / "a.parquet", table))


def test_tatoeba_loses_its_newlines(tmp_path: Path) -> None:
    """Pitfall 15: strings of the hub's copy end in a newline."""
    columns = {"source_sentence": ["Haus.\n", "\n"], "target_sentence": ["House.\n", "Dog.\n"]}
    rows, counts = read("retrieval", "hub_tatoeba", write_table(tmp_path, columns), language="de")
    assert [(row["id"], row["text"]) for row in rows] == [("de-1", "Haus."), ("en-1", "House.")]
    assert counts == {"pairs with a blank side set aside": 1}


def test_wikipedia_stops_at_its_cap(tmp_path: Path) -> None:
    lines = ["x" * 25, "", "Kopf", "y" * 25, "z" * 25]
    columns = {"id": ["7", "8"], "text": ["\n".join(lines), "w" * 25]}
    path = write_table(tmp_path, columns)
    rows, counts = read("text", "wikipedia", path, language="de", lines=3)
    assert [(row["id"], row["group"], row["text"][0]) for row in rows] == [
        ("7-1", "7", "x"),
        ("7-4", "7", "y"),
        ("7-5", "7", "z"),
    ]
    assert counts == {
        "blank lines skipped": 1,
        "short lines skipped": 1,
        "files not read to their end": 1,
    }
    everything, counts = read("text", "wikipedia", path, language="de")
    assert [row["id"] for row in everything][:3] == [row["id"] for row in rows]
    assert len(everything) == 4
    assert "files not read to their end" not in counts
    for wrong in (0, "3", True):
        with pytest.raises(ConfigError, match="`lines` is a whole number from 1"):
            read("text", "wikipedia", path, lines=wrong)


def test_files_in_a_row_go_on_counting(tmp_path: Path) -> None:
    first = nli(tmp_path / "0.parquet", [0, 1])
    second = nli(tmp_path / "1.parquet", [2])
    rows, _ = read("classification", "hub_pairs", first, second, labels=NLI)
    assert [row["id"] for row in rows] == ["1", "2", "3"]
    table = named(pa.table({"tokens": [["a"]], "ner_tags": [[0]]}), ner_tags=("O",))
    files = [write(tmp_path / f"t{n}.parquet", table) for n in range(2)]
    assert [row["id"] for row in read("tagging", "hub_tags", *files)[0]] == ["1", "2"]
