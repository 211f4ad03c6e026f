"""Switching a whole file: blocks in, pieces out, in order, with the books of all."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from polystilts.codeswitch.collection import without_collection
from polystilts.codeswitch.copies import copy_draws
from polystilts.codeswitch.files.books import Books
from polystilts.codeswitch.files.formats import FORMATS, Format
from polystilts.codeswitch.files.request import Block, Piece, Request
from polystilts.codeswitch.parallel import ordered_map
from polystilts.codeswitch.recipe import Recipe
from polystilts.codeswitch.switcher import Switcher
from polystilts.errors import InputError, PolystiltsError
from polystilts.provenance.atomic import atomic_path
from polystilts.study.validation import nearest


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy to write: its number in the output, and the draw it is of; None is English."""

    number: int
    draw: int | None


@dataclass(slots=True)
class Report:
    """What happened to a file.

    Attributes:
        books: of all copies.
        rows: rows (sentences, questions) of the input.
        lacking: rows without a field, by field.
        remarks: what else was met, with its count.
    """

    books: Books
    rows: int = 0
    lacking: dict[str, int] = field(default_factory=dict)
    remarks: Counter[str] = field(default_factory=Counter)


def copies_of(recipe: Recipe) -> list[Copy]:
    """Return the copies of a recipe: its draws, behind an English one if it appends them."""
    draws = copy_draws(recipe.copies, recipe.clean_copy)
    return [Copy(number, draw) for number, draw in enumerate(draws)]


def switch_file(
    request: Request,
    output: Path,
    format: Format,
    switcher: Switcher,
    copies: Sequence[Copy] = (Copy(0, 0),),
    workers: int = 1,
) -> Report:
    """Switch a file into another of its format; the output appears whole or not at all.

    Args:
        request: the input, and what is switched in it.
        output: where the copies are written, one after the other.
        format: that of both.
        switcher: what decides.
        copies: which copies are written.
        workers: number of processes; the bytes do not depend on it.

    Raises:
        InputError: the input is not what its format promises, with the line; it holds no rows, or
            no row has one of the fields.
        PolystiltsError: no word of it has a usable translation.
    """
    report = Report(Books.of(switcher, copies[0].number, copies[0].draw, request.sampled))
    seen: Counter[str] = Counter()
    known: dict[str, None] = {}
    task = _Task(format.name, request, switcher)
    if workers > 1:
        switcher.prepare()
    rows = 0
    with atomic_path(output) as temporary:
        pieces = ordered_map(task, _work(format, request, copies), workers)
        for piece in format.write(pieces, request, output, temporary):
            report.books.merge(piece.books)
            rows += piece.rows
            seen.update(piece.seen)
            known.update(dict.fromkeys(piece.known))
            report.remarks.update(piece.remarks)
        _check(request, rows, seen, known)
        report.rows = rows // len(copies)
        report.lacking = {
            name: (rows - seen[name]) // len(copies) for name in request.names if seen[name] < rows
        }
        _check_coverage(request, switcher, report)
    return report


@dataclass(frozen=True, slots=True)
class _Task:
    """Switches one block; sent to the workers."""

    format: str
    request: Request
    switcher: Switcher

    def __call__(self, work: tuple[Block, Copy]) -> Piece:
        block, copy = work
        books = Books.of(self.switcher, copy.number, copy.draw, self.request.sampled)
        with without_collection():
            return FORMATS[self.format].switch(block, self.request, self.switcher, books)


def _work(format: Format, request: Request, copies: Sequence[Copy]) -> Iterator[tuple[Block, Copy]]:
    for copy in copies:
        for block in format.blocks(request, copy is copies[0]):
            yield block, copy


def _check(request: Request, rows: int, seen: Counter[str], known: Iterable[str]) -> None:
    if not rows:
        hint = "There is nothing to switch in it."
        raise InputError(request.path, "the file holds no rows.", hint=hint)
    for name in request.names:
        if not seen[name]:
            others = sorted({*known, *(other for other in seen if seen[other])})
            near = f"; {nearest(name, others)}" if others else ""
            raise InputError(request.path, f"no row has a text in the field `{name}`{near}.")


def _check_coverage(request: Request, switcher: Switcher, report: Report) -> None:
    sheet = report.books.tally.sheet()
    if sheet["words"] and not sheet["eligible"]:
        raise PolystiltsError(
            f"{request.path}: none of its {sheet['words']} words may be replaced and has a usable "
            f"translation into {', '.join(switcher.languages)}; the output would be the input. "
            "Check the dictionaries, and what the recipe protects."
        )
