"""Whether answers stand out in switched text."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from polystilts.codeswitch.sheet.association import (
    AUC_MARGIN,
    ERRORS,
    Counts,
    auc,
    mean_auc,
    ratio,
    rounded,
)

_LENGTHS = 257


@dataclass(slots=True)
class AnswerIslandLeak:
    """Whether answers stand out as English islands, or as foreign ones, in switched text.

    A word's score is 0 if it was switched, else the length of the English run it stands in: the
    words around it up to the next switched one on either side (256 and more are one). Answers that
    stay English score high in a text that is switched around them, answers that are switched more
    than the rest score low. Only texts with a switched word and with an answer count.

    Names and numbers are never switched, and answers hold many: over all words, the score finds
    answers in any policy. Hence the second measure, of eligible words alone: there, other words do
    not exist and runs are counted in eligible words, so that equal rates inside and outside give
    an AUC of 0.5. It decides, where there are such words inside and outside answers.

    Attributes:
        all_words, eligible_words: words by score, int64[2, 257]: outside and inside answers.
        texts: texts that were looked at.
    """

    all_words: Counts = field(default_factory=lambda: np.zeros((2, _LENGTHS), np.int64))
    eligible_words: Counts = field(default_factory=lambda: np.zeros((2, _LENGTHS), np.int64))
    texts: int = 0

    def add(
        self,
        codes: NDArray[np.int16],
        first_chunk: NDArray[np.int64],
        inside: NDArray[np.bool_],
        eligible: NDArray[np.bool_] | None = None,
    ) -> None:
        """Count texts.

        Args:
            codes: one a chunk: −1 no word, 0 English, above 0 switched.
            first_chunk: int64[texts + 1]; text t holds the chunks first_chunk[t]:first_chunk[t+1].
            inside: whether the chunk stands in an answer.
            eligible: whether the word could be switched: it has a usable translation and is in no
                protected class. A span that is protected because it is an answer must not count
                against it, or else what is looked for is hidden.
        """
        chunks = slice(int(first_chunk[0]), int(first_chunk[-1]))
        codes, inside = codes[chunks], inside[chunks]
        texts = len(first_chunk) - 1
        self.texts += texts
        text = np.repeat(np.arange(texts), np.diff(first_chunk))
        is_word = codes >= 0
        telling = np.zeros(texts, bool)
        telling[text[codes > 0]] = True
        has_answer = np.zeros(texts, bool)
        has_answer[text[inside & is_word]] = True
        is_word &= (telling & has_answer)[text]
        self.all_words += _island_scores(codes, text, inside, is_word)
        if eligible is not None:
            # a switched word was eligible, whatever the caller says
            usable = is_word & (eligible[chunks] | (codes > 0))
            self.eligible_words += _island_scores(codes, text, inside, usable)

    def merge(self, other: "AnswerIslandLeak") -> None:
        """Add the texts of another part of the corpus."""
        self.all_words = self.all_words + other.all_words
        self.eligible_words = self.eligible_words + other.eligible_words
        self.texts += other.texts

    def sheet(self, *others: "AnswerIslandLeak") -> dict[str, Any]:
        """Return AUC and switched shares, of all and of eligible words.

        Passed: the deciding AUC (see the class) lies within 0.02 or three standard errors of 0.5;
        the bound from above is the one that protected answers break.

        Args:
            others: the same texts in the other copies.
        """
        copies = (self, *others)
        counted = {
            "all_words": [copy.all_words for copy in copies],
            "eligible_words": [copy.eligible_words for copy in copies],
        }
        measured = {
            name: mean_auc([auc(*words) for words in histograms])
            for name, histograms in counted.items()
        }
        decided_by = "all_words"
        if measured["eligible_words"].value is not None:
            decided_by = "eligible_words"
        sheets = {
            name: {
                "auc": rounded(area.value),
                "auc_error": rounded(area.error),
                "words_inside": int(words[1].sum()),
                "words_outside": int(words[0].sum()),
                "switched_inside": ratio(int(words[1, 0]), int(words[1].sum())),
                "switched_outside": ratio(int(words[0, 0]), int(words[0].sum())),
            }
            for name, area in measured.items()
            for words in (np.sum(counted[name], axis=0),)
        }
        return {
            "passed": measured[decided_by].near_half,
            "threshold": {"auc_margin": AUC_MARGIN, "standard_errors": ERRORS},
            "copies": len(copies),
            "texts": self.texts,
            "decided_by": decided_by,
            **sheets,
        }


def _island_scores(
    codes: NDArray[np.int16], text: Counts, inside: NDArray[np.bool_], counted: NDArray[np.bool_]
) -> Counts:
    """Return the histogram of scores of the words that count, int64[2, 257], outside and inside."""
    english, text, inside = codes[counted] == 0, text[counted], inside[counted]
    if not len(english):
        return np.zeros((2, _LENGTHS), np.int64)
    begins = np.ones(len(english), bool)
    begins[1:] = (english[1:] != english[:-1]) | (text[1:] != text[:-1])
    first = np.flatnonzero(begins)
    lengths = np.diff(first, append=len(english))
    scores = np.minimum(np.repeat(lengths, lengths) * english, _LENGTHS - 1)
    return np.bincount(inside * _LENGTHS + scores, minlength=2 * _LENGTHS).reshape(2, _LENGTHS)
