"""One process at a time per content key, also across a run that was killed and its successor."""

import fcntl
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def exclusive(path: Path) -> Iterator[None]:
    """Hold an advisory lock on `path` (created if missing), waiting for another holder.

    The kernel frees the lock when its holder dies, however it dies. A job whose scheduler was
    killed goes on and keeps its lock; the job that the next run starts for the same key waits
    here instead of writing beside it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print(f"waiting: another process holds {path}", file=sys.stderr, flush=True)
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
