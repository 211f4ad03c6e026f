"""A small valid input for every reader of every family: what fuzzing starts from."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

NLI = ("entailment", "neutral", "contradiction")
PARAPHRASE = ("not_paraphrase", "paraphrase")
UPOS = ("ADJ", "ADP", "NOUN", "PUNCT", "VERB")
ENTITIES = ("O", "B-PER", "I-PER", "B-LOC", "I-LOC")
ZERO_ONE = {"0": "not_paraphrase", "1": "paraphrase"}

Content = bytes | pa.Table


@dataclass(frozen=True)
class Sample:
    """Files by name in the reader's order, and what else the reader is given."""

    family: str
    files: Mapping[str, Content]
    language: str | None = None
    labels: tuple[str, ...] | None = None
    options: Mapping[str, Any] = field(default_factory=dict)

    def write(self, folder: Path) -> list[Path]:
        return [write(folder / name, content) for name, content in self.files.items()]


def write(path: Path, content: Content) -> Path:
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        pq.write_table(content, path)
    return path


def named(table: pa.Table, **names: tuple[str, ...]) -> pa.Table:
    """Return a table that says the names of its class labels as the hub's `datasets` does."""
    labels = {
        column: {"names": list(listed), "_type": "ClassLabel"} for column, listed in names.items()
    }
    metadata = {"huggingface": json.dumps({"info": {"features": labels}})}
    return table.replace_schema_metadata(metadata)


def text(*lines: str) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode("utf-8")


def records(*lines: Mapping[str, Any]) -> bytes:
    return text(*(json.dumps(line, ensure_ascii=False) for line in lines))


def leaf(category: str, tag: str, word: str) -> str:
    return f"(<L {category} {tag} {tag} {word} {category}>)"


GLUE_PARSES = ("( )", "( )", "( )", "( )")
SNLI_COLUMNS = (
    *("gold_label", "sentence1_binary_parse", "sentence2_binary_parse", "sentence1_parse"),
    *("sentence2_parse", "sentence1", "sentence2", "captionID", "pairID"),
    *(f"label{number}" for number in range(1, 6)),
)
XNLI_COLUMNS = ("language", "gold_label", "sentence1", "sentence2", "promptID", "pairID", "genre")


def _rows(*rows: tuple[str, ...]) -> bytes:
    return text(*("\t".join(row) for row in rows))


def _glue_nli() -> bytes:
    header = ("index", "promptID", "pairID", "genre", "a", "b", "c", "d")
    return _rows(
        (*header, "sentence1", "sentence2", "label1", "gold_label"),
        ("0", "31", "31n", "slate", *GLUE_PARSES, "She said no.", "She did.", *["neutral"] * 2),
        ("1", "31", "31e", "slate", *GLUE_PARSES, "She said no.", "She spoke.", "neutral", "-"),
        ("2", "7", "7c", "slate", *GLUE_PARSES, "Çok güzel.", "Bad.", *["contradiction"] * 2),
    )


def _snli(gold: str, pair: str) -> tuple[str, ...]:
    return (gold, *GLUE_PARSES, "A man runs.", "He moves.", "c#0", pair, "neutral", *[""] * 4)


def _nli_record(**more: str) -> dict[str, Any]:
    return {
        "sentence1": "Sokrates ist ein Mensch.",
        "sentence2": "He is mortal.",
        "gold_label": "entailment",
        "pairID": "3e",
        "promptID": "3",
        "annotator_labels": ["entailment"],
        **more,
    }


def _squad(*paragraphs: Mapping[str, Any]) -> bytes:
    articles = [{"title": "T", "paragraphs": list(paragraphs)}]
    return json.dumps({"version": "1.1", "data": articles}, ensure_ascii=False).encode()


def _paragraph(context: str, *questions: tuple[str, str]) -> dict[str, Any]:
    return {
        "context": context,
        "qas": [
            {
                "id": identifier,
                "question": "Where? 😀",
                "answers": [{"text": answer, "answer_start": context.index(answer)}],
            }
            for identifier, answer in questions
        ],
    }


