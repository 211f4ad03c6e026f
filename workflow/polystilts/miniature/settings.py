"""What the synthetic world's size and seed are made of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from polystilts.errors import ConfigError

LANGUAGES = ("en", "es", "ru", "hi", "ar")
SIZED_TASKS = (
    "anli",
    "snli",
    "mnli",
    "qqp",
    "squad",
    "squad2",
    "hellaswag",
    "ccg",
    "cosmosqa",
    "commonsenseqa",
)
# multiple choice costs as many inputs as it has choices; TyDiQA's file is also where its dev part
# is held out from
_TRAIN_DEFAULTS = {
    "default": 4000,
    "anli": 1500,
    "snli": 1500,
    "hellaswag": 1500,
    "cosmosqa": 1500,
    "commonsenseqa": 1500,
}
_FEW_SHOT_DEFAULTS = {"default": 64, "pawsx": 256, "squad": 128, "tydiqa": 256}
FEW_SHOT_TASKS = ("xnli", "pawsx", "udpos", "panx", "squad", "tydiqa")


@dataclass(frozen=True)
class WorldSettings:
    """Size and seed of a world.

    Attributes:
        seed: everything random in the world follows from it.
        languages: English and any of es, ru, hi, ar.
        documents: monolingual documents per language.
        train: English training examples per intermediate task, with a `default`. `anli` counts
            the three rounds together, `snli` the SNLI file that the same task also reads.
        few_shot: English training examples per fine-tune, with a `default`. Those of `squad` are
            written after the intermediate ones, as the last article of the SQuAD 1.1 training
            file.
        dev: dev examples per task (and language).
        test: test examples per target and language.
        retrieval: gold pairs in a BUCC test pool (half as many in its sample) and Tatoeba lines.
        translations: whether the intermediate tasks' training files are also written in the other
            languages, below `translations/<language>/`.
    """

    seed: int
    languages: tuple[str, ...]
    documents: int
    train: Mapping[str, int]
    few_shot: Mapping[str, int]
    dev: int
    test: int
    retrieval: int
    translations: bool

    @classmethod
    def from_mapping(cls, world: Mapping[str, object]) -> "WorldSettings":
        """Check and complete a plain mapping; raises ConfigError naming the wrong key."""
        defaults: dict[str, object] = {
            "seed": 1,
            "languages": list(LANGUAGES),
            "documents": 4000,
            "train": {},
            "few_shot": {},
            "dev": 200,
            "test": 300,
            "retrieval": 300,
            "translations": False,
        }
        unknown = sorted(set(world) - set(defaults))
        if unknown:
            raise ConfigError(f"world: unknown keys {unknown}; known are {sorted(defaults)}")
        merged = defaults | dict(world)
        languages = tuple(cast(Sequence[str], merged["languages"]))
        foreign = [language for language in languages if language not in LANGUAGES]
        if foreign or "en" not in languages or len(set(languages)) != len(languages):
            reason = f"needs `en` and any of {LANGUAGES[1:]}, each once; got {list(languages)}"
            raise ConfigError(f"world.languages: {reason}")
        return cls(
            seed=_whole("seed", merged["seed"], least=0),
            languages=languages,
            documents=_whole("documents", merged["documents"], least=1),
            train=_sizes("train", merged["train"], SIZED_TASKS, _TRAIN_DEFAULTS),
            few_shot=_sizes("few_shot", merged["few_shot"], FEW_SHOT_TASKS, _FEW_SHOT_DEFAULTS),
            dev=_whole("dev", merged["dev"], least=6),
            test=_whole("test", merged["test"], least=6),
            retrieval=_whole("retrieval", merged["retrieval"], least=4),
            translations=_flag("translations", merged["translations"]),
        )


def _whole(name: str, value: object, least: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise ConfigError(f"world.{name}: needs a whole number of at least {least}, got {value!r}")
    return value


def _flag(name: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise ConfigError(f"world.{name}: needs true or false, got {value!r}")
    return value


def _sizes(
    name: str, value: object, tasks: Sequence[str], usual: Mapping[str, int]
) -> dict[str, int]:
    """Return a size per task: as given, else the given default, else the usual size."""
    if not isinstance(value, Mapping):
        raise ConfigError(f"world.{name}: needs a mapping from task to size, got {value!r}")
    unknown = sorted(set(value) - set(tasks) - {"default"})
    if unknown:
        raise ConfigError(f"world.{name}: unknown tasks {unknown}; known are {list(tasks)}")
    given = {task: _whole(f"{name}.{task}", size, least=6) for task, size in value.items()}
    fallback = {} if "default" in given else usual
    default = given.get("default", usual["default"])
    return {task: given.get(task, fallback.get(task, default)) for task in tasks}
