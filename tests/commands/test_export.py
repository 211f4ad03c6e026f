"""`polystilts export`: stored predictions as XTREME's folders, which score as the study does."""

import json
import random
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

import pyarrow as pa
import pytest

from polystilts.commands.cli import main
from polystilts.commands.studies import load_study
from polystilts.evaluation.score import score
from polystilts.evaluation.submission_export import write_predictions
from polystilts.evaluation.submission_scores import score_submission
from polystilts.provenance.manifest import write_manifest
from polystilts.provenance.tables import write_table
from polystilts.study.graph import Graph
from polystilts.tasks.registry import TASKS
from polystilts.tasks.rows import PAIR_SCHEMA, SCHEMAS, to_table
from repository import copy_configuration

TARGETS = ["xnli", "pawsx", "udpos", "panx", "xquad", "mlqa", "tydiqa", "bucc", "tatoeba"]
TAGS = {
    "udpos": "ADJ CCONJ NOUN SCONJ SYM PUNCT".split(),
    "panx": "O B-PER I-PER B-LOC I-LOC".split(),
}
LABELS = {
    "xnli": ["entailment", "neutral", "contradiction"],
    "pawsx": ["not_paraphrase", "paraphrase"],
}
WORDS = "the red дом «big» एक الكتاب, U.S. line\nbreak\u2028".split(" ")
Row = dict[str, Any]
SIZE = 12


