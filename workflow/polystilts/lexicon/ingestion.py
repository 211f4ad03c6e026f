"""One published dictionary, read through the language check and the gate."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from polystilts.errors import InputError
from polystilts.lexicon.folding import Habit
from polystilts.lexicon.gate import DUPLICATE, Gate
from polystilts.lexicon.language_check import LanguageCheck, check_language
from polystilts.lexicon.readers import READERS


@dataclass(frozen=True)
class Ingestion:
    """What became of a dictionary.

    Attributes:
        pairs: how many it lists.
        kept: how many of them are new to the gate's lexicon.
        rejected: how many of the others by reason.
        check: what the anchors say about its language.
        case: how it writes its translations (see `folding.Habit`); None where none was let in.
        counts: what the reader left out or mended.
    """

    pairs: int
    kept: int
    rejected: Counter[str]
    check: LanguageCheck
    case: Habit | None
    counts: Counter[str]

    def facts(self) -> dict[str, Any]:
        return {
            "pairs": self.pairs,
            "kept": self.kept,
            "rejected": dict(self.rejected),
            "language_check": self.check.facts(),
            "case": self.case,
            "counts": dict(+self.counts),
        }


def ingest(gate: Gate, reader: str, name: str, files: Sequence[Path]) -> Ingestion:
    """Add a dictionary to a gate's lexicon under a name; `reader` is one of `READERS`.

    Raises:
        ConfigError: a number of files that the reader cannot use.
        InputError: a malformed dictionary, one in another language, or one of which nothing passes
            the gate.
    """
    language = gate.language
    counts: Counter[str] = Counter()
    before = gate.rejected.copy()
    # the language shows in the whole dictionary only, before any pair is let through
    entries = list(READERS[reader](files, language, counts))
    check = check_language(entries, language)
    kept = 0
    if check.passed:
        kept = sum(1 for _ in gate.admit(entries, name))
    else:
        gate.refuse(entries)
    rejected = gate.rejected - before
    if not kept and not rejected[DUPLICATE]:
        found = f"({dict(rejected)}; {check.verdict})"
        reason = f"no pair for {language!r} passes the gate {found}."
        hint = "Is it the right file and language?"
        if not check.passed and check.other:
            hint += f" If it is {check.other!r}, read it as that."
        raise InputError(files[-1], reason, hint=hint)
    return Ingestion(len(entries), kept, rejected, check, gate.habits.get(name), counts)
