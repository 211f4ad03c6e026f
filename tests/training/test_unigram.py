"""The miniature's tokenizer."""

from hypothesis import given
from hypothesis import strategies as st

from polystilts.training.unigram import build_tokenizer
from training.tiny import LINES, tokenizer

_WORDS = st.lists(st.text(st.sampled_from("abcdefgжש"), min_size=1, max_size=6), min_size=1)


def test_special_tokens_have_the_ids_of_xlm_r() -> None:
    tokens = tokenizer()
    assert [tokens.id_to_token(i) for i in range(4)] == ["<s>", "<pad>", "</s>", "<unk>"]
    assert tokens.id_to_token(tokens.get_vocab_size() - 1) == "<mask>"
    pair = tokens.encode("the cat", "a dog")
    assert pair.tokens == ["<s>", "▁the", "▁cat", "</s>", "</s>", "▁a", "▁dog", "</s>"]
    assert tokens.encode("cat").tokens == ["<s>", "▁cat", "</s>"]


def test_punctuation_stands_apart() -> None:
    tokens = tokenizer().encode("the cat, the dog?", add_special_tokens=False)
    assert tokens.tokens == ["▁the", "▁cat", ",", "▁the", "▁dog", "?"]
    assert tokens.offsets[1] == (3, 7), "a piece carries the space before its word"


@given(_WORDS, st.integers(1, 3))
def test_every_frequent_word_is_one_piece(words: list[str], minimum: int) -> None:
    lines = [" ".join(words)] * 2
    tokens = build_tokenizer(lines, minimum)
    for word in words:
        pieces = tokens.encode(word, add_special_tokens=False).tokens
        if 2 * words.count(word) >= minimum:
            assert pieces == [f"▁{word}"]
        else:
            assert "".join(pieces) == f"▁{word}"


def test_the_order_of_lines_does_not_matter() -> None:
    assert build_tokenizer(LINES, 1).to_str() == build_tokenizer(LINES[::-1], 1).to_str()


def test_an_unseen_character_is_unknown() -> None:
    assert tokenizer().encode("猫", add_special_tokens=False).ids[-1] == 3
