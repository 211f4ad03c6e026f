"""One published file that serves as two splits: a share of its groups is held out by hash."""

from collections import Counter

from polystilts.errors import ConfigError
from polystilts.provenance.hashing import unit_hash
from polystilts.tasks.reader import Options

OPTIONS = frozenset({"held_out", "part"})
# Under these names a reader counts what belongs to its file and not to its split: together with
# the split's own rows they are the published number.
COUNTS = (
    "rows of the other part set aside",
    "questions of the other part set aside",
    "questions of the test set set aside",
)
_HELD_OUT = "dev"
_PARTS = (_HELD_OUT, "test", "train")
_HASH_RANGE = 1 << 64


def in_part(group: str, options: Options, counts: Counter[str]) -> bool:
    """Tell whether a split takes a row of `group`; a row of the other part is counted."""
    taken = takes(group, options)
    counts["rows of the other part set aside"] += not taken
    return taken


def takes(group: str, options: Options) -> bool:
    """Tell whether `group` belongs to the part of its file that a split takes.

    Option `held_out` is the share of groups that are held out, option `part` says which rows are
    taken: `dev` the held-out ones, `train` or `test` all others. Without both options a split
    takes every row.

    Raises:
        ConfigError: one option without the other, or a value out of its range.
    """
    if not OPTIONS & options.keys():
        return True
    share, part = options.get("held_out"), options.get("part")
    if not isinstance(share, int | float) or not 0 < share < 1:
        raise ConfigError(f"option `held_out` is a share between 0 and 1, not {share!r}")
    if part not in _PARTS:
        raise ConfigError(f"option `part` is one of {', '.join(_PARTS)}, not {part!r}")
    held_out = unit_hash("held out", group) < share * _HASH_RANGE
    return held_out is bool(part == _HELD_OUT)
