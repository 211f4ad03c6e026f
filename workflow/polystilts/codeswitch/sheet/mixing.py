"""How mixed a corpus is, in the measures of the literature on code-switching.

Every word has a language: English, or that of the word it was replaced by. Numbers, contractions,
URLs and the like have none and are passed over: the words around them are neighbours. For a text,
N is the number of its words, t_l that of language l, and P the number of switch points: neighbours
of different languages. A run is a longest row of neighbours of one language. Texts are independent:
no switch point, run or pair of runs reaches from one into the next.

Only integers are kept, per text rounded to 1e-12 where a measure is a mean over texts, so that the
parts of a corpus can be merged in any order without changing a digit.
"""

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from polystilts.codeswitch.sheet.association import Counts, Moments, entropy, ratio, rounded

ENGLISH = "en"
_SCALE = 10**12
# cells of the table languages × texts that is counted at once: 16 MiB
_CELLS = 1 << 21


def _none() -> Counts:
    return np.zeros(0, np.int64)


@dataclass(slots=True)
class Mixing:
    """Counts for the measures of mixing; `languages[k - 1]` is the language of code k > 0.

    Attributes:
        texts: all texts, empty ones and those without words included.
        texts_without_words: texts with N = 0; every mean over texts counts them as 0.
        texts_mixed: texts with P > 0.
        independent: tokens without a language.
        tokens: words by language, English first.
        runs: number of runs by their length.
        neighbours: lengths of each run and the next of the same text.
        pairs: neighbouring words.
        switch_points: ΣP.
        cmi, c_u, fraction: sums over texts, in units of 1e-12.
    """

    languages: tuple[str, ...]
    texts: int = 0
    texts_without_words: int = 0
    texts_mixed: int = 0
    independent: int = 0
    tokens: Counts = field(default_factory=_none)
    runs: Counts = field(default_factory=_none)
    neighbours: Moments = field(default_factory=Moments)
    pairs: int = 0
    switch_points: int = 0
    cmi: int = 0
    c_u: int = 0
    fraction: int = 0

    def add(self, codes: NDArray[np.int16], first_chunk: NDArray[np.int64]) -> None:
        """Count texts.

        Args:
            codes: one a chunk: −1 no language, 0 English, k > 0 `languages[k - 1]`.
            first_chunk: int64[texts + 1]; text t holds the chunks first_chunk[t]:first_chunk[t+1].

        Raises:
            ValueError: a code stands for no language.
        """
        if len(codes) and not -1 <= int(codes.min()) <= int(codes.max()) <= len(self.languages):
            raise ValueError(f"codes reach beyond -1 to {len(self.languages)}")
        rows = max(1, _CELLS // (len(self.languages) + 1))
        for start in range(0, len(first_chunk) - 1, rows):
            borders = first_chunk[start : start + rows + 1]
            self._add_block(codes[borders[0] : borders[-1]], np.diff(borders))

    def _add_block(self, codes: NDArray[np.int16], chunks: Counts) -> None:
        texts = len(chunks)
        is_word = codes >= 0
        text = np.repeat(np.arange(texts), chunks)[is_word]
        language = codes[is_word]
        by_language = np.bincount(
            language * np.int64(texts) + text, minlength=(len(self.languages) + 1) * texts
        ).reshape(-1, texts)
        words, most = by_language.sum(axis=0), by_language.max(axis=0)

        begins = np.ones(len(language), bool)
        begins[1:] = (language[1:] != language[:-1]) | (text[1:] != text[:-1])
        first_word = np.flatnonzero(begins)
        lengths = np.diff(first_word, append=len(language))
        text_of_run = text[first_word]
        follows = text_of_run[1:] == text_of_run[:-1]
        switch_points = np.bincount(text_of_run[1:][follows], minlength=texts)

        self.texts += texts
        self.texts_without_words += int((words == 0).sum())
        self.texts_mixed += int((switch_points > 0).sum())
        self.independent += len(codes) - len(language)
        self.tokens = _sum(self.tokens, by_language.sum(axis=1))
        self.runs = _sum(self.runs, np.bincount(lengths))
        self.neighbours.add(lengths[:-1][follows], lengths[1:][follows])
        self.pairs += int(np.maximum(words - 1, 0).sum())
        self.switch_points += int(switch_points.sum())
        self.cmi += _shares(words - most, words)
        self.c_u += _shares(words - most + switch_points, 2 * words)
        self.fraction += _shares(switch_points, words - 1)

    def merge(self, other: "Mixing") -> None:
        """Add the texts of another part of the corpus.

        Raises:
            ValueError: its codes stand for other languages.
        """
        if self.languages != other.languages:
            raise ValueError("parts with different languages cannot be merged")
        self.neighbours.merge(other.neighbours)
        self.tokens = _sum(self.tokens, other.tokens)
        self.runs = _sum(self.runs, other.runs)
        for name in self.__slots__:
            if isinstance(mine := getattr(self, name), int):
                setattr(self, name, mine + getattr(other, name))

    def sheet(self) -> dict[str, Any]:
        """Return the measures, to six places; None where a formula divides by nothing.

        - `share_mixed`: texts with a switch point, of all texts.
        - `tokens`: words by language; `tokens_independent`: tokens without one.
        - `cmi`: mean over texts of 100·(1 − max t_l / N), 0 where N = 0 (Das and Gambäck 2014),
          and `cmi_of_mixed` over mixed texts.
        - `c_u`: mean over texts of 100·(N − max t_l + P) / 2N, 0 where N = 0, and `c_u_of_mixed`
          (Gambäck and Das 2016, LREC, L16-1292).
        - `c_c`: their index of a corpus, (100/U)·[½·Σ(1 − (max t_l − P)/N + δ) + ⅚·S] of U texts
          of which S are mixed; the constants are those of Gambäck's own program. δ marks a text
          whose main language differs from that of the text before it. It is 0 here, since no text
          precedes another, so that `c_c` is the mean C_u + 500/6·S/U.
        - `m_index`: (1 − Σp²) / ((k − 1)·Σp²) of the shares p of the k languages that occur; 0
          of one language (Barnett et al. 2000).
        - `language_entropy`: −Σ p log2 p (Guzmán et al. 2017, Interspeech).
        - `i_index`: ΣP / Σ(N − 1), switch points of all neighbouring words (Guzmán et al. 2017).
        - `switch_point_fraction`: mean over texts of P / (N − 1), 0 where N < 2, and `sp_avg`:
          mean P (Pratapa et al. 2018, P18-1143).
        - `span_entropy`: −Σ p(l) log2 p(l) of the lengths l of runs (Guzmán et al. 2017).
        - `burstiness`: (σ − μ)/(σ + μ) of the lengths of all runs, σ the standard deviation of
          the population, divided by their number (Goh and Barabási 2008; Guzmán et al. 2017);
          `burstiness_sample` divides by their number less one, as some programs do.
        - `memory`: Pearson's correlation of the lengths of a run and the next (as before).
        """
        present = [int(count) for count in self.tokens if count]
        words, squares = sum(present), sum(count * count for count in present)
        m_index = None
        if present:
            # Σp² = squares / words²
            others = (len(present) - 1) * squares
            m_index = (words * words - squares) / others if others else 0.0
        names = (ENGLISH, *self.languages)
        tokens = _sum(self.tokens, np.zeros(len(names), np.int64))
        runs = int(self.runs.sum())
        six_shares = 500 * self.texts_mixed * _SCALE
        return {
            "texts": self.texts,
            "texts_without_words": self.texts_without_words,
            "texts_mixed": self.texts_mixed,
            "share_mixed": ratio(self.texts_mixed, self.texts),
            "tokens": dict(zip(names, tokens.tolist(), strict=True)),
            "tokens_independent": self.independent,
            "cmi": ratio(100 * self.cmi, self.texts * _SCALE),
            "cmi_of_mixed": ratio(100 * self.cmi, self.texts_mixed * _SCALE),
            "c_u": ratio(100 * self.c_u, self.texts * _SCALE),
            "c_u_of_mixed": ratio(100 * self.c_u, self.texts_mixed * _SCALE),
            "c_c": ratio(600 * self.c_u + six_shares, 6 * self.texts * _SCALE),
            "m_index": rounded(m_index),
            "i_index": ratio(self.switch_points, self.pairs),
            "switch_point_fraction": ratio(self.fraction, self.texts * _SCALE),
            "sp_avg": ratio(self.switch_points, self.texts),
            "language_entropy": rounded(entropy(self.tokens)),
            "runs": runs,
            "mean_run": ratio(words, runs),
            "span_entropy": rounded(entropy(self.runs)),
            "burstiness": rounded(burstiness(self.runs)),
            "burstiness_sample": rounded(burstiness(self.runs, less=1)),
            "memory": rounded(self.neighbours.correlation()),
        }


def burstiness(lengths: Counts, less: int = 0) -> float | None:
    """Return (σ − μ)/(σ + μ) of a histogram of lengths; None of `less` lengths or fewer.

    σ² is the sum of squared deviations over the number of lengths less `less`. −1 is perfectly
    regular, 0 as runs of random length (geometric, if long), towards 1 bursty.
    """
    number = int(lengths.sum())
    if number <= less:
        return None
    total = sum(length * int(count) for length, count in enumerate(lengths))
    squared = sum(length * length * int(count) for length, count in enumerate(lengths))
    mean = total / number
    deviation = math.sqrt((number * squared - total * total) / (number * (number - less)))
    return (deviation - mean) / (deviation + mean)


def _shares(parts: Counts, wholes: Counts) -> int:
    """Return Σ part/whole in units of 1e-12, each rounded; nothing for a whole below 1."""
    counted = wholes > 0
    return int(np.rint(parts[counted] * float(_SCALE) / wholes[counted]).astype(np.int64).sum())


def _sum(first: Counts, second: Counts) -> Counts:
    """Return the sum of two histograms of perhaps different lengths."""
    longer, shorter = (first, second) if len(first) >= len(second) else (second, first)
    result = longer.astype(np.int64)
    result[: len(shorter)] += shorter
    return result
