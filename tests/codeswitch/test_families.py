import dataclasses
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codeswitch.worlds import (
    EVERYTHING,
    LEXICON,
    MINIATURE,
    SPAN_QA,
    pairs,
    paragraphs,
    tables,
    texts,
)
from polystilts.codeswitch.corpus import switch_table
from polystilts.codeswitch.recipe import Recipe
from polystilts.errors import PolystiltsError

SHARED = Recipe(rate=0.6, rate_of="eligible", protect=(), reserved=0.0, copies=3)
ANY_TAG = dataclasses.replace(EVERYTHING, tagging="any-class")
TABLES = tables(LEXICON)


def items(*contents: dict[str, Any]) -> pa.Table:
    rows = [{"id": str(n), "group": str(n), "label": 0, **item} for n, item in enumerate(contents)]
    return pa.Table.from_pylist(
        rows,
        pa.schema(
            [
                ("id", pa.string()),
                ("group", pa.string()),
                ("context", pa.string()),
                ("question", pa.string()),
                ("choices", pa.list_(pa.string())),
                ("label", pa.int32()),
            ]
        ),
    )


def test_a_pair_shares_its_words_and_keeps_its_label() -> None:
    table, _ = switch_table(pairs(40), "classification", "t", TABLES, SHARED)
    assert table["label"].to_pylist() == pairs(40)["label"].to_pylist() * 3
    for row in table.to_pylist():
        if row["text_b"] is not None:
            first = row["text_a"].rstrip(".").replace("है", "").split()
            second = row["text_b"].replace("है", "").split()
            assert sorted(first) == sorted(second)


def test_the_sides_of_a_pair_are_drawn_apart_in_an_independent_recipe() -> None:
    twins = pairs(40).drop_columns("text_b")
    twins = twins.append_column("text_b", twins["text_a"])
    table, _ = switch_table(twins, "classification", "t", TABLES, MINIATURE)
    rows = [row for row in table.to_pylist() if row["switched"]]
    assert sum(row["text_a"] == row["text_b"] for row in rows) < len(rows) / 10
    assert len(rows) > 60


@pytest.mark.parametrize("recipe", [SHARED, MINIATURE])
def test_choices_share_one_map_in_every_recipe(recipe: Recipe) -> None:
    choices = ["the dog sees", "red dog sees", "water dog", "dog"]
    table = items(*[{"context": "The dog.", "choices": choices}] * 30)
    switched, _ = switch_table(table, "multiple_choice", "t", TABLES, recipe)
    rows = switched.to_pylist()
    dogs = [
        {choice.split()[place] for choice, place in zip(row["choices"], (1, 1, 1, 0), strict=True)}
        for row in rows
    ]
    assert all(len(words) == 1 for words in dogs)
    assert set().union(*dogs) == {"dog", "perro", "Hund", "कुत्ता"}
    assert all(row["question"] is None and row["label"] == 0 for row in rows)


def test_marks_and_fixed_choices_of_a_task_stay() -> None:
    lexicon = {"es": {**LEXICON["es"], "title": ["título"], "none": ["nada"], "of": ["de"]}}
    table = items(
        {
            "context": "[title] The dog [step] title",
            "question": "Dog?",
            "choices": ["None of the above choices .", "None of the dog"],
        }
    )
    switched, sheet = switch_table(table, "multiple_choice", "t", tables(lexicon), EVERYTHING)
    (row,) = switched.to_pylist()
    assert row["context"] in ("[title] El perro [step] título", "[title] La perro [step] título")
    assert row["question"] == "Perro?"
    assert row["choices"][0] == "None of the above choices ."
    assert row["choices"][1] in ("Nada de el perro", "Nada de la perro")
    assert sheet["protected_by_class"] == {"span": 5}


tokens = st.lists(
    st.one_of(
        st.sampled_from(["dog", "The", "the", "sees", "airport", "dog's", "-LRB-", "n't", "U.S."]),
        st.text(min_size=1, max_size=8),
    ),
    min_size=1,
    max_size=12,
)


@settings(max_examples=60)
@given(st.lists(tokens, min_size=1, max_size=4), st.sampled_from([ANY_TAG, MINIATURE]))
def test_every_tag_keeps_its_token(sentences: list[list[str]], recipe: Recipe) -> None:
    sentences = [*sentences, ["the", "dog", "sees", "airport"]]
    rows = [
        {"id": str(n), "group": str(n), "tokens": row, "tags": [str(i) for i in range(len(row))]}
        for n, row in enumerate(sentences)
    ]
    table = pa.Table.from_pylist(rows)
    switched, sheet = switch_table(table, "tagging", "t", TABLES, recipe)
    for row, source in zip(switched.to_pylist(), sentences * recipe.copies, strict=True):
        assert len(row["tokens"]) == len(row["tags"]) == len(source)
        changed = 0
        for new, old in zip(row["tokens"], source, strict=True):
            if new != old:
                changed += 1
                assert len(new.split()) == 1
                assert old.lower() in {word for entries in LEXICON.values() for word in entries}
        assert changed == row["switched"]
    if recipe is ANY_TAG:
        assert sheet["account"]["multiword"] >= 1  # airport has only a translation of two words


