import pytest
from hypothesis import given
from hypothesis import strategies as st

from codeswitch.worlds import DEFAULT, EVERYTHING, LEXICON, engine, example, texts
from polystilts.codeswitch.recipe import Recipe
from polystilts.codeswitch.switcher import Switched, switch

SPANISH = Recipe(rate=1.0, protect=(), languages=("es",))
RECIPES = [
    EVERYTHING,
    DEFAULT,
    Recipe(rate=0.5, consistency="independent", protect=("function-words",), keep_self=True),
]


def spanish(text: str, recipe: Recipe = SPANISH) -> Switched:
    reader = engine(recipe, {"es": LEXICON["es"]})
    (word_map,) = example(reader).maps("text")
    return switch(text, engine=reader, word_map=word_map)


def rebuilt(part: Switched) -> str:
    """Undo the events from right to left."""
    text = part.text
    for event in reversed(part.events):
        word = part.scan.text[event.start : event.end]
        text = text[: event.target_start] + word + text[event.target_end :]
    return text


spans = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=4)


@given(texts, spans, spans, st.sampled_from(RECIPES), st.integers(0, 3))
def test_every_character_is_accounted_for(
    text: str,
    protected: list[tuple[int, int]],
    anchors: list[tuple[int, int]],
    recipe: Recipe,
    copy: int,
) -> None:
    protected, anchors = (
        [(min(a, b, len(text)), min(max(a, b), len(text))) for a, b in pairs]
        for pairs in (protected, anchors)
    )
    reader = engine(recipe)
    (word_map,) = example(reader, copy=copy).maps("text")
    part = switch(text, protected, anchors, engine=reader, word_map=word_map)
    offsets = part.offsets

    assert rebuilt(part) == text
    assert part.tried == len(part.events) + sum(part.losses.values())
    inside = {i for event in part.events for i in range(event.start, event.end)}
    for position, character in enumerate(text):
        if position not in inside:
            assert part.text[offsets.start(position)] == character
            assert offsets.end(position + 1) == offsets.start(position) + 1
        assert 0 <= offsets.start(position) <= offsets.end(position + 1) <= len(part.text)
    for start, end in protected:
        first, last = offsets.span(start, end)
        assert part.text[first:last] == text[start:end]
    for start, end in anchors:
        first, last = offsets.span(start, end)
        within = [event for event in part.events if start <= event.start and event.end <= end]
        across = [event for event in part.events if event.start < end and event.end > start]
        assert start == end or within == across
        middle = text[start:end]
        for event in reversed(within):
            target = part.text[event.target_start : event.target_end]
            middle = middle[: event.start - start] + target + middle[event.end - start :]
        assert part.text[first:last] == middle


@given(texts, st.integers(0, 5))
def test_a_shared_map_replaces_a_word_in_the_same_way_everywhere(text: str, copy: int) -> None:
    reader = engine(Recipe(rate=0.6, protect=()))
    maps = example(reader, copy=copy).maps("text_a", "text_b")
    parts = [
        switch(text, engine=reader, word_map=maps[0]),
        switch(text.upper() + " " + text, engine=reader, word_map=maps[1]),
    ]
    seen: dict[str, tuple[str, str]] = {}
    taken: dict[tuple[str, str], str] = {}
    for part in parts:
        for event in part.events:
            target = part.text[event.target_start : event.target_end].casefold()
            target = target.replace("ss", "ß")
            pair = (event.language, target)
            assert seen.setdefault(event.source, pair) == pair
            assert taken.setdefault(pair, event.source) == event.source


