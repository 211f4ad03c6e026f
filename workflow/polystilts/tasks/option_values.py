"""Values of reader options: what is not known is refused instead of passing for the default."""

from collections.abc import Sequence

from polystilts.errors import ConfigError
from polystilts.tasks.reader import Options


def one_of(options: Options, name: str, known: Sequence[str]) -> str:
    """Return an option's value; left out, it is the first of `known`.

    Raises:
        ConfigError: a value that is not known.
    """
    value = options.get(name, known[0])
    if value not in known:
        raise ConfigError(f"option `{name}` is one of {', '.join(sorted(known))}, not {value!r}")
    return str(value)


def flag(options: Options, name: str) -> bool:
    """Return whether an option is set; left out, it is not.

    Raises:
        ConfigError: a value other than true and false.
    """
    value = options.get(name, False)
    if not isinstance(value, bool):
        raise ConfigError(f"option `{name}` is true or false, not {value!r}")
    return value


def names(options: Options, name: str) -> list[str]:
    """Return an option that lists names; left out, the list is empty.

    Raises:
        ConfigError: a value that is no list of strings.
    """
    value = options.get(name, ())
    if not isinstance(value, list | tuple) or not all(isinstance(item, str) for item in value):
        raise ConfigError(f"option `{name}` is a list of names, not {value!r}")
    return list(value)
