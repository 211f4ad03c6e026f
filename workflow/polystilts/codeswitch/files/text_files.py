"""Writing of text formats: pieces of bytes, one after the other."""

from collections.abc import Iterator
from pathlib import Path

from polystilts.codeswitch.files.chunks import COMPRESSED, open_output
from polystilts.codeswitch.files.request import Piece, Request


def write(pieces: Iterator[Piece], request: Request, output: Path, path: Path) -> Iterator[Piece]:
    """Write all pieces to `path`, compressed if `output` ends in `.gz`; yield each when written."""
    with open_output(path, output.suffix == COMPRESSED) as handle:
        for piece in pieces:
            handle.write(piece.data)
            yield piece
