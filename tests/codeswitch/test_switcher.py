"""The switcher on single texts and on examples: characters, words, and what decides."""

from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codeswitch.worlds import DEFAULT, EVERYTHING, LEXICON, switcher, texts
from polystilts.codeswitch.example import Example, Field, Span
from polystilts.codeswitch.outcome import Outcome, SwitchedText
from polystilts.codeswitch.recipe import Recipe
from polystilts.codeswitch.sheet.tally import Tally
from polystilts.codeswitch.switcher import Switcher
from polystilts.codeswitch.text.offsets import OffsetMap

FIRST_SENSES = {"es": {source: targets[:1] for source, targets in LEXICON["es"].items()}}
PHRASES: dict[str, dict[str, list[str]]] = {
    **LEXICON,
    "de": {**LEXICON["de"], "red house": ["rotes Haus"], "the red house": ["Wohnheim"]},
    "zh": {"dog": ["狗"], "house": ["房子"], "red": ["红"], "well-known dog": ["名犬"]},
    "th": {"sees": ["เห็น"], "not": ["ไม่"], "New York": ["นิวยอร์ก"]},
}
SWITCHERS = [
    switcher(EVERYTHING),
    switcher(DEFAULT),
    switcher(EVERYTHING, PHRASES),
    switcher(
        Recipe(
            rate=0.8,
            protect=("names",),
            reserved=0.0,
            spaces="join",
            units=("word", "phrase", "entity"),
            language_choice="per-sentence",
        ),
        PHRASES,
    ),
    switcher(Recipe(rate=0.5, consistency=0.5, protect=("function-words",), keep_self=True)),
    switcher(EVERYTHING, PHRASES, treatment="random-translation"),
    switcher(EVERYTHING, treatment="identity"),
]

phrase_texts = st.lists(
    st.sampled_from(
        ["the", "red", "house", "The", "RED", "house's", "New", "York", "dog", "well-known", "\n"]
    )
).map(" ".join)
all_texts = st.one_of(texts, phrase_texts)
spans = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=4)


def inside(pairs: Sequence[Span], text: str) -> list[Span]:
    """Return pairs of numbers as spans of a text."""
    return [(min(a, b, len(text)), min(max(a, b), len(text))) for a, b in pairs]


def spanish(text: str, *, protected: Sequence[Span] = (), **policies: Any) -> SwitchedText:
    policies = {"rate": 1.0, "protect": (), "reserved": 0.0, "lemma": False} | policies
    return switcher(Recipe(**policies), FIRST_SENSES).switch(text, protected)


def outcome_of(reader: Switcher, *given_texts: Field | str) -> Outcome:
    fields = tuple(field if isinstance(field, Field) else Field(field) for field in given_texts)
    (outcome,) = reader.switch_examples([Example("1", fields)])
    return outcome


def losses_of(reader: Switcher, *given_texts: Field | str) -> dict[str, int]:
    tally = Tally(reader.languages)
    tally.add(outcome_of(reader, *given_texts))
    return dict(tally.losses)


def undone(text: str, new: SwitchedText) -> str:
    """Undo the events from right to left; spaces that were dropped between them come back."""
    written = new.text
    begin = None
    for event in reversed(new.events):
        if begin is not None and event.end == begin[0] - 1 and event.target_end == begin[1]:
            written = written[: begin[1]] + text[event.end] + written[begin[1] :]
        source = text[event.start : event.end]
        written = written[: event.target_start] + source + written[event.target_end :]
        begin = event.start, event.target_start
    return written


@settings(deadline=None)  # the first word loads the table of base forms
@given(all_texts, spans, spans, st.sampled_from(SWITCHERS), st.integers(0, 3))
def test_every_character_is_accounted_for(
    text: str, protected: list[Span], anchors: list[Span], reader: Switcher, copy: int
) -> None:
    protected, anchors = inside(protected, text), inside(anchors, text)
    new = reader.switch(text, protected, anchors, identity="1", copy=copy)
    joins = reader.recipe.spaces == "join"

    assert undone(text, new) == text
    covered = {place for event in new.events for place in range(event.start, event.end)}
    for place, character in enumerate(text):
        first, end = new.map.start(place), new.map.end(place + 1)
        assert 0 <= first <= end <= len(new.text)
        if place not in covered:
            kept = new.text[first:end] == character
            assert kept or (joins and character == " " and first == end)
    for start, end in protected:
        assert new.text[slice(*new.map.span(start, end))] == text[start:end]
        assert not any(event.start < end and event.end > start for event in new.events)
    for start, end in anchors:
        within = [event for event in new.events if start <= event.start and event.end <= end]
        across = [event for event in new.events if event.start < end and event.end > start]
        assert start == end or within == across
        first, last = new.map.span(start, end)
        middle = SwitchedText(
            new.text[first:last],
            OffsetMap(()),
            tuple(
                event._replace(
                    start=event.start - start,
                    end=event.end - start,
                    target_start=event.target_start - first,
                    target_end=event.target_end - first,
                )
                for event in within
            ),
        )
        again = undone(text[start:end], middle)
        # a dropped space at the border of an anchor belongs to neither side
        assert again.strip(" ") == text[start:end].strip(" ") if joins else again == text[start:end]


