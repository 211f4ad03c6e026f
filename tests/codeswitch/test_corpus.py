import dataclasses
import json

import pyarrow as pa
import pytest

from codeswitch.worlds import DEFAULT, EVERYTHING, LEXICON, MINIATURE, pairs, paragraphs, tables
from polystilts.codeswitch.corpus import switch_table
from polystilts.codeswitch.recipe import Recipe
from polystilts.errors import PolystiltsError

TABLES = tables(LEXICON)
CASES = [
    ("classification", pairs(30), DEFAULT),
    ("classification", pairs(30), MINIATURE),
    ("span_qa", paragraphs(12), Recipe(rate=0.5, protect=(), copies=2, reserved=0.0)),
    ("span_qa", paragraphs(12), MINIATURE),
]


def rows_by_id(table: pa.Table) -> dict[tuple[str, int], dict[str, object]]:
    return {(row["id"], row["copy"]): row for row in table.to_pylist()}


@pytest.mark.parametrize(("family", "table", "recipe"), CASES)
def test_rows_do_not_depend_on_order_or_on_other_rows(
    family: str, table: pa.Table, recipe: Recipe
) -> None:
    full = rows_by_id(switch_table(table, family, "t", TABLES, recipe)[0])
    groups = table["group"].to_pylist()
    backwards = list(reversed(range(table.num_rows)))
    shard = [row for row in backwards if int(groups[row].split("-")[1]) % 3 == 1]
    for rows in (backwards, shard):
        part = rows_by_id(switch_table(table.take(rows), family, "t", TABLES, recipe)[0])
        assert part == {key: full[key] for key in part}
        assert len(part) == len(rows) * recipe.copies


@pytest.mark.parametrize(("family", "table", "recipe"), [CASES[1], CASES[2]])
def test_the_number_of_workers_changes_nothing(
    family: str, table: pa.Table, recipe: Recipe
) -> None:
    shuffled = table.take([row * 7 % table.num_rows for row in range(table.num_rows)])
    one = switch_table(shuffled, family, "t", TABLES, recipe)
    three = switch_table(shuffled, family, "t", TABLES, recipe, workers=3)
    assert one[0].equals(three[0])
    assert json.dumps(one[1], sort_keys=True) == json.dumps(three[1], sort_keys=True)


def test_seed_copy_data_set_and_order_of_languages() -> None:
    def texts(dataset: str = "t", seed: int = 0, turned: bool = False) -> pa.ChunkedArray:
        recipe = Recipe(rate=0.5, protect=(), reserved=0.0, seed=seed)
        lexicons = dict(reversed(TABLES.items())) if turned else TABLES
        table, _ = switch_table(pairs(20), "classification", dataset, lexicons, recipe)
        return table["text_a"]

    assert texts() == texts(turned=True)
    assert texts() != texts(seed=1)
    assert texts() != texts(dataset="u")


def test_copies_hold_the_same_rows_drawn_anew() -> None:
    table, sheet = switch_table(pairs(40), "classification", "t", TABLES, MINIATURE)
    first, second = table.slice(0, 40), table.slice(40)
    assert table["copy"].to_pylist() == [0] * 40 + [1] * 40
    assert first["id"] == second["id"] and first["words"] == second["words"]
    assert first["text_a"] != second["text_a"]
    assert table.schema.names == [*pairs(1).schema.names, "copy", "switched", "words"]
    assert [copy["examples"] for copy in sheet["copies"]] == [40, 40]
    assert table.schema.field("copy").type == pa.int32()


def test_the_realised_rate_is_the_nominal_one_where_every_word_can_be_switched() -> None:
    lexicon = {"es": {f"{a}{b}d": [f"{a}{b}o"] for a in "bcdfgklmnp" for b in "aeiou"}}
    words = list(lexicon["es"])
    rows = [
        {
            "id": str(n),
            "group": str(n),
            "text_a": " ".join(words[(n * 3 + step * 7) % 50] for step in range(20)),
            "text_b": None,
            "label": "x",
        }
        for n in range(1000)
    ]
    table = pa.Table.from_pylist(rows, pairs(10).schema)
    for consistency in (1.0, 0.5, 0.0):
        recipe = Recipe(
            rate=0.3, examples=0.9, consistency=consistency, protect=(), reserved=0.0, lemma=False
        )
        _, sheet = switch_table(table, "classification", "t", tables(lexicon), recipe)
        assert sheet["coverage"] == 1.0
        assert sheet["realised_rate_of_switched_examples"] == pytest.approx(0.3, abs=0.005)
        assert sheet["realised_rate"] == pytest.approx(0.27, abs=0.01)
        assert sheet["examples_switched"] == pytest.approx(900, abs=30)


def test_languages_are_drawn_evenly_among_those_that_have_the_word() -> None:
    lexicon = {code: {"dog": [f"{code}dog"], "tree": [f"{code}t"]} for code in ("af", "et", "fi")}
    del lexicon["fi"]["tree"]
    rows = [
        {"id": str(n), "group": str(n), "text_a": word, "text_b": None, "label": "x"}
        for n in range(1500)
        for word in ("dog" if n % 2 else "tree",)
    ]
    table = pa.Table.from_pylist(rows, pairs(10).schema)
    _, sheet = switch_table(table, "classification", "t", tables(lexicon), EVERYTHING)
    shares = {code: facts["share_of_switched"] for code, facts in sheet["languages"].items()}
    assert shares["fi"] == pytest.approx(1 / 6, abs=0.03)
    assert shares["af"] == pytest.approx(5 / 12, abs=0.03)
    assert sheet["languages"]["fi"]["coverage"] == 0.5


