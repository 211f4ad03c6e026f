"""What is written for a chosen translation: itself, or in a control something else.

Controls leave every decision as it is (which words, which language, which of its translations) and
change only what is then written. `shuffled-dictionary` writes, for every translation, the same
wrong word throughout (see `polystilts.codeswitch.dictionaries.shuffled`).
"""

from collections import defaultdict
from collections.abc import Mapping
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from polystilts.codeswitch.decisions import Hashes, mix, salt
from polystilts.codeswitch.dictionaries.dictionary import Dictionary
from polystilts.codeswitch.text.casing import casing_of
from polystilts.policies import Treatment

_RANDOM = salt("purpose", "random translation")


# What is written where a translation was chosen: that translation, the wrong word that a shuffled
# dictionary has for it, another word at every occurrence, or the English word.
Written = Literal["translation", "shuffled", "random", "english"]

# every treatment whose corpora are switched
WRITTEN: Mapping[str, Written] = {
    Treatment.CODE_SWITCHED: "translation",
    Treatment.SHUFFLED_DICTIONARY: "shuffled",
    Treatment.RANDOM_TRANSLATION: "random",
    Treatment.IDENTITY: "english",
}


class RandomTranslations:
    """`random-translation`: at every occurrence another word of the same language and kind.

    Two translations are of one kind if they have the same number of words and the same casing.
    """

    def __init__(self, dictionary: Dictionary) -> None:
        self._dictionary = dictionary

    @cached_property
    def _pools(self) -> tuple[NDArray[np.int64], list[NDArray[np.int32]]]:
        """Return each candidate's pool, and the pools, sorted by their words."""
        dictionary = self._dictionary
        widths = np.diff(dictionary.candidate_first)
        language = np.repeat(dictionary.slot_language, widths).tolist()
        # a translation of blanks alone is in no pool, but has a number all the same
        kind_of = [
            target and (target.count(" "), casing_of(target)) for target in dictionary.targets
        ]
        members: defaultdict[object, set[int]] = defaultdict(set)
        target = dictionary.target.tolist()
        for code, word in zip(language, target, strict=True):
            members[code, kind_of[word]].add(word)
        numbers = {kind: number for number, kind in enumerate(members)}
        pool = [numbers[code, kind_of[word]] for code, word in zip(language, target, strict=True)]
        ordered = [
            np.array(sorted(words, key=dictionary.targets.__getitem__), np.int32)
            for words in members.values()
        ]
        return np.array(pool, np.int64), ordered

    def written(self, candidate: NDArray[np.int64], place: Hashes) -> NDArray[np.int32]:
        """Return the words to write; `place` is the hash of each occurrence's place."""
        pool_of, pools = self._pools
        draw = mix(place, _RANDOM)
        written = self._dictionary.target[candidate].copy()
        pool = pool_of[candidate]
        for number in np.unique(pool).tolist():
            words, at = pools[number], np.flatnonzero(pool == number)
            drawn = (draw[at] % np.uint64(len(words))).astype(np.int64)
            # the true translation is not a random one: take the next word
            drawn = np.where(words[drawn] == written[at], (drawn + 1) % len(words), drawn)
            written[at] = words[drawn]
        return written