class Predictions:
    """Test rows and predictions of a study, drawn by a seed, and where they are stored."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.draw = random.Random(7)

    def write(self) -> None:
        """Write the rows of every target, and the predictions of every cell."""
        rows = {target: self.rows(target) for target in TARGETS}
        for cell in self.graph.study.cells:
            self.predict(cell.wildcards(), rows[cell.target])

    def rows(self, target: str) -> dict[tuple[str, str], list[Row]]:
        """Write the canonical rows of a target's splits and return what was drawn."""
        paths, family = self.graph.paths, self.graph.study.registry[target].family
        drawn: dict[tuple[str, str], list[Row]] = {}
        files = []
        for split in self.graph.study.prepared_splits(target):
            name, language = split.origin.name, split.origin.language
            if language is None or name not in ("dev", "test"):
                continue
            own = DRAWN[family](self, target, language)
            drawn[name, language] = own
            tables = {name: self.table(family, own, language)}
            if family == "retrieval":
                pairs = [{**row, "group": row["id"]} for row in own]
                tables[f"{name}-pairs"] = to_table(pairs, PAIR_SCHEMA)
            for stem, table in tables.items():
                files.append(Path(paths.task(target, stem, language)))
                write_table(files[-1], table, "rows")
        write_manifest(Path(paths.task_manifest(target)), "rows", files)
        return drawn

    def table(self, family: str, rows: Sequence[Row], language: str) -> pa.Table:
        if family != "retrieval":
            return to_table(rows, SCHEMAS[family])
        sides = [(language, "source_id"), ("en", "target_id")]
        sentences = [
            {"id": row[column], "group": row["id"], "language": code, "text": row["id"]}
            for code, column in sides
            for row in rows
        ]
        return to_table(sentences, SCHEMAS[family])

    def predict(self, cell: dict[str, str], rows: dict[tuple[str, str], list[Row]]) -> None:
        family = self.graph.study.registry[cell["target"]].family
        kind = cell["target"] if family == "retrieval" else family
        found: list[Row] = []
        for (split, language), own in rows.items():
            place = {"language": language, "split": split, "selection": "last", "score": 1.0}
            shuffled = self.draw.sample(own, k=len(own))
            found += [
                {**place, "group": row["id"], **row}
                for row in PREDICTED[kind](self, cell["target"], shuffled)
            ]
        path = Path(self.graph.paths.predictions.format(**cell))
        key = self.graph.keys.key("predict", cell)
        columns = ["id", "group", "language", "split", "selection", "gold", "prediction"]
        columns += ["prediction_xtreme"] * ("prediction_xtreme" in found[0])
        table = pa.table(
            {name: pa.array([r[name] for r in found], pa.string()) for name in columns}
        )
        scores = pa.array([row["score"] for row in found], pa.float64())
        write_table(path, table.append_column("score", scores), key)
        write_manifest(path.with_suffix(".json"), key, [path])

    def classification(self, target: str, language: str) -> list[Row]:
        labels = LABELS[target]
        return [
            {"id": f"{n}", "group": "g", "text_a": "a", "text_b": "b", "label": label}
            for n, label in enumerate(self.draw.choices(labels, k=SIZE))
        ]

    def tagging(self, target: str, language: str) -> list[Row]:
        sizes = [self.draw.randint(1, 9) for _ in range(SIZE)]
        return [
            {
                "id": f"{n}",
                "group": "g",
                "tokens": ["w"] * size,
                "tags": self.draw.choices(TAGS[target], k=size),
            }
            for n, size in enumerate(sizes)
        ]

    def span_qa(self, target: str, language: str) -> list[Row]:
        return [
            {
                "id": f"{language}-{n}",
                "group": "g",
                "question": "?",
                "context": f"context {n // 3}",
                "answers": [
                    {"start": 0, "text": self.phrase()} for _ in range(self.draw.randint(1, 2))
                ],
            }
            for n in range(SIZE)
        ]

    def retrieval(self, target: str, language: str) -> list[Row]:
        return [
            {"id": f"p{n}", "source_id": f"{language}-{n}", "target_id": f"en-{n}"}
            for n in range(1, SIZE)
        ]

    def phrase(self) -> str:
        return " ".join(self.draw.choices(WORDS, k=self.draw.randint(1, 3)))

    def predicted_labels(self, target: str, rows: Sequence[Row]) -> list[Row]:
        labels = LABELS[target]
        return [
            {"id": r["id"], "gold": r["label"], "prediction": self.draw.choice(labels)}
            for r in rows
        ]

    def predicted_tags(self, target: str, rows: Sequence[Row]) -> list[Row]:
        return [
            {
                "id": row["id"],
                "gold": " ".join(row["tags"]),
                "prediction": " ".join(
                    tag if self.draw.random() < 0.7 else self.draw.choice(TAGS[target])
                    for tag in row["tags"]
                ),
            }
            for row in rows
        ]

    def predicted_answers(self, target: str, rows: Sequence[Row]) -> list[Row]:
        texts = [[answer["text"] for answer in row["answers"]] for row in rows]
        return [
            {
                "id": row["id"],
                "gold": json.dumps(golds),
                "prediction": self.phrase(),
                "prediction_xtreme": self.draw.choice([golds[0], self.phrase(), ""]),
            }
            for row, golds in zip(rows, texts, strict=True)
        ]

    def found_sentences(self, target: str, rows: Sequence[Row]) -> list[Row]:
        return [
            {
                "id": row["target_id"],
                "gold": row["source_id"],
                "prediction": self.draw.choice([row["source_id"], rows[0]["source_id"]]),
            }
            for row in rows
        ]

    def mined_pairs(self, target: str, rows: Sequence[Row]) -> list[Row]:
        right = [
            {
                "id": row["source_id"],
                "gold": row["target_id"],
                "prediction": row["target_id"],
                "score": self.draw.uniform(1.0, 1.4),
            }
            for row in rows[2:]
        ]
        wrong = [
            {
                "id": row["source_id"],
                "gold": None,
                "prediction": rows[0]["target_id"],
                "score": self.draw.uniform(0.9, 1.2),
            }
            for row in rows[:6]
        ]
        missed = [
            {"id": r["source_id"], "gold": r["target_id"], "prediction": None, "score": None}
            for r in rows[:2]
        ]
        return [*right, *wrong, *missed]


DRAWN: dict[str, Callable[[Predictions, str, str], list[Row]]] = {
    "classification": Predictions.classification,
    "tagging": Predictions.tagging,
    "span_qa": Predictions.span_qa,
    "retrieval": Predictions.retrieval,
}
PREDICTED: dict[str, Callable[[Predictions, str, Sequence[Row]], list[Row]]] = {
    "classification": Predictions.predicted_labels,
    "tagging": Predictions.predicted_tags,
    "span_qa": Predictions.predicted_answers,
    "bucc": Predictions.mined_pairs,
    "tatoeba": Predictions.found_sentences,
}


