"""What stands in the files of a submission, made from task rows and stored predictions.

Examples are in the order of the task's rows. Where XTREME's files hold other names than our rows
they are translated: PAWS-X's labels are 0 and 1, and Tatoeba's are the line numbers of the foreign
sentences, from 0.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from polystilts.errors import PolystiltsError
from polystilts.evaluation.prediction_rows import gold_column, text_column
from polystilts.evaluation.scorers.mining_f1 import dev_threshold, mined_pairs
from polystilts.evaluation.submission import TARGETS, folder_name
from polystilts.provenance.tables import read_table

Splits = Mapping[str, pa.Table]

_TEST = "test"


@dataclass(frozen=True)
class LanguageRows:
    """Where the canonical test rows of a language stand; the gold pairs too, for retrieval."""

    language: str
    rows: Path
    pairs: Path | None = None


def label_content(target: str, test: LanguageRows) -> Any:
    """Return the labels of a language: lines, or for question answering a JSON object.

    Raises:
        PolystiltsError: a label cannot stand in such a file.
    """
    return _LABELS[_kind(target)](target, test)


def prediction_content(target: str, test: LanguageRows, splits: Splits) -> Any:
    """Return the test predictions of a language in the same form, from its rows by split.

    Raises:
        PolystiltsError: they are not of the task's examples, or cannot stand in such a file.
    """
    return _PREDICTIONS[_kind(target)](target, test, splits)


def _kind(target: str) -> str:
    """Return the family of a target; the two kinds of retrieval are kinds of their own."""
    return TARGETS[target].retriever or TARGETS[target].family


def _classification_labels(target: str, test: LanguageRows) -> list[str]:
    names = TARGETS[target].benchmark_labels
    return [_line(names.get(label, label)) for label in read_table(test.rows)["label"].to_pylist()]


def _classification_predictions(target: str, test: LanguageRows, splits: Splits) -> list[str]:
    names = TARGETS[target].benchmark_labels
    found = _in_order(splits[_TEST], read_table(test.rows)["id"].to_pylist())
    return [_line(names.get(label, label)) for label in found]


def _tagging_labels(target: str, test: LanguageRows) -> list[str]:
    return _sentences(read_table(test.rows)["tags"].to_pylist())


def _tagging_predictions(target: str, test: LanguageRows, splits: Splits) -> list[str]:
    rows = read_table(test.rows)
    found = [tags.split() for tags in _in_order(splits[_TEST], rows["id"].to_pylist())]
    sizes = [len(tags) for tags in rows["tags"].to_pylist()]
    for number, (tags, size) in enumerate(zip(found, sizes, strict=True), start=1):
        if len(tags) != size:
            raise PolystiltsError(f"{len(tags)} tags for the {size} tokens of sentence {number}.")
    return _sentences(found)


def _question_labels(target: str, test: LanguageRows) -> dict[str, Any]:
    rows = read_table(test.rows).to_pylist()
    paragraphs = [
        {
            "context": context,
            "qas": [
                {
                    "id": row["id"],
                    "question": row["question"],
                    "answers": [
                        {"answer_start": answer["start"], "text": answer["text"]}
                        for answer in row["answers"]
                    ],
                }
                for row in questions
            ],
        }
        for context, questions in groupby(rows, key=itemgetter("context"))
    ]
    title = f"{folder_name(target)}-{test.language}"
    return {"version": "1.1", "data": [{"title": title, "paragraphs": paragraphs}]}


def _question_predictions(target: str, test: LanguageRows, splits: Splits) -> dict[str, str]:
    ids = read_table(test.rows)["id"].to_pylist()
    return dict(zip(ids, _in_order(splits[_TEST], ids, "prediction_xtreme"), strict=True))


def _retrieval_labels(target: str, test: LanguageRows) -> list[str]:
    places, queries = _lines_of_sentences(test)
    pairs = read_table(_pairs_of(test))
    sources = dict(zip(pairs["target_id"].to_pylist(), pairs["source_id"].to_pylist(), strict=True))
    return [str(places[sources[query]]) for query in queries]


def _retrieval_predictions(target: str, test: LanguageRows, splits: Splits) -> list[str]:
    places, queries = _lines_of_sentences(test)
    return [str(places[found]) for found in _in_order(splits[_TEST], queries)]


def _lines_of_sentences(test: LanguageRows) -> tuple[dict[str, int], list[str]]:
    """Return the line of each foreign sentence, from 0, and the English ids in order."""
    rows = read_table(test.rows)
    foreign = rows.filter(pc.equal(rows["language"], test.language))["id"].to_pylist()
    english = rows.filter(pc.equal(rows["language"], "en"))["id"].to_pylist()
    return {identifier: line for line, identifier in enumerate(foreign)}, english


def _mining_labels(target: str, test: LanguageRows) -> list[str]:
    pairs = read_table(_pairs_of(test))
    ids = zip(pairs["source_id"].to_pylist(), pairs["target_id"].to_pylist(), strict=True)
    return [f"{source}\t{english}" for source, english in ids]


def _mining_predictions(target: str, test: LanguageRows, splits: Splits) -> list[str]:
    threshold = dev_threshold(test.language, splits)
    return [f"{source}\t{english}" for source, english in mined_pairs(splits[_TEST], threshold)]


def _pairs_of(test: LanguageRows) -> Path:
    if test.pairs is None:
        raise ValueError(f"the gold pairs of {test.rows} are not given")
    return test.pairs


def _in_order(predictions: pa.Table, ids: Sequence[str], column: str = "prediction") -> list[str]:
    """Return a column of predictions in the order of a task's ids, an empty text for none.

    Raises:
        PolystiltsError: the predictions are of other examples.
    """
    gold_column(predictions)
    found = dict(zip(predictions["id"].to_pylist(), text_column(predictions, column), strict=True))
    if found.keys() != set(ids):
        raise PolystiltsError(
            f"{len(found)} predictions for {len(ids)} examples of the task, and"
            f" {len(found.keys() & set(ids))} ids in common. Compute the study again."
        )
    return [found[identifier] for identifier in ids]


def _sentences(tags: Sequence[Sequence[str]]) -> list[str]:
    return [line for sentence in tags for line in (*map(_line, sentence), "")]


def _line(text: str) -> str:
    """Return a label that a line can hold.

    Raises:
        PolystiltsError: it would be read as another one.
    """
    if text != text.strip() or any(break_ in text for break_ in "\t\r\n"):
        raise PolystiltsError(f"the label {text!r} cannot stand in a file of one label a line.")
    return text


_LABELS: Mapping[str, Callable[[str, LanguageRows], Any]] = {
    "classification": _classification_labels,
    "tagging": _tagging_labels,
    "span_qa": _question_labels,
    "tatoeba": _retrieval_labels,
    "bucc": _mining_labels,
}
_PREDICTIONS: Mapping[str, Callable[[str, LanguageRows, Splits], Any]] = {
    "classification": _classification_predictions,
    "tagging": _tagging_predictions,
    "span_qa": _question_predictions,
    "tatoeba": _retrieval_predictions,
    "bucc": _mining_predictions,
}
