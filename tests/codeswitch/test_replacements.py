"""The data sheet counts replacements by what was written, and function words among them."""

import pickle
from collections import Counter
from typing import Any

import pytest

from codeswitch.worlds import EVERYTHING, LEXICON, MINIATURE, pairs, paragraphs, switcher, tables
from polystilts.codeswitch import corpus
from polystilts.codeswitch.corpus import switch_table
from polystilts.codeswitch.example import Example, Field
from polystilts.codeswitch.recipe import Recipe
from polystilts.codeswitch.sheet import replacements
from polystilts.codeswitch.sheet.replacements import LISTED
from polystilts.codeswitch.sheet.tally import Tally, with_dictionary
from polystilts.codeswitch.switcher import Switcher

WORDS = [f"{a}{b}r" for a in "bcdfglmnp" for b in "aeiou"]
MANY = {
    "es": {word: [f"{word}o", f"{word}a"] for word in WORDS},
    "de": {word: [f"{word}en"] for word in WORDS},
}


def tally_of(reader: Switcher, texts: list[str], first: int = 0) -> tuple[Tally, Counter[Any]]:
    """Return the books of texts, and what their events say was written."""
    examples = [Example(str(first + n), (Field(text),)) for n, text in enumerate(texts)]
    (outcome,) = reader.switch_examples(examples)
    tally, seen = Tally(reader.languages), Counter[Any]()
    tally.add(outcome)
    for place in range(len(texts)):
        switched = outcome.switched_text(place)
        for event in switched.events:
            written = switched.text[event.target_start : event.target_end]
            seen[event.source, event.language, written] += 1
    return tally, seen


@pytest.mark.parametrize("waiting", [0, 1 << 16])
def test_the_most_frequent_of_all_parts_are_listed_in_one_order(
    waiting: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replacements, "_WAITING", waiting)
    reader = switcher(Recipe(rate=0.5, reserved=0.0, lemma=False), MANY)
    texts = [" ".join(WORDS[(n * k) % 45] for k in range(12)) for n in range(60)]
    parts = [tally_of(reader, texts[n : n + 7], n) for n in range(0, 60, 7)]
    seen: Counter[Any] = sum((counts for _, counts in parts), Counter[Any]())
    assert len(seen) > LISTED
    expected = sorted(seen.items(), key=lambda item: (-item[1], item[0]))[:LISTED]
    for order in (parts, parts[::-1]):
        total = Tally(reader.languages)
        for part, _ in order:
            total.merge(pickle.loads(pickle.dumps(part)))
        assert [tuple(row.values()) for row in total.replacements.sheet(reader.dictionary)] == [
            (*key, count) for key, count in expected
        ]
        assert total.sheet() == tally_of(reader, texts)[0].sheet()


def test_a_replacement_is_counted_whatever_its_casing() -> None:
    reader = switcher(EVERYTHING, {"es": {"dog": ["perro"], "walk": ["andar"]}})
    tally, _ = tally_of(reader, ["Dog! The dog's dog walks."])
    assert with_dictionary(tally, reader.dictionary)["replacements"] == [
        {"word": "dog", "language": "es", "replacement": "perro", "count": 3},
        {"word": "walk", "language": "es", "replacement": "andar", "count": 1},
    ]


def test_the_share_of_function_words_counts_words_of_the_text() -> None:
    lexicon = {"es": {word: [f"x{word}"] for word in ("in front of", "the", "dog", "be", "see")}}
    reader = switcher(EVERYTHING, lexicon)
    # The, was (by its base form), in, of; but not dog's, seen, front
    tally, _ = tally_of(reader, ["The dog's was seen in front of zzz and zzz"])
    sheet = tally.sheet()
    assert (sheet["switched"], sheet["switched_function_words"]) == (7, 4)
    assert sheet["share_of_function_words"] == round(4 / 7, 6)
    assert Tally(("es",)).sheet()["share_of_function_words"] is None
    protected = switcher(Recipe(rate=1.0, protect=("function-words",), reserved=0.0), lexicon)
    sheet = tally_of(protected, ["The dog's was seen in front of zzz and zzz"])[0].sheet()
    assert (sheet["switched"], sheet["share_of_function_words"]) == (2, 0.0)


@pytest.mark.parametrize("family", ["classification", "span_qa"])
def test_the_sheet_does_not_depend_on_blocks_and_workers(
    family: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = pairs(60) if family == "classification" else paragraphs(20)
    _, one = switch_table(table, family, "t", tables(LEXICON), MINIATURE)
    assert one["replacements"][0]["count"] >= one["replacements"][-1]["count"] > 0
    monkeypatch.setattr(corpus, "ROWS_AT_ONCE", 7)
    for workers in (1, 3):
        assert (
            switch_table(table, family, "t", tables(LEXICON), MINIATURE, workers=workers)[1] == one
        )


def test_a_control_lists_what_it_writes() -> None:
    lists = {
        treatment: switch_table(
            pairs(60), "classification", "t", tables(LEXICON), MINIATURE, treatment
        )[1]["replacements"]
        for treatment in ("code-switched", "shuffled-dictionary", "identity")
    }
    spanish = {
        name: {
            row["replacement"] for row in rows if (row["word"], row["language"]) == ("dog", "es")
        }
        for name, rows in lists.items()
    }
    assert spanish["code-switched"] == {"perro"} and spanish["identity"] == {"dog"}
    assert spanish["shuffled-dictionary"].isdisjoint({"perro", "dog"})
