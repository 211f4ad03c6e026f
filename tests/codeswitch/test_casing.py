import unicodedata

import pytest

from polystilts.codeswitch.text.casing import Casing, apply_casing, casing_of
from polystilts.tasks.xtreme_languages import PANX

# language, lexicon's form, with an initial capital, in capitals
GOLDEN = [
    ("af", "huis", "Huis", "HUIS"),
    ("af", "hê", "Hê", "HÊ"),
    ("af", "'n hond", "'n Hond", "'N HOND"),
    ("af", "’n", "’n", "’N"),
    ("ar", "بيت", "بيت", "بيت"),
    ("ar", "كُتُب", "كُتُب", "كُتُب"),
    ("bg", "къща", "Къща", "КЪЩА"),
    ("bg", "ѝ", "Ѝ", "Ѝ"),
    ("bg", "щъркел", "Щъркел", "ЩЪРКЕЛ"),
    ("bn", "ঘর", "ঘর", "ঘর"),
    ("bn", "বিড়াল", "বিড়াল", "বিড়াল"),
    ("de", "Haus", "Haus", "HAUS"),
    ("de", "straße", "Straße", "STRASSE"),
    ("de", "über", "Über", "ÜBER"),
    ("de", "das Haus", "Das Haus", "DAS HAUS"),
    ("de", "E-Mail", "E-Mail", "E-MAIL"),
    ("el", "σοφός", "Σοφός", "ΣΟΦΟΣ"),
    ("el", "ώρα", "Ώρα", "ΩΡΑ"),
    ("el", "μάιος", "Μάιος", "ΜΑΪΟΣ"),
    ("el", "Άιδης", "Άιδης", "ΑΪΔΗΣ"),
    ("el", "άυλος", "Άυλος", "ΑΫΛΟΣ"),
    ("el", "ταΐζω", "Ταΐζω", "ΤΑΪΖΩ"),
    ("el", "ή", "Ή", "Ή"),
    ("el", "ένας σκύλος", "Ένας σκύλος", "ΕΝΑΣ ΣΚΥΛΟΣ"),
    ("es", "perro", "Perro", "PERRO"),
    ("es", "ñandú", "Ñandú", "ÑANDÚ"),
    ("es", "puerto aéreo", "Puerto aéreo", "PUERTO AÉREO"),
    ("es", "¿qué?", "¿Qué?", "¿QUÉ?"),
    ("et", "õun", "Õun", "ÕUN"),
    ("et", "šokolaad", "Šokolaad", "ŠOKOLAAD"),
    ("eu", "etxe", "Etxe", "ETXE"),
    ("eu", "andereño", "Andereño", "ANDEREÑO"),
    ("fa", "خانه", "خانه", "خانه"),
    ("fa", "می‌رود", "می‌رود", "می‌رود"),
    ("fi", "äiti", "Äiti", "ÄITI"),
    ("fr", "élève", "Élève", "ÉLÈVE"),
    ("fr", "l'eau", "L'eau", "L'EAU"),
    ("fr", "œuvre", "Œuvre", "ŒUVRE"),
    ("he", "בית", "בית", "בית"),
    ("hi", "घर", "घर", "घर"),
    ("hi", "क्षत्रिय", "क्षत्रिय", "क्षत्रिय"),
    ("hu", "gyerek", "Gyerek", "GYEREK"),
    ("hu", "őz", "Őz", "ŐZ"),
    ("hu", "űrhajó", "Űrhajó", "ŰRHAJÓ"),
    ("id", "istana", "Istana", "ISTANA"),
    ("id", "kupu-kupu", "Kupu-kupu", "KUPU-KUPU"),
    ("it", "città", "Città", "CITTÀ"),
    ("it", "'ndrangheta", "'Ndrangheta", "'NDRANGHETA"),
    ("ja", "いえ", "いえ", "いえ"),
    ("ja", "東京タワー", "東京タワー", "東京タワー"),
    ("ja", "tシャツ", "Tシャツ", "Tシャツ"),
    ("jv", "omah", "Omah", "OMAH"),
    ("jv", "ésuk", "Ésuk", "ÉSUK"),
    ("ka", "სახლი", "სახლი", "სახლი"),
    ("ka", "web-გვერდი", "Web-გვერდი", "WEB-გვერდი"),
    ("kk", "үй", "Үй", "ҮЙ"),
    ("kk", "қала", "Қала", "ҚАЛА"),
    ("kk", "іні", "Іні", "ІНІ"),
    ("kk", "әңгіме", "Әңгіме", "ӘҢГІМЕ"),
    ("ko", "집", "집", "집"),
    ("ml", "വീട്", "വീട്", "വീട്"),
    ("ml", "അവൻ", "അവൻ", "അവൻ"),
    ("mr", "घर", "घर", "घर"),
    ("ms", "rumah", "Rumah", "RUMAH"),
    ("my", "အိမ်", "အိမ်", "အိမ်"),
    ("nl", "huis", "Huis", "HUIS"),
    ("nl", "ijs", "IJs", "IJS"),
    ("nl", "bij", "Bij", "BIJ"),
    ("nl", "'s ochtends", "'s Ochtends", "'S OCHTENDS"),
    ("nl", "'s ijs", "'s IJs", "'S IJS"),
    ("pt", "água", "Água", "ÁGUA"),
    ("pt", "guarda-chuva", "Guarda-chuva", "GUARDA-CHUVA"),
    ("ru", "дом", "Дом", "ДОМ"),
    ("ru", "ёлка", "Ёлка", "ЁЛКА"),
    ("sw", "nyumba", "Nyumba", "NYUMBA"),
    ("sw", "ng'ombe", "Ng'ombe", "NG'OMBE"),
    ("ta", "வீடு", "வீடு", "வீடு"),
    ("te", "ఇల్లు", "ఇల్లు", "ఇల్లు"),
    ("th", "บ้าน", "บ้าน", "บ้าน"),
    ("th", "นํ้า", "นํ้า", "นํ้า"),
    ("tl", "bahay", "Bahay", "BAHAY"),
    ("tl", "mga bata", "Mga bata", "MGA BATA"),
    ("tr", "istanbul", "İstanbul", "İSTANBUL"),
    ("tr", "i̇stanbul", "İstanbul", "İSTANBUL"),
    ("tr", "ılık", "Ilık", "ILIK"),
    ("tr", "kış", "Kış", "KIŞ"),
    ("tr", "iki kişi", "İki kişi", "İKİ KİŞİ"),
    ("ur", "گھر", "گھر", "گھر"),
    ("vi", "đường", "Đường", "ĐƯỜNG"),
    ("vi", "ngôi nhà", "Ngôi nhà", "NGÔI NHÀ"),
    ("yo", "ilé", "Ilé", "ILÉ"),
    ("yo", "ọ̀rọ̀", "Ọ̀rọ̀", "Ọ̀RỌ̀"),
    ("yo", "ṣọ́ọ̀ṣì", "Ṣọ́ọ̀ṣì", "ṢỌ́Ọ̀ṢÌ"),
    ("zh", "房子", "房子", "房子"),
    ("zh", "x光", "X光", "X光"),
    # of no one language
    ("sv", "-are", "-Are", "-ARE"),
    ("en", "iPhone", "iPhone", "IPHONE"),
    ("en", "3d-printer", "3d-printer", "3D-PRINTER"),
    ("az", "işıq", "İşıq", "İŞIQ"),
]


