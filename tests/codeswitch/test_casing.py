import pytest

from polystilts.codeswitch.casing import Casing, apply_casing, casing_of


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


@pytest.mark.parametrize(
    ("language", "target", "title", "upper"),
    [
        ("es", "perro", "Perro", "PERRO"),
        ("es", "puerto aéreo", "Puerto aéreo", "PUERTO AÉREO"),
        ("de", "Haus", "Haus", "HAUS"),
        ("de", "straße", "Straße", "STRASSE"),
        ("fr", "élève", "Élève", "ÉLÈVE"),
        ("fr", "l'eau", "L'eau", "L'EAU"),
        ("tr", "istanbul", "İstanbul", "İSTANBUL"),
        ("tr", "ılık", "Ilık", "ILIK"),
        ("tr", "kış", "Kış", "KIŞ"),
        ("id", "istana", "Istana", "ISTANA"),
        ("nl", "ijs", "IJs", "IJS"),
        ("el", "σοφός", "Σοφός", "ΣΟΦΟΣ"),
        ("el", "ώρα", "Ώρα", "ΩΡΑ"),
        ("el", "μάιος", "Μάιος", "ΜΑΪΟΣ"),
        ("el", "ταΐζω", "Ταΐζω", "ΤΑΪΖΩ"),
        ("ru", "дом", "Дом", "ДОМ"),
        ("bg", "ѝ", "Ѝ", "Ѝ"),
        ("ka", "სახლი", "სახლი", "სახლი"),
        ("hi", "घर", "घर", "घर"),
        ("ar", "بيت", "بيت", "بيت"),
        ("zh", "房子", "房子", "房子"),
        ("ja", "いえ", "いえ", "いえ"),
        ("th", "บ้าน", "บ้าน", "บ้าน"),
    ],
)
def test_replacements_take_the_casing_of_the_word_by_the_rules_of_their_language(
    language: str, target: str, title: str, upper: str
) -> None:
    assert apply_casing(target, Casing.LOWER, language) == target
    assert apply_casing(target, Casing.TITLE, language) == title
    assert apply_casing(target, Casing.UPPER, language) == upper