@settings(deadline=None)
@given(all_texts, spans, st.sampled_from(SWITCHERS), st.integers(0, 3))
def test_every_word_is_accounted_for(
    text: str, protected: list[Span], reader: Switcher, copy: int
) -> None:
    example = Example("1", (Field(text, inside(protected, text)), Field(text[::-1])))
    (outcome,) = reader.switch_examples([example], [copy])
    tally = Tally(reader.languages)
    tally.add(outcome)
    sheet = tally.sheet()
    account = dict(sheet["account"])
    assert account.pop("tried") == sum(account.values())
    assert sheet["switched"] <= sheet["eligible"] <= sheet["words"]
    assert sheet["shortfall"] <= sheet["quota"]
    for place, source in enumerate((text, text[::-1])):
        codes = outcome.codes[outcome.first_chunk[place] : outcome.first_chunk[place + 1]]
        spans_of = outcome.spans(place)
        assert len(spans_of) == len(codes)
        assert outcome.words[place] == (codes >= 0).sum()
        assert outcome.switched[place] == (codes > 0).sum()
        events = outcome.switched_text(place).events
        for (start, end), code in zip(spans_of, codes.tolist(), strict=True):
            replacing = [e.language for e in events if e.start < end and e.end > start]
            assert replacing == ([reader.languages[code - 1]] if code > 0 else [])
        if not events:
            assert outcome.texts[place] == source


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
    assert spanish(text).text == (expected or text.replace("the ", "el "))


def test_names_numbers_and_negation_stay_when_protected() -> None:
    recipe = Recipe(
        rate=1.0,
        protect=("names", "numbers", "negation"),
        reserved=0.0,
        lemma=False,
        keep_self=True,
    )
    text = "Apple sees the apple. Not three dogs, but the Apple market. Market, Monday"
    reader = switcher(recipe, FIRST_SENSES)
    new = reader.switch(text, identity="1")
    words = [text[event.start : event.end] for event in new.events]
    assert words == ["sees", "the", "apple", "the", "market", "Market"]
    lost = losses_of(reader, text)
    assert lost["protected:names"] == 3  # Apple twice, Monday
    assert lost["protected:numbers"] == 1
    assert lost["protected:negation"] == 1


def test_capitals_in_context() -> None:
    names = Recipe(rate=1.0, protect=("names",), reserved=0.0)
    reader = switcher(names, FIRST_SENSES)
    assert len(reader.switch("Apple market. Dog").events) == 3  # a sentence's capital: no name
    text = "US market, the DOG sees us."
    new = reader.switch(text, identity="1")
    assert new.text.lower().startswith("us mercado, ")  # a short word in capitals is no pronoun
    assert [event.source for event in new.events] == ["market", "the", "sees", "us"]
    assert losses_of(reader, text) == {"protected:names": 2}
    assert len(reader.switch("US MARKET, THE DOG SEES US.").events) == 6


@pytest.mark.parametrize(
    ("text", "stays"),
    [
        ("We met in May and we may meet in May.", ["May", "May"]),
        ("May I see it? You may. May begins.", []),  # a sentence's capital says nothing
        ("It is Will Smith's will, and Will will see.", ["Will", "Will"]),
        ("Will will. Then Will, the dog, will see May.", ["Will", "May"]),
        ("What May say, I may not.", ["May"]),
        ('"What may I see?" "May is Will," I say.', ["Will"]),
        ("I see what I see, and I may see A dog.", []),  # single letters
        ("WE MET IN MAY, WILL AND I.", []),  # a text that is all capitals
        ("The Lord Of The Rings is the book of The dog.", ["Of", "The", "The"]),
        ("The dog of The Hague. The dog sees the dog.", ["The"]),  # no other `The`
    ],
)
def test_a_function_word_with_a_capital_inside_a_sentence_is_a_name(
    text: str, stays: list[str]
) -> None:
    words = {word: [f"x{word}"] for word in "we met in may will i see it you is of the a".split()}
    words |= {"what": ["xwhat"], "then": ["xthen"], "and": ["xand"], "not": ["xnot"]}
    protected, free = (
        switcher(Recipe(rate=1.0, protect=classes, reserved=0.0, lemma=False), {"es": words})
        for classes in (("names",), ())
    )
    changed = [text[event.start : event.end] for event in protected.switch(text).events]
    everything = [text[event.start : event.end] for event in free.switch(text).events]
    left = list(everything)
    for word in changed:
        left.remove(word)
    assert left == stays
    assert losses_of(protected, text).get("protected:names", 0) >= len(stays)


