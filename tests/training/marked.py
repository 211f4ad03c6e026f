"""Data in which every input tells which example it comes from, whatever the arm makes of it.

Example i says its own word, `q<i>`, again and again, so that each of its choices, windows and parts
holds it. All words are one token, so that tokens can be counted without a tokenizer.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import torch
from tokenizers import Tokenizer
from transformers import XLMRobertaForMaskedLM

from polystilts.provenance.manifest import write_manifest
from polystilts.training.batches import Batch
from polystilts.training.masking import UNMASKED
from polystilts.training.unigram import build_tokenizer
from training.tiny import NLI, TAGS, task_record, xlmr_config

FAMILIES = ("classification", "multiple_choice", "tagging", "span_qa")
LABELS: dict[str, list[str]] = {"classification": NLI, "tagging": TAGS}
COUNT = 14
# of `SETTINGS`
MOST, STEP = 24, 9
TEXTS = [f"the cat sees {word}" for word in ("dog", "bird", "garden")]
_WORDS = "the cat sees dog bird garden"


def tokenizer() -> Tokenizer:
    return build_tokenizer([_WORDS, *(f"q{i}" for i in range(COUNT))], 1)


def publish(folder: Path) -> Path:
    """Write an encoder that has the words."""
    tokens = tokenizer()
    torch.manual_seed(4)
    XLMRobertaForMaskedLM(xlmr_config(tokens.get_vocab_size())).save_pretrained(folder)
    tokens.save(str(folder / "tokenizer.json"))
    names = ["model.safetensors", "config.json", "tokenizer.json"]
    write_manifest(folder / "encoder.json", "e", [folder / name for name in names])
    return folder


def record(family: str, **changes: Any) -> dict[str, Any]:
    return task_record(family, LABELS.get(family, []), salt=family, **changes)


def rows(family: str, more: int = 0, labels: int = 0) -> pa.Table:
    """Return a family's rows with `more` words per text, and labels turned by `labels`."""
    texts = [_text(i, 1 + i % 3 + more * (1 + i % 2)) for i in range(COUNT)]
    names = [f"{family}-{i}" for i in range(COUNT)]
    own = [f"q{i}" for i in range(COUNT)]
    columns: dict[str, Any] = {"id": names, "group": names}
    if family == "classification":
        columns |= {"text_a": texts, "text_b": own}
        columns["label"] = [NLI[(i + labels) % 3] for i in range(COUNT)]
    elif family == "multiple_choice":
        columns |= {"context": texts, "question": own}
        columns["choices"] = [[f"q{i}", f"the q{i}"] for i in range(COUNT)]
        columns["label"] = pa.array([(i + labels) % 2 for i in range(COUNT)], pa.int32())
    elif family == "tagging":
        columns["tokens"] = [text.split(" ") for text in texts]
        columns["tags"] = [
            [TAGS[(place + labels) % 3] for place in range(len(text.split(" ")))] for text in texts
        ]
    else:
        columns |= {"question": own, "context": texts}
        columns["answers"] = pa.array(
            [[] if labels else [{"start": 0, "text": name}] for name in own],
            pa.list_(pa.struct([("start", pa.int32()), ("text", pa.string())])),
        )
    return pa.table(columns)


def _text(example: int, times: int) -> str:
    """Two words, so many times: the example's own and another."""
    others = _WORDS.split()
    return " ".join(f"q{example} {others[n % len(others)]}" for n in range(times))


def counts(family: str, table: pa.Table) -> dict[str, int]:
    """Count by words what training.json says of a copy of the data."""
    inputs = [lengths for row in table.to_pylist() for lengths in _lengths(family, row)]
    return {
        "examples": COUNT,
        "inputs": len(inputs),
        "windows": len(inputs) - COUNT,
        "tokens": sum(min(length, MOST) for length in inputs),
        "truncated": sum(length > MOST for length in inputs),
    }


def _lengths(family: str, row: dict[str, Any]) -> list[int]:
    """Return the tokens of a row's inputs before any is shortened, special ones included."""
    if family == "classification":
        return [len(row["text_a"].split()) + len(row["text_b"].split()) + 4]
    if family == "multiple_choice":
        context = len(row["context"].split()) + len(row["question"].split())
        return [context + len(choice.split()) + 4 for choice in row["choices"]]
    if family == "tagging":
        return [n + 2 for n in _cut(len(row["tokens"]), MOST - 2, MOST - 2)]
    question = len(row["question"].split())
    width = MOST - 4 - question
    return [question + 4 + n for n in _cut(len(row["context"].split()), width, STEP)]


def _cut(words: int, width: int, step: int) -> list[int]:
    """Return the sizes of windows over so many words."""
    sizes = [min(words, width)]
    begin = 0
    while begin + width < words:
        begin += step
        sizes.append(min(width, words - begin))
    return sizes


def examples_of(batches: Sequence[Batch], tokens: Tokenizer) -> list[int]:
    """Return the examples whose inputs are in a step, seen through masks."""
    own = {tokens.token_to_id(f"▁q{i}"): i for i in range(COUNT)}
    found: set[int] = set()
    for batch in batches:
        hidden = batch.targets.get("target")
        for ids, _ in batch.parts:
            shown = ids if hidden is None else torch.where(hidden == UNMASKED, ids, hidden)
            for line in shown.tolist():
                (example,) = {own[token] for token in line if token in own}
                found.add(example)
    return sorted(found)
