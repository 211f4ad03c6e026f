"""How long to wait for a server that does not deliver."""

from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

# Answers of a server that may be another one a little later.
WORTH_ANOTHER_TRY = frozenset({408, 425, 429, 500, 502, 503, 504})


@dataclass(frozen=True)
class Patience:
    """How often to try without getting a byte further, and how long to wait (seconds).

    The pause doubles with every fruitless try; one that the server asks for (`Retry-After`) is
    kept up to `longest_pause`.
    """

    tries: int = 6
    first_pause: float = 1.0
    timeout: float = 60.0
    longest_pause: float = 600.0

    def pause(self, fruitless: int, asked: str | None = None) -> float:
        """Return the seconds to wait after so many fruitless tries."""
        own = self.first_pause * 2.0 ** max(fruitless - 1, 0)
        return max(own, min(_seconds(asked), self.longest_pause))


DEFAULT_PATIENCE = Patience()


def _seconds(asked: str | None) -> float:
    """Return how long a `Retry-After` says to wait: a number of seconds, or until a date."""
    if asked is None:
        return 0.0
    if asked.strip().isdigit():
        return float(asked)
    try:
        until: datetime = parsedate_to_datetime(asked)
        return max((until - datetime.now(UTC)).total_seconds(), 0.0)
    except (TypeError, ValueError):
        return 0.0
