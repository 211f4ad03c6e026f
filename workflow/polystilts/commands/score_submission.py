"""Score an XTREME submission folder: JSON on stdout, everything else on stderr."""

import json
import sys
from pathlib import Path

from polystilts.errors import ConfigError
from polystilts.evaluation.submission_scores import score_submission
from polystilts.provenance.atomic import write_text


def print_scores(predictions: Path, labels: Path, output: Path | None) -> int:
    """Print the scores of a submission and write them to `output`, if given; return the status.

    Raises:
        ConfigError: one of both is no folder.
        PolystiltsError: files that cannot be scored.
    """
    for folder in (predictions, labels):
        if not folder.is_dir():
            raise ConfigError(f"{folder} is not a folder")
    result, messages = score_submission(predictions, labels)
    for message in messages:
        print(message, file=sys.stderr)
    text = json.dumps(result, indent=2, ensure_ascii=False)
    if output is not None:
        write_text(output, f"{text}\n")
    print(text)
    return 0
