"""What a task's writer is."""

from collections.abc import Callable, Iterator

from polystilts.miniature.lexicon import Lexicon
from polystilts.miniature.settings import WorldSettings

# yields (path relative to the mirror, content) of each file
Files = Iterator[tuple[str, str]]
Writer = Callable[[Lexicon, WorldSettings], Files]
