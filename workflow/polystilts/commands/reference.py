"""Reference pages written from the code: the configuration's keys and the tasks' files."""

from collections.abc import Sequence
from typing import Any

from polystilts.policies import Treatment
from polystilts.study.config import StudyConfig
from polystilts.study.tasks import XTREME, Split, Task
from polystilts.tasks.registry import TASKS


def configuration_page() -> str:
    """Return docs/configuration.md: every key with its type, default and meaning."""
    schema = StudyConfig.model_json_schema()
    parts = [
        "# Configuration",
        "",
        "Written by `polystilts reference configuration`; a test fails when it is out of date.",
        "A study is a file in `studies/`, laid over `config.yaml`, which holds what all studies",
        "share, and over the study that its `base` names: mappings are merged, lists and values",
        "replaced. `--config mirror=PATH` on the command line comes last.",
        "",
        "Settings of a training, weakest first: `defaults.training`, `defaults.tasks`, the",
        "encoder's `training`, the study's `training`, the study's `tasks`. Sources of the neutral",
        "ones are in [settings.md](settings.md).",
        "",
        *_heading("The study's keys", schema),
        *_keys(schema),
    ]
    for name, definition in schema["$defs"].items():
        keys = _treatments() if name == Treatment.__name__ else _keys(definition)
        parts += ["", *_heading(name, definition), *keys]
    return "\n".join(parts) + "\n"


def _heading(title: str, schema: dict[str, Any]) -> list[str]:
    return [f"## {title}", "", schema.get("description", ""), ""]


def _keys(schema: dict[str, Any]) -> list[str]:
    """Return the table of a mapping's keys."""
    required = schema.get("required", [])
    lines = ["| key | type | default | meaning |", "|---|---|---|---|"]
    for key, field in schema.get("properties", {}).items():
        default = "required" if key in required else f"`{_yaml(field.get('default'))}`"
        meaning = field.get("description", "")
        lines.append(f"| `{key}` | {_type(field)} | {default} | {meaning} |")
    return lines


def _treatments() -> list[str]:
    """Return the table of treatments: the step that makes the text, what is learned from it."""
    lines = ["| value | text made by | learned | meaning |", "|---|---|---|---|"]
    for treatment in Treatment:
        step = f"`{treatment.step}`" if treatment.step else "–"
        lines.append(f"| `{treatment}` | {step} | {treatment.objective} | {treatment.meaning} |")
    return lines


def _yaml(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "{}" if not value or all(v is None for v in value.values()) else "as below"
    return str(value)


def _type(field: dict[str, Any]) -> str:
    if "$ref" in field:
        name = field["$ref"].rsplit("/", 1)[-1]
        return f"[{name}](#{name.lower()})"
    if "anyOf" in field:
        return " or ".join(_type(option) for option in field["anyOf"])
    if "enum" in field:
        return " or ".join(f"`{value}`" for value in field["enum"])
    if "const" in field:
        return f"`{field['const']}`"
    if field.get("type") == "array":
        return f"list of {_type(field['items'])}" if "items" in field else "pair of numbers"
    if field.get("type") == "object":
        patterns: dict[str, Any] = field.get("patternProperties", {})
        inner = field.get("additionalProperties") or next(iter(patterns.values()), None)
        return f"mapping to {_type(inner)}" if isinstance(inner, dict) else "mapping"
    return str(field.get("type", "any"))


def tasks_page() -> str:
    """Return docs/tasks.md: every task, and where a mirror holds its files."""
    lines = [
        "# Tasks and their files",
        "",
        "Written by `polystilts reference tasks`; a test fails when it is out of date. Paths are",
        "below the mirror, named as published. `{lang}` is XTREME's code, `{iso3}` Tatoeba's,",
        "`{treebank}` stands for every UD 2.5 treebank of the language. Another place or format is",
        "set in `tasks.<name>.files`; another published form in `tasks.<name>.form`.",
    ]
    for task in TASKS.values():
        lines += ["", *_task(task)]
    return "\n".join(lines) + "\n"


def _task(task: Task) -> list[str]:
    target = "XTREME target" if task.benchmark == XTREME else "target"
    role = "intermediate task" if task.intermediate else target if task.target else "text"
    trains = f"; trains on `{task.fine_tune}`" if task.fine_tune else ""
    scored = f", scored by `{task.metric}`" if task.metric else ""
    languages = "" if task.languages == ("en",) else f" Languages: {' '.join(task.languages)}."
    versions = [f"`original`: {task.version}", *(f"`{f.name}`: {f.version}" for f in task.forms)]
    translated = [code for split in task.translations for code in split.languages or ()]
    return [
        f"## {task.name}",
        "",
        f"{task.title}: {role}, {task.family.replace('_', ' ')}{scored}{trains}.{languages}",
        " ".join(f"{part}." for part in (task.citation, f"Licence: {task.licence}") if part),
        *([f"Forms: {'; '.join(versions)}."] if task.forms else []),
        *(
            [f"Published translations of the training set: {' '.join(translated)}."]
            * bool(translated)
        ),
        "",
        "| form | split | reader | files |",
        "|---|---|---|---|",
        *_splits("original", task.splits),
        *(line for form in task.forms for line in _splits(form.name, form.splits)),
        *_splits("translation", task.translations),
    ]


def _splits(form: str, splits: Sequence[Split]) -> list[str]:
    return [f"| {form} | {s.name} | `{s.reader}` | {_code(s.files)} |" for s in splits]


def _code(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
