"""Writing the whole synthetic world as a mirror of published files."""

from collections.abc import Mapping
from itertools import chain
from pathlib import Path

from polystilts.miniature import (
    choice,
    dictionary,
    inference,
    paraphrase,
    reading,
    retrieval,
    supertags,
    tagging,
)
from polystilts.miniature.layout import translated
from polystilts.miniature.lexicon import Lexicon, load_lexicon
from polystilts.miniature.settings import WorldSettings
from polystilts.miniature.text import documents
from polystilts.miniature.writer import ENGLISH, Files
from polystilts.provenance.atomic import write_text

_ROOMS = (inference, paraphrase, reading, choice, supertags, tagging, retrieval, dictionary)
_TRANSLATORS = (
    *inference.TRANSLATORS,
    *paraphrase.TRANSLATORS,
    *reading.TRANSLATORS,
    *choice.TRANSLATORS,
    *supertags.TRANSLATORS,
)


def write_mirror(folder: Path, world: Mapping[str, object]) -> list[Path]:
    """Write every file of the world below `folder` and return their paths, sorted.

    The bytes depend on `world` alone. Raises ConfigError if `world` is not what
    `WorldSettings.from_mapping` takes.
    """
    settings = WorldSettings.from_mapping(world)
    written = []
    for name, content in _contents(load_lexicon(), settings):
        write_text(folder / name, content)
        written.append(folder / name)
    return sorted(written)


def _contents(lexicon: Lexicon, settings: WorldSettings) -> Files:
    """Yield (relative path, content) of every file."""
    for language in settings.languages:
        lines = documents(lexicon, settings, language)
        yield f"text/{language}.txt", "".join(line + "\n" for line in lines)
    writers = chain.from_iterable(room.WRITERS for room in _ROOMS)
    for writer in writers:
        yield from writer(lexicon, settings)
    if settings.translations:
        for language in settings.languages:
            if language != ENGLISH:
                for translator in _TRANSLATORS:
                    for path, content in translator(lexicon, settings, language):
                        yield translated(language, path), content