def test_a_capital_entity_of_function_words_is_switched_where_entities_are() -> None:
    recipe = Recipe(rate=1.0, protect=("names",), reserved=0.0, units=("word", "entity"))
    reader = switcher(recipe, {"es": {"May": ["Mayo"], "may": ["puede"]}})
    assert reader.switch("It is in May.").text == "It is in Mayo."


def test_a_name_of_one_text_is_a_name_in_the_others() -> None:
    reader = switcher(Recipe(rate=1.0, protect=("names",), reserved=0.0), FIRST_SENSES)
    context, question = "They saw Market there.", "Market sees the dog."
    child = Example("q", (Field(question),), parent=0)
    (outcome,) = reader.switch_examples([Example("c", (Field(context),)), child])
    assert outcome.texts == [context.replace("the ", "el "), "Market ve el perro."]


def test_words_cut_by_an_anchor_stay_and_are_counted() -> None:
    reader = switcher(EVERYTHING, FIRST_SENSES)
    new = reader.switch("dog house dog", (), [(4, 6)])
    assert new.text == "perro house perro"
    assert new.text[slice(*new.map.span(4, 6))] == "ho"
    anchored = Field("dog house dog", anchors=((4, 6),))
    assert losses_of(reader, anchored) == {"protected:anchor": 1}


def test_every_loss_has_its_reason() -> None:
    reader = switcher(EVERYTHING, FIRST_SENSES)
    outcome = outcome_of(reader, Field("zebra hospital dog", protected=((15, 16),)))
    assert outcome.texts == ["zebra hospital dog"]
    tally = Tally(reader.languages)
    tally.add(outcome)
    assert tally.losses == {"no_entry": 1, "self": 1, "protected:span": 1}
    assert (tally.counts["tried"], tally.counts["eligible"]) == (3, 0)
    single = switcher(EVERYTHING, FIRST_SENSES, single_words=True)
    assert losses_of(single, "airport dog") == {"multiword": 1}


def test_a_drawn_self_translation_is_counted_and_changes_nothing() -> None:
    lexicon = {"es": {"hospital": ["hospital", "Hospital"], "bar": ["bar", "taberna"]}}
    reader = switcher(Recipe(rate=1.0, protect=(), reserved=0.0, keep_self=True), lexicon)
    seen = set()
    for number in range(20):
        example = Example(str(number), (Field("hospital bar"),))
        (outcome,) = reader.switch_examples([example])
        tally = Tally(reader.languages)
        tally.add(outcome)
        seen.add((outcome.texts[0], tally.losses["self"]))
    assert seen == {("hospital bar", 2), ("hospital taberna", 1)}


def test_two_words_never_become_one_in_a_shared_map() -> None:
    reader = switcher(EVERYTHING, {"es": {"big": ["gran"], "large": ["gran"]}})
    outcome = outcome_of(reader, "big large big")
    assert outcome.texts[0] in ("gran large gran", "big gran big")
    kept = 1 if outcome.texts[0] == "gran large gran" else 2
    assert losses_of(reader, "big large big") == {"collision": kept}
    independent = Recipe(rate=1.0, protect=(), reserved=0.0, consistency=0.0)
    both = outcome_of(
        switcher(independent, {"es": {"big": ["gran"], "large": ["gran"]}}), "big large"
    )
    assert both.texts == ["gran gran"]


def test_targets_are_stable_under_the_normalisation_of_the_tokenizer() -> None:
    reader = switcher(EVERYTHING, {"th": {"water": ["น้ำ"]}, "af": {"a": ["ŉ"]}})
    assert reader.switch("a water").text == "ʼn น้ํา"


