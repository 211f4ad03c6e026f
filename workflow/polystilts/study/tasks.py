"""Record types of the task registry, and the language tables its file names need."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

from polystilts.errors import ConfigError

Family = Literal["classification", "multiple_choice", "tagging", "span_qa", "retrieval", "text"]

ENGLISH = "en"


@dataclass(frozen=True)
class Split:
    """Where one split is read from.

    `files` are canonical paths below a mirror. They and the strings in `options` may hold {lang}
    (XTREME's code), {iso3} (Tatoeba's code), {tydi} (TyDi QA's English name of the language) and
    {treebank} (one path for each treebank of the language that has this split). `languages`
    narrows a `per_language` split where it exists in fewer languages than the task.
    """

    name: str
    reader: str
    files: tuple[str, ...]
    per_language: bool = False
    options: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))
    languages: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Task:
    """One task: `fine_tune` is the task whose English training a target needs, None for none.

    `labels` None: there are none, or the set is open and is taken from the training file.
    """

    name: str
    title: str
    family: Family
    intermediate: bool
    target: bool
    languages: tuple[str, ...]
    metric: str
    labels: tuple[str, ...] | None
    splits: tuple[Split, ...]
    fine_tune: str | None
    citation: str
    licence: str


@dataclass(frozen=True)
class ResolvedSplit:
    """A split of one language with its place-holders filled; language None is English only."""

    name: str
    language: str | None
    reader: str
    files: tuple[str, ...]
    options: Mapping[str, object]


def resolve(split: Split, language: str | None) -> ResolvedSplit:
    """Fill a split's place-holders for `language` (None: an English-only split).

    Raises:
        ConfigError: a table has no entry for the language.
    """
    code = language or ENGLISH
    files = tuple(path for pattern in split.files for path in _paths(pattern, code, split.name))
    options = {
        key: _fill(value, code) if isinstance(value, str) else value
        for key, value in split.options.items()
    }
    return ResolvedSplit(split.name, language, split.reader, files, options)


def expand(task: Task, languages: Sequence[str]) -> Iterator[ResolvedSplit]:
    """Yield every split of `task`: English-only ones once, the others for each language.

    English has no retrieval pairs of its own; a split narrowed to some languages skips the rest.
    """
    for split in task.splits:
        if not split.per_language:
            yield resolve(split, None)
            continue
        for language in languages:
            narrowed = split.languages is not None and language not in split.languages
            if narrowed or (task.family == "retrieval" and language == ENGLISH):
                continue
            yield resolve(split, language)


def _paths(pattern: str, language: str, split: str) -> list[str]:
    if "{treebank}" not in pattern:
        return [_fill(pattern, language)]
    treebanks = UD_TREEBANKS.get(language, ())
    chosen = [treebank for treebank, splits in treebanks if split in splits]
    if not chosen:
        raise ConfigError(
            f"no UD 2.5 treebank is listed for language {language!r}, split {split!r};"
            " give the task's `files` in the configuration"
        )
    return [_fill(pattern, language).replace("{treebank}", treebank) for treebank in chosen]


def _fill(pattern: str, language: str) -> str:
    text = pattern.replace("{lang}", language)
    for holder, table in (("{iso3}", TATOEBA_CODES), ("{tydi}", TYDIQA_NAMES)):
        if holder in text:
            if language not in table:
                raise ConfigError(
                    f"no entry for language {language!r} to fill {holder} in {pattern}"
                )
            text = text.replace(holder, table[language])
    return text


# ISO 639-3 codes of LASER's Tatoeba files (XTREME, utils_preprocess.py).
TATOEBA_CODES: Mapping[str, str] = MappingProxyType(
    dict(
        pair.split(":")
        for pair in (
            "af:afr ar:ara bg:bul bn:ben de:deu el:ell es:spa et:est eu:eus fa:pes fi:fin fr:fra"
            " he:heb hi:hin hu:hun id:ind it:ita ja:jpn jv:jav ka:kat kk:kaz ko:kor ml:mal mr:mar"
            " nl:nld pt:por ru:rus sw:swh ta:tam te:tel th:tha tl:tgl tr:tur ur:urd vi:vie zh:cmn"
        ).split()
    )
)

# Prefixes of question ids in TyDi QA's gold passage files; `spanish` and `hindi` are not in TyDi
# QA, files made in its format use their English names all the same.
TYDIQA_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "ar": "arabic",
        "bn": "bengali",
        "en": "english",
        "es": "spanish",
        "fi": "finnish",
        "hi": "hindi",
        "id": "indonesian",
        "ko": "korean",
        "ru": "russian",
        "sw": "swahili",
        "te": "telugu",
    }
)

_ALL = ("train", "dev", "test")
_TEST = ("test",)

# UD 2.5 treebanks by file-name prefix, with their splits: XTREME takes every treebank of a
# language. Left out are those without words (en_esl, fr_ftb, ar_nyuad, ja_bccwj), whose sentences
# XTREME's rule drops. The sums agree with the sentence counts published for XTREME's udpos.
UD_TREEBANKS: Mapping[str, tuple[tuple[str, tuple[str, ...]], ...]] = MappingProxyType(
    {
        "af": (("UD_Afrikaans-AfriBooms/af_afribooms", _ALL),),
        "ar": (("UD_Arabic-PADT/ar_padt", _ALL), ("UD_Arabic-PUD/ar_pud", _TEST)),
        "bg": (("UD_Bulgarian-BTB/bg_btb", _ALL),),
        "de": (
            ("UD_German-GSD/de_gsd", _ALL),
            ("UD_German-HDT/de_hdt", ("dev", "test")),
            ("UD_German-LIT/de_lit", _TEST),
            ("UD_German-PUD/de_pud", _TEST),
        ),
        "el": (("UD_Greek-GDT/el_gdt", _ALL),),
        "en": (
            ("UD_English-EWT/en_ewt", _ALL),
            ("UD_English-GUM/en_gum", _ALL),
            ("UD_English-LinES/en_lines", _ALL),
            ("UD_English-ParTUT/en_partut", _ALL),
            ("UD_English-Pronouns/en_pronouns", _TEST),
            ("UD_English-PUD/en_pud", _TEST),
        ),
        "es": (
            ("UD_Spanish-AnCora/es_ancora", _ALL),
            ("UD_Spanish-GSD/es_gsd", _ALL),
            ("UD_Spanish-PUD/es_pud", _TEST),
        ),
        "et": (
            ("UD_Estonian-EDT/et_edt", _ALL),
            ("UD_Estonian-EWT/et_ewt", ("train", "test")),
        ),
        "eu": (("UD_Basque-BDT/eu_bdt", _ALL),),
        "fa": (("UD_Persian-Seraji/fa_seraji", _ALL),),
        "fi": (
            ("UD_Finnish-FTB/fi_ftb", _ALL),
            ("UD_Finnish-PUD/fi_pud", _TEST),
            ("UD_Finnish-TDT/fi_tdt", _ALL),
        ),
        "fr": (
            ("UD_French-FQB/fr_fqb", _TEST),
            ("UD_French-GSD/fr_gsd", _ALL),
            ("UD_French-ParTUT/fr_partut", _ALL),
            ("UD_French-PUD/fr_pud", _TEST),
            ("UD_French-Sequoia/fr_sequoia", _ALL),
            ("UD_French-Spoken/fr_spoken", _ALL),
        ),
        "he": (("UD_Hebrew-HTB/he_htb", _ALL),),
        "hi": (("UD_Hindi-HDTB/hi_hdtb", _ALL), ("UD_Hindi-PUD/hi_pud", _TEST)),
        "hu": (("UD_Hungarian-Szeged/hu_szeged", _ALL),),
        "id": (("UD_Indonesian-GSD/id_gsd", _ALL), ("UD_Indonesian-PUD/id_pud", _TEST)),
        "it": (
            ("UD_Italian-ISDT/it_isdt", _ALL),
            ("UD_Italian-ParTUT/it_partut", _ALL),
            ("UD_Italian-PoSTWITA/it_postwita", _ALL),
            ("UD_Italian-PUD/it_pud", _TEST),
            ("UD_Italian-TWITTIRO/it_twittiro", _ALL),
            ("UD_Italian-VIT/it_vit", _ALL),
        ),
        "ja": (
            ("UD_Japanese-GSD/ja_gsd", _ALL),
            ("UD_Japanese-Modern/ja_modern", _TEST),
            ("UD_Japanese-PUD/ja_pud", _TEST),
        ),
        "kk": (("UD_Kazakh-KTB/kk_ktb", ("train", "test")),),
        "ko": (
            ("UD_Korean-GSD/ko_gsd", _ALL),
            ("UD_Korean-Kaist/ko_kaist", _ALL),
            ("UD_Korean-PUD/ko_pud", _TEST),
        ),
        "mr": (("UD_Marathi-UFAL/mr_ufal", _ALL),),
        "nl": (
            ("UD_Dutch-Alpino/nl_alpino", _ALL),
            ("UD_Dutch-LassySmall/nl_lassysmall", _ALL),
        ),
        "pt": (
            ("UD_Portuguese-Bosque/pt_bosque", _ALL),
            ("UD_Portuguese-GSD/pt_gsd", _ALL),
            ("UD_Portuguese-PUD/pt_pud", _TEST),
        ),
        "ru": (
            ("UD_Russian-GSD/ru_gsd", _ALL),
            ("UD_Russian-PUD/ru_pud", _TEST),
            ("UD_Russian-SynTagRus/ru_syntagrus", _ALL),
            ("UD_Russian-Taiga/ru_taiga", _ALL),
        ),
        "ta": (("UD_Tamil-TTB/ta_ttb", _ALL),),
        "te": (("UD_Telugu-MTG/te_mtg", _ALL),),
        "th": (("UD_Thai-PUD/th_pud", _TEST),),
        "tl": (("UD_Tagalog-TRG/tl_trg", _TEST),),
        "tr": (
            ("UD_Turkish-GB/tr_gb", _TEST),
            ("UD_Turkish-IMST/tr_imst", _ALL),
            ("UD_Turkish-PUD/tr_pud", _TEST),
        ),
        "ur": (("UD_Urdu-UDTB/ur_udtb", _ALL),),
        "vi": (("UD_Vietnamese-VTB/vi_vtb", _ALL),),
        "yo": (("UD_Yoruba-YTB/yo_ytb", _TEST),),
        "zh": (
            ("UD_Chinese-CFL/zh_cfl", _TEST),
            ("UD_Chinese-GSD/zh_gsd", _ALL),
            ("UD_Chinese-GSDSimp/zh_gsdsimp", _ALL),
            ("UD_Chinese-HK/zh_hk", _TEST),
            ("UD_Chinese-PUD/zh_pud", _TEST),
        ),
    }
)
