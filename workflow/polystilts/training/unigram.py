"""A tokenizer with an explicit vocabulary: every frequent word is one piece.

Training a Unigram vocabulary counts pieces over word types; on a small synthetic language that
gives two to three pieces a word, and so two to three times the compute. Here every word type that
occurs often enough is a piece with its log frequency as score; all characters are pieces too.
"""

import math
from collections import Counter
from collections.abc import Iterable

from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

SPECIAL = ("<s>", "<pad>", "</s>", "<unk>")
MASK = "<mask>"
_SPACE = "▁"
_CHARACTER_SCORE = -14.0


def build_tokenizer(lines: Iterable[str], minimum_count: int) -> Tokenizer:
    """Return a tokenizer with XLM-R's special tokens, ids and pair template.

    Punctuation is split off words, so that a word at the end of a sentence is the same piece as
    elsewhere.
    """
    normalizer = normalizers.NFKC()
    splitter = _splitter()
    words: Counter[str] = Counter()
    for line in lines:
        pieces = splitter.pre_tokenize_str(normalizer.normalize_str(line))
        words.update(piece for piece, _ in pieces)
    total = sum(words.values())
    frequent = sorted(word for word, count in words.items() if count >= minimum_count)
    scores = {word: math.log(words[word] / total) for word in frequent}
    for character in sorted({character for word in words for character in word} | {_SPACE}):
        scores.setdefault(character, _CHARACTER_SCORE)
    vocabulary = [(token, 0.0) for token in SPECIAL] + sorted(scores.items())
    tokenizer = Tokenizer(models.Unigram([*vocabulary, (MASK, 0.0)], unk_id=3))
    tokenizer.normalizer = normalizer
    tokenizer.pre_tokenizer = splitter
    tokenizer.decoder = decoders.Metaspace()
    tokenizer.add_special_tokens([*SPECIAL, MASK])
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>",
        pair="<s> $A </s> </s> $B </s>",
        special_tokens=[("<s>", 0), ("</s>", 2)],
    )
    return tokenizer


def _splitter() -> pre_tokenizers.PreTokenizer:
    return pre_tokenizers.Sequence(
        [pre_tokenizers.Metaspace(), pre_tokenizers.Punctuation("isolated")]
    )
