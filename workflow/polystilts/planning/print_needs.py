"""The page that `polystilts doctor STUDY` prints."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import IO

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from polystilts.planning.needs import Need, State, missing_files

_PLAIN_WIDTH = 160


def console_for(file: IO[str]) -> Console:
    """Return a console that colours and fits its lines where `file` is a terminal."""
    terminal = file.isatty()
    return Console(
        file=file,
        width=None if terminal else _PLAIN_WIDTH,
        no_color=not terminal,
        highlight=False,
        emoji=False,
        markup=False,
    )


def human(size: int | None) -> str:
    """Return a number of bytes for people; `?` where it is unknown."""
    if size is None:
        return "?"
    for unit, digits in (("GB", 9), ("MB", 6), ("kB", 3)):
        if size >= 10**digits:
            return f"{size / 10**digits:.1f} {unit}"
    return f"{size} B"


def print_needs(
    needs: Sequence[Need],
    lacking: Iterable[str],
    dictionaries: Mapping[str, Sequence[str]],
    translations: Mapping[str, tuple[Sequence[str], Sequence[str]]],
    translated_arms: Iterable[str],
    file: IO[str],
) -> None:
    """Print what a study needs, one line per source and state, and what it goes without.

    `lacking` are lines about what it asks for and does not get, `translated_arms` about the
    translations that its arms use.
    """
    console = console_for(file)
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("source", overflow="fold")
    table.add_column("files", justify="right")
    table.add_column("state")
    table.add_column("size", justify="right")
    table.add_column("licence", overflow="fold")
    table.add_column("what to do", overflow="fold")
    for need in needs:
        size = human(need.size)
        if need.unknown_sizes and need.size is not None:
            size = f"≥ {size}"
        elif need.estimated:
            size = f"about {size}"
        state = str(need.state)
        count = str(len(need.files))
        table.add_row(need.source, count, state, size, need.licence, need.action)
    console.print(table)
    for line in _remarks(needs, lacking, dictionaries, translations, translated_arms):
        console.print(line)


def _remarks(
    needs: Sequence[Need],
    lacking: Iterable[str],
    dictionaries: Mapping[str, Sequence[str]],
    translations: Mapping[str, tuple[Sequence[str], Sequence[str]]],
    translated_arms: Iterable[str],
) -> Iterator[str]:
    yield from lacking
    for kinds, languages in _by_kinds(dictionaries).items():
        what = " + ".join(kinds) if kinds else "none: never switched to"
        yield f"dictionaries: {what}: {' '.join(languages)}"
    for task, (there, others) in translations.items():
        if there:
            without = f"; not {' '.join(others)}" if others else ""
            yield f"published translations of {task}: {' '.join(there)}{without}"
    untranslated = [task for task, (there, _) in translations.items() if not there]
    if untranslated:
        yield f"no published translation: {', '.join(untranslated)}"
    yield from translated_arms
    missing = list(missing_files(needs))
    if missing:
        yield "MISSING:"
        yield from (f"  {line}" for line in missing)
        yield "not ready: the files above cannot be fetched"
    elif any(need.state is State.TO_FETCH for need in needs):
        yield "ready: what is not here will be fetched"
    else:
        yield "ready: nothing needs the network"


def _by_kinds(dictionaries: Mapping[str, Sequence[str]]) -> dict[tuple[str, ...], list[str]]:
    found: dict[tuple[str, ...], list[str]] = {}
    for language, kinds in dictionaries.items():
        found.setdefault(tuple(kinds), []).append(language)
    return found


def is_ready(needs: Iterable[Need]) -> bool:
    """Tell whether everything is here or can be had without a person."""
    return all(need.state is not State.MISSING for need in needs)
