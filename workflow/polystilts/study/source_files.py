"""Which source files a study reads."""

from polystilts.study.study import Study


def files_of_mirrors(study: Study) -> list[tuple[str, str]]:
    """Return (world, canonical path) of every source file that a study reads."""
    files = {
        (study.task_world(task), file)
        for task in study.tasks_used
        for split in study.prepared_splits(task)
        for file in split.origin.files
    }
    files |= {
        (study.world, file) for name in study.dictionaries for file in study.dictionary_files(name)
    }
    files |= {
        (item.world, file)
        for variant, task in study.corpora
        if study.variants[variant].treatment.step == "translate"
        for item in study.corpus_translations(variant, task).values()
        for file in item.files
    }
    return sorted(files)