OSLO = _paragraph("Дом в Oslo, Norge.", ("finnish-1-0", "Oslo"), ("finnish-1-1", "Norge"))
ROME = _paragraph("In Rome it rains.", ("finnish-2-0", "Rome"))
SPANS = pa.struct([("text", pa.list_(pa.string())), ("answer_start", pa.list_(pa.int32()))])


def hub_squad(*paragraphs: Mapping[str, Any]) -> pa.Table:
    """Return paragraphs as the hub has them: one row a question, answers as two lists."""
    questions = [(p["context"], question) for p in paragraphs for question in p["qas"]]
    answers = [
        {
            "text": [answer["text"] for answer in question["answers"]],
            "answer_start": [answer["answer_start"] for answer in question["answers"]],
        }
        for _, question in questions
    ]
    return pa.table(
        {
            "id": [question["id"] for _, question in questions],
            "title": ["T"] * len(questions),
            "context": [context for context, _ in questions],
            "question": [question["question"] for _, question in questions],
            "answers": pa.array(answers, SPANS),
        }
    )


HELLASWAG = {
    "ind": 24,
    "activity_label": "Roof",
    "ctx_a": "A man sits on a roof.",
    "ctx_b": "he",
    "ctx": "A man sits on a roof. he",
    "split": "val",
    "split_type": "indomain",
    "label": 3,
    "endings": ["sings.", "falls.", "reads.", "works."],
    "source_id": "activitynet~v_x",
}
COSMOS_HEADER = "id,context,question,answer0,answer1,answer2,answer3,label"
COMMONSENSE = {
    "id": "q1",
    "answerKey": "B",
    "question": {
        "stem": "Where is it?",
        "question_concept": "door",
        "choices": [{"label": letter, "text": f"word {letter}"} for letter in "ABC"],
    },
}


def _word(identifier: str, form: str, tag: str, head: str) -> str:
    return f"{identifier}\t{form}\tlemma\t{tag}\t_\t_\t{head}\tdep\t_\t_"


_CLASSIFICATION = {
    "anli": Sample(
        "classification",
        {
            "dev.jsonl": records(
                {"uid": "u1", "context": "It rains.", "hypothesis": "It is wet.", "label": "e"},
                {"uid": "u2", "context": "It rains.", "hypothesis": "It is dry.", "label": "c"},
            )
        },
        labels=NLI,
    ),
    "glue_nli": Sample("classification", {"train.tsv": _glue_nli()}, labels=NLI),
    "glue_qqp": Sample(
        "classification",
        {
            "train.tsv": _rows(
                ("id", "qid1", "qid2", "question1", "question2", "is_duplicate"),
                ("4", "8", "9", "Why?", "Why not?", "0"),
                ("5", "1", "2", "How so?", "How come?", "1"),
            )
        },
        labels=PARAPHRASE,
        options={"label_names": ZERO_ONE},
    ),
    "hub_pairs": Sample(
        "classification",
        {
            "train.parquet": named(
                pa.table(
                    {
                        "premise": ["It rains.", "It rains.", "Çok."],
                        "hypothesis": ["It is wet.", "It is dry.", ""],
                        "label": [0, 2, -1],
                    }
                ),
                label=NLI,
            )
        },
        labels=NLI,
    ),
    "mixture": Sample(
        "classification",
        {
            "a.jsonl": records(
                {"uid": "u1", "context": "It rains.", "hypothesis": "It is wet.", "label": "e"}
            ),
            "b.txt": _rows(SNLI_COLUMNS, _snli("neutral", "c#0r1n")),
        },
        labels=NLI,
        options={"readers": ["anli", "nli_text"], "prefixes": ["anli", "snli"]},
    ),
    "nli_json": Sample(
        "classification",
        {"dev.jsonl": records(_nli_record(), _nli_record(gold_label="-", pairID="3n"))},
        labels=NLI,
    ),
    "nli_text": Sample(
        "classification",
        {"dev.txt": _rows(SNLI_COLUMNS, _snli("neutral", "c#0r1n"), _snli("-", "c#0r1e"))},
        labels=NLI,
    ),
    "numbered_json": Sample(
        "classification",
        {"train.json": b'{"0": {"text_a": "a", "text_b": "b", "label": "1"}}'},
        labels=PARAPHRASE,
        options={"label_names": ZERO_ONE},
    ),
    "pairs": Sample(
        "classification",
        {"dev-en.tsv": b'"Say ""no"".\tHe left.\tneutral\r\nA\tB\tentailment\r\n'},
        labels=NLI,
    ),
    "pawsx": Sample(
        "classification",
        {
            "dev_2k.tsv": _rows(
                ("id", "sentence1", "sentence2", "label"),
                ("1", 'Das "alte" Haus', '"Haus', "1"),
                ("2", "NS", "NS", "0"),
            )
        },
        labels=PARAPHRASE,
        options={"label_names": ZERO_ONE},
    ),
    "xnli": Sample(
        "classification",
        {
            "xnli.dev.tsv": _rows(
                XNLI_COLUMNS,
                ("ar", "neutral", "قال", "نعم", "1", "1", "slate"),
                ("en", "neutral", "He said", "Yes", "1", "1", "slate"),
            )
        },
        language="ar",
        labels=NLI,
    ),
    "xnli_json": Sample(
        "classification",
        {"xnli.dev.jsonl": records(_nli_record(language="de"), _nli_record(language="en"))},
        language="de",
        labels=NLI,
    ),
    "xnli_mt": Sample(
        "classification",
        {"train.tsv": _rows(("premise", "hypo", "label"), ("A b .", "C d .", "contradictory"))},
        labels=NLI,
    ),
}

