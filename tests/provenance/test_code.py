"""The digest of a step's code: what can run counts, how it is written down does not."""

from collections.abc import Callable
from pathlib import Path

import pytest

from polystilts.provenance.code import code_digest

FILES = {
    "__init__.py": '"""The package."""\n',
    "steps/__init__.py": "",
    "steps/train.py": (
        '"""Train."""\n'
        "from importlib import import_module\n"
        "import json\n"
        "import polystilts.tools\n"
        "from polystilts.parts import loop\n"
        "from polystilts.parts.plan import batches\n"
        "\n"
        "def train(family):\n"
        '    """Train on a family."""\n'
        "    from polystilts import late\n"
        '    head = import_module(f"polystilts.families.{family}")\n'
        "    return loop.run(head, batches(late.SIZE), json, polystilts.tools)\n"
    ),
    "parts/__init__.py": "",
    "parts/loop.py": "def run(*parts):\n    return parts\n",
    "parts/plan.py": (
        "class Plan:\n"
        '    """A plan."""\n'
        "\n"
        "    size = 3  # examples\n"
        "\n"
        "def batches(size):\n"
        "    return [size] * Plan.size\n"
    ),
    "parts/words.txt": "one\ntwo\n",
    "parts/unused.py": "ONE = 1\n",
    "late.py": "SIZE = 7\n",
    "tools.py": "",
    "families/__init__.py": "",
    "families/tagging.py": "HEAD = 1\n",
    "tables/__init__.py": "",
    "tables/data/nested.tsv": "a\tb\n",
    "other.py": "import polystilts.tables\n",
}
TRAIN = ("polystilts.steps.train",)

Build = Callable[..., Path]


@pytest.fixture
def build(tmp_path: Path) -> Build:
    """A function that writes the package, with some files changed, into a folder of its own."""
    count = 0

    def write(changes: dict[str, str] | None = None) -> Path:
        nonlocal count
        count += 1
        root = tmp_path / str(count) / "polystilts"
        for name, text in (FILES | (changes or {})).items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text, "utf-8")
        return root

    return write


def changes(build: Build, name: str, old: str, new: str, modules: tuple[str, ...] = TRAIN) -> bool:
    """Tell whether a change of a file changes the digest of `modules`."""
    assert old in FILES[name]
    after = build({name: FILES[name].replace(old, new)})
    return code_digest(modules, build()) != code_digest(modules, after)


def test_it_does_not_depend_on_where_the_package_lies(build: Build) -> None:
    assert code_digest(TRAIN, build()) == code_digest(TRAIN, build())


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("steps/train.py", '"""Train."""', '"""Train, differently."""'),
        ("steps/train.py", '"""Train."""\n', ""),
        ("steps/train.py", '    """Train on a family."""\n', ""),
        ("__init__.py", '"""The package."""\n', "# nothing\n"),
        ("parts/plan.py", '    """A plan."""\n', '    """Another\n    plan."""\n'),
        ("parts/plan.py", "  # examples", "  # sentences"),
        ("parts/plan.py", "\n\ndef", "\n\n\n\n# batches\ndef"),
        ("parts/plan.py", "[size] * Plan.size", "[\n        size\n    ] * (Plan.size)"),
        ("parts/loop.py", "    return", "        return"),
    ],
)
def test_how_code_is_written_down_changes_nothing(
    build: Build, name: str, old: str, new: str
) -> None:
    assert not changes(build, name, old, new)


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("steps/train.py", "batches(late.SIZE)", "batches(2 * late.SIZE)"),
        ("parts/loop.py", "return parts", "return parts[0]"),
        ("parts/plan.py", "size = 3", "size = 4"),
        ("late.py", "7", "8"),
        ("parts/words.txt", "two", "three"),
        ("parts/__init__.py", "", "import sys\n"),
        ("__init__.py", '"""The package."""\n', "VERSION = 2\n"),
    ],
)
def test_code_and_data_within_reach_count(build: Build, name: str, old: str, new: str) -> None:
    assert changes(build, name, old, new)


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("parts/unused.py", "1", "2"),
        ("other.py", "tables", "tools"),
        ("tables/data/nested.tsv", "b", "c"),
    ],
)
def test_code_and_data_out_of_reach_do_not(build: Build, name: str, old: str, new: str) -> None:
    assert not changes(build, name, old, new)


def test_what_is_loaded_by_name_must_be_listed(build: Build) -> None:
    assert not changes(build, "families/tagging.py", "1", "2")
    listed = (*TRAIN, "polystilts.families.tagging")
    assert changes(build, "families/tagging.py", "1", "2", listed)


def test_data_below_a_package_count(build: Build) -> None:
    assert changes(build, "tables/data/nested.tsv", "b", "c", ("polystilts.other",))


def test_new_data_and_renamed_data_count(build: Build) -> None:
    digests = {
        code_digest(TRAIN, build()),
        code_digest(TRAIN, build({"parts/more.txt": ""})),
        code_digest(TRAIN, build({"parts/again.txt": ""})),
    }
    assert len(digests) == 3


@pytest.mark.parametrize(
    "name", ["parts/.plan.py.swp", "parts/plan.py~", "parts/__pycache__/plan.pyc", "parts/.#plan"]
)
def test_what_editors_and_python_leave_does_not_count(build: Build, name: str) -> None:
    assert code_digest(TRAIN, build()) == code_digest(TRAIN, build({name: "x"}))


def test_an_unknown_module_is_an_error(build: Build) -> None:
    with pytest.raises(ModuleNotFoundError, match=r"polystilts\.nowhere"):
        code_digest(("polystilts.nowhere",), build())
