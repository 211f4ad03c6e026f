"""What `codeswitch.py` compares with: loops over tokens, and a switcher that knows no offsets.

The first is written from the description of CoSDA-ML (Qin et al., IJCAI 2020): text is cut at
spaces and lower-cased; each token is tried with probability `cross`; a language is drawn uniformly,
and if its dictionary has the token, a translation uniformly. Its settings lie in an object of which
every attribute that is read is looked up in `dir(self)` first, which takes most of the time it
takes; the loop is measured with such an object and with plain local names. The second is the least
that any switcher does: split, one look-up a token, join.
"""

import random
from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

Dictionaries = Mapping[str, Mapping[str, Sequence[str]]]

# as many names as a training script's settings have beside those that the loop reads
_OTHER_SETTINGS = 30


class Settings:
    """Values whose every reading lists all attributes first."""

    def __init__(self, **values: Any) -> None:
        filler = {f"setting_{number}": number for number in range(_OTHER_SETTINGS)}
        self.__dict__.update(filler | values)

    def __getattribute__(self, name: str) -> Any:
        if name.startswith("__") or name in dir(self):
            return object.__getattribute__(self, name)
        return None


def targets_by_word(table: pa.Table) -> dict[str, list[str]]:
    """Return the translations of each word of a lexicon, in lower case, in its order."""
    found: dict[str, list[str]] = {}
    columns = (table[name].to_pylist() for name in ("source", "target"))
    for source, target in zip(*columns, strict=True):
        found.setdefault(source.lower(), []).append(target)
    return found


def published_loop(texts: Sequence[str], settings: Settings, seed: int) -> list[str]:
    """Switch as published, reading the settings where they are needed."""
    draw = random.Random(seed)
    return [_published_text(text, settings, draw) for text in texts]


def _published_text(text: str, settings: Settings, draw: random.Random) -> str:
    return " ".join([_published_token(token.lower(), settings, draw) for token in text.split(" ")])


def _published_token(token: str, settings: Settings, draw: random.Random) -> str:
    if draw.random() >= settings.cross:
        return token
    language = draw.choice(settings.languages)
    if token not in settings.dictionaries[language]:
        return token
    return draw.choice(settings.dictionaries[language][token])


def plain_loop(
    texts: Sequence[str], dictionaries: Dictionaries, cross: float, seed: int
) -> list[str]:
    """Switch as published, with everything in local names."""
    draw = random.Random(seed)
    chance, choice, languages = draw.random, draw.choice, list(dictionaries)
    switched = []
    for text in texts:
        tokens = []
        for token in text.split(" "):
            token = token.lower()
            if chance() < cross and (found := dictionaries[choice(languages)].get(token)):
                token = choice(found)
            tokens.append(token)
        switched.append(" ".join(tokens))
    return switched


def look_up_loop(texts: Sequence[str], dictionary: Mapping[str, str]) -> list[str]:
    """Replace every token that one dictionary has; nothing is drawn."""
    find = dictionary.get
    return [" ".join([find(token, token) for token in text.split(" ")]) for text in texts]


def replaced(before: Sequence[str], after: Sequence[str]) -> float:
    """Return the share of tokens that a loop has replaced, other letter case aside."""
    tokens = [
        (old.lower(), new.lower())
        for source, target in zip(before, after, strict=True)
        for old, new in zip(source.split(" "), target.split(" "), strict=False)
    ]
    return sum(old != new for old, new in tokens) / len(tokens)
