"""The rooms of the package: imports go one way, families stay apart, the Snakefile stays light."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from polystilts.provenance.code import closure
from repository import REPOSITORY

PACKAGE = REPOSITORY / "workflow" / "polystilts"
MODULES = sorted(PACKAGE.rglob("*.py"))
# a room may import itself and those on levels to its left; rooms on one level leave each other
# alone, except that a study's keys are made by provenance
LEVELS: list[set[str]] = [
    {"provenance"},
    {"study"},
    {"sources"},
    {"tasks", "lexicon"},
    {"codeswitch"},
    {"training"},
    {"evaluation"},
    {"analysis"},
    {"report", "planning"},
    {"commands"},
]
LEVEL = {room: level for level, rooms in enumerate(LEVELS) for room in rooms}
HEAVY = ("torch", "transformers", "pandas", "datasets", "pyarrow", "numpy", "faiss", "matplotlib")
FAMILIES = ("classification", "multiple_choice", "tagging", "span_qa", "retrieval", "text")
FAMILY_ROOMS = ("training/families", "evaluation/families", "codeswitch/families")
LOADED_BY_NAME = (*FAMILY_ROOMS, "evaluation/scorers", "evaluation/retrievers")
SHARED = ("errors", "policies")  # modules beside the rooms
LIGHT = [
    *(f"polystilts.{name}" for name in SHARED),
    "polystilts.tasks.registry",
    *(
        f"polystilts.provenance.{name}"
        for name in ("atomic", "code", "hashing", "lock", "manifest")
    ),
    *(f"polystilts.study.{path.stem}" for path in sorted((PACKAGE / "study").glob("[a-z]*.py"))),
]
STEPS = sorted(
    f"polystilts.commands.{path.stem}"
    for path in (PACKAGE / "commands").glob("*.py")
    if "step_parser(" in path.read_text("utf-8") and path.stem != "step"
)


def name_of(path: Path) -> str:
    return path.relative_to(PACKAGE).with_suffix("").as_posix()


def imports(path: Path) -> list[str]:
    """Return the dotted names that a module imports, wherever in it."""
    found: list[str] = []
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}: content keys do not see relative imports"
            found += [f"{node.module}.{alias.name}" for alias in node.names]
    return found


def room_of(dotted: str) -> str | None:
    """Return the room of a dotted name of ours; None for `polystilts` and what all rooms share."""
    parts = dotted.split(".")
    known = len(parts) > 1 and parts[0] == "polystilts" and parts[1] not in SHARED
    return parts[1] if known else None


def rooms_imported(path: Path) -> set[str]:
    return {room for name in imports(path) if (room := room_of(name)) is not None}


def loaded_by_name() -> set[Path]:
    """Return the modules that belong to one family, metric or target."""
    found = {path for room in LOADED_BY_NAME for path in (PACKAGE / room).glob("[a-z]*.py")}
    found |= {PACKAGE / "tasks" / f"{family}.py" for family in FAMILIES}
    return found | set((PACKAGE / "sources").glob("encoder_[a-z]*.py")) - {
        PACKAGE / "sources" / "encoder_files.py"  # what the kinds of encoders share
    }


FAMILY_MODULES = sorted(
    path for path in loaded_by_name() if path.stem in FAMILIES and path.parent.name != "scorers"
)


def test_every_room_is_known() -> None:
    rooms = {path.name for path in PACKAGE.iterdir() if (path / "__init__.py").is_file()}
    assert rooms == {*LEVEL, "miniature"}


@pytest.mark.parametrize("room", sorted(LEVEL))
def test_a_room_imports_only_what_is_left_of_it(room: str) -> None:
    allowed = {other for other, level in LEVEL.items() if level < LEVEL[room]} | {room}
    if room == "commands":
        allowed.add("miniature")
    wrong = {
        name_of(path): sorted(rooms_imported(path) - allowed)
        for path in (PACKAGE / room).rglob("*.py")
        if rooms_imported(path) - allowed
    }
    assert wrong == {}


def test_the_miniature_knows_formats_only() -> None:
    for path in (PACKAGE / "miniature").rglob("*.py"):
        assert rooms_imported(path) <= {"miniature", "provenance"}, name_of(path)
        outside = {name.split(".")[0] for name in imports(path)} - {"polystilts"}
        assert outside <= {*sys.stdlib_module_names, "numpy"}, name_of(path)


def test_no_module_imports_snakemake() -> None:
    users = [
        name_of(path)
        for path in MODULES
        if any(name.split(".")[0] == "snakemake" for name in imports(path))
    ]
    assert users == []


def test_steps_are_found() -> None:
    rules = "".join(path.read_text() for path in (REPOSITORY / "workflow/rules").glob("*.smk"))
    assert {step for step in STEPS if f"-m {step} " not in rules} == set()
    assert len(STEPS) == rules.count("python -m polystilts.commands.")


@pytest.mark.parametrize("step", STEPS)
def test_a_steps_shared_code_reaches_no_family(step: str) -> None:
    reached = closure(step) & loaded_by_name()
    assert sorted(map(name_of, reached)) == []


@pytest.mark.parametrize("step", STEPS)
def test_a_step_knows_neither_configuration_nor_registry(step: str) -> None:
    reached = set(map(name_of, closure(step)))
    assert not [name for name in reached if name.startswith("study/")]
    assert not reached & {"tasks/registry", "tasks/intermediates", "tasks/targets"}


@pytest.mark.parametrize("path", FAMILY_MODULES, ids=name_of)
def test_a_family_reaches_no_other(path: Path) -> None:
    reached = closure(f"polystilts.{name_of(path).replace('/', '.')}") & loaded_by_name()
    assert {other.stem for other in reached} == {path.stem}


def test_importing_by_name_is_known_to_the_keys() -> None:
    """Content keys list by hand what is loaded by name: a new place has to be added there."""
    users = {
        name_of(path)
        for path in MODULES
        if {"importlib", "importlib.import_module"} & set(imports(path))
    }
    # a training that goes on to predict: what it then loads is in the key of the predictions
    users.remove("commands/ahead")
    keys = (PACKAGE / "study" / "keys.py").read_text("utf-8")
    patterns = {
        "tasks/readers": '"prepare_task", "tasks"',
        "codeswitch/corpus": '"codeswitch.families"',
        "training/data": '"training.families"',
        "evaluation/predict": "evaluation.families",
        "evaluation/embedding": "evaluation.retrievers",
        "evaluation/scorer": "evaluation.scorers",
        "sources/encoders": "sources.encoder_",
    }
    assert users == set(patterns)
    assert [pattern for pattern in patterns.values() if pattern not in keys] == []


def heavy_modules_after(program: str) -> list[str]:
    program += f"\nimport sys; print(*[name for name in {HEAVY} if name in sys.modules])"
    finished = subprocess.run(
        [sys.executable, "-c", program],
        cwd=REPOSITORY,
        env={"PYTHONPATH": str(REPOSITORY / "workflow")},
        capture_output=True,
        text=True,
    )
    assert finished.returncode == 0, finished.stderr
    return finished.stdout.split()


@pytest.mark.parametrize("modules", [[name] for name in LIGHT[:2]] + [LIGHT])
def test_light_modules_import_nothing_heavy(modules: list[str]) -> None:
    assert heavy_modules_after("\n".join(f"import {name}" for name in modules)) == []


def test_the_snakefile_imports_nothing_heavy() -> None:
    lines = (REPOSITORY / "Snakefile").read_text("utf-8").splitlines()
    ours = [line for line in lines if line.startswith("from polystilts")]
    assert ours
    assert heavy_modules_after("\n".join(ours)) == []
    assert len(lines) <= 60
