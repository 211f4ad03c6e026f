"""Facts of the world and the edits that turn one into another."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from polystilts.miniature.lexicon import Concept, Lexicon
from polystilts.provenance.hashing import unit_hash

OPTIONAL_ROLES = ("number", "adjective", "recipient", "place", "time")
_RARE_NAMES = 0.06
# sixteenths of all (subject, verb set, noun) triples that belong to each use of the data, so that
# no evaluated fact is trained on and the two English training phases see different facts
_SHARES = {"train": range(8), "few-shot": range(8, 11), "dev": range(11, 13), "test": range(13, 16)}


@dataclass(frozen=True)
class Fact:
    """Who did what to which things, for whom, where and when; absent roles are None.

    `verb` is also the copula of a state, whose adjective then stands in `state`.
    """

    subject: Concept
    verb: Concept
    noun: Concept | None = None
    number: str | None = None
    adjective: Concept | None = None
    recipient: Concept | None = None
    place: Concept | None = None
    time: Concept | None = None
    negated: bool = False
    state: Concept | None = None
    surname: Concept | None = None

    def roles(self) -> tuple[str, ...]:
        """Return the optional roles that are filled."""
        return tuple(role for role in OPTIONAL_ROLES if getattr(self, role) is not None)

    def without(self, *roles: str) -> "Fact":
        return _set_roles(self, dict.fromkeys(roles))

    def with_role_of(self, other: "Fact", role: str) -> "Fact":
        """Return the fact with one role taken from another."""
        return _set_roles(self, {role: getattr(other, role)})


def _set_roles(fact: Fact, values: Mapping[str, Any]) -> Fact:
    unknown = set(values) - set(OPTIONAL_ROLES)
    if unknown:
        raise ValueError(f"not optional roles: {sorted(unknown)}")
    return replace(fact, **values)


def stream(seed: int, *purpose: str | int) -> Random:
    """Return the random numbers of one purpose; no other purpose shifts them."""
    return Random(unit_hash("miniature", seed, *purpose))


def sample_fact(
    lexicon: Lexicon,
    rng: Random,
    split: str | None = None,
    required: Sequence[str] = (),
    chance: float = 0.6,
) -> Fact:
    """Draw a fact: the `required` roles and each other one with probability `chance`.

    Args:
        split: train, few-shot, dev or test: only facts that belong to it. None: any.
    """
    while True:
        subject = sample_name(lexicon, rng, "person")
        verb = rng.choice(lexicon.kind("verb"))
        noun = rng.choice(lexicon.kind("noun"))
        if split is None or split_of(subject, verb, noun) == split:
            break
    keep = {role: role in required or rng.random() < chance for role in OPTIONAL_ROLES}
    recipient = sample_other(rng, lexicon.kind("person", "main"), subject)
    return Fact(
        subject=subject,
        verb=verb,
        noun=noun,
        number=str(rng.randint(2, 9)) if keep["number"] else None,
        adjective=rng.choice(lexicon.kind("adjective")) if keep["adjective"] else None,
        recipient=recipient if keep["recipient"] else None,
        place=sample_name(lexicon, rng, "city") if keep["place"] else None,
        time=rng.choice(lexicon.kind("day")) if keep["time"] else None,
    )


def split_of(subject: Concept, verb: Concept, noun: Concept) -> str:
    """Return which use of the data a (subject, verb set, noun) triple belongs to."""
    bucket = unit_hash("split", subject.id, verb.group, noun.id) % 16
    return next(split for split, buckets in _SHARES.items() if bucket in buckets)


def sample_name(lexicon: Lexicon, rng: Random, kind: str) -> Concept:
    """Draw a name, seldom a rare one."""
    return rng.choice(lexicon.kind(kind, "rare" if rng.random() < _RARE_NAMES else "main"))


def sample_other(rng: Random, among: Sequence[Concept], but: Concept | None) -> Concept:
    """Draw one that is not `but`."""
    while (drawn := rng.choice(among)) is but:
        pass
    return drawn


def with_synonym(lexicon: Lexicon, fact: Fact) -> Fact:
    return replace(fact, verb=lexicon.partner(fact.verb))


def with_antonym(lexicon: Lexicon, fact: Fact) -> Fact:
    assert fact.adjective is not None
    return replace(fact, adjective=lexicon.partner(fact.adjective))


def with_hypernym(lexicon: Lexicon, fact: Fact) -> Fact:
    assert fact.noun is not None
    (hypernym,) = lexicon.kind("hypernym", fact.noun.group)
    return replace(fact, noun=hypernym)


def dropping(rng: Random, fact: Fact, count: int, keep: Sequence[str] = ()) -> Fact:
    """Return the fact without `count` of its optional roles, or all it has."""
    droppable = [role for role in fact.roles() if role not in keep]
    return fact.without(*rng.sample(droppable, min(count, len(droppable))))
