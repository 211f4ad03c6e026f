"""Errors a user can act on. Each says what was wrong, where, and what to do."""

from pathlib import Path


class PolystiltsError(Exception):
    """Something the user can mend; commands print it as one message and exit with 1."""


class ConfigError(PolystiltsError):
    """A study's configuration is wrong; commands exit with 2 before any work starts."""


class InputError(PolystiltsError):
    """A file does not hold what its format promises."""

    def __init__(
        self, path: Path | str, reason: str, line: int | None = None, hint: str | None = None
    ) -> None:
        # all of them, so that an error pickled by a worker process is made anew as it was
        super().__init__(path, reason, line, hint)
        self.path = Path(path)
        self.reason = reason
        self.line = line
        self.hint = hint

    def __str__(self) -> str:
        path, reason, line, hint = self.args
        where = f"{path}:{line}" if line is not None else str(path)
        return f"{where}: {reason}" + (f" {hint}" if hint else "")


class DamagedFileError(InputError):
    """A generated file differs from what its manifest recorded."""