@pytest.fixture
def graph(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Graph:
    """A small study whose predictions are there, in a folder of its own."""
    copy_configuration(tmp_path)
    (tmp_path / "mine.yaml").write_text(
        "base: miniature\nstudy: {name: mine, arms: [english], intermediates: [mnli], seeds: [3],"
        f" targets: [{', '.join(TARGETS)}]}}\n"
    )
    monkeypatch.chdir(tmp_path)
    graph = load_study("mine.yaml")
    Predictions(graph).write()
    return graph


def export(*arguments: str) -> int:
    with pytest.raises(SystemExit) as end:
        main(["export", "mine.yaml", *arguments])
    assert isinstance(end.value.code, int)
    return end.value.code


def predictions_of(graph: Graph, target: str) -> Path:
    cell = next(c for c in graph.study.cells if c.target == target and c.arm == "english")
    return Path(graph.paths.predictions.format(**cell.wildcards()))


def test_an_export_scores_as_the_study(graph: Graph, capsys: pytest.CaptureFixture[str]) -> None:
    assert export() == 0
    printed = capsys.readouterr()
    assert printed.err == ""
    root = Path("results/mine/export")
    folders = [Path(line) for line in printed.out.splitlines()]
    assert folders == [
        root / "miniature" / arm / intermediate / "seed-3" / "predictions"
        for arm, intermediate in [("none", "none"), ("english", "mnli")]
    ]
    results = {f.parts[-4]: score_submission(f, root / "labels").result["tasks"] for f in folders}
    assert results["none"] != results["english"]
    for cell in graph.study.cells:
        wildcards = cell.wildcards()
        table = pa.parquet.read_table(graph.paths.predictions.format(**wildcards))
        rows = score(table, graph.keys.record("score", wildcards)).to_pylist()
        wanted: dict[str, dict[str, float]] = {}
        for row in rows:
            if (row["split"], row["semantics"]) == ("test", "xtreme"):
                wanted.setdefault(row["language"], {})[row["metric"]] = row["value"]
        found = results[cell.arm][cell.target]
        assert sorted(found["languages"]) == sorted(wanted)
        for language, values in wanted.items():
            exported = {name: found["languages"][language][name] for name in values}
            assert exported == pytest.approx(values, abs=1e-9), (cell, language)
        scores = {language: values["score"] for language, values in wanted.items()}
        known = [scores[code] for code in TASKS[cell.target].languages if code in scores]
        assert 0 < fmean(known) < 100
        assert found["score"] == pytest.approx(fmean(known), abs=1e-9)


def test_files_are_as_xtreme_reads_them(graph: Graph) -> None:
    assert export("--output", "out") == 0
    labels = Path("out/labels")
    predictions = Path("out/miniature/english/mnli/seed-3/predictions")
    assert set((labels / "pawsx" / "test-en.tsv").read_text().split("\n")) == {"0", "1", ""}
    assert (labels / "tatoeba" / "test-ru.tsv").read_text().split() == [
        str(line) for line in range(SIZE - 1)
    ]
    assert (labels / "bucc2018" / "test-ru.tsv").read_text().startswith("ru-1\ten-1\n")
    assert not (predictions / "tatoeba" / "test-en.tsv").exists()
    data = json.loads((labels / "xquad" / "test-hi.json").read_text("utf-8"))["data"]
    assert [len(p["qas"]) for p in data[0]["paragraphs"]] == [3, 3, 3, 3]
    given = json.loads((predictions / "xquad" / "test-hi.json").read_text("utf-8"))
    assert len(given) == SIZE
    tags = (predictions / "udpos" / "test-es.tsv").read_text("utf-8").split("\n\n")
    assert len([sentence for sentence in tags if sentence.strip()]) == SIZE


def test_options_after_the_study_belong_to_it(graph: Graph) -> None:
    assert export("--", "--config", "study={targets: [xnli]}") == 0
    assert [path.name for path in Path("results/mine/export/labels").iterdir()] == ["xnli"]


def test_missing_predictions_are_named(graph: Graph, capsys: pytest.CaptureFixture[str]) -> None:
    assert export() == 0
    path = predictions_of(graph, "xnli")
    path.unlink()
    capsys.readouterr()
    assert export() == 0
    printed = capsys.readouterr()
    assert printed.err == f"missing: {path}\n"
    folder = Path(printed.out.splitlines()[-1])
    assert not list((folder / "xnli").iterdir()), "the files of the export before are left"
    assert list((folder / "pawsx").iterdir())


def test_unprepared_rows_are_named(graph: Graph, capsys: pytest.CaptureFixture[str]) -> None:
    Path(graph.paths.task_manifest("bucc")).unlink()
    assert export() == 0
    assert "missing: the rows of bucc" in capsys.readouterr().err


def test_nothing_computed_is_a_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    copy_configuration(tmp_path)
    (tmp_path / "mine.yaml").write_text("base: miniature\nstudy: {name: mine}\n")
    monkeypatch.chdir(tmp_path)
    assert export() == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "missing: the rows of xnli" in printed.err


def test_an_unknown_study_is_wrong_usage(graph: Graph) -> None:
    with pytest.raises(SystemExit) as end:
        main(["export", "min.yaml"])
    assert end.value.code == 2


def test_predictions_of_other_settings_are_noted(
    graph: Graph, capsys: pytest.CaptureFixture[str]
) -> None:
    path = predictions_of(graph, "udpos")
    write_manifest(path.with_suffix(".json"), "another", [path])
    assert export() == 0
    assert f"note: {path} was computed under other settings" in capsys.readouterr().err


def test_damaged_predictions_are_refused(graph: Graph, capsys: pytest.CaptureFixture[str]) -> None:
    path = predictions_of(graph, "udpos")
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    assert export() == 1
    assert f"error: {path}: its sha256" in capsys.readouterr().err


def changed(graph: Graph, target: str, change: Callable[[pa.Table], pa.Table]) -> Path:
    path = predictions_of(graph, target)
    key = json.loads(path.with_suffix(".json").read_text())["key"]
    write_table(path, change(pa.parquet.read_table(path)), key)
    write_manifest(path.with_suffix(".json"), key, [path])
    return path


def copied_as(selection: str, table: pa.Table, prediction: str) -> pa.Table:
    """Return the predictions of another selection, which predicts one thing always."""
    names = table.column_names
    table = table.set_column(
        names.index("selection"), "selection", pa.array([selection] * table.num_rows)
    )
    return table.set_column(
        names.index("prediction"), "prediction", pa.array([prediction] * table.num_rows)
    )


def test_only_the_primary_selection_is_exported(graph: Graph) -> None:
    assert export() == 0
    file = Path("results/mine/export/miniature/english/mnli/seed-3/predictions/xnli/test-hi.tsv")
    before = file.read_text()

    def add(table: pa.Table) -> pa.Table:
        others = [copied_as("averaged", table, "neutral"), copied_as("oracle", table, "oracle")]
        return pa.concat_tables([*others, table])

    changed(graph, "xnli", add)
    file.unlink()
    assert export("--", "--config", "study={selections: [last, averaged, oracle]}") == 0
    assert file.read_text() == before
    for cell in graph.study.cells:
        if cell.target == "xnli" and cell.arm == "none":
            Path(graph.paths.predictions.format(**cell.wildcards())).unlink()
    first = "study={selections: [averaged, last, oracle], targets: [xnli]}"
    assert export("--", "--config", first) == 0
    assert set(file.read_text().split()) == {"neutral"}


def test_predictions_without_the_primary_selection_are_refused(
    graph: Graph, capsys: pytest.CaptureFixture[str]
) -> None:
    path = changed(graph, "xnli", lambda table: copied_as("oracle", table, "neutral"))
    assert export() == 1
    error = capsys.readouterr().err
    assert f"error: {path}: no predictions of the selection `last`, only of oracle" in error


def test_the_oracle_is_never_exported(graph: Graph) -> None:
    with pytest.raises(ValueError, match="oracle"):
        write_predictions("xnli", predictions_of(graph, "xnli"), [], Path("out"), "oracle")


def test_predictions_of_other_examples_are_refused(
    graph: Graph, capsys: pytest.CaptureFixture[str]
) -> None:
    path = changed(graph, "xnli", lambda table: table.slice(0, table.num_rows - 1))
    assert export() == 1
    error = capsys.readouterr().err
    assert f"error: {path}: language" in error
    assert f"{SIZE - 1} predictions for {SIZE} examples" in error


def test_a_language_without_predictions_is_named(
    graph: Graph, capsys: pytest.CaptureFixture[str]
) -> None:
    path = changed(
        graph, "xnli", lambda table: table.filter(pa.compute.not_equal(table["language"], "hi"))
    )
    assert export() == 0
    assert f"missing: {path} has no test predictions for hi" in capsys.readouterr().err