def test_a_word_without_entry_takes_that_of_its_base_form() -> None:
    new = spanish("dogs see the dog, Houses", lemma=True)
    assert new.text == "perro see el perro, Casa"
    assert [(event.source, event.found) for event in new.events] == [
        ("dog", "lemma"),
        ("the", "exact"),
        ("dog", "exact"),
        ("house", "lemma"),
    ]
    assert spanish("The dogs Dog").events[-1].found == "lower"
    assert spanish("dogs", lemma=False).text == "dogs"


PHRASE_LEXICON = {
    "de": {
        "red house": ["rotes Haus"],
        "the red house": ["Wohnheim"],
        "house": ["Haus"],
        "red": ["rot"],
        "the": ["das"],
    }
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("the red house red  house", "Wohnheim rotes Haus"),  # the longest match
        ("red\nhouse", "rotes Haus"),
        ("Red house's", "Rotes Haus's"),
        ("THE RED HOUSE", "WOHNHEIM"),
        ("red, house", "rot, Haus"),
        ("red's house", "rot's Haus"),
    ],
)
def test_phrases_go_before_words(text: str, expected: str) -> None:
    reader = switcher(EVERYTHING, PHRASE_LEXICON)
    assert reader.switch(text).text == expected


def test_a_phrase_counts_as_its_words_and_says_what_it_is() -> None:
    reader = switcher(EVERYTHING, PHRASE_LEXICON)
    outcome = outcome_of(reader, "see the red house")
    assert outcome.codes.tolist() == [0, 1, 1, 1]
    assert (outcome.words.tolist(), outcome.switched.tolist()) == ([4], [3])
    (event,) = outcome.switched_text(0).events
    assert (event.unit, event.source, event.found) == ("phrase", "the red house", "exact")
    words_only = switcher(
        Recipe(rate=1.0, protect=(), reserved=0.0, units=("word",)), PHRASE_LEXICON
    )
    assert words_only.switch("the red house").text == "das rot Haus"


def test_phrases_end_at_anchors_and_at_protected_words() -> None:
    reader = switcher(EVERYTHING, PHRASE_LEXICON)
    assert reader.switch("the red house", (), [(8, 13)]).text == "das rot Haus"
    assert reader.switch("the red house", (), [(4, 13)]).text == "das rotes Haus"
    assert reader.switch("the red house", (), [(0, 13)]).text == "Wohnheim"
    assert reader.switch("the red house", [(8, 9)]).text == "the red house"
    assert losses_of(reader, Field("the red house", ((8, 9),))) == {"protected:span": 3}


def test_tokens_are_never_joined() -> None:
    reader = switcher(EVERYTHING, PHRASE_LEXICON)
    assert outcome_of(reader, Field(["the", "red", "house", "."])).texts == [
        ["das", "rot", "Haus", "."]
    ]


def test_entities_are_switched_where_names_are_protected() -> None:
    lexicon = {"es": {"New York": ["Nueva York"], "London": ["Londres"], "dog": ["perro"]}}
    text = "The dog saw London and New York"
    kept = Recipe(rate=1.0, protect=("names",), reserved=0.0)
    assert switcher(kept, lexicon).switch(text).text == "The perro saw London and New York"
    entities = Recipe(
        rate=1.0, protect=("names",), reserved=0.0, units=("word", "phrase", "entity")
    )
    new = switcher(entities, lexicon).switch(text)
    assert new.text == "The perro saw Londres and Nueva York"
    assert [event.unit for event in new.events] == ["word", "entity", "entity"]


def test_entities_stay_for_every_other_protection() -> None:
    lexicon = {"es": {"One Direction": ["Una Dirección"], "New York": ["Nueva York"]}}
    recipe = Recipe(
        rate=1.0, protect=("names", "numbers"), reserved=0.0, units=("word", "phrase", "entity")
    )
    text = "They saw One Direction in New York"
    field = Field(text, protected=((text.index("York"), len(text)),))
    reader = switcher(recipe, lexicon)
    assert outcome_of(reader, field).texts == [text]
    lost = losses_of(reader, field)
    assert (lost["protected:numbers"], lost["protected:span"]) == (2, 2)