def test_independent_draws_differ_between_occurrences_and_sides() -> None:
    reader = engine(Recipe(rate=0.5, consistency="independent", protect=()))
    text = "dog " * 60
    parts = [
        switch(text, engine=reader, word_map=word_map)
        for word_map in example(reader).maps("text_a", "text_b")
    ]
    places = [{event.start for event in part.events} for part in parts]
    assert places[0] != places[1]
    assert {event.language for event in parts[0].events} == {"de", "es", "hi"}
    assert 10 < len(places[0]) < 50


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Dog! The (red) dog's", "Perro! El (rojo) perro's"),
        ("a HOUSE", "un CASA"),
        ("I see what I see. I do", "Yo see what yo see. Yo do"),
        ("A well-known dog. A dog", "Un conocido perro. Un perro"),
        ("US dogs saw us", "US dogs saw nosotros"),
        ("THE DOG SEES US", "EL PERRO VE NOSOTROS"),
        ("dog\r\n\tdog  dog\u00a0dog", "perro\r\n\tperro  perro\u00a0perro"),
        ("the dog@house.com http://dog.org #dog d\u0301og", None),
    ],
)
def test_golden_sentences(text: str, expected: str | None) -> None:
    part = spanish(text, Recipe(rate=1.0, protect=(), languages=("es",)))
    # Seed 0 draws one of two senses for each of these words; both are accepted here.
    new = part.text.replace("la ", "el ").replace("La ", "El ").replace("LA ", "EL ")
    new = new.replace("HOGAR", "CASA").replace("hogar", "casa")
    assert new == (expected or text.replace("the ", "el "))


def test_names_numbers_and_negation_stay_when_protected() -> None:
    recipe = Recipe(rate=1.0, protect=("names", "numbers", "negation"), languages=("es",))
    text = "Apple sees the apple. Not three dogs, but the Apple market. Market, Monday"
    part = spanish(text, recipe)
    assert [part.scan.text[event.start : event.end] for event in part.events] == [
        "sees",
        "the",
        "apple",
        "the",
        "market",
        "Market",
    ]
    assert part.losses["protected:names"] == 3  # Apple twice, Monday
    assert part.losses["protected:numbers"] == 1
    assert part.losses["protected:negation"] == 1


def test_a_sentence_initial_capital_alone_makes_no_name() -> None:
    recipe = Recipe(rate=1.0, protect=("names",), languages=("es",))
    assert len(spanish("Apple market. Dog", recipe).events) == 3


def test_capitals_in_context() -> None:
    recipe = Recipe(rate=1.0, protect=("names",), languages=("es",))
    part = spanish("US market, The DOG sees us.", recipe)
    assert part.text.lower().startswith("us mercado, ")  # a short word in capitals is no pronoun
    assert [event.source for event in part.events] == ["market", "the", "sees", "us"]
    assert part.losses == {"protected:names": 2}
    assert len(spanish("US MARKET, THE DOG SEES US.", recipe).events) == 6


def test_words_cut_by_an_anchor_stay_and_are_counted() -> None:
    reader = engine(SPANISH)
    (word_map,) = example(reader).maps("text")
    part = switch("dog house dog", (), [(4, 6)], engine=reader, word_map=word_map)
    assert part.text == "perro house perro"
    assert part.losses == {"anchor_border": 1}
    assert part.text[slice(*part.offsets.span(4, 6))] == "ho"


def test_every_loss_has_its_reason() -> None:
    reader = engine(SPANISH)
    (word_map,) = example(reader).maps("text")
    part = switch("zebra hospital dog", [(15, 16)], engine=reader, word_map=word_map)
    assert part.losses == {"no_entry": 1, "self": 1, "protected:span": 1}
    assert (part.tried, part.eligible, part.text) == (3, 0, "zebra hospital dog")


def test_a_drawn_self_translation_is_counted_and_changes_nothing() -> None:
    lexicon = {"es": {"hospital": ["hospital", "Hospital"], "bar": ["bar", "taberna"]}}
    keeping = engine(Recipe(rate=1.0, protect=(), keep_self=True), lexicon)
    outcomes = set()
    for number in range(20):
        (word_map,) = example(keeping, str(number)).maps("text")
        part = switch("hospital bar", engine=keeping, word_map=word_map)
        outcomes.add((part.text, part.losses["self"]))
    assert outcomes == {("hospital bar", 2), ("hospital taberna", 1)}


def test_two_words_never_become_one_in_a_shared_map() -> None:
    reader = engine(EVERYTHING, {"es": {"big": ["gran"], "large": ["gran"]}})
    (word_map,) = example(reader).maps("text")
    part = switch("big large big", engine=reader, word_map=word_map)
    assert part.text == "gran large gran"
    assert part.losses == {"collision": 1}


def test_targets_are_stable_under_the_normalisation_of_the_tokenizer() -> None:
    reader = engine(EVERYTHING, {"th": {"water": ["น้ำ"]}, "af": {"a": ["ŉ"]}})
    (word_map,) = example(reader).maps("text")
    assert switch("a water", engine=reader, word_map=word_map).text == "ʼn น้ํา"