def test_the_account_balances_and_the_sheet_is_json() -> None:
    for family, table, recipe in CASES:
        switched, sheet = switch_table(table, family, "t", TABLES, recipe)
        account = dict(sheet["account"])
        assert account.pop("tried") == sum(account.values())
        assert 0 < account["switched"] <= sum(switched["switched"].to_pylist())
        if family == "classification":  # a paragraph counts once, whatever it has of questions
            assert account["switched"] == sum(switched["switched"].to_pylist())
        assert account["protected"] == sum(sheet["protected_by_class"].values())
        per_language = (facts["switched"] for facts in sheet["languages"].values())
        assert sum(per_language) == account["switched"]
        json.dumps(sheet)


def test_what_is_repaired_or_set_aside_in_the_dictionary_is_counted() -> None:
    lexicon = {"th": {"water": ["น้ำ"], "bar": ["bar"], "hot dog": ["x y"], "dog": ["a b"]}}
    table = pa.Table.from_pylist(
        [{"id": "1", "group": "1", "tokens": ["water", "dog", "bar"], "tags": ["N", "N", "N"]}]
    )
    _, sheet = switch_table(
        table, "tagging", "t", tables(lexicon), dataclasses.replace(EVERYTHING, tagging="any-class")
    )
    assert sheet["languages"]["th"]["dictionary"] == {
        "sources": 1,
        "translations": 1,
        "phrases": 1,
        "self": 1,
        "multiword": 2,
        "repaired_nfkc": 1,
        "merged": 0,
    }
    assert sheet["account"]["self"] == 1 and sheet["account"]["multiword"] == 1


def test_a_language_that_cannot_contribute_is_a_counted_warning() -> None:
    lexicon = {**LEXICON, "yo": {}, "sw": {"giraffe": ["twiga"]}}
    _, sheet = switch_table(pairs(5), "classification", "t", tables(lexicon), EVERYTHING)
    assert len(sheet["warnings"]) == 2
    assert any(line.startswith("yo:") for line in sheet["warnings"])
    assert any(line.startswith("sw:") for line in sheet["warnings"])


def test_nothing_is_ever_a_silent_no_op() -> None:
    table = pairs(5)
    swahili = Recipe(rate=0.3, languages=("sw",))
    with pytest.raises(PolystiltsError, match="no dictionary for the language `sw`"):
        switch_table(table, "classification", "t", TABLES, swahili)
    with pytest.raises(PolystiltsError, match="at least one dictionary"):
        switch_table(table, "classification", "t", {}, DEFAULT)
    with pytest.raises(PolystiltsError, match=r"none of its .* words has a usable"):
        switch_table(table, "classification", "t", tables({"sw": {"giraffe": ["twiga"]}}), DEFAULT)
    with pytest.raises(PolystiltsError, match="`retrieval` cannot be code-switched"):
        switch_table(table, "retrieval", "t", TABLES, DEFAULT)
    with pytest.raises(PolystiltsError, match="span_qa rows need the column `question`"):
        switch_table(table, "span_qa", "t", TABLES, DEFAULT)
    with pytest.raises(PolystiltsError, match="unknown treatment"):
        switch_table(table, "classification", "t", TABLES, DEFAULT, "shuffled")


def test_an_english_copy_can_stand_before_the_switched_ones() -> None:
    recipe = dataclasses.replace(MINIATURE, clean_copy="append")
    with_english, sheet = switch_table(pairs(40), "classification", "t", TABLES, recipe)
    plain, _ = switch_table(pairs(40), "classification", "t", TABLES, MINIATURE)
    assert with_english["copy"].to_pylist() == [0] * 40 + [1] * 40 + [2] * 40
    assert with_english.slice(0, 40)["text_a"] == pairs(40)["text_a"]
    assert set(with_english.slice(0, 40)["switched"].to_pylist()) == {0}
    assert with_english.slice(40)["text_a"] == plain["text_a"]
    assert [copy["copy"] for copy in sheet["copies"]] == [1, 2]


@pytest.mark.parametrize("treatment", ["shuffled-dictionary", "random-translation", "identity"])
def test_controls_change_what_is_written_and_nothing_else(treatment: str) -> None:
    true, sheet = switch_table(pairs(60), "classification", "t", TABLES, MINIATURE)
    control, other = switch_table(pairs(60), "classification", "t", TABLES, MINIATURE, treatment)
    assert true["switched"] == control["switched"] and sheet["account"] == other["account"]
    assert true["text_a"] != control["text_a"]
    if treatment == "identity":
        assert control["text_a"].to_pylist() == pairs(60)["text_a"].to_pylist() * 2


def test_the_sheet_shows_samples_and_checks() -> None:
    _, sheet = switch_table(paragraphs(12), "span_qa", "t", TABLES, MINIATURE)
    assert len(sheet["samples"]) == 36 and set(sheet["leaks"]) == {"answer_island", "answerability"}
    for shown in sheet["samples"]:
        for text in shown["texts"]:
            for start, end, target_start, target_end, _, language in text["events"]:
                assert text["source"][start:end] and text["text"][target_start:target_end]
                assert language in LEXICON