@pytest.mark.parametrize(
    ("units", "expected"),
    [
        (("word",), "see das rot Haus in Neu Jork, L"),
        (("phrase",), "see Wohnheim in Neu York, London"),
        (("entity",), "see the red house in Neu York, L"),
        (("word", "entity"), "see das rot Haus in Neu York, L"),
        (("word", "phrase", "entity"), "see Wohnheim in Neu York, L"),
    ],
)
def test_units_are_what_may_be_replaced(units: Any, expected: str) -> None:
    names = {"New York": ["Neu York"], "new": ["neu"], "york": ["Jork"], "London": ["L"]}
    lexicon = {"de": {**PHRASE_LEXICON["de"], **names}}
    reader = switcher(Recipe(rate=1.0, protect=(), reserved=0.0, units=units), lexicon)
    assert reader.switch("see the red house in New York, London").text == expected


@pytest.mark.parametrize(
    ("language", "words", "spaces", "expected"),
    [
        ("zh", ["狗", "房子", "树"], "join", "狗房子, 狗房子树 x 狗's 房子"),
        ("ja", ["いぬ", "家", "木"], "join", "いぬ家, いぬ家木 x いぬ's 家"),
        ("th", ["หมา", "บ้าน", "ต้นไม้"], "join", "หมาบ้าน, หมาบ้านต้นไม้ x หมา's บ้าน"),
        ("ko", ["개", "집", "나무"], "join", "개 집, 개 집 나무 x 개's 집"),
        ("zh", ["狗", "房子", "树"], "keep", "狗 房子, 狗 房子 树 x 狗's 房子"),
        # Latin letters keep a space around them, on whichever side of the word they stand
        ("ja", ["家", "CD", "木"], "join", "家 CD, 家 CD 木 x 家's CD"),
        ("ja", ["Tシャツ", "家", "木"], "join", "Tシャツ家, Tシャツ家木 x Tシャツ's 家"),
        ("ja", ["家", "Tシャツ", "木"], "join", "家 Tシャツ, 家 Tシャツ木 x 家's Tシャツ"),
    ],
)
def test_spaces_around_languages_without_them(
    language: str, words: list[str], spaces: Any, expected: str
) -> None:
    lexicon = {
        language: dict(zip(("dog", "house", "tree"), ([word] for word in words), strict=True))
    }
    reader = switcher(Recipe(rate=1.0, protect=(), reserved=0.0, spaces=spaces), lexicon)
    text = "dog house, dog house tree x dog's house"
    new = reader.switch(text)
    assert new.text == expected
    assert undone(text, new) == text


WORDS = [*LEXICON["es"], *LEXICON["de"], "dogs", "Anna", "zebra"]
RECIPES = [
    Recipe(rate=0.4),
    Recipe(rate=0.4, consistency=0.5, language_choice="per-sentence", copies=2),
    Recipe(rate=0.6, consistency=0.0, language_choice="stay", stay=0.7, examples=0.8),
    Recipe(rate=0.6, language_choice="per-example", senses=("part-of-speech", "rank")),
    Recipe(rate=0.4, rate_of="eligible", copies=3, curriculum="easy-first"),
]


def corpus(count: int = 60) -> list[Example]:
    """Return groups of a context and its two questions, all over the same words."""
    examples: list[Example] = []
    for number in range(count):
        place = len(examples)
        words = [WORDS[(number * 7 + step * step) % len(WORDS)] for step in range(14)]
        examples.append(Example(f"c{number}", (Field(" ".join(words) + "."), Field(words))))
        for question in range(2):
            text = " ".join(words[question::2]) + f" seven tree walks {number}?"
            examples.append(Example(f"q{number}-{question}", (Field(text),), parent=place))
    return examples


def by_identity(reader: Switcher, batch: Sequence[Example], copy: int) -> dict[str, list[Any]]:
    (outcome,) = reader.switch_examples(batch, [copy])
    first = outcome.first_text.tolist()
    return {
        example.identity: outcome.texts[first[place] : first[place + 1]]
        for place, example in enumerate(batch)
    }


@pytest.mark.parametrize("recipe", RECIPES)
@pytest.mark.parametrize("copy", [0, 1])
def test_decisions_depend_on_no_neighbour(recipe: Recipe, copy: int) -> None:
    examples = corpus()
    whole = by_identity(switcher(recipe), examples, copy)
    assert any(
        texts != [f.text for f in e.fields] for e in examples for texts in [whole[e.identity]]
    )
    warm = switcher(recipe)
    warm.switch("words that nobody knows: tree dog")
    for size in (1, 7):
        parts: dict[str, list[Any]] = {}
        for batch in batches(examples, size):
            parts |= by_identity(warm, batch, copy)
        assert parts == whole
    groups = [examples[place : place + 3] for place in range(0, len(examples), 3)]
    backwards = [
        Example(example.identity, example.fields, None if example.parent is None else 3 * place)
        for place, group in enumerate(reversed(groups))
        for example in group
    ]
    assert by_identity(switcher(recipe), backwards, copy) == whole
    more = by_identity(switcher(recipe), [*examples, *_new_examples()], copy)
    assert {name: more[name] for name in whole} == whole


