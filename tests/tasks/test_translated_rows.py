"""Published translations, in their own formats, aligned with the English rows they translate."""

import json
from collections import Counter
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import pyarrow as pa
import pytest

from polystilts.errors import InputError
from polystilts.study.tasks import ResolvedSplit, Task, resolve
from polystilts.tasks.readers import load_family
from polystilts.tasks.registry import TASKS
from polystilts.tasks.rows import SCHEMAS, to_table, unique
from polystilts.tasks.translated_rows import TranslatedRows, read_translation, translated_columns

MNLI = [
    ("31193n", "Product, and geography.", "It's (mainly) work.", "neutral"),
    ("101457e", 'He said "no".', "He declined.", "entailment"),
    ("134793c", "Nobody came.", "Everybody came.", "contradiction"),
    ("999n", "Never translated.", "Not at all.", "neutral"),
]
XNLI_MT = {
    "en": [
        "Everybody left .\tNobody left .\tcontradictory",
        "He said &quot; no &quot; .\tHe declined .\tentailment",
        "Product , and geography .\tIt 's ( mainly ) work .\tneutral",
        "Nobody came .\tEverybody came .\tneutral",
    ],
    "de": [
        "Alle gingen .\tKeiner ging .\tcontradictory",
        "Er sagte nein .\tEr lehnte ab .\tentailment",
        "Produkt und Geographie .\tEs ist Arbeit .\tneutral",
        "Keiner kam .\tAlle kamen .\tneutral",
    ],
}


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def rows_record(split: ResolvedSplit) -> dict[str, Any]:
    return {
        "language": split.language,
        "reader": split.reader,
        "options": dict(split.options),
    }


def english_rows(task: Task, folder: Path) -> pa.Table:
    split = resolve(next(split for split in task.splits if split.name == "train"), "en")
    reader = import_module(f"polystilts.tasks.{task.family}").READERS[split.reader]
    files = [folder / file for file in split.files]
    counts: Counter[str] = Counter()
    rows = unique(reader(files, None, task.labels, split.options, counts), counts)
    return to_table(list(rows), SCHEMAS[task.family])


def published(task: Task, folder: Path, language: str) -> tuple[pa.Table, TranslatedRows]:
    """Return the English rows of a task and its published translation, read from `folder`."""
    split = resolve(task.translations[0], language)
    pivot = resolve(task.translated_from, "en") if task.translated_from else None
    record = {
        "dataset": task.name,
        "family": task.family,
        "labels": list(task.labels) if task.labels else None,
        "translations": {
            language: {
                "rows": rows_record(split),
                "english": rows_record(pivot) if pivot else None,
            }
        },
    }
    english = english_rows(task, folder)
    return english, read_translation(
        record,
        language,
        english,
        load_family(task.family),
        [folder / file for file in split.files],
        [folder / file for file in pivot.files] if pivot else [],
    )


def mnli(folder: Path, foreign: list[str] | None = None) -> tuple[pa.Table, TranslatedRows]:
    header = "index promptID pairID genre sentence1 sentence2 label1 gold_label".split()
    lines = [
        "\t".join([str(number), name[:-1], name, "fiction", first, second, label, label])
        for number, (name, first, second, label) in enumerate(MNLI)
    ]
    write(folder / "glue/MNLI/train.tsv", "\n".join(["\t".join(header), *lines]) + "\n")
    for language, found in (XNLI_MT | {"de": foreign or XNLI_MT["de"]}).items():
        path = folder / f"xnli/XNLI-MT-1.0/multinli/multinli.train.{language}.tsv"
        write(path, "\n".join(["premise\thypo\tlabel", *found]) + "\n")
    return published(TASKS["mnli"], folder, "de")


def test_mnli_is_found_in_xnlis_english_by_its_text(tmp_path: Path) -> None:
    english, german = mnli(tmp_path)
    assert english["id"].to_pylist() == ["31193n", "101457e", "134793c", "999n"]
    texts = [german.table["text_a"][place].as_py() for place in german.place[:2].tolist()]
    assert texts == ["Produkt und Geographie .", "Er sagte nein ."]
    # the third has another label there, the fourth is not there
    assert german.place[2:].tolist() == [-1, -1]
    assert german.missing == {"another label than in English": 1, "not found by its text": 1}
    assert (german.read, german.unused) == (4, 1)


def test_files_that_are_aligned_by_line_end_together(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"its last row is 3, that of .*train\.en\.tsv is 4"):
        mnli(tmp_path, XNLI_MT["de"][:3])


def test_a_blank_line_is_a_row_of_its_own(tmp_path: Path) -> None:
    _, german = mnli(tmp_path, [XNLI_MT["de"][0], "", *XNLI_MT["de"][2:]])
    texts = [german.table["text_a"][place].as_py() for place in german.place[:1].tolist()]
    assert texts == ["Produkt und Geographie ."]
    assert german.missing["no row with its id"] == 1


def test_files_of_another_training_set_are_refused(tmp_path: Path) -> None:
    labels = ("neutral", "neutral", "entailment", "neutral")
    wrong = [f"Ja .\tNein .\t{label}" for label in labels]
    with pytest.raises(InputError, match="none of its 4 rows translates an example") as caught:
        mnli(tmp_path, wrong)
    assert "multinli.train.de.tsv" in str(caught.value)


