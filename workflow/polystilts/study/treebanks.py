"""The treebanks of Universal Dependencies 2.5 that XTREME's udpos is made of."""

from collections.abc import Mapping
from types import MappingProxyType

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
