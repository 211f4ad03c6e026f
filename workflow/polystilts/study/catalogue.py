"""What a study is told about published sources by the rooms that know them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from polystilts.study.config import Dictionary


def _muse(language: str, order: Sequence[str]) -> list[Dictionary]:
    return [Dictionary(files=[f"muse/en-{language}.txt"])]


def _nowhere(path: str) -> None:
    return None


def _not_made(path: str) -> bool:
    return False


def _no_archive(path: str) -> str | None:
    return None


@dataclass(frozen=True)
class Catalogue:
    """Where dictionaries and files come from; left out, every language has MUSE's dictionary.

    `kinds` names the kinds of dictionaries, `dictionaries` returns those of a language in the
    order of kinds given, `origin` what people pin of a file's published origin, None where a
    canonical path has none, `archive` the archive in a mirror that may stand for it, and `made`
    tells whether the synthetic world holds a canonical path.
    """

    kinds: tuple[str, ...] = ("muse",)
    dictionaries: Callable[[str, Sequence[str]], Sequence[Dictionary]] = _muse
    origin: Callable[[str], Mapping[str, Any] | None] = _nowhere
    archive: Callable[[str], str | None] = _no_archive
    made: Callable[[str], bool] = _not_made
