"""Reader of Wikipedia from the hub (`wikimedia/wikipedia`): one row a line of an article."""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from polystilts.errors import ConfigError
from polystilts.tasks.identifiers import identifier_of
from polystilts.tasks.parquet_rows import read_parquet
from polystilts.tasks.reader import Options, Row

_LINES = 100_000
_SHORTEST = 20


def read_wikipedia(
    files: Sequence[Path],
    language: str | None,
    labels: Sequence[str] | None,
    options: Options,
    counts: Counter[str],
) -> Iterator[Row]:
    """Yield `id, group, text` for the lines of articles, in order, until there are enough.

    Option `lines` is their largest number (100,000), option `shortest` the least number of
    characters of a line (20: headings and list items are left out); blank and short lines are
    counted. Reading stops at the last line that is wanted, so that the first lines of a language
    are the same however much of its file there is. id = article and number of the line, group =
    the article.

    Raises:
        ConfigError: an option that is no whole number from 1.
    """
    wanted = _whole(options, "lines", _LINES)
    shortest = _whole(options, "shortest", _SHORTEST)
    taken = 0
    for path in files:
        for row, values in read_parquet(path, {"id": (int, str), "text": str}):
            article = identifier_of(values["id"], path, "the article", row)
            for number, line in enumerate(values["text"].split("\n"), start=1):
                text = line.strip()
                if not text:
                    counts["blank lines skipped"] += 1
                elif len(text) < shortest:
                    counts["short lines skipped"] += 1
                else:
                    taken += 1
                    yield {"id": f"{article}-{number}", "group": article, "text": text}
                    if taken == wanted:
                        counts["files not read to their end"] += 1
                        return


def _whole(options: Options, name: str, default: int) -> int:
    value = options.get(name, default)
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise ConfigError(f"option `{name}` is a whole number from 1, not {value!r}")
    return value
