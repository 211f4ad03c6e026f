"""What all step commands share: their arguments and how they end."""

import argparse
import json
import logging
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from polystilts.errors import ConfigError, PolystiltsError

FAILED = 1
WRONG_USAGE = 2


def step_parser(description: str | None) -> argparse.ArgumentParser:
    """Return a parser with `--key` and `--record`, which every step takes."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--key", required=True, help="the content key, written into every result")
    parser.add_argument(
        "--record", type=json.loads, required=True, help="the step's settings as a JSON object"
    )
    return parser


def named_paths(values: Iterable[str]) -> dict[str, Path]:
    """Turn `name=path` arguments into a mapping."""
    pairs = (value.split("=", 1) for value in values)
    return {name: Path(path) for name, path in pairs}


def run(main: Callable[[Sequence[str] | None], None]) -> None:
    """Run a command's main function and exit: 0 done, 1 failed, 2 wrong usage."""
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    try:
        main(None)
    except ConfigError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(WRONG_USAGE)
    except PolystiltsError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(FAILED)
