import csv
from pathlib import Path

import pytest

from polystilts.codeswitch.english import parts_of_speech
from polystilts.codeswitch.english.parts_of_speech import open_class, possible, tag

DATA = Path(parts_of_speech.__file__).parent / "data"
PARTS = {"NOUN", "VERB", "ADJ", "ADV"}


def tagged(text: str) -> dict[str, str | None]:
    words = text.split()
    return dict(zip(words, tag(words), strict=True))


@pytest.mark.parametrize(
    ("word", "parts"),
    [
        ("city", {"NOUN"}),
        ("dog", {"NOUN", "VERB"}),
        ("dogs", {"NOUN", "VERB"}),
        ("went", {"VERB"}),
        ("happy", {"ADJ"}),
        ("quickly", {"ADV"}),
        ("light", {"ADJ", "ADV", "NOUN", "VERB"}),
        ("blorps", set()),
        ("the", set()),
        ("could", {"VERB"}),
    ],
)
def test_every_part_of_speech_a_word_can_have(word: str, parts: set[str]) -> None:
    assert possible(word) == parts


def test_a_word_of_one_reading_needs_no_neighbour() -> None:
    assert tag(["cities"]) == ["NOUN"]
    assert tag(["happy"]) == ["ADJ"]
    assert tag(["quickly"]) == ["ADV"]
    assert tag([]) == []


@pytest.mark.parametrize(
    ("text", "word", "part"),
    [
        ("the walk was long", "walk", "NOUN"),
        ("red walk", "walk", "NOUN"),
        ("in two books", "books", "NOUN"),
        ("they walk home", "walk", "VERB"),
        ("she can walk", "walk", "VERB"),
        ("we don't walk", "walk", "VERB"),
        ("we don’t walk", "walk", "VERB"),
        ("i want to book a room", "book", "VERB"),
        ("read the book", "book", "NOUN"),
        ("love me", "love", "VERB"),
        ("it works", "works", "VERB"),
        ("his works", "works", "NOUN"),
        ("a red city", "red", None),
        ("it is red", "red", "ADJ"),
        ("the poor of rome", "poor", "NOUN"),
        ("you were running", "running", None),
        ("you were asking", "asking", "VERB"),
        ("the fast city", "fast", "ADJ"),
    ],
)
def test_a_neighbour_decides_between_readings(text: str, word: str, part: str | None) -> None:
    assert tagged(text)[word] == part


def test_where_nothing_decides_and_in_closed_classes_there_is_no_part_of_speech() -> None:
    assert tag(["walk"]) == [None]
    assert tag(["blorps", "3"]) == [None, None]
    words = "all of them could have been here with someone other than the two others".split()
    assert tag(words)[:-1] == [None] * (len(words) - 1)


@pytest.mark.parametrize(
    ("category", "part"),
    [
        ("N", "NOUN"),
        ("N/N", "ADJ"),
        ("S[adj]\\NP", "ADJ"),
        ("(S\\NP)\\(S\\NP)", "ADV"),
        ("(S[X]\\NP)\\(S[X]\\NP)", "ADV"),
        ("(S\\NP)/(S\\NP)", "ADV"),
        ("NOUN", "NOUN"),
        ("ADJ", "ADJ"),
        ("ADV", "ADV"),
        # numbers, complements, determiners, verbs, auxiliaries, prepositions, punctuation
        ("N[num]", None),
        ("N/PP", None),
        ("NP", None),
        ("NP[nb]/N", None),
        ("NP/N", None),
        ("S[dcl]\\NP", None),
        ("(S[dcl]\\NP)/NP", None),
        ("(S[dcl]\\NP)/(S[b]\\NP)", None),
        ("S[pss]\\NP", None),
        ("((S\\NP)\\(S\\NP))/NP", None),
        ("(NP\\NP)/NP", None),
        ("conj", None),
        (".", None),
        ("LRB", None),
        ("VERB", None),
        ("PROPN", None),
        ("AUX", None),
        ("DET", None),
        ("NUM", None),
        ("PUNCT", None),
        ("B-PER", None),
        ("O", None),
    ],
)
def test_tags_whose_words_may_be_replaced_one_by_one(category: str, part: str | None) -> None:
    assert open_class(category) == part


def rows(name: str) -> list[list[str]]:
    lines = [line for line in (DATA / name).read_text("utf-8").splitlines() if line]
    return list(csv.reader((x for x in lines if not x.startswith("#")), delimiter="\t"))


def test_rules_name_known_neighbours_and_never_say_two_things() -> None:
    groups = {group for group, _ in rows("cue-words.tsv")} | {"*"}
    seen: dict[tuple[str, str, str], str] = {}
    for befores, kinds, afters, part in rows("parts-of-speech.tsv"):
        assert part in PARTS | {"-"}
        assert part == "-" or part in {kind.partition("-")[0] for kind in kinds.split()}
        for neighbour in (*befores.split(","), *afters.split(",")):
            kind_names = {kind.partition("-")[0] for kind in neighbour.split()}
            assert neighbour in groups or kind_names <= PARTS, neighbour
        for before in befores.split(","):
            for after in afters.split(","):
                assert seen.setdefault((before, kinds, after), part) == part


def test_a_cue_word_belongs_to_one_group() -> None:
    words = [word for _, words in rows("cue-words.tsv") for word in words.split()]
    assert len(words) == len(set(words))


def test_open_classes_are_parts_of_speech() -> None:
    assert {part for _, part in rows("open-class.tsv")} <= PARTS