@pytest.mark.parametrize("recipe", [SHARED, MINIATURE, EVERYTHING])
def test_answers_are_exact_and_questions_of_a_paragraph_share_its_context(recipe: Recipe) -> None:
    source = paragraphs(20)
    switched, sheet = switch_table(source, "span_qa", "t", TABLES, recipe)
    contexts: dict[tuple[str, int], set[str]] = {}
    moved = 0
    originals = source.to_pylist() * recipe.copies
    for row, original in zip(switched.to_pylist(), originals, strict=True):
        contexts.setdefault((row["group"], row["copy"]), set()).add(row["context"])
        assert len(row["answers"]) == len(original["answers"])
        for answer, true in zip(row["answers"], original["answers"], strict=True):
            start, text = answer["start"], answer["text"]
            assert row["context"][start : start + len(text)] == text
            moved += text != true["text"]
            if true["text"] == "Dog":  # cut out of Dogs
                assert text == "Dog"
            if true["start"] == 0:
                assert text == row["context"]
            if true["text"] == "big red house":
                assert row["context"][start + len(text)] == "."
    assert all(len(versions) == 1 for versions in contexts.values())
    assert moved > 10
    # a paragraph counts once, whatever it has of questions
    assert sheet["words"] < sum(switched["words"].to_pylist())


def test_a_question_uses_the_words_of_its_paragraph() -> None:
    switched, _ = switch_table(paragraphs(10), "span_qa", "t", TABLES, EVERYTHING)
    for row in switched.to_pylist():
        dog = row["context"].split()[1]
        assert row["question"].split()[1] == dog


def test_a_question_does_not_depend_on_the_other_questions() -> None:
    table = paragraphs(6)
    every, _ = switch_table(table, "span_qa", "t", TABLES, SHARED)
    # The second question's answer cuts a word, so it stays; the third has none and goes.
    rows = [number for number in range(table.num_rows) if number % 3 != 2]
    some, _ = switch_table(table.take(rows), "span_qa", "t", TABLES, SHARED)
    by_id = {(row["id"], row["copy"]): row for row in every.to_pylist()}
    assert all(by_id[row["id"], row["copy"]] == row for row in some.to_pylist())


def test_the_words_of_one_question_leave_those_of_another_alone() -> None:
    lexicon = {"es": {"big": ["gran"], "large": ["gran"], "dog": ["perro"]}}
    row = {"group": "1", "context": "dog", "answers": []}
    questions = [{**row, "id": word, "question": word} for word in ("big", "large")]
    table = pa.Table.from_pylist(questions, SPAN_QA)
    switched, _ = switch_table(table, "span_qa", "t", tables(lexicon), EVERYTHING)
    assert switched["question"].to_pylist() == ["gran", "gran"]


@settings(max_examples=60)
@given(texts, st.data())
def test_answers_anywhere_in_any_text_are_exact(text: str, data: st.DataObject) -> None:
    context = text + " the dog sees the house."
    borders = st.integers(0, len(context))
    spans = data.draw(st.lists(st.tuples(borders, borders).map(sorted), max_size=3))
    answers = [{"start": start, "text": context[start:end]} for start, end in spans]
    row = {"id": "1", "group": "1", "question": text, "context": context, "answers": answers}
    table = pa.Table.from_pylist([row], SPAN_QA)
    switched, _ = switch_table(table, "span_qa", "t", TABLES, SHARED)
    for new in switched.to_pylist():
        for answer, (start, end) in zip(new["answers"], spans, strict=True):
            first = answer["start"]
            assert new["context"][first : first + len(answer["text"])] == answer["text"]
            assert new["context"].endswith(".") and (end > start) == bool(answer["text"])


def test_an_answer_that_is_not_in_its_context_is_an_error() -> None:
    row = {"id": "q7", "group": "1", "question": "?", "context": "the dog"}
    table = pa.Table.from_pylist([{**row, "answers": [{"start": 1, "text": "dog"}]}], SPAN_QA)
    with pytest.raises(PolystiltsError, match="question q7"):
        switch_table(table, "span_qa", "t", TABLES, SHARED)