def test_mlqas_translations_keep_squads_ids_and_their_own_answers(tmp_path: Path) -> None:
    def squad(path: str, *paragraphs: tuple[str, list[tuple[str, str, int, str]]]) -> None:
        listed = [
            {
                "context": context,
                "qas": [
                    {"id": name, "question": asked, "answers": [{"answer_start": s, "text": a}]}
                    for name, asked, s, a in questions
                ],
            }
            for context, questions in paragraphs
        ]
        data = {"data": [{"title": "t", "paragraphs": listed}], "version": "1.1"}
        write(tmp_path / path, json.dumps(data))

    squad(
        "squad/train-v1.1.json",
        ("Anna saw cats in Rome.", [("a", "who?", 0, "Anna"), ("b", "where?", 17, "Rome")]),
        ("Omar left.", [("c", "who?", 0, "Omar")]),
    )
    squad(
        "mlqa/mlqa-translate-train/es_squad-translate-train-train-v1.1.json",
        ("En Roma vio Ana gatos.", [("b", "¿dónde?", 3, "Roma"), ("a", "¿quién?", 5, "Ana")]),
        ("Se fue Juan.", [("z", "¿quién?", 7, "Juan")]),
    )
    english, spanish = published(TASKS["squad"], tmp_path, "es")
    assert english["id"].to_pylist() == ["a", "b", "c"]
    # `a` has an answer that does not stand at its offset, `c` was lost
    assert spanish.place.tolist() == [-1, 0, -1]
    assert spanish.table["answers"].to_pylist() == [[{"start": 3, "text": "Roma"}]]
    assert spanish.table["context"].to_pylist() == ["En Roma vio Ana gatos."]
    assert spanish.missing == {"no row with its id": 2}
    assert spanish.counts == {"questions with a misplaced answer set aside": 1}
    assert (spanish.read, spanish.unused) == (2, 1)


def test_pawsxs_translations_keep_their_ids(tmp_path: Path) -> None:
    header = "id\tsentence1\tsentence2\tlabel\n"
    english = "1\tA b .\tB a .\t0\n2\tC d .\tD c .\t1\n3\tE f .\tF e .\t1\n"
    french = "1\tNS\tNS\t0\n3\tE' f' .\tF' e' .\t1\n2\tC' d' .\tD' c' .\t0\n"
    write(tmp_path / "pawsx/x-final/en/train.tsv", header + english)
    write(tmp_path / "pawsx/x-final/fr/translated_train.tsv", header + french)
    _, found = published(TASKS["pawsx"], tmp_path, "fr")
    assert found.place.tolist() == [-1, -1, 0]
    assert found.table["text_b"].to_pylist() == ["F' e' ."]
    assert found.missing == {"a text is missing": 1, "another label than in English": 1}


def own(family: str, reader: str, labels: list[str] | None = None) -> dict[str, Any]:
    rows = {"language": None, "reader": reader, "options": {}}
    found = {"es": {"rows": rows, "english": None}}
    return {"dataset": "own", "family": family, "labels": labels, "translations": found}


def test_tags_of_a_translation_are_its_own_and_known(tmp_path: Path) -> None:
    english = to_table(
        [
            {"id": str(n), "group": str(n), "tokens": ["red", "dogs"], "tags": ["N/N", "N"]}
            for n in (1, 2)
        ],
        SCHEMAS["tagging"],
    )
    file = write(tmp_path / "ccg.train", "perros rojos\tN N/N\nperros muy rojos\tN N\\N N/N\n")
    family = load_family("tagging")
    named = english.set_column(0, SCHEMAS["tagging"].field("id"), [_ids(family, file)])
    found = read_translation(own("tagging", "supertags"), "es", named, family, [file])
    assert found.place.tolist() == [0, -1]
    assert found.table["tags"].to_pylist() == [["N", "N/N"]]
    assert found.missing == {"a tag that the English rows do not have": 1}
    assert translated_columns("tagging") == ("tokens", "tags")


def _ids(family: Any, file: Path) -> list[str]:
    return [row["id"] for row in family.READERS["supertags"]([file], None, None, {}, Counter())]


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"choices": ["a", "b"], "label": 0}, "another number of choices than in English"),
        ({"label": 1}, "another right choice than in English"),
        ({"choices": ["a", " ", "c"]}, "a text is missing"),
        ({"context": ""}, "a text is missing"),
    ],
)
def test_choices_agree_with_the_english_ones(changed: dict[str, Any], reason: str) -> None:
    base = {"group": "g", "context": "c", "question": None, "choices": ["x", "y", "z"], "label": 0}
    english = to_table([{"id": name, **base} for name in ("1", "2")], SCHEMAS["multiple_choice"])
    translated = [{"id": "1", **base}, {"id": "2", **base, **changed}]

    family = ModuleType("multiple_choice")
    family.READERS = {"rows": lambda *_: iter(translated)}  # type: ignore[attr-defined]
    family.OPTIONS = {}  # type: ignore[attr-defined]
    record = own("multiple_choice", "rows")
    found = read_translation(record, "es", english, family, [Path("own")])
    assert found.place.tolist() == [0, -1]
    assert found.missing == {reason: 1}
    assert found.same_text == 1
