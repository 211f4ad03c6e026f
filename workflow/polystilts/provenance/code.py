"""The digest of the code that a step runs.

It covers the import closure of the step's modules inside this package, read as syntax trees
without docstrings, and the data files beside them: a comment, a docstring or a blank line changes
nothing, a changed line of code changes every step that can reach it and no other. Registries of
names are left out.
"""

import ast
import hashlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

PACKAGE = "polystilts"
# Registries of names: modules that every step can reach and that hold nothing but closed lists and
# what is declared of their entries. The entry that a step is given is a parameter in its record, so
# that another one beside it changes no result. Files below the package.
REGISTRIES = ("policies.py",)
_ROOT = Path(__file__).resolve().parents[1]


@cache
def code_digest(modules: tuple[str, ...], root: Path = _ROOT) -> str:
    """Return the digest of everything that `modules` (full dotted names) can import from here.

    Modules that are loaded by name at run time are not seen and must be listed. `REGISTRIES` are
    left out.
    """
    left_out = {root / name for name in REGISTRIES}
    files = sorted({file for module in modules for file in closure(module, root)} - left_out)
    data = sorted({file for source in files for file in _data_files(source)})
    sha = hashlib.sha256()
    for file in files:
        sha.update(f"{file.relative_to(root).as_posix()}\0{_syntax(file)}\0".encode())
    for file in data:
        content = hashlib.sha256(file.read_bytes()).hexdigest()
        sha.update(f"{file.relative_to(root).as_posix()}\0{content}\0".encode())
    return sha.hexdigest()[:16]


def closure(module: str, root: Path = _ROOT) -> set[Path]:
    """Return the files of everything that `module` can import from here, itself included."""
    seen: set[Path] = set()
    waiting = list(_files_of(module, root))
    if not waiting:
        raise ModuleNotFoundError(f"{module} is not a module below {root}")
    while waiting:
        file = waiting.pop()
        if file not in seen:
            seen.add(file)
            waiting.extend(_imports(file, root))
    return seen


def _files_of(module: str, root: Path) -> Iterator[Path]:
    """Yield a module's own file and those of the packages it lies in; nothing if not ours."""
    first, *parts = module.split(".")
    if first != PACKAGE:
        return
    base = root.joinpath(*parts)
    own = base / "__init__.py" if base.is_dir() else base.with_suffix(".py")
    if not own.is_file():
        return
    yield own
    folder = own.parent
    while folder != root.parent:
        if (folder / "__init__.py").is_file():
            yield folder / "__init__.py"
        folder = folder.parent


@cache
def _tree(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"), filename=str(file))


@cache
def _imports(file: Path, root: Path) -> tuple[Path, ...]:
    found: list[Path] = []
    for node in ast.walk(_tree(file)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            # `from polystilts.training import loop` names a module, `… import train` a function
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        else:
            continue
        found.extend(path for name in names for path in _files_of(name, root))
    return tuple(found)


@cache
def _syntax(file: Path) -> str:
    tree = ast.parse(file.read_text(encoding="utf-8"), filename=str(file))
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            node.body = [item for item in node.body if not _is_docstring(item)]
    return ast.dump(tree)


def _is_docstring(node: ast.stmt) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def _data_files(source: Path) -> Iterator[Path]:
    """Yield the data files in a module's folder and in its sub-folders that are not packages.

    What editors leave beside a file that is open (`.name.swp`, `name~`) is not data.
    """
    for entry in source.parent.iterdir():
        if entry.is_file() and entry.suffix not in (".py", ".typed"):
            if not _is_editors(entry):
                yield entry
        elif _holds_data(entry):
            files = (file for file in entry.rglob("*") if file.is_file())
            yield from (file for file in files if not _is_editors(file))


def _is_editors(file: Path) -> bool:
    return file.name.startswith((".", "#")) or file.name.endswith("~")


def _holds_data(entry: Path) -> bool:
    is_package = (entry / "__init__.py").exists()
    return entry.is_dir() and entry.name != "__pycache__" and not is_package