_MULTIPLE_CHOICE = {
    "commonsenseqa": Sample("multiple_choice", {"dev.jsonl": records(COMMONSENSE, COMMONSENSE)}),
    "cosmosqa": Sample(
        "multiple_choice",
        {"valid.csv": text(COSMOS_HEADER, 'a1,"One, two .\nThree",Why ?,None .,"b, c",d,e,2')},
    ),
    "hellaswag": Sample("multiple_choice", {"val.jsonl": records(HELLASWAG, HELLASWAG)}),
    "hub_commonsenseqa": Sample(
        "multiple_choice",
        {
            "validation.parquet": pa.table(
                {
                    "id": ["q1"],
                    "question": ["Where is it?"],
                    "question_concept": ["door"],
                    "choices": [{"label": ["A", "B"], "text": ["in", "out"]}],
                    "answerKey": ["B"],
                }
            )
        },
    ),
    "hub_cosmosqa": Sample(
        "multiple_choice",
        {
            "validation.parquet": pa.table(
                {name: [f"{name}."] * 2 for name in COSMOS_HEADER.split(",")[:-1]}
                | {"label": pa.array([0, 3], pa.int32())}
            )
        },
    ),
    "hub_hellaswag": Sample(
        "multiple_choice",
        {
            "validation.parquet": pa.table(
                {name: [value] * 2 for name, value in HELLASWAG.items() if name != "label"}
                | {"label": ["3", "0"]}
            )
        },
    ),
}

