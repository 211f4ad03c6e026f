"""The tasks by name: nine intermediate tasks, nine XTREME targets, and plain text.

Declarations only: readers are named, not imported, and so are the modules that score (`metric`).
"""

from collections.abc import Mapping
from types import MappingProxyType

from polystilts.study.tasks import Split, Task
from polystilts.tasks.hub_forms import FORMS
from polystilts.tasks.intermediates import INTERMEDIATES
from polystilts.tasks.targets import TARGETS
from polystilts.tasks.xtreme_languages import PANX

_TEXT = Task(
    name="mlm",
    title="Text for masked language modelling",
    family="text",
    intermediate=False,
    target=False,
    languages=PANX,
    metric="",
    labels=None,
    splits=(Split("train", "lines", ("text/{lang}.txt",), per_language=True),),
    fine_tune=None,
    citation="",
    licence="of the text supplied (Wikipedia: CC BY-SA 4.0)",
    version="text",
    forms=FORMS["mlm"],
)

TASKS: Mapping[str, Task] = MappingProxyType(
    {task.name: task for task in (*INTERMEDIATES, *TARGETS, _TEXT)}
)
