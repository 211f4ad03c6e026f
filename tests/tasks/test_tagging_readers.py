"""Tagged sentences in their published layouts, and XTREME's treatment of CoNLL-U."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polystilts.errors import InputError
from polystilts.tasks.tagging import READERS

UPOS = tuple(
    "ADJ ADP ADV AUX CCONJ DET INTJ NOUN NUM PART PRON PROPN PUNCT SCONJ SYM VERB X".split()
)
ENTITIES = ("O", "B-PER", "I-PER", "B-ORG", "I-ORG", "B-LOC", "I-LOC")


def read(
    reader: str,
    path: Path,
    labels: tuple[str, ...] | None,
    language: str | None = None,
    **options: Any,
) -> tuple[list[dict[str, Any]], Counter[str]]:
    counts: Counter[str] = Counter()
    return list(READERS[reader]([path], language, labels, options, counts)), +counts


def write(path: Path, text: str) -> Path:
    path.write_bytes(text.encode("utf-8"))
    return path


def word(identifier: str, form: str, tag: str, head: str, enhanced: str = "_") -> str:
    return f"{identifier}\t{form}\tlemma\t{tag}\t_\t_\t{head}\tdep\t{enhanced}\t_\n"


def conllu(tmp_path: Path, language: str, body: str) -> tuple[list[dict[str, Any]], Counter[str]]:
    path = write(tmp_path / f"{language}_demo-ud-test.conllu", body)
    return read("conllu", path, UPOS, language)


def test_fused_word_takes_the_tag_of_the_word_nearest_the_root(tmp_path: Path) -> None:
    body = (
        "# sent_id = s1\n# text = வீட்டில் இருந்தான்\n"
        "1-2\tveettil\t_\t_\t_\t_\t_\t_\t_\t_\n"
        + word("1", "veedu", "NOUN", "2")
        + word("2", "il", "ADP", "3")
        + word("3", "irundhaan", "VERB", "0")
        + "\n"
    )
    rows, counts = conllu(tmp_path, "ta", body)
    assert rows[0]["tokens"] == ["veettil", "irundhaan"]
    assert rows[0]["tags"] == ["ADP", "VERB"]
    assert counts == {"multi-word tokens fused": 1}


@pytest.mark.parametrize(
    ("language", "tags", "expected"),
    [
        ("pt", ("ADV", "PRON"), "PRON"),  # default list: PRON before ADV
        ("it", ("PRON", "ADV"), "ADV"),  # Italian list: ADV before PRON
        ("es", ("DET", "ADP"), "ADP"),
        ("es", ("NOUN", "ADP"), "ADP"),  # the Spanish list has no NOUN: it comes last
        ("fr", ("ADP", "NOUN"), "NOUN"),
        ("de", ("SYM", "X"), "X"),
    ],
)
def test_ties_are_broken_by_the_precedence_of_the_language(
    tmp_path: Path, language: str, tags: tuple[str, str], expected: str
) -> None:
    body = (
        "1-2\tab\t_\t_\t_\t_\t_\t_\t_\t_\n"
        + word("1", "a", tags[0], "3")
        + word("2", "b", tags[1], "3")
        + word("3", "c", "VERB", "0")
    )
    rows, _ = conllu(tmp_path, language, body)
    assert rows[0]["tags"] == [expected, "VERB"]


def test_enhanced_heads_count_as_ancestors(tmp_path: Path) -> None:
    # Both parts hang on word 3; the first has a further, enhanced head, so the second is higher
    # although VERB stands before ADP in every precedence.
    body = (
        "1-2\tab\t_\t_\t_\t_\t_\t_\t_\t_\n"
        + word("1", "a", "VERB", "3", "3:dep|4:dep")
        + word("2", "b", "ADP", "3", "3:dep")
        + word("3", "c", "NOUN", "0")
        + word("4", "d", "NOUN", "3")
    )
    rows, _ = conllu(tmp_path, "pt", body)
    assert rows[0]["tags"][0] == "ADP"


def test_xtreme_cleans_tokens_and_drops_sentences_without_words(tmp_path: Path) -> None:
    body = (
        word("1", "می\u200cشود", "VERB", "0")
        + word("2", "10 000", "NUM", "1")
        + word("3", "\u200c", "PUNCT", "1")
        + "\n\n"
        + word("1", "_", "NOUN", "0")
        + word("2", "_", "VERB", "1")
        + word("3", ".", "PUNCT", "1")
        + "\n"
        + word("1", "_", "SYM", "2")
        + word("2", "kept", "VERB", "0")
        + word("3", ".", "PUNCT", "2")
        + "\n"
    )
    rows, counts = conllu(tmp_path, "fa", body)
    assert [row["tokens"] for row in rows] == [["میشود", "10000"], ["_", "kept", "."]]
    assert rows[0]["tags"] == ["VERB", "NUM"]
    assert counts == {
        "zero-width non-joiners removed": 2,
        "tokens with spaces joined": 1,
        "tokens without characters dropped": 1,
        "sentences without their words dropped": 1,
        "blank lines skipped": 1,
    }


def test_ids_are_shared_across_languages_only_in_parallel_treebanks(tmp_path: Path) -> None:
    body = "# sent_id = n01\n" + word("1", "a", "X", "0") + word("1.1", "e", "X", "_") + "\n"
    options = {"parallel_treebanks": ["pud"]}
    pud = write(tmp_path / "th_pud-ud-test.conllu", body)
    other = write(tmp_path / "th_gsd-ud-test.conllu", body)
    rows, counts = read("conllu", pud, UPOS, "th", **options)
    assert (rows[0]["id"], rows[0]["group"]) == ("pud:n01", "pud:n01")
    assert counts == {"empty nodes left out": 1}
    rows, _ = read("conllu", other, UPOS, "th", **options)
    assert (rows[0]["id"], rows[0]["group"]) == ("gsd:n01", "th:gsd:n01")


FORM = st.text(
    st.characters(exclude_characters="\t\n\r\ufeff\u200c", exclude_categories=["Cs", "Z", "Cc"]),
    min_size=1,
).filter(lambda form: form.strip() and form != "_")
SENTENCE = st.lists(st.tuples(FORM, st.sampled_from(UPOS)), min_size=1, max_size=6)


@given(st.lists(SENTENCE, min_size=1, max_size=4), st.data())
def test_conllu_keeps_every_word_and_fuses_every_span(
    tmp_path_factory: pytest.TempPathFactory,
    sentences: list[list[tuple[str, str]]],
    data: st.DataObject,
) -> None:
    text, expected = "", []
    for sentence in sentences:
        first = data.draw(st.integers(1, len(sentence)))
        last = data.draw(st.integers(first, len(sentence)))
        forms = [form for form, _ in sentence]
        for number, (form, tag) in enumerate(sentence, start=1):
            if number == first < last:
                text += f"{first}-{last}\tfused\t_\t_\t_\t_\t_\t_\t_\t_\n"
            text += word(str(number), form, tag, "0" if number == first else str(first))
        text += "\n"
        # The first word of the span is the root, so that its tag is the span's.
        tags = [tag for _, tag in sentence]
        if first < last:
            forms[first - 1 : last] = ["fused"]
            tags[first - 1 : last] = [tags[first - 1]]
        expected.append((forms, tags))
    path = tmp_path_factory.mktemp("ud") / "en_x-ud-dev.conllu"
    path.write_bytes(text.encode("utf-8"))
    rows, _ = read("conllu", path, UPOS)
    assert [(row["tokens"], row["tags"]) for row in rows] == expected


def test_wikiann_prefix_is_cut_at_the_first_colon(tmp_path: Path) -> None:
    path = write(
        tmp_path / "dev",
        "en:http://a.b\tO\r\nen::\tO\r\nen:Ada\tB-PER\r\n\r\n\r\nen:Oslo\tB-LOC",
    )
    rows, counts = read("wikiann", path, ENTITIES, "en")
    assert rows == [
        {
            "id": "1",
            "group": "en:1",
            "tokens": ["http://a.b", ":", "Ada"],
            "tags": ["O", "O", "B-PER"],
        },
        {"id": "2", "group": "en:2", "tokens": ["Oslo"], "tags": ["B-LOC"]},
    ]
    assert counts == {"lines ending in CR LF": 5, "empty sentences skipped": 1}


def test_processed_tag_files_keep_colons_and_may_be_parallel(tmp_path: Path) -> None:
    path = write(tmp_path / "dev-yo.tsv", "yo:x\tO\n:\tO\n \tO\n\n")
    rows, counts = read("token_tags", path, ENTITIES, "yo", parallel=True)
    assert rows == [{"id": "1", "group": "1", "tokens": ["yo:x", ":"], "tags": ["O", "O"]}]
    assert counts == {"tokens without characters dropped": 1}


def test_supertags_stay_aligned(tmp_path: Path) -> None:
    path = write(tmp_path / "ccg.train", "The boy runs\tNP[nb]/N N S[dcl]\\NP\n")
    rows, _ = read("supertags", path, None)
    assert rows[0]["tokens"] == ["The", "boy", "runs"]
    assert rows[0]["tags"] == ["NP[nb]/N", "N", "S[dcl]\\NP"]


@pytest.mark.parametrize(
    ("reader", "text", "message"),
    [
        ("conllu", "1\ta\tX\n", r":1: 3 tab-separated columns, a CoNLL-U word has 10"),
        ("conllu", word("2", "a", "X", "0"), r":1: word id '2', expected 1"),
        ("conllu", word("1", "a", "X", "x"), r":1: head 'x' is not a word id"),
        ("conllu", word("1", "a", "X", "5"), r":1: a head that is no word of the sentence"),
        ("conllu", word("1", "a", "X", "9" * 5000), r":1: a head that is no word of the sentence"),
        ("conllu", word("1-" + "9" * 5000, "a", "_", "_"), r":1: a sentence without words"),
        ("conllu", "# c\n" + word("1", "a", "NN", "0"), r":2: unknown tag 'NN'.*expected one of"),
        ("conllu", word("1-2", "ab", "_", "_") + word("1", "a", "X", "0"), r":1: multi-word token"),
        ("conllu", word("1-2", "ab", "_", "_"), r":1: a sentence without words"),
        ("conllu", word("2-x", "ab", "_", "_"), r":1: '2-x' is not a range of word ids"),
        ("wikiann", "en:a\tO\nde:b\tO\n", r":2: the token 'de:b' does not start with 'en:'"),
        ("wikiann", "en:a\n", r":1: 1 tab-separated columns.*tags removed"),
        ("wikiann", "en:a\tB-MISC\n", r":1: unknown tag 'B-MISC'"),
        ("token_tags", "a\t\n", r":1: unknown tag ''"),
        ("token_tags", "a\tO\n\t\nb\tO\n", r":2: unknown tag ''"),
        ("wikiann", "en:a\tO\n\t\nen:b\tO\n", r":2: the token '' does not start with 'en:'"),
        ("conllu", word("1", "a", "X", "0") + "\t\t\n", r":2: 3 tab-separated columns, a CoNLL-U"),
        ("supertags", "a b c\tN N\n", r":1: 2 tags for 3 tokens"),
        ("supertags", "a  b\tN N N\n", r":1: two spaces in a row"),
        ("supertags", "a b c\n", r":1: 1 tab-separated columns"),
    ],
)
def test_malformed_sentences_name_file_line_and_reason(
    tmp_path: Path, reader: str, text: str, message: str
) -> None:
    labels = {"conllu": UPOS, "supertags": None}.get(reader, ENTITIES)
    path = write(tmp_path / "en_x-ud-dev.conllu", text)
    with pytest.raises(InputError, match=r"(?s)en_x-ud-dev\.conllu.*" + message):
        read(reader, path, labels, "en")


def test_a_missing_sentence_does_not_shift_parallel_files(tmp_path: Path) -> None:
    path = write(tmp_path / "dev-sw.tsv", "a\tO\n\n\nb\tO\n\n\n")
    with pytest.raises(InputError, match=r"dev-sw\.tsv:3: a further blank line"):
        read("token_tags", path, ENTITIES, "sw", parallel=True)
    rows, counts = read("token_tags", path, ENTITIES, "sw")
    assert [row["id"] for row in rows] == ["1", "2"]
    assert counts == {"empty sentences skipped": 2}
    path = write(tmp_path / "dev-sw.tsv", "a\tO\n\nb\tO\n\n\n")
    rows, _ = read("token_tags", path, ENTITIES, "sw", parallel=True)
    assert [row["group"] for row in rows] == ["1", "2"]
