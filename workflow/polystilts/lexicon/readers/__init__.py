"""Readers of published bilingual dictionaries, English on the source side."""

from collections.abc import Mapping

from polystilts.lexicon.entries import Entry, Reader
from polystilts.lexicon.readers.cedict import read_cedict, read_cedict_traditional
from polystilts.lexicon.readers.cldr import read_cldr
from polystilts.lexicon.readers.edict import read_edict
from polystilts.lexicon.readers.freedict import read_freedict
from polystilts.lexicon.readers.freedict_tei import read_freedict_tei
from polystilts.lexicon.readers.jmdict import read_jmdict
from polystilts.lexicon.readers.muse import read_muse
from polystilts.lexicon.readers.panlex import read_panlex
from polystilts.lexicon.readers.panlex_swadesh import read_panlex_swadesh
from polystilts.lexicon.readers.tsv import read_tsv

__all__ = ["READERS", "Entry", "Reader"]

READERS: Mapping[str, Reader] = {
    "cedict": read_cedict,
    "cedict_traditional": read_cedict_traditional,
    "cldr": read_cldr,
    "edict": read_edict,
    "freedict": read_freedict,
    "freedict_tei": read_freedict_tei,
    "jmdict": read_jmdict,
    "muse": read_muse,
    "panlex": read_panlex,
    "panlex_swadesh": read_panlex_swadesh,
    "tsv": read_tsv,
}
