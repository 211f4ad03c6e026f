"""What a study asks for and does not get: languages, tasks and translations that are not there.

`doctor`, `plan`, `run`, the matrix and the report all say it in these lines.
"""

from collections.abc import Iterator

from polystilts.study.names import ALL
from polystilts.study.study import Study


def not_available(study: Study) -> Iterator[str]:
    """Yield a line for everything that a study lists and that none of its cells will have."""
    mixed = ALL in study.intermediates
    for task, reason in study.skipped.items():
        yield f"not available: {task}: {reason}" + ("; `all` is without it" if mixed else "")
    for target, languages in study.unavailable.items():
        title = study.registry[target].title
        own = study.settings(target).languages is not None
        where = f"`tasks.{target}.languages`" if own else title
        yield f"not available: {target} in {' '.join(languages)}: not in {where}"
    for arm, reasons in study.left_out.items():
        for reason in dict.fromkeys(reasons.values()):
            tasks = [task for task, why in reasons.items() if why == reason]
            yield f"not available: {' '.join(tasks)} in arm {arm}: {reason}"
