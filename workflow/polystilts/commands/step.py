"""What all step commands share: their arguments and how they end."""

import argparse
import gc
import json
import logging
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from polystilts.errors import ConfigError, PolystiltsError
from polystilts.training.stopping import EXIT_STATUS, StoppedBySignal

# Importing torch and transformers makes millions of objects that live as long as the job; looking
# for garbage among them again and again is a tenth of the time a small job takes to start.
gc.set_threshold(10_000, 20, 1_000)

FAILED = 1
WRONG_USAGE = 2


def step_parser(description: str | None) -> argparse.ArgumentParser:
    """Return a parser with `--key` and `--record`, which every step takes."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--key", required=True, help="the content key, written into every result")
    parser.add_argument(
        "--record", type=_record, required=True, help="the step's settings as a JSON object"
    )
    return parser


def _record(text: str) -> dict[str, Any]:
    try:
        record = json.loads(text)
    except json.JSONDecodeError as error:
        raise argparse.ArgumentTypeError(f"not JSON ({error})") from None
    if not isinstance(record, dict):
        raise argparse.ArgumentTypeError("not a JSON object")
    return record


def named_paths(values: Iterable[str]) -> dict[str, Path]:
    """Turn `name=path` arguments into a mapping.

    Raises:
        ConfigError: an argument has no `=`.
    """
    paths = {}
    for value in values:
        name, equals, path = value.partition("=")
        if not equals:
            raise ConfigError(f"`{value}` is not of the form NAME=FILE")
        paths[name] = Path(path)
    return paths


def run(main: Callable[[Sequence[str] | None], None]) -> None:
    """Run a command's main function and exit.

    0 done, 1 failed, 2 wrong usage; 75 stopped by SIGTERM or SIGUSR1, to go on when run again.
    """
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    try:
        main(None)
        # or Python looks through all that was imported once more, to free what ends here anyway
        gc.freeze()
    except StoppedBySignal as stopped:
        print(stopped, file=sys.stderr)
        sys.exit(EXIT_STATUS)
    except ConfigError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(WRONG_USAGE)
    except PolystiltsError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(FAILED)
