"""What goes into the switcher: examples, which are texts that share one set of decisions."""

from collections.abc import Sequence
from dataclasses import dataclass

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Field:
    """One text of an example.

    Attributes:
        text: the text; or its tokens, of which each is replaced by one token or stays.
        protected: character spans; a word that overlaps one stays English.
        anchors: character spans that must be found again exactly, such as answers. Words inside are
            switched as any other. A word that an anchor's border cuts in two stays.
        tags: one tag a token, where `text` is tokens and open-class tags alone may be switched.
        is_choice: whether the text is one of several that are compared with each other: they share
            one word map at one rate in every recipe.
    """

    text: str | Sequence[str]
    protected: Sequence[Span] = ()
    anchors: Sequence[Span] = ()
    tags: Sequence[str] | None = None
    is_choice: bool = False


@dataclass(frozen=True, slots=True)
class Example:
    """Texts that are decided on together.

    Attributes:
        identity: its id within data set and split. It enters every decision; where examples lie in
            a file, or next to which others, does not.
        fields: its texts.
        parent: place, in the same batch, of an example whose decisions this one takes over: a
            paragraph's, for each of its questions. Its own words are decided after that.
    """

    identity: str
    fields: tuple[Field, ...]
    parent: int | None = None
