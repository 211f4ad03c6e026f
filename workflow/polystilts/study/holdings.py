"""Whether a mirror has a source file, as far as that is known before anything is fetched."""

from pathlib import Path

from polystilts.study.catalogue import Catalogue
from polystilts.study.names import MINIATURE, PUBLISHED


def is_held(file: str, mirror: str, here: Path, catalogue: Catalogue) -> bool:
    """Tell whether a file is here, in its mirror, or to be had; a base URL is trusted.

    `here` is where it lies once it is fetched: it then counts even where its mirror is not there,
    as on a machine without a network.
    """
    if mirror == MINIATURE:
        return catalogue.made(file)
    if mirror == PUBLISHED:
        return catalogue.origin(file) is not None
    if mirror.lower().startswith(("http://", "https://")) or here.is_file():
        return True
    folder, archive = Path(mirror).expanduser(), catalogue.archive(file)
    return (folder / file).is_file() or bool(archive and (folder / archive).is_file())
