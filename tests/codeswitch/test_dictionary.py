"""Candidate tables: what of lexicons is compiled, what is repaired, and what is counted."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest

from codeswitch.worlds import LEXICON, tables
from polystilts.codeswitch.dictionaries.dictionary import Dictionary, compile_dictionary
from polystilts.codeswitch.engine import losses
from polystilts.codeswitch.recipe import Recipe
from polystilts.errors import ConfigError


def compiled(
    lexicon: Mapping[str, Mapping[str, Sequence[str]]],
    *,
    single_words: bool = False,
    **policies: Any,
) -> Dictionary:
    recipe = Recipe(**{"rate": 0.5} | policies)
    return compile_dictionary(tables(lexicon), recipe, single_words=single_words)


def offers(dictionary: Dictionary) -> dict[str, dict[str, list[str]]]:
    """Read the arrays back: source -> language -> translations."""
    found: dict[str, dict[str, list[str]]] = {}
    for entry, source in enumerate(dictionary.sources):
        found[source] = {}
        for slot in range(dictionary.slot_first[entry], dictionary.slot_first[entry + 1]):
            first, end = dictionary.candidate_first[slot : slot + 2]
            language = dictionary.languages[dictionary.slot_language[slot]]
            found[source][language] = [
                dictionary.targets[target] for target in dictionary.target[first:end]
            ]
    return found


def test_every_usable_translation_is_offered_by_its_language() -> None:
    dictionary = compiled(LEXICON)
    assert dictionary.languages == ("de", "es", "hi")
    expected: dict[str, dict[str, list[str]]] = {}
    for language in dictionary.languages:
        for source, listed in LEXICON[language].items():
            offered = expected.setdefault(source, {})
            usable = [target for target in listed if target != source]
            if usable:
                offered[language] = usable
    assert offers(dictionary) == expected
    assert dictionary.loss[dictionary.entries["hospital"]] == losses.SELF
    assert dictionary.loss[dictionary.entries["dog"]] == losses.NONE


def test_the_order_of_languages_does_not_matter() -> None:
    backwards = dict(reversed(LEXICON.items()))
    assert offers(compiled(backwards)) == offers(compiled(LEXICON))


def test_targets_are_rewritten_as_the_tokenizer_would_and_that_is_counted() -> None:
    dictionary = compiled(
        {"es": {"end": ["ﬁn", "fin", "final  parte"], "cafe\u0301": ["bar"], "x": ["\u3000"]}}
    )
    assert offers(dictionary) == {
        "end": {"es": ["fin", "final parte"]},
        "caf\u00e9": {"es": ["bar"]},
        "x": {},
    }
    assert dictionary.loss[dictionary.entries["x"]] == losses.NO_ENTRY
    counts = dictionary.counts["es"]
    # the ligature, the double space, and the ideographic space that leaves nothing
    assert counts["repaired_nfkc"] == 3
    assert counts["merged"] == 1
    assert (counts["sources"], counts["translations"]) == (2, 3)


def test_translations_that_equal_their_source_are_set_aside_or_kept() -> None:
    lexicon = {"es": {"hospital": ["Hospital"], "bar": ["bar", "taberna"]}}
    dictionary = compiled(lexicon)
    assert offers(dictionary) == {"hospital": {}, "bar": {"es": ["taberna"]}}
    assert dictionary.counts["es"]["self"] == 2
    keeping = compiled(lexicon, keep_self=True)
    assert offers(keeping) == {
        "hospital": {"es": ["Hospital"]},
        "bar": {"es": ["bar", "taberna"]},
    }
    assert (keeping.written < 0).tolist() == [True, True, False]
    assert keeping.counts["es"]["translations"] == 3


def test_single_words_leave_out_translations_of_several() -> None:
    lexicon = {"es": {"airport": ["puerto aéreo"], "house": ["casa", "casa grande"]}}
    dictionary = compiled(lexicon, single_words=True)
    assert offers(dictionary) == {"airport": {}, "house": {"es": ["casa"]}}
    assert dictionary.loss[dictionary.entries["airport"]] == losses.MULTIWORD
    assert dictionary.counts["es"]["multiword"] == 2
    assert compiled(lexicon).counts["es"]["multiword"] == 0


def test_phrases_are_counted_and_known_by_their_number_of_words() -> None:
    lexicon = {
        "es": {
            "red house": ["casa roja"],
            "Red House": ["Casa Roja"],
            "the red house": ["la casa roja"],
            "one two three four five": ["cinco"],
            "dog": ["perro"],
        }
    }
    dictionary = compiled(lexicon)
    assert dictionary.counts["es"]["phrases"] == 4
    sizes = {width: len(hashes) for width, hashes in dictionary.phrases.items()}
    assert sizes == {2: 1, 3: 1, 4: 0}
    assert set(dictionary.phrase_words) == {"red", "house", "the"}
    assert compiled(lexicon, units=("word",)).phrases == {}


def test_words_that_differ_in_casing_alone_are_one_meaning() -> None:
    dictionary = compiled({"de": {"big": ["groß"], "large": ["GROSS"], "tall": ["hoch"]}})
    big, large, tall = dictionary.meaning.tolist()
    assert big == large != tall
    two = compiled({"de": {"big": ["grand"]}, "fr": {"large": ["grand"]}})
    assert len(np.unique(two.meaning)) == 2  # in two languages they are two


@pytest.mark.parametrize(
    ("policies", "message"),
    [
        ({"languages": ("xx",)}, "no dictionary for the language `xx`; there are dictionaries for"),
        ({"held_out": ("xx",)}, "no dictionary for the language `xx`"),
        ({"language_weights": {"xx": 1.0}}, "no dictionary for the language `xx`"),
        ({"held_out": ("de", "es", "hi")}, "`held_out` leaves no language to draw from"),
    ],
)
def test_a_language_without_dictionary_is_named(policies: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        compiled(LEXICON, **policies)


def test_no_dictionary_at_all_is_said() -> None:
    with pytest.raises(ConfigError, match="at least one dictionary"):
        compiled({})


def test_languages_that_were_named_need_no_dictionary_for_those_held_out() -> None:
    assert compiled(LEXICON, languages=("es", "de"), held_out=("xx",)).languages == ("de", "es")