_TAGGING = {
    "ccgbank_auto": Sample(
        "tagging",
        {
            "wsj_0001.auto": text(
                "ID=wsj_0001.1 PARSER=GOLD NUMPARSE=1",
                "(<T S[dcl] 0 2> (<T NP 0 1> " + leaf("N", "NNP", "-LRB-") + " ) "
                "(<T S[dcl]\\NP 0 2> "
                + leaf("(S[dcl]\\NP)/NP", "VBZ", "eats")
                + leaf("N", "NN", "1\\/2")
                + " ) )",
            )
        },
    ),
    "conllu": Sample(
        "tagging",
        {
            "fa_x-ud-dev.conllu": text(
                "# sent_id = s1",
                "1-2\tab\t_\t_\t_\t_\t_\t_\t_\t_",
                _word("1", "a", "NOUN", "3"),
                _word("2", "b", "ADP", "3"),
                _word("3", "می\u200cشود", "VERB", "0"),
                "",
                _word("1", "10 000", "ADJ", "0"),
                "",
            )
        },
        language="fa",
        labels=UPOS,
    ),
    "hub_tags": Sample(
        "tagging",
        {
            "validation.parquet": named(
                pa.table(
                    {
                        "tokens": [["Ada", "in", "Oslo"], ["."]],
                        "ner_tags": [[1, 0, 3], [0]],
                        "langs": [["en"] * 3, ["en"]],
                    }
                ),
                ner_tags=ENTITIES,
            )
        },
        labels=ENTITIES,
    ),
    "supertags": Sample("tagging", {"ccg.dev": text("The boy runs\tNP[nb]/N N S[dcl]\\NP")}),
    "token_tags": Sample(
        "tagging", {"dev-yo.tsv": b"Ada\tB-PER\r\n:\tO\r\n\r\nOslo\tB-LOC\r\n"}, "yo", ENTITIES
    ),
    "wikiann": Sample(
        "tagging", {"dev": text("de:Ada\tB-PER", "de::\tO", "", "de:Köln\tB-LOC")}, "de", ENTITIES
    ),
}

_TYDI = {"id_prefix": "finnish"}
_SPAN_QA = {
    "hub_squad": Sample("span_qa", {"validation.parquet": hub_squad(OSLO, ROME)}),
    "hub_squad_without": Sample(
        "span_qa",
        {"validation.parquet": hub_squad(OSLO, ROME), "xquad.parquet": hub_squad(OSLO)},
    ),
    "hub_tydiqa": Sample("span_qa", {"dev.parquet": hub_squad(OSLO, ROME)}, options=_TYDI),
    "squad": Sample("span_qa", {"dev.json": _squad(OSLO, ROME)}),
    "squad_without": Sample("span_qa", {"dev.json": _squad(OSLO, ROME), "x.json": _squad(OSLO)}),
    "tydiqa": Sample("span_qa", {"dev.json": _squad(OSLO, ROME)}, options=_TYDI),
}

_RETRIEVAL = {
    "bucc": Sample(
        "retrieval",
        {
            "de-en.sample.de": text("de-1\tEin Haus.", "de-2\tEin Hund."),
            "de-en.sample.en": text("en-1\tA dog.", "en-2\tA cat."),
            "de-en.sample.gold": text("de-2\ten-1"),
        },
        language="de",
    ),
    "hub_bucc": Sample(
        "retrieval",
        {
            "test.parquet": pa.table(
                {
                    "sentence1": [["Ein Haus.", "Ein Hund.", "Hm."]],
                    "sentence2": [["A dog.", "A cat."]],
                    "gold": [[[2, 1]]],
                }
            )
        },
        language="de",
    ),
    "hub_tatoeba": Sample(
        "retrieval",
        {
            "validation.parquet": pa.table(
                {
                    "source_sentence": ["Ein Haus.\n", "Ein Hund.\n"],
                    "target_sentence": ["A house.\n", "A dog.\n"],
                    "source_lang": ["deu"] * 2,
                    "target_lang": ["eng"] * 2,
                }
            )
        },
        language="de",
    ),
    "tatoeba": Sample(
        "retrieval",
        {"t.deu": text("Ein Haus.", "Ein Hund."), "t.eng": text("A house.", "A dog.")},
        language="de",
    ),
}

_TEXT = {
    "lines": Sample("text", {"de.txt": text("Eins.", "", " Zwei. ")}, language="de"),
    "wikipedia": Sample(
        "text",
        {
            "train.parquet": pa.table(
                {
                    "id": ["12", "13"],
                    "url": ["https://de.wikipedia.org/wiki/A"] * 2,
                    "title": ["A", "B"],
                    "text": ["A ist der erste Buchstabe.\n\nSiehe auch\n" + "x" * 30, "kurz"],
                }
            )
        },
        language="de",
    ),
}

SAMPLES: Mapping[str, Sample] = {
    **_CLASSIFICATION,
    **_MULTIPLE_CHOICE,
    **_TAGGING,
    **_SPAN_QA,
    **_RETRIEVAL,
    **_TEXT,
}