@pytest.mark.parametrize(
    ("word", "casing"),
    [
        ("dog", Casing.LOWER),
        ("iPhone", Casing.LOWER),
        ("Dog", Casing.TITLE),
        ("McDonald", Casing.TITLE),
        ("A", Casing.TITLE),
        ("DOG", Casing.UPPER),
        ("ÉTÉ", Casing.UPPER),
        ("कुत्ता", Casing.LOWER),
    ],
)
def test_casing_of(word: str, casing: Casing) -> None:
    assert casing_of(word) is casing


@pytest.mark.parametrize(("language", "target", "title", "upper"), GOLDEN)
def test_replacements_take_the_casing_of_the_word_by_the_rules_of_their_language(
    language: str, target: str, title: str, upper: str
) -> None:
    assert apply_casing(target, Casing.LOWER, language) == target
    assert apply_casing(target, Casing.TITLE, language) == title
    assert apply_casing(target, Casing.UPPER, language) == upper


def test_every_language_of_xtreme_has_a_golden_word() -> None:
    assert set(PANX) - {"en"} <= {language for language, *_ in GOLDEN}


@pytest.mark.parametrize(("language", "target", "_title", "_upper"), GOLDEN)
def test_casing_keeps_a_target_in_the_normal_form_models_read(
    language: str, target: str, _title: str, _upper: str
) -> None:
    stable = unicodedata.normalize("NFKC", target)
    for casing in Casing:
        written = apply_casing(stable, casing, language)
        assert unicodedata.normalize("NFKC", written) == written


def test_the_capital_of_a_decomposed_letter_is_one_character() -> None:
    assert apply_casing("e\u0301cole", Casing.TITLE, "fr") == "\u00c9cole"
    assert apply_casing("e\u0301cole", Casing.UPPER, "fr") == "\u00c9COLE"
