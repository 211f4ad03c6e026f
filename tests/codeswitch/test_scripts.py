import pytest

from polystilts.codeswitch.text.scripts import is_no_space_script, no_space
from polystilts.tasks.xtreme_languages import PANX


def test_languages_of_xtreme_without_spaces() -> None:
    assert {language for language in PANX if no_space(language)} == {"zh", "ja", "th", "my"}


@pytest.mark.parametrize(
    ("language", "expected"), [("km", True), ("lo", True), ("ko", False), ("vi", False)]
)
def test_other_languages(language: str, expected: bool) -> None:
    assert no_space(language) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("房子", True),
        ("東京タワー", True),
        ("いえ", True),
        ("人々", True),
        ("บ้าน", True),
        ("นํ้า", True),
        ("အိမ်", True),
        ("ផ្ទះ", True),
        ("ເຮືອນ", True),
        ("東京2020。", True),
        ("집", False),
        ("nhà", False),
        ("house", False),
        ("Tシャツ", False),
        ("घर", False),
        ("2020", False),
        ("。", False),
        ("", False),
    ],
)
def test_scripts_are_told_by_letters(text: str, expected: bool) -> None:
    assert is_no_space_script(text) is expected
