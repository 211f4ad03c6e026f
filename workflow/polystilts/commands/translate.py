"""Make the training rows of an intermediate task from translations of them."""

import logging
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa

from polystilts.codeswitch.translated import translate_table
from polystilts.commands.step import run, step_parser
from polystilts.errors import ConfigError
from polystilts.provenance.manifest import verify, write_manifest
from polystilts.provenance.tables import read_table, write_table
from polystilts.tasks.readers import load_family
from polystilts.tasks.subset import choose
from polystilts.tasks.translated_rows import read_translation

# what a sheet says of where its corpus comes from
_FACTS = (
    "dataset",
    "split",
    "family",
    "treatment",
    "recipe",
    "translations",
    "not_translated_into",
)

_log = logging.getLogger(__name__)


def main(argv: Sequence[str] | None = None) -> None:
    parser = step_parser(__doc__)
    parser.add_argument("--rows", type=Path, required=True, help="canonical English rows")
    parser.add_argument("--translations", nargs="+", required=True, metavar="LANGUAGE=FILE")
    parser.add_argument(
        "--aligned-with",
        nargs="*",
        default=[],
        metavar="LANGUAGE=FILE",
        help="the English rows whose ids a language's rows have",
    )
    parser.add_argument("--manifests", type=Path, nargs="+", required=True)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--sheet", type=Path, required=True)
    arguments = parser.parse_args(argv)
    record = arguments.record
    for manifest in (arguments.rows.parent / "manifest.json", *arguments.manifests):
        verify(manifest)
    rows = read_table(arguments.rows)
    chosen = choose(rows["id"].to_pylist(), record["examples"], record["end"], record["salt"])
    english = rows.take(pa.array(chosen, type=pa.int64()))
    family = load_family(record["family"])
    files = _by_language(arguments.translations)
    aligned_with = _by_language(arguments.aligned_with)
    translations = {
        language: read_translation(
            record, language, english, family, files[language], aligned_with.get(language, [])
        )
        for language in record["translations"]
    }
    corpus, sheet = translate_table(english, record, translations)
    facts = {name: record[name] for name in _FACTS}
    write_table(arguments.corpus, corpus, arguments.key)
    write_manifest(arguments.sheet, arguments.key, [arguments.corpus], **facts, **sheet)
    for copy in sheet["copies"]:
        _log.info(
            "copy %d: %d of %d examples translated, %d stay English by draw, %d for want of a"
            " translation",
            copy["copy"],
            copy["translated"],
            sheet["examples"],
            copy["english_by_draw"],
            copy["english_without_translation"],
        )


def _by_language(values: Sequence[str]) -> dict[str, list[Path]]:
    """Turn `language=path` arguments into the files of each language, in their order."""
    files: dict[str, list[Path]] = {}
    for value in values:
        language, equals, path = value.partition("=")
        if not equals:
            raise ConfigError(f"`{value}` is not of the form LANGUAGE=FILE")
        files.setdefault(language, []).append(Path(path))
    return files


if __name__ == "__main__":
    run(main)