def batches(examples: Sequence[Example], size: int) -> Iterator[list[Example]]:
    """Yield examples in batches of about `size`; children stay with their parents."""
    first = 0
    for place in range(1, len(examples) + 1):
        is_end = place == len(examples)
        if is_end or (place - first >= size and examples[place].parent is None):
            yield [
                Example(e.identity, e.fields, None if e.parent is None else e.parent - first)
                for e in examples[first:place]
            ]
            first = place


def _new_examples() -> list[Example]:
    return [Example(f"new{n}", (Field("the dog walks. " * n),)) for n in range(5)]


def test_copies_of_a_call_are_those_of_separate_calls() -> None:
    reader, examples = switcher(RECIPES[1]), corpus(20)
    together = [outcome.texts for outcome in reader.switch_examples(examples, [0, 1, 2])]
    apart = [reader.switch_examples(examples, [copy])[0].texts for copy in (0, 1, 2)]
    assert together == apart
    assert together[0] != together[1] != together[2]


def test_children_agree_with_their_parents() -> None:
    reader, examples = switcher(Recipe(rate=0.4, reserved=0.0, protect=())), corpus()
    (outcome,) = reader.switch_examples(examples)
    agreed = 0
    for place, example in enumerate(examples):
        if example.parent is not None:
            first = outcome.first_text
            parents = replacements(outcome, int(first[example.parent]))
            own = replacements(outcome, int(first[place]))
            shared = parents.keys() & own.keys()
            assert {word: own[word] for word in shared} == {word: parents[word] for word in shared}
            agreed += sum(own[word] is not None for word in shared)
    assert agreed > 50


def test_a_word_that_the_parent_had_to_leave_stays_and_is_counted() -> None:
    reader = switcher(EVERYTHING, FIRST_SENSES)
    parent = Example("p", (Field("dog house", anchors=((1, 9),)),))
    (outcome,) = reader.switch_examples([parent, Example("q", (Field("Dog house"),), parent=0)])
    assert outcome.texts == ["dog casa", "Dog casa"]
    tally = Tally(reader.languages)
    tally.add(outcome)
    assert (tally.counts["tried"], tally.losses) == (4, {"protected:anchor": 2})


def replacements(outcome: Outcome, text: int) -> dict[str, tuple[str, str] | None]:
    """Return word -> (language, translation), or None where it stays."""
    source, new = outcome.source(text), outcome.switched_text(text)
    found: dict[str, tuple[str, str] | None] = {
        source[start:end]: None for start, end in outcome.spans(text)
    }
    for event in new.events:
        target = new.text[event.target_start : event.target_end]
        found[source[event.start : event.end]] = event.language, target
    return found


@settings(deadline=None)
@given(texts, st.integers(0, 5))
def test_a_shared_map_replaces_a_word_in_the_same_way_everywhere(text: str, copy: int) -> None:
    reader = SHARED
    example = Example("1", (Field(text), Field(text.upper() + " " + text)))
    (outcome,) = reader.switch_examples([example], [copy])
    seen: dict[str, tuple[str, str]] = {}
    taken: dict[tuple[str, str], str] = {}
    for place in range(2):
        new = outcome.switched_text(place)
        for event in new.events:
            target = new.text[event.target_start : event.target_end].casefold()
            pair = (event.language, target.replace("ß", "ss"))
            assert seen.setdefault(event.source, pair) == pair
            assert taken.setdefault(pair, event.source) == event.source


SHARED = switcher(Recipe(rate=0.6, protect=(), reserved=0.0))


def test_independent_draws_differ_between_occurrences_and_sides() -> None:
    reader = switcher(Recipe(rate=0.5, consistency=0.0, protect=(), reserved=0.0))
    outcome = outcome_of(reader, "dog " * 60, "dog " * 60)
    events = [outcome.switched_text(place).events for place in range(2)]
    places = [{event.start for event in side} for side in events]
    assert places[0] != places[1]
    assert {event.language for event in events[0]} == {"de", "es", "hi"}
    assert len(places[0]) + len(places[1]) == 60
    choices = outcome_of(reader, Field("dog dog", is_choice=True), Field("dog", is_choice=True))
    assert len(set(" ".join(map(str, choices.texts)).split())) == 1
