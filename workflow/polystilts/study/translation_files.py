"""The files that a corpus of translations is made of, as functions of its wildcards."""

from dataclasses import dataclass
from typing import Any

from polystilts.study.study import Study
from polystilts.study.translations import Translation

Wildcards = Any


@dataclass(frozen=True)
class TranslationFiles:
    """What the rule that makes such corpora asks for; a file is `language=path`, in order."""

    study: Study

    def rows(self, wildcards: Wildcards) -> list[str]:
        """Return the files of the translated rows."""
        return [
            f"{language}={path}"
            for language, item in self._of(wildcards).items()
            for path in self.study.source_files(item.source.files, item.world)
        ]

    def english(self, wildcards: Wildcards) -> list[str]:
        """Return the files of the English rows that translations are aligned with."""
        return [
            f"{language}={path}"
            for language, item in self._of(wildcards).items()
            if item.english is not None
            for path in self.study.source_files(item.english.files, item.world)
        ]

    def manifests(self, wildcards: Wildcards) -> list[str]:
        """Return the manifests beside the files of both."""
        found: dict[str, None] = {}
        for item in self._of(wildcards).values():
            found |= dict.fromkeys(self.study.source_manifests(item.files, item.world))
        return list(found)

    def _of(self, wildcards: Wildcards) -> dict[str, Translation]:
        return self.study.corpus_translations(wildcards.variant, wildcards.task)
