import subprocess
import sys

import pytest

from polystilts.codeswitch.english.lemmas import base_form, lemmas


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("dogs", ("dog",)),
        ("children", ("child",)),
        ("geese", ("goose",)),
        ("boxes", ("box",)),
        ("cities", ("city",)),
        ("colours", ("colour",)),
        ("went", ("go",)),
        ("running", ("run",)),
        ("organised", ("organise",)),
        ("biggest", ("big",)),
        ("leaves", ("leaf", "leave")),
        ("lives", ("life", "live")),
        ("does", ("do",)),
        ("saw", ("see",)),
        ("worse", ("bad", "ill")),
    ],
)
def test_inflected_words_have_base_forms_most_likely_first(
    word: str, expected: tuple[str, ...]
) -> None:
    assert lemmas(word) == expected


@pytest.mark.parametrize(
    "word",
    [
        *("dog", "go", "big", "bus", "princess", "news", "this", "always", "its", "the"),
        # base forms that the table also lists as a form of a rare word (numb, fee, diva, crow)
        *("number", "feed", "dive", "crew", "evening", "install"),
    ],
)
def test_uninflected_words_have_none(word: str) -> None:
    assert lemmas(word) == ()
    assert base_form(word) == word


@pytest.mark.parametrize(
    "word", ["blorps", "xyzzying", "polystilts", "covid", "perro", "dont", "x", ""]
)
def test_nothing_is_invented_for_unknown_words(word: str) -> None:
    assert lemmas(word) == ()
    assert base_form(word) == word


@pytest.mark.parametrize(
    "family",
    [
        ["dog", "dogs", "dogged"],
        ["see", "sees", "saw", "seen", "seeing"],
        ["lie", "lies", "lay", "lain", "lying", "laid", "lays"],
        ["good", "better", "best"],
        ["install", "installs", "installed", "installing"],
        ["fulfil", "fulfill", "fulfils", "fulfills", "fulfilled"],
        ["forego", "forgo", "forgone", "forgoes"],
        ["chile", "chili", "chilies"],
    ],
)
def test_all_forms_of_a_word_share_one_base_form(family: list[str]) -> None:
    assert len({base_form(word) for word in family}) == 1


def test_no_pickle_is_read_and_the_table_is_loaded_at_first_use_only() -> None:
    # lemminflect ships a pickled network for unknown words, which must never be opened.
    program = """
import sys
from polystilts.codeswitch.english.lemmas import base_form, lemmas
from polystilts.codeswitch.english.parts_of_speech import possible, tag
assert "lemminflect" not in sys.modules
seen = []
sys.addaudithook(lambda event, args: seen.append((event, str(args[0]) if args else "")))
for word in ("dogs", "blorps", "xyzzying", "better"):
    lemmas(word), base_form(word), possible(word), tag([word])
assert any("lemma_lu" in argument for event, argument in seen if event == "open")
print([argument for event, argument in seen
       if event == "pickle.find_class" or event.startswith("socket.")
       or (event == "open" and ".pkl" in argument)])
"""
    path = [entry for entry in sys.path if entry]
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path[:0] = {path!r}\n{program}"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[]"
