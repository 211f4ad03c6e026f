"""Small dictionaries, tables and strategies that the tests of this room share."""

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa
from hypothesis import strategies as st

from polystilts.codeswitch.recipe import Recipe
from polystilts.codeswitch.switcher import Switcher

DEFAULT = Recipe(rate=0.3)
MINIATURE = Recipe(
    rate=0.7,
    rate_of="eligible",
    examples=0.9,
    consistency=0.0,
    protect=(),
    copies=2,
    reserved=0.0,
    units=("word",),
    lemma=False,
    tagging="any-class",
)
EVERYTHING = Recipe(rate=1.0, protect=(), reserved=0.0)

LEXICON: dict[str, dict[str, list[str]]] = {
    "es": {
        "the": ["el", "la"],
        "dog": ["perro"],
        "house": ["casa", "hogar"],
        "sees": ["ve"],
        "red": ["rojo"],
        "hospital": ["hospital"],
        "well-known": ["conocido"],
        "us": ["nosotros"],
        "i": ["yo"],
        "a": ["un"],
        "three": ["tres"],
        "not": ["no"],
        "market": ["mercado"],
        "apple": ["manzana"],
        "airport": ["puerto aéreo"],
    },
    "de": {
        "the": ["der", "die", "das"],
        "dog": ["Hund"],
        "house": ["Haus"],
        "big": ["groß"],
        "tree": ["Baum"],
        "walks": ["läuft"],
    },
    "hi": {"dog": ["कुत्ता"], "water": ["पानी"], "tree": ["पेड़"], "sees": ["देखता है"]},
}

LEXICON_SCHEMA = pa.schema(
    [
        ("source", pa.string()),
        ("target", pa.string()),
        ("rank", pa.int32()),
        ("agreement", pa.int32()),
        ("pos", pa.string()),
    ]
)

SPAN_QA = pa.schema(
    [
        ("id", pa.string()),
        ("group", pa.string()),
        ("question", pa.string()),
        ("context", pa.string()),
        ("answers", pa.list_(pa.struct([("start", pa.int32()), ("text", pa.string())]))),
    ]
)

letters = st.text("abcdeéßıİσςжhiनमا\u0301\u200d'’-. ,\n\"[]<@#1_AZ😀", max_size=60)
texts = st.one_of(
    letters,
    st.text(max_size=60),
    st.lists(st.sampled_from([*LEXICON["es"], "The", "Dog", "HOUSE", "dog's", "x.", "US"])).map(
        " ".join
    ),
)


def tables(lexicon: Mapping[str, Mapping[str, Sequence[str]]]) -> dict[str, pa.Table]:
    """Return lexicons as they are loaded."""
    found = {}
    for language, entries in lexicon.items():
        rows = [
            {"source": source, "target": target, "rank": rank, "agreement": 1, "pos": None}
            for source, targets in entries.items()
            for rank, target in enumerate(targets)
        ]
        found[language] = pa.Table.from_pylist(rows, LEXICON_SCHEMA)
    return found


def switcher(
    recipe: Recipe = EVERYTHING,
    lexicon: Mapping[str, Mapping[str, Sequence[str]]] = LEXICON,
    **options: Any,
) -> Switcher:
    """Return a switcher of a data set called `tests`."""
    return Switcher(tables(lexicon), recipe, dataset="tests", **options)


def pairs(count: int) -> pa.Table:
    """Return `count` pairs of sentences over the words of the lexicon and some without entry."""
    words = [*LEXICON["es"], *LEXICON["de"], "zebra", "Anna", "seven"]
    rows = []
    for number in range(count):
        chosen = [words[(number * 7 + step * step) % len(words)] for step in range(12)]
        rows.append(
            {
                "id": f"pair-{number}",
                "group": f"pair-{number}",
                "text_a": " ".join(chosen) + ".",
                "text_b": None if number % 10 == 3 else " ".join(reversed(chosen)),
                "label": "yes" if number % 2 else "no",
            }
        )
    return pa.Table.from_pylist(rows)


def paragraphs(count: int) -> pa.Table:
    """Return three questions for each of `count` paragraphs, with several and with no answers."""
    rows = []
    for number in range(count):
        context = f"The dog sees the big red house. Dogs of {number} walks: the dog’s tree, a dog."
        starts = [
            [(context.index("big red house"), 13), (context.index("house"), 5)],
            [(context.rindex("dog"), 3), (context.index("Dogs"), 3), (0, len(context))],
            [],
        ]
        for place, answers in enumerate(starts):
            rows.append(
                {
                    "id": f"q-{number}-{place}",
                    "group": f"p-{number}",
                    "question": f"Which dog sees the house, tree {number}?",
                    "context": context,
                    "answers": [
                        {"start": start, "text": context[start : start + length]}
                        for start, length in answers
                    ],
                }
            )
    return pa.Table.from_pylist(rows, SPAN_QA)
