"""The text of a source lock: reading it, writing it back, adding what a fetch found out."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import yaml

from polystilts.errors import InputError
from polystilts.provenance.atomic import write_text
from polystilts.provenance.lock import exclusive
from polystilts.sources.known import Known

# libyaml is ten times as fast; some builds of PyYAML come without it
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_WIDTH = 100
_CURE = "See the comment at its head for the form it has."


def read(path: Path) -> dict[str, Any]:
    """Return a lock's content.

    Raises:
        InputError: there is no such file, or it is not YAML with `sources` at the top.
    """
    try:
        return parse(path.read_text(encoding="utf-8"), path)
    except FileNotFoundError:
        hint = "Name the file in `sources.lock`, or set it to null to check nothing."
        raise InputError(path, "there is no such source lock.", hint=hint) from None
    except UnicodeDecodeError as error:
        raise InputError(path, f"not a source lock ({error}).", hint=_CURE) from None


def parse(text: str, path: Path) -> dict[str, Any]:
    """Return the content of a lock's text; `path` names it in errors."""
    try:
        content = yaml.load(text, _LOADER)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        reason = f"not readable as YAML ({getattr(error, 'problem', None) or error})."
        raise InputError(path, reason, mark.line + 1 if mark else None, _CURE) from None
    if not isinstance(content, dict) or not isinstance(content.get("sources"), dict):
        raise InputError(path, "a source lock is a mapping with `sources`.", hint=_CURE)
    return content


def dump(content: Mapping[str, Any], header: str) -> str:
    """Return the text of a lock. Reading a lock and dumping it changes nothing in it."""
    text: str = yaml.dump(
        content, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=_WIDTH
    )
    return header + text


def header_of(text: str) -> str:
    """Return the comment at the head of a lock."""
    lines = text.splitlines(keepends=True)
    count = next((n for n, line in enumerate(lines) if not line.startswith("#")), len(lines))
    return "".join(lines[:count])


def record_files(
    path: Path, guard: Path, source: str, position: int, files: Mapping[str, Known]
) -> None:
    """Add to a lock what files were found to be.

    `guard` is the file that makes writers wait for each other. Raises InputError if something
    else was recorded meanwhile.
    """

    def add(origin: dict[str, Any]) -> bool:
        recorded = origin.get("recorded") or {}
        for name, found in files.items():
            if recorded.get(name) not in (None, str(found)):
                reason = f"`{name}` is {found}, but {recorded[name]} was recorded meanwhile."
                raise InputError(path, reason, hint="Do not fetch from two publishers at once.")
        merged = dict(sorted((recorded | {n: str(known) for n, known in files.items()}).items()))
        if merged == recorded:
            return False
        origin["recorded"] = merged
        return True

    _change(path, guard, source, position, add)


def record_commit(path: Path, guard: Path, source: str, position: int, commit: str) -> str:
    """Record the commit that a hub's branch stands at, and return the one in force.

    That is another one where a process that looked a moment earlier recorded it first.
    """
    in_force = commit

    def add(origin: dict[str, Any]) -> bool:
        nonlocal in_force
        if origin.get("commit"):
            in_force = origin["commit"]
            return False
        origin["commit"] = commit
        return True

    _change(path, guard, source, position, add)
    return in_force


def _change(
    path: Path, guard: Path, source: str, position: int, add: Callable[[dict[str, Any]], bool]
) -> None:
    """Let `add` change an origin, and write the lock if it says that it did."""
    with exclusive(guard):
        text = path.read_text(encoding="utf-8")
        content = parse(text, path)
        if add(content["sources"][source]["origins"][position]):
            write_text(path, dump(content, header_of(text)))


class _Dumper(yaml.SafeDumper):
    """One line per file, but short lists and tables of numbers side by side."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _represent_mapping(dumper: yaml.SafeDumper, mapping: dict[str, Any]) -> yaml.Node:
    flow = bool(mapping) and all(isinstance(value, int) for value in mapping.values())
    items: Any = mapping.items()
    return dumper.represent_mapping("tag:yaml.org,2002:map", items, flow_style=flow)


def _represent_list(dumper: yaml.SafeDumper, values: list[Any]) -> yaml.Node:
    flow = not any(isinstance(value, dict) for value in values)
    flow &= sum(len(str(value)) for value in values) < 40 * max(len(values), 1)
    return dumper.represent_sequence("tag:yaml.org,2002:seq", values, flow_style=flow)


_Dumper.add_representer(dict, _represent_mapping)
_Dumper.add_representer(list, _represent_list)
