"""The tasks by name: nine intermediate tasks, nine XTREME targets, and plain text.

Declarations only: readers are named, not imported, and so are the modules that score (`metric`).
"""

from collections.abc import Mapping
from types import MappingProxyType

from polystilts.study.tasks import Split, Task
from polystilts.tasks.intermediates import INTERMEDIATES
from polystilts.tasks.targets import PANX_LANGUAGES, TARGETS

_TEXT = Task(
    name="mlm",
    title="Text for masked language modelling",
    family="text",
    intermediate=False,
    target=False,
    languages=PANX_LANGUAGES,
    metric="",
    labels=None,
    splits=(Split("train", "lines", ("text/{lang}.txt",), per_language=True),),
    fine_tune=None,
    citation="",
    licence="of the text supplied",
)

TASKS: Mapping[str, Task] = MappingProxyType(
    {task.name: task for task in (*INTERMEDIATES, *TARGETS, _TEXT)}
)
