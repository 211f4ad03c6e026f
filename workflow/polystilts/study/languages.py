"""What published files call the languages that XTREME names by two letters."""

from collections.abc import Mapping
from types import MappingProxyType

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

# English names as the hub's copy of XTREME spells them in the names of its udpos configurations.
ENGLISH_NAMES: Mapping[str, str] = MappingProxyType(
    dict(
        pair.split(":")
        for pair in (
            "af:Afrikaans ar:Arabic bg:Bulgarian de:German el:Greek en:English es:Spanish"
            " et:Estonian eu:Basque fa:Persian fi:Finnish fr:French he:Hebrew hi:Hindi"
            " hu:Hungarian id:Indonesian it:Italian ja:Japanese kk:Kazakh ko:Korean mr:Marathi"
            " nl:Dutch pt:Portuguese ru:Russian ta:Tamil te:Telugu th:Thai tl:Tagalog tr:Turkish"
            " ur:Urdu vi:Vietnamese yo:Yoruba zh:Chinese"
        ).split()
    )
)
