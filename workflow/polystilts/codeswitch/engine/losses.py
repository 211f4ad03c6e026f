"""Why a word that was tried stays English: codes for arrays, names for the account."""

from polystilts.codeswitch.english.protection import NAMES, word_classes

NONE = 0
NO_ENTRY = 1
SELF = 2
MULTIWORD = 3
COLLISION = 4
_PROTECTED = "protected:"

LOSS_NAMES: tuple[str, ...] = (
    "",
    "no_entry",
    "self",
    "multiword",
    "collision",
    *(
        _PROTECTED + name
        for name in ("span", "anchor", "unit", "tag", "token", "reserved", "curriculum")
    ),
    *(_PROTECTED + name for name in word_classes()),
)
_CODES = {name: code for code, name in enumerate(LOSS_NAMES)}


def protected(reason: str) -> int:
    """Return the code of a protection: a word class, or one of

    `span`: the word overlaps a protected span; `anchor`: an anchor's border cuts it; `unit`: it is
    of a kind that the recipe leaves alone; `tag`: its tag is of a closed class; `token`: it is less
    than its token; `reserved`: it is kept for probes; `curriculum`: its copy is too early.
    """
    return _CODES[_PROTECTED + reason]


PROTECTED_NAME = protected(NAMES)


def protection_of(name: str) -> str | None:
    """Return the reason in the name of a loss, or None where it is no protection."""
    return name.removeprefix(_PROTECTED) if name.startswith(_PROTECTED) else None
