"""seqeval 0.0.12, which stands beside the environment's own newer release."""

import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest

_FOLDER = Path(sys.prefix) / "oracles" / "seqeval-0.0.12"


def old_seqeval() -> ModuleType:
    """Return the metrics of seqeval 0.0.12 under a name of their own; skip where it is not."""
    path = _FOLDER / "seqeval" / "metrics" / "sequence_labeling.py"
    if not path.is_file():
        pytest.skip(f"no seqeval 0.0.12 in {_FOLDER}: `make test` installs it there")
    spec = spec_from_file_location("seqeval_0_0_12", path)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
