"""A study is read as Snakemake reads it: base, overlay, and what the command line adds."""

from typing import Any

import pytest
from snakemake.cli import get_argument_parser, parse_config

from polystilts.commands.studies import load_study, settings_in
from polystilts.errors import ConfigError
from repository import REPOSITORY


@pytest.mark.parametrize(
    ("options", "settings"),
    [
        ([], {}),
        (["-n", "mirror=none"], {}),
        (["--config", "mirror=/data/files"], {"mirror": "/data/files"}),
        (["--config", "mirror=a=b", "-n", "x=1"], {"mirror": "a=b"}),
        (["-C", "seed=7", "rate=0.5", "--cores", "2"], {"seed": 7, "rate": 0.5}),
        (
            ["--config", "study={targets: [xnli]}", "study={seeds: [1]}"],
            {"study": {"targets": ["xnli"], "seeds": ["1"]}},
        ),
        (["--config=mirror=a", "--cores", "2"], {"mirror": "a"}),
        (
            ["--config", "a=1", "--cores", "2", "--config", "bb=", "cc=True"],
            {"bb": None, "cc": True},
        ),
    ],
)
def test_settings_on_the_command_line(options: list[str], settings: dict[str, Any]) -> None:
    assert settings_in(options) == settings
    given = get_argument_parser().parse_known_args(options)[0].config
    assert parse_config(given) == settings, "as Snakemake itself reads them"


def test_a_setting_without_a_value_is_refused() -> None:
    with pytest.raises(ConfigError, match="`keep` is not of the form name=value"):
        settings_in(["--config", "keep"])


def test_they_are_part_of_the_study(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(REPOSITORY)
    plain = load_study("real-small")
    given = load_study("real-small", ["--config", "mirror=/elsewhere", "study={seeds: [2, 3]}"])
    assert given.study.mirror == "/elsewhere" != plain.study.mirror
    assert given.selection.seeds == [2, 3]
    assert given.keys.key("collect_matrix", {}) != plain.keys.key("collect_matrix", {})
