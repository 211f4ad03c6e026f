"""Sentences of five languages from facts.

A deliberately small grammar without inflection or agreement. Word order is what differs: English
and Spanish are subject-verb-object (Spanish with the adjective behind the noun), Russian puts the
object last, Hindi is verb-final with postpositions and leaves question words in place, Arabic is
verb-initial. Only English has an auxiliary and the infinitive in questions.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random

from polystilts.miniature.facts import Fact
from polystilts.miniature.lexicon import Concept, Lexicon

ORDERS = {
    "en": "subject negation verb object recipient place time",
    "es": "subject negation verb object recipient place time",
    "ru": "subject time negation verb place recipient object",
    "hi": "subject time place recipient object negation verb",
    "ar": "negation verb subject object recipient place time",
}
_MOVED_TIME_ORDERS = {
    "en": "time subject negation verb object recipient place",
    "es": "time subject negation verb object recipient place",
    "ru": "time subject negation verb object recipient place",
    "hi": "time subject place recipient object negation verb",
    "ar": "time negation verb subject object recipient place",
}
_QUESTION_ORDERS = {
    "es": "negation verb subject object recipient place time",
    "ru": "subject time negation verb place recipient object",
    "ar": "negation verb subject object recipient place time",
}
_ADJECTIVE_LAST = frozenset(("es", "ar"))
_POSTPOSITIONS = frozenset(("hi",))
_FULL_STOP = {"hi": "।"}
_QUESTION_MARK = {"ar": "؟"}
_CASES = {"recipient": "for", "place": "in", "time": "on"}
_WH_WORDS = {
    "subject": "who",
    "object": "what",
    "recipient": "whom",
    "place": "where",
    "time": "when",
    "number": "how",
}
ASKED_ROLES = tuple(_WH_WORDS)


@dataclass(frozen=True)
class Word:
    """A word in a sentence: its surface, its role in the fact, its universal part of speech.

    A case word has the role of the phrase it marks, with `head` False; so have number and
    adjective inside the object, with roles of their own.
    """

    text: str
    role: str
    upos: str
    concept: Concept | None = None
    head: bool = True


@dataclass
class Voice:
    """Renders one item in one language; a name keeps its script throughout the item.

    Non-English text has English words in it, as loans: names stay Latin with probability `latin`,
    content words with probability `anchors`.
    """

    lexicon: Lexicon
    language: str
    rng: Random
    latin: float = 0.3
    anchors: float = 0.05

    def __post_init__(self) -> None:
        self._english_names: dict[str, bool] = {}

    def word(self, concept: Concept, role: str, base: bool = False, head: bool = True) -> Word:
        """Return a concept's word; `base` asks for the English infinitive."""
        text = concept.forms[self.language]
        if self.language == "en":
            text = concept.base if base else text
        elif concept.is_name:
            if concept.id not in self._english_names:
                self._english_names[concept.id] = self.rng.random() < self.latin
            text = concept.forms["en"] if self._english_names[concept.id] else text
        elif concept.is_content and self.rng.random() < self.anchors:
            text = concept.forms["en"]
        return Word(text, role, concept.upos[self.language], concept, head)

    def function(self, identifier: str, role: str, head: bool = True) -> Word:
        return self.word(self.lexicon.get("function", identifier), role, head=head)

    def clause(self, fact: Fact, *, moved_time: bool = False, base: bool = False) -> list[Word]:
        """Return a declarative clause without full stop; `moved_time` puts the time to the front.

        Russian, whose order is free, then has its object directly behind the verb.
        """
        phrases = self._phrases(fact, base)
        orders = _MOVED_TIME_ORDERS if moved_time else ORDERS
        return [word for slot in orders[self.language].split() for word in phrases.get(slot, ())]

    def sentence(self, fact: Fact, *, moved_time: bool = False) -> list[Word]:
        """Return a clause with its full stop."""
        return [*self.clause(fact, moved_time=moved_time), self.full_stop()]

    def full_stop(self) -> Word:
        return Word(_FULL_STOP.get(self.language, "."), "stop", "PUNCT")

    def question_mark(self) -> Word:
        return Word(_QUESTION_MARK.get(self.language, "?"), "stop", "PUNCT")

    def question(self, fact: Fact, asked: str) -> list[Word]:
        """Return the question for a role of the fact (see `ASKED_ROLES`), or `why`."""
        if asked == "why":
            wh_phrase = [self.function("why", "why")]
        else:
            wh_phrase = self._wh_phrase(fact, asked)
        slot = "object" if asked == "number" else asked
        phrases = self._phrases(fact, base=asked != "subject")
        phrases.pop(slot, None)
        if self.language == "hi":
            phrases[slot] = wh_phrase
            order = ["why", *ORDERS["hi"].split()]
            words = [word for name in order for word in phrases.get(name, ())]
        elif self.language == "en" and asked == "subject":
            order = ORDERS["en"].split()
            words = [*wh_phrase, *(w for name in order for w in phrases.get(name, ()))]
        else:
            did = [self.function("did", "auxiliary")] if self.language == "en" else []
            order = _QUESTION_ORDERS.get(self.language, ORDERS["en"]).split()
            words = [*wh_phrase, *did, *(w for name in order for w in phrases.get(name, ()))]
        return [*words, self.question_mark()]

    def _wh_phrase(self, fact: Fact, asked: str) -> list[Word]:
        wh_word = self.function(_WH_WORDS[asked], asked)
        if asked == "recipient":
            return self._with_case(wh_word, "recipient")
        if asked != "number":
            return [wh_word]
        many = [self.function("many", asked, head=False)] if self.language == "en" else []
        things = self.things(replace(fact, number=None))
        return [replace(wh_word, head=False), *many, *things]

    def _with_case(self, word: Word, role: str) -> list[Word]:
        case = self.function(_CASES[role], role, head=False)
        return [word, case] if self.language in _POSTPOSITIONS else [case, word]

    def opening(self, subject: Concept, verb: Concept) -> list[Word]:
        """Return a clause that breaks off where its object, or its state, would follow.

        The verb of a verb-final language would stand behind that, and is left out.
        """
        parts = {"subject": self.word(subject, "subject"), "verb": self.word(verb, "verb")}
        order = ORDERS[self.language].split()
        if order[-1] == "verb":
            order = order[:-1]
        return [parts[slot] for slot in order if slot in parts]

    def things(self, fact: Fact) -> list[Word]:
        """Return the phrase for a fact's things: their number, adjective and noun."""
        assert fact.noun is not None
        noun = self.word(fact.noun, "object")
        number = [Word(fact.number, "number", "NUM")] if fact.number else []
        adjective = [self.word(fact.adjective, "adjective")] if fact.adjective else []
        if self.language in _ADJECTIVE_LAST:
            return [*number, noun, *adjective]
        return [*number, *adjective, noun]

    def _phrases(self, fact: Fact, base: bool) -> dict[str, list[Word]]:
        phrases = {"subject": [self.word(fact.subject, "subject")]}
        if fact.surname is not None:
            phrases["subject"].append(self.word(fact.surname, "subject", head=False))
        phrases["verb"] = [self.word(fact.verb, "verb", base=base)]
        if fact.negated:
            phrases["negation"] = [self.function("never", "negation")]
        if fact.noun is not None:
            phrases["object"] = self.things(fact)
        if fact.state is not None:
            phrases["object"] = [self.word(fact.state, "state")]
        for role in _CASES:
            concept = getattr(fact, role)
            if concept is not None:
                phrases[role] = self._with_case(self.word(concept, role), role)
        return phrases


def written(words: Sequence[Word]) -> str:
    """Join words with spaces, punctuation directly behind its word."""
    return located(words)[0]


def located(words: Sequence[Word]) -> tuple[str, list[tuple[int, int]]]:
    """Return the text of the words and each word's character offsets (start, end)."""
    text = ""
    spans: list[tuple[int, int]] = []
    for word in words:
        text += "" if not text or word.upos == "PUNCT" else " "
        spans.append((len(text), len(text) + len(word.text)))
        text += word.text
    return text, spans
